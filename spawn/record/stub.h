/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stubs: empty files and directories that a start makes on the host, below a writable bind, to
 * mount something on. They are on record, carry a mark where the file system takes one, and
 * go with the last sandbox that uses them, if they are still empty.
 */
#ifndef NIDUS_STUB_H
#define NIDUS_STUB_H

#include <stdbool.h>
#include <sys/types.h>

/* Makes dir_fd/name, which must not exist, with the mark. -1 and errno. */
int stub_make(int dir_fd, const char *name, bool is_dir);

/* 1 if dir_fd/name is an empty file, or a directory, that carries the mark; -1 and errno. */
int stub_is_marked(int dir_fd, const char *name);

/*
 * Removes the stub `path` of the record `id`: 1; 0: it is in use by another sandbox on record,
 * is no stub any more, or may not be removed, which are no errors; -1 with errno: that can't be
 * told, or not be done now.
 */
int stub_remove(int root_fd, const char *id, const char *path);

#endif
