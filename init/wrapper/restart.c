/* SPDX-License-Identifier: Apache-2.0 */
/* Whether and when to start the program again. */
#include "supervisor.h"

#define BACKOFF_MIN_US 100000u
#define BACKOFF_MAX_US 10000000u
#define LASTED_US 10000000u /* a run of this length was a success: back to the shortest wait */

bool restart_wanted(struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;

	if (options->restart == RESTART_NEVER || w->end.stage != STAGE_RUN)
		return false;
	if (options->restart == RESTART_ON_FAILURE && finish_status(w) == 0)
		return false;
	w->short_lives = clock_now_us() - w->began_us >= LASTED_US ? 0 : w->short_lives + 1;
	return options->restart_limit == 0 || w->short_lives < options->restart_limit;
}

/* With --kill-all, processes of an earlier start are ended, as far as possible, before the next. */
void restart_arrange(struct wrapper *w)
{
	uint32_t wait = BACKOFF_MIN_US, lives = w->short_lives;

	if (!w->starts_again || w->start_at_us != CLOCK_NEVER)
		return;
	if (w->options.kill_all && !w->no_children && w->end.stage != STAGE_GONE)
		return;
	end_reset(&w->end);
	while (lives-- > 1 && wait < BACKOFF_MAX_US)
		wait *= 2;
	if (wait > BACKOFF_MAX_US)
		wait = BACKOFF_MAX_US;
	w->start_at_us = clock_now_us() + wait;
	tell(w, EVENT_RESTART, (int)(wait / 1000), 0);
}
