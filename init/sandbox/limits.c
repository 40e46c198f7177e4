/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STEP_LIMITS and what comes of it: wall clock, cpu time, memory. All by the
 * monotonic clock, which nobody sets. A limit that is not asked for costs no
 * wake-up. Measuring is usage.c's part.
 */
#include "limits.h"

#include <errno.h>

#define CPU_CHECK_MIN_US 10000u      /* the accuracy of a cpu limit */
#define CPU_CHECK_MAX_US 1000000u    /* the workload may run on more cpus than we knew of */
#define MEMORY_INTERVAL_US 100000u   /* where the plan names none */
#define MEMORY_COST_SHARE 20u        /* a look may take one part in so many of the time, */
#define MEMORY_WAIT_MAX_US 1000000u  /* but that is its longest pause */

/* Needs: the procfs. Must not have happened yet: the fork; the baseline is taken here. */
int limits_prepare(struct init *in, struct fault *fault)
{
	const struct plan_header *header = in->plan.header;
	uint64_t used;

	in->limits.cpus = clock_cpus();
	if (header->cpu_us > 0 && usage_cpu(in, &in->limits.cpu_base_us) < 0)
		return fault_errno(fault, STEP_LIMITS, "cpu time");
	if (header->memory_bytes > 0 && usage_memory(in, UINT64_MAX, &used) < 0)
		return fault_errno(fault, STEP_LIMITS, "memory");
	return 0;
}

void limits_start(struct init *in)
{
	const struct plan_header *header = in->plan.header;
	struct limits *limits = &in->limits;

	limits->started_us = clock_now_us();
	limits->wall_us = header->wall_us ? limits->started_us + header->wall_us : UINT64_MAX;
	limits->cpu_check_us = header->cpu_us ? limits->started_us : UINT64_MAX;
	limits->memory_check_us = header->memory_bytes ? limits->started_us : UINT64_MAX;
}

uint64_t limits_next(const struct init *in)
{
	uint64_t next = in->limits.wall_us;

	if (in->limits.cpu_check_us < next)
		next = in->limits.cpu_check_us;
	if (in->limits.memory_check_us < next)
		next = in->limits.memory_check_us;
	return next;
}

/* A measure that fails later on is told, and ends that limit: it can't be kept any more. */
static bool give_up(struct init *in, uint64_t *check, const char *what)
{
	struct fault fault;

	fault_errno(&fault, STEP_WATCH, what);
	report_fault(in, REPORT_DEGRADED, &fault);
	*check = UINT64_MAX;
	return false;
}

static bool check_cpu(struct init *in, struct limit_hit *hit)
{
	const uint64_t limit = in->plan.header->cpu_us;
	struct limits *limits = &in->limits;
	uint64_t used, wait;

	if (usage_cpu(in, &used) < 0)
		return give_up(in, &limits->cpu_check_us, "cpu time");
	used = used > limits->cpu_base_us ? used - limits->cpu_base_us : 0;
	if (used >= limit) {
		*hit = (struct limit_hit){LIMIT_CPU, used, limit};
		return true;
	}
	wait = (limit - used) / limits->cpus; /* not sooner than all cpus together get there */
	wait = wait < CPU_CHECK_MIN_US ? CPU_CHECK_MIN_US : wait;
	wait = wait > CPU_CHECK_MAX_US ? CPU_CHECK_MAX_US : wait;
	limits->cpu_check_us = clock_now_us() + wait;
	return false;
}

static bool check_memory(struct init *in, uint64_t now, struct limit_hit *hit)
{
	const struct plan_header *header = in->plan.header;
	struct limits *limits = &in->limits;
	uint64_t wait = header->memory_interval_us ? header->memory_interval_us
						   : MEMORY_INTERVAL_US;
	uint64_t used, cost;

	if (usage_memory(in, header->memory_bytes, &used) < 0)
		return give_up(in, &limits->memory_check_us, "memory");
	if (used > limits->memory_peak)
		limits->memory_peak = used;
	if (used > header->memory_bytes) {
		*hit = (struct limit_hit){LIMIT_MEMORY, used, header->memory_bytes};
		return true;
	}
	cost = (clock_now_us() - now) * MEMORY_COST_SHARE;
	if (cost > MEMORY_WAIT_MAX_US) /* what runs inside can make a look as costly as it likes */
		cost = MEMORY_WAIT_MAX_US;
	limits->memory_check_us = clock_now_us() + (cost > wait ? cost : wait);
	return false;
}

/* Once the end has begun only memory matters: the grace is no time to eat the machine in. */
void limits_end(struct init *in)
{
	in->limits.wall_us = UINT64_MAX;
	in->limits.cpu_check_us = UINT64_MAX;
}

bool limits_check(struct init *in, struct limit_hit *hit)
{
	struct limits *limits = &in->limits;
	uint64_t now = clock_now_us();

	if (limits->memory_check_us <= now && check_memory(in, now, hit))
		return true;
	if (limits->cpu_check_us <= now && check_cpu(in, hit))
		return true;
	if (limits->wall_us > now)
		return false;
	*hit = (struct limit_hit){LIMIT_WALL, now - limits->started_us, in->plan.header->wall_us};
	return true;
}
