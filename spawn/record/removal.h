/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The removal of what a sandbox acquired, used by its owner at the end and by recovery after
 * the owner's death: everything on the trail, in an order in which it can be removed.
 */
#ifndef NIDUS_REMOVAL_H
#define NIDUS_REMOVAL_H

#include "../../net/net.h"
#include "name.h"
#include "state.h"
#include "trail.h"

struct removal {
	struct state *state; /* with the record's lock held */
	struct trail *trail;
	bool may_wait;       /* for processes that take a moment to end; otherwise ETIMEDOUT */

	/* what the owner still has open: makes the removal faster, but changes nothing else */
	struct cg *cg;       /* NULL or without groups: those on record are opened */
	struct net *net;     /* NULL: found by the id */
	int name_fd;         /* -1: locked first */

	uint32_t removed;    /* how many were still there, over all tries */
};

/*
 * Each step is idempotent, and what is done is marked on the trail: after -1 it may be called
 * again. Processes go first, then what they used, then the name, and the directory last.
 */
int removal_run(struct removal *removal, struct fault *fault);

#endif
