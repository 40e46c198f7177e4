/* SPDX-License-Identifier: Apache-2.0 */
/* What the limits of a spec need, whatever the machine has. Pure. */
#ifndef NIDUS_PLAN_LIMIT_H
#define NIDUS_PLAN_LIMIT_H

#include "../../cgroup/cgroup.h"
#include "../ids/ids.h"
#include "../spec/spec.h"

/* The controls that the limits need: a mask of 1 << enum cg_control. */
uint32_t limit_wanted(const struct nidus_spec *spec);

/* pids as RLIMIT_NPROC, which counts per user: one more if PID 1 runs as the same user. */
uint64_t limit_nproc(const struct nidus_spec *spec, const struct ids *ids);

#endif
