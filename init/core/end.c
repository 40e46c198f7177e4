/* SPDX-License-Identifier: Apache-2.0 */
/* The end: TERM and CONT, the grace, then KILL until no process is left or time is up. */
#include "end.h"

#include <signal.h>

#include "../clock.h"

#define KILL_WAIT_US 10000000u /* for processes that KILL does not end at once: uninterruptible */
#define KILL_AGAIN_US 100000u  /* the first misses processes that are just being made */

static void enter(struct end *end, enum end_stage stage, uint64_t wait_us)
{
	end->stage = stage;
	end->until_us = wait_us == CLOCK_NEVER ? CLOCK_NEVER : clock_now_us() + wait_us;
	end->again_us = CLOCK_NEVER;
}

void end_reset(struct end *end)
{
	enter(end, STAGE_RUN, CLOCK_NEVER);
}

void end_delay(struct end *end, uint64_t delay_us)
{
	enter(end, STAGE_DELAY, delay_us);
}

int end_begin(struct end *end, uint64_t grace_us)
{
	if (grace_us == 0)
		return end_kill(end);
	enter(end, STAGE_TERM, grace_us);
	return SIGTERM;
}

int end_kill(struct end *end)
{
	if (end->stage != STAGE_KILL)
		enter(end, STAGE_KILL, KILL_WAIT_US);
	end->again_us = clock_now_us() + KILL_AGAIN_US;
	return SIGKILL;
}

int end_pass_time(struct end *end, uint64_t now)
{
	if (end->until_us <= now) {
		if (end->stage == STAGE_TERM)
			return end_kill(end);
		if (end->stage == STAGE_DELAY)
			return SIGTERM;
		enter(end, STAGE_GONE, CLOCK_NEVER);
	}
	return end->again_us <= now ? end_kill(end) : 0;
}

uint64_t end_next(const struct end *end)
{
	return end->again_us < end->until_us ? end->again_us : end->until_us;
}

void end_signal(const struct tree *tree, int signal)
{
	if (signal == 0)
		return;
	tree_signal(tree, signal);
	if (signal != SIGKILL)
		tree_signal(tree, SIGCONT); /* a stopped process gets TERM only once continued */
}
