/* SPDX-License-Identifier: Apache-2.0 */
/* Small files and places to mount at. */
#ifndef NIDUS_INIT_MACHINE_FILES_H
#define NIDUS_INIT_MACHINE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads at most `size` - 1 bytes and adds a NUL; returns the length. -1 and errno, and "". */
ssize_t file_read(int dir, const char *path, char *text, size_t size);

/* In one write, which files of procfs, sysfs and cgroupfs take whole. -1 and errno. */
int file_write(int dir, const char *path, const char *text);

/* Makes the directory and those above it. -1 and errno. */
int path_make(const char *path);

bool path_is_mount(const char *path);

/* mount(2) */
int path_mount(const char *source, const char *path, const char *type, unsigned flags,
	       const char *data);

#endif
