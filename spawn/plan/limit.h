/* SPDX-License-Identifier: Apache-2.0 */
/* What the limits of a spec need, before anybody has looked at the machine. Pure. */
#ifndef NIDUS_PLAN_LIMIT_H
#define NIDUS_PLAN_LIMIT_H

#include "../../cgroup/cgroup.h"
#include "../ids/ids.h"
#include "../spec/spec.h"

/* The controls that the limits need: a mask of 1 << enum cg_control. */
uint32_t limit_wanted(const struct nidus_spec *spec);

/* --pids as RLIMIT_NPROC, which counts by user: with a PID 1 of the same one more. */
uint64_t limit_nproc(const struct nidus_spec *spec, const struct ids *ids);

#endif
