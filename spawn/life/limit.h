/* SPDX-License-Identifier: Apache-2.0 */
/* From the limits that were asked for to groups that enforce them, or to who does it instead. */
#ifndef NIDUS_LIMIT_H
#define NIDUS_LIMIT_H

#include "sandbox.h"

/*
 * Finds the machine's cgroups, journals and makes the sandbox's, writes the
 * limits. What no controller can do here: memory is watched by init
 * (monitor_bytes), pids by RLIMIT_NPROC of the sandbox's own user namespace
 * (pids_by_rlimit), each with a `degraded` event; the rest is a fault, or with
 * best_effort a `degraded` event.
 */
int limit_apply(struct nidus_sandbox *sandbox, struct fault *fault);

/* The controls that the limits need: a mask of 1 << enum cg_control. Pure. */
uint32_t limit_wanted(const struct nidus_spec *spec);

/* --pids as RLIMIT_NPROC, which counts by user: with a PID 1 of the same one more. Pure. */
uint64_t limit_nproc(const struct nidus_spec *spec, const struct ids *ids);

#endif
