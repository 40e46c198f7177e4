/* SPDX-License-Identifier: Apache-2.0 */
/* Which program, or which file: from the kernel's command line, or from our own. */
#ifndef NIDUS_INIT_MACHINE_CMDLINE_H
#define NIDUS_INIT_MACHINE_CMDLINE_H

#include <stdbool.h>

/*
 * *program: in argv, or NULL; *path is changed where another configuration is named.
 * The kernel's words may be anybody's; of a container's, -1 is a wrong one: told.
 */
int cmdline_take(bool ours, char **argv, const char **path, char ***program);

/*
 * Pure: how many words stand behind `--` in the text of /proc/cmdline, which is cut
 * into words; *config is the value of nidus.config, where it is given.
 */
unsigned cmdline_read(char *text, const char **config);

#endif
