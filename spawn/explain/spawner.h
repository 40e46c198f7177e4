/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describes the spawner's side in words: what exists before init starts, and beside it.
 * Pure: the caller passes in what was found on the machine; what only a real start can
 * decide is printed as such.
 */
#ifndef NIDUS_EXPLAIN_SPAWNER_H
#define NIDUS_EXPLAIN_SPAWNER_H

#include <stdio.h>

#include "../../cgroup/cgroup.h"
#include "../../net/config.h"
#include "../plan/limit.h"
#include "../plan/plan.h"

struct explain_spawner {
	const struct nidus_spec *spec;     /* checked */
	const struct ids *ids;
	const struct cg_machine *machine;
	const struct net_config *config;   /* for NIDUS_NET_NAT */
	bool may_nat;                      /* network_may_nat() */
	bool detach;
	struct limit_room room;
	size_t sockets_closed;             /* places; read if plan_closes_sockets() */
	/* NULL: none, or a descriptor of the spec */
	const char *events_path, *report_path, *init_path;
};

/* Prints it, one line per resource, in the order in which they are acquired. */
void explain_spawner(const struct explain_spawner *asked, FILE *out);

/*
 * Puts into the plan which limits init itself enforces on that machine, and the groups that
 * enforce the others: those are chosen into `groups`.
 */
void explain_limits_of_init(const struct explain_spawner *asked, struct plan_context *context,
			    struct cg *groups);

#endif
