/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits: wall clock, cpu time, memory, of the program and all descendants, over
 * all of its starts. A limit that is not asked for costs no wake-up.
 */
#include <errno.h>

#include "../contract.h"
#include "supervisor.h"

#define CPU_CHECK_MIN_US 10000u   /* the accuracy of a cpu limit */
#define CHECK_MAX_US 1000000u     /* it may run on more cpus than we knew of, or make looks costly */
#define MEMORY_CHECK_US 100000u
#define COST_SHARE 20u            /* a look may take one part in so many of the time */
#define NEAR_LIMIT(bytes) ((bytes) / 10 * 9)

/* Needs: the tree. Must not have happened yet: the fork; the baseline is taken here. */
void bounds_prepare(struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;
	uint64_t used;

	if (options->cpu_us > 0) {
		w->bounds.cpus = clock_cpus();
		if (tree_cpu(&w->tree, &w->bounds.cpu_base_us) < 0)
			finish_failed(w, STEP_LIMITS, "cpu time");
	}
	if (options->memory_bytes > 0 && tree_memory(&w->tree, UINT64_MAX, &used) < 0)
		finish_failed(w, STEP_LIMITS, "memory");
}

void bounds_start(struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;

	if (options->timeout_us > 0)
		w->at[TIMER_WALL] = w->first_us + options->timeout_us;
	if (options->cpu_us > 0)
		w->at[TIMER_CPU] = w->first_us;
	if (options->memory_bytes > 0)
		w->at[TIMER_MEMORY] = w->first_us;
}

/* A measure that fails later on is told, and ends that limit. */
static bool give_up(struct wrapper *w, enum timer timer)
{
	tell(w, EVENT_LIMIT_LOST, errno, 0);
	w->at[timer] = CLOCK_NEVER;
	return false;
}

/* `now`: when the last look began. Who makes looks costly does not make them rare. */
static bool look_again(struct wrapper *w, enum timer timer, uint64_t now, uint64_t wait)
{
	uint64_t cost = (clock_now_us() - now) * COST_SHARE;

	wait = cost > wait ? cost : wait;
	w->at[timer] = clock_now_us() + (wait < CHECK_MAX_US ? wait : CHECK_MAX_US);
	return false;
}

static bool exceeds_cpu(struct wrapper *w, uint64_t now)
{
	struct bounds *bounds = &w->bounds;
	uint64_t used, wait;

	if (tree_cpu(&w->tree, &used) < 0)
		return give_up(w, TIMER_CPU);
	used = used > bounds->cpu_base_us ? used - bounds->cpu_base_us : 0;
	if (used >= w->options.cpu_us)
		return true;
	wait = (w->options.cpu_us - used) / bounds->cpus;
	wait = wait < CPU_CHECK_MIN_US ? CPU_CHECK_MIN_US : wait;
	return look_again(w, TIMER_CPU, now, wait);
}

static bool exceeds_memory(struct wrapper *w, uint64_t now)
{
	const struct wrapper_options *options = &w->options;
	uint64_t limit = options->memory_bytes, used;
	struct bounds *bounds = &w->bounds;
	bool warns = options->memory_signal && !bounds->memory_told && w->running;
	uint64_t exact_from = warns ? NEAR_LIMIT(limit) : limit;

	/* a look ends where it is decided: until the warning, before it sees the limit */
	if (tree_memory(&w->tree, exact_from, &used) < 0)
		return give_up(w, TIMER_MEMORY);
	if (used > bounds->memory_peak)
		bounds->memory_peak = used;
	if (used > limit)
		return true;
	if (warns && used > exact_from) {
		bounds->memory_told = true;
		forward_send(w, options->memory_signal, NULL);
	}
	return look_again(w, TIMER_MEMORY, now, MEMORY_CHECK_US);
}

enum reason bounds_check(struct wrapper *w, uint64_t now)
{
	if (w->at[TIMER_MEMORY] <= now && exceeds_memory(w, now))
		return REASON_MEMORY;
	if (w->at[TIMER_CPU] <= now && exceeds_cpu(w, now))
		return REASON_CPU;
	return w->at[TIMER_WALL] <= now ? REASON_WALL : REASON_PROGRAM;
}
