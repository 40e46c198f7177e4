/* SPDX-License-Identifier: Apache-2.0 */
/* What of this machine decides what a sandbox sees and gets of it. For starts and for explain. */
#ifndef NIDUS_VIEW_H
#define NIDUS_VIEW_H

#include "../ids/ids.h"
#include "../plan/plan.h"
#include "../plan/limit.h"
#include "sockets.h"

struct view {
	struct ids_home home;
	uint64_t ram_bytes;
	bool has_var_run;
	struct limit_room room;
	struct sockets sockets;
};

/* Looks at the machine, changes nothing. view_free also what is all zeroes, or failed. */
int view_find(const struct nidus_spec *spec, struct view *view, struct fault *fault);
void view_free(struct view *view);

/* Lends it to a plan's context, which must not outlive it. */
void view_lend(const struct view *view, struct plan_context *context);

/*
 * The command or its directory was not found inside: if the host has it in a home that is
 * hidden inside, the fault says so.
 */
void view_blame_hidden(const struct view *view, const struct nidus_spec *spec, struct fault *fault);

#endif
