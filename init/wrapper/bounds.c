/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of the program and all descendants, over all of its starts. */
#include <errno.h>

#include "../contract.h"
#include "supervisor.h"

#define NEAR_LIMIT(bytes) ((bytes) / 10 * 9)

/* Needs: the tree. Must not have happened yet: the fork. */
void bounds_prepare(struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;
	struct limits *limits = &w->limits;
	struct fault fault;

	w->usage.tree = &w->tree;
	limits->wall_us = options->timeout_us;
	limits->cpu_us = options->cpu_us;
	limits->memory_bytes = options->memory_bytes;
	if (limits_prepare(limits, &w->usage, &fault) < 0)
		finish_refused(w, &fault);
}

/* The stop begins before the message, which may block for a while. */
static void hit(struct wrapper *w, uint32_t kind)
{
	switch (kind) {
	case LIMIT_WALL:
		stop_begin(w, REASON_WALL, NULL);
		tell(w, EVENT_LIMIT_WALL, 0, 0);
		break;
	case LIMIT_CPU:
		stop_begin(w, REASON_CPU, NULL);
		tell(w, EVENT_LIMIT_CPU, 0, 0);
		break;
	case LIMIT_MEMORY:
		stop_begin(w, REASON_MEMORY, NULL);
		tell(w, EVENT_LIMIT_MEMORY, 0, 0);
		break;
	}
}

void bounds_pass_time(struct wrapper *w)
{
	bool warns = w->options.memory_signal && !w->memory_told && w->running;
	struct limit_found found;

	w->limits.memory_warning = warns ? NEAR_LIMIT(w->options.memory_bytes) : 0;
	switch (limits_look(&w->limits, &w->usage, &found)) {
	case LIMITS_NEAR:
		w->memory_told = true;
		forward_send(w, w->options.memory_signal, NULL);
		break;
	case LIMITS_LOST:
		tell(w, EVENT_LIMIT_LOST, errno, 0);
		hit(w, found.kind); /* what it runs may have made the look fail */
		break;
	case LIMITS_HIT:
		hit(w, found.kind);
		break;
	case LIMITS_KEPT:
		break;
	}
}
