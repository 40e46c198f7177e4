/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files as text: those of /proc, /sys, a cgroup, a state directory.
 *
 * Each function reads to the end of the file, or until `size` - 1 bytes are read, and
 * terminates the text with a NUL. It returns the length of the text; -1 with errno, and the
 * text is "". A length of `size` - 1 means that there may be more: a caller whom half a
 * number or half a list could mislead asks for one byte more than the file may have.
 */
#ifndef NIDUS_SMALL_FILE_H
#define NIDUS_SMALL_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Opens `path` below `dir_fd` (AT_FDCWD: as openat(2)), and closes it again. */
ssize_t small_file_read(int dir_fd, const char *path, char *text, size_t size);

/* From where `fd` stands: it may be a pipe. */
ssize_t small_file_read_fd(int fd, char *text, size_t size);

/* From the start of a file that is kept open and whose contents change. */
ssize_t small_file_read_again(int fd, char *text, size_t size);

#endif
