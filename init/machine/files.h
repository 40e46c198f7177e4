/* SPDX-License-Identifier: Apache-2.0 */
/* Settings in files, and places to mount at. */
#ifndef NIDUS_INIT_MACHINE_FILES_H
#define NIDUS_INIT_MACHINE_FILES_H

#include <stdbool.h>

/* In one write, which files of procfs, sysfs and cgroupfs take whole. -1 and errno. */
int file_write(int dir, const char *path, const char *text);

/* Makes the directory and those above it. -1 and errno. */
int path_make(const char *path);

bool path_is_mount(const char *path);

/* mount(2) */
int path_mount(const char *source, const char *path, const char *type, unsigned flags,
	       const char *data);

#endif
