/* SPDX-License-Identifier: Apache-2.0 */
/* Which program or which file: from the command line of the kernel or of nidus-init. */
#ifndef NIDUS_INIT_MACHINE_CMDLINE_H
#define NIDUS_INIT_MACHINE_CMDLINE_H

#include <stdbool.h>

/*
 * *program: in argv, or NULL; *path is changed if another configuration is named. On the
 * kernel command line unknown words are ignored; in a container (`ours` false) one is an
 * error: reported, and -1.
 */
int cmdline_take(bool ours, char **argv, const char **path, char ***program);

/*
 * Pure: the number of words after `--` in the text of /proc/cmdline, which is cut into
 * words; *config is set to the value of nidus.config if there is one.
 */
unsigned cmdline_read(char *text, const char **config);

#endif
