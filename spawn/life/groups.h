/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the groups that enforce the limits, or decides what enforces them instead. */
#ifndef NIDUS_GROUPS_H
#define NIDUS_GROUPS_H

#include "sandbox.h"

/*
 * Finds the machine's cgroups, journals and makes the sandbox's, and writes the limits.
 * Without a controller, memory is watched by init (monitor_bytes), and pids are limited by
 * RLIMIT_NPROC in the sandbox's own user namespace (pids_by_rlimit), each with a `degraded`
 * event. Any other limit is then a fault, or with best_effort a `degraded` event.
 */
int groups_apply(struct nidus_sandbox *sandbox, struct fault *fault);

#endif
