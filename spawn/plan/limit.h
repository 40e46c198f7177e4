/* SPDX-License-Identifier: Apache-2.0 */
/* What the limits of a spec need, whatever the machine has. Pure. */
#ifndef NIDUS_PLAN_LIMIT_H
#define NIDUS_PLAN_LIMIT_H

#include "../../cgroup/cgroup.h"
#include "../ids/ids.h"
#include "../spec/spec.h"

/* The controls that the limits need: a mask of 1 << enum cg_control. */
uint32_t limit_wanted(const struct nidus_spec *spec);

#define LIMIT_PIDS_DEFAULT 4096

/* True if the spec has its own limit of that RLIMIT_*. */
bool limit_sets(const struct nidus_spec *spec, int resource);

/* What is left on this machine. */
struct limit_room {
	uint64_t free_pids;  /* processes and threads; UINT64_MAX: unknown */
	uint64_t nproc_hard; /* the caller's own limits, which it may not raise */
	uint64_t core_hard;
};

/*
 * RLIMIT_NPROC of a sandbox without `pids`: LIMIT_PIDS_DEFAULT, or a quarter of what is free, but
 * at least 1. 0, none, where the spec sets it, or where it would count the user's processes everywhere, because
 * there is no user namespace of its own.
 */
uint64_t limit_default_nproc(const struct nidus_spec *spec, const struct ids *ids,
			     const struct limit_room *room);

/* pids as RLIMIT_NPROC, which counts per user: one more if PID 1 runs as the same user. */
uint64_t limit_nproc(const struct nidus_spec *spec, const struct ids *ids);

#endif
