/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spawner's side in words: what is there before init begins, and beside it.
 * Pure: what has to be looked at on the machine comes in, and what only a real
 * start can tell is said to be its affair.
 */
#ifndef NIDUS_EXPLAIN_SPAWNER_H
#define NIDUS_EXPLAIN_SPAWNER_H

#include <stdio.h>

#include "../../cgroup/cgroup.h"
#include "../../net/config.h"
#include "../plan/plan.h"

struct explain_spawner {
	const struct nidus_spec *spec;     /* checked */
	const struct ids *ids;
	const struct cg_machine *machine;
	const struct net_config *config;   /* for --net nat */
	bool may_nat;                      /* network_may_nat() */
	bool detach;
	/* NULL: none, or a descriptor of the spec */
	const char *events_path, *report_path, *init_path;
};

/* Prints it, one line a thing, in the order in which it is had. */
void explain_spawner(const struct explain_spawner *asked, FILE *out);

/* Tells the plan which limits are init's own on that machine. */
void explain_limits_of_init(const struct explain_spawner *asked, struct plan_context *context);

#endif
