/* SPDX-License-Identifier: Apache-2.0 */
/* The limits that a process's groups have, seen from outside. */
#ifndef NIDUS_FAULT_GROUPS_H
#define NIDUS_FAULT_GROUPS_H

#include <sys/types.h>

/* NULL: its groups allow `memory` bytes and `pids` processes; else what they allow. */
const char *groups_check(pid_t pid, const char *memory, const char *pids);

#endif
