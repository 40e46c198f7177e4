/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits, by the monotonic clock, which nobody can set. Processes inside can make a look
 * as costly as they like, so an expensive look delays the next one, but not for long, as
 * that would be a way to escape the limits. usage.c measures.
 */
#include "limits.h"

#include "../clock.h"
#include "../contract.h"

#define CPU_LOOK_MIN_US 10000u  /* the accuracy of a cpu limit */
#define CPU_LOOK_MAX_US 1000000u /* cpus may have been added */
#define MEMORY_LOOK_US 100000u
#define MEMORY_LOOK_MIN_US 10000u
#define COST_SHARE 20u          /* looks may take 1/20 of the time, */
#define COST_WAIT_MAX_US 1000000u /* but one delays the next by this at most */

int limits_prepare(struct limits *limits, const struct usage *usage, struct fault *fault)
{
	struct tree_memory used;

	if (limits->cpu_us > 0) {
		limits->cpus = clock_cpus();
		if (usage_cpu(usage, &limits->cpu_base_us) < 0)
			return fault_errno(fault, STEP_LIMITS, "cpu time");
	}
	if (limits->memory_bytes > 0 && (usage_memory_begin(usage) < 0 ||
					 usage_memory(usage, UINT64_MAX, &used) < 0))
		return fault_errno(fault, STEP_LIMITS, "memory");
	return 0;
}

void limits_start(struct limits *limits, uint64_t at_us)
{
	limits->started_us = at_us;
	limits->wall_at_us = limits->wall_us ? at_us + limits->wall_us : CLOCK_NEVER;
	limits->cpu_at_us = limits->cpu_us ? at_us : CLOCK_NEVER;
	limits->memory_at_us = limits->memory_bytes ? at_us : CLOCK_NEVER;
}

uint64_t limits_next(const struct limits *limits)
{
	uint64_t next = limits->wall_at_us;

	if (limits->cpu_at_us < next)
		next = limits->cpu_at_us;
	return limits->memory_at_us < next ? limits->memory_at_us : next;
}

void limits_keep_memory(struct limits *limits)
{
	limits->wall_at_us = limits->cpu_at_us = CLOCK_NEVER;
}

/* `began`: the time when the last look began. */
static uint64_t look_again(uint64_t began, uint64_t wait)
{
	uint64_t now = clock_now_us(), cost = (now - began) * COST_SHARE;

	if (cost > COST_WAIT_MAX_US)
		cost = COST_WAIT_MAX_US;
	return now + (cost > wait ? cost : wait);
}

static enum limits_found look_at_cpu(struct limits *limits, const struct usage *usage,
				     struct limit_found *found)
{
	uint64_t began = clock_now_us(), used, wait;

	limits->cpu_at_us = CLOCK_NEVER;
	if (usage_cpu(usage, &used) < 0)
		return LIMITS_LOST;
	used = used > limits->cpu_base_us ? used - limits->cpu_base_us : 0;
	found->used = used;
	wait = used < limits->cpu_us ? limits->cpu_us - used : 0;
	wait /= limits->cpus; /* all cpus together can't reach the limit sooner */
	wait = wait < CPU_LOOK_MIN_US ? CPU_LOOK_MIN_US : wait;
	limits->cpu_at_us = look_again(began, wait < CPU_LOOK_MAX_US ? wait : CPU_LOOK_MAX_US);
	return used < limits->cpu_us ? LIMITS_KEPT : LIMITS_HIT;
}

/* When the limit is reached if it grows on as since the last look; a lower bound grows as well. */
static uint64_t memory_wait(const struct limits *limits, uint64_t used, uint64_t began)
{
	uint64_t wait = limits->memory_interval_us ? limits->memory_interval_us : MEMORY_LOOK_US;
	uint64_t left = used < limits->memory_bytes ? limits->memory_bytes - used : 0;
	uint64_t passed = began - limits->memory_seen_us, rate = 0;

	if (used > limits->memory_seen && passed > 0)
		rate = (used - limits->memory_seen) / passed;
	if (rate == 0 || wait <= MEMORY_LOOK_MIN_US || left / rate >= wait)
		return wait;
	return left / rate > MEMORY_LOOK_MIN_US ? left / rate : MEMORY_LOOK_MIN_US;
}

static enum limits_found look_at_memory(struct limits *limits, const struct usage *usage,
					struct limit_found *found)
{
	uint64_t began = clock_now_us(), wait;
	/* a look stops counting above this, so with a warning it may not reach the limit */
	uint64_t near = limits->memory_warning ? limits->memory_warning : limits->memory_bytes;
	struct tree_memory used;

	limits->memory_at_us = CLOCK_NEVER;
	if (usage_memory(usage, near, &used) < 0)
		return LIMITS_LOST;
	found->used = used.bytes;
	limits->memory_coarse |= used.coarse;
	if (used.bytes > limits->memory_peak)
		limits->memory_peak = used.bytes;
	wait = memory_wait(limits, used.bytes, began);
	limits->memory_seen = used.bytes;
	limits->memory_seen_us = began;
	limits->memory_at_us = look_again(began, wait);
	if (used.bytes > limits->memory_bytes)
		return LIMITS_HIT;
	return used.bytes > near ? LIMITS_NEAR : LIMITS_KEPT;
}

enum limits_found limits_look(struct limits *limits, const struct usage *usage,
			      struct limit_found *found)
{
	uint64_t now = clock_now_us();
	enum limits_found result = LIMITS_KEPT;

	if (limits->memory_at_us <= now) {
		*found = (struct limit_found){.kind = LIMIT_MEMORY, .limit = limits->memory_bytes};
		result = look_at_memory(limits, usage, found);
	}
	if (result == LIMITS_KEPT && limits->cpu_at_us <= now) {
		*found = (struct limit_found){.kind = LIMIT_CPU, .limit = limits->cpu_us};
		result = look_at_cpu(limits, usage, found);
	}
	if (result != LIMITS_KEPT || limits->wall_at_us > now)
		return result;
	*found = (struct limit_found){LIMIT_WALL, now - limits->started_us, limits->wall_us};
	return LIMITS_HIT;
}
