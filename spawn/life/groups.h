/* SPDX-License-Identifier: Apache-2.0 */
/* From the limits that were asked for to groups that enforce them, or to who does it instead. */
#ifndef NIDUS_GROUPS_H
#define NIDUS_GROUPS_H

#include "sandbox.h"

/*
 * Finds the machine's cgroups, journals and makes the sandbox's, writes the
 * limits. What no controller can do here: memory is watched by init
 * (monitor_bytes), pids by RLIMIT_NPROC of the sandbox's own user namespace
 * (pids_by_rlimit), each with a `degraded` event; the rest is a fault, or with
 * best_effort a `degraded` event.
 */
int groups_apply(struct nidus_sandbox *sandbox, struct fault *fault);

#endif
