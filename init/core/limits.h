/* SPDX-License-Identifier: Apache-2.0 */
/* The limits that an init itself enforces on a whole tree: wall clock, cpu time, memory. */
#ifndef NIDUS_INIT_LIMITS_H
#define NIDUS_INIT_LIMITS_H

#include <stdbool.h>

#include "../fault.h"
#include "usage.h"

struct limits {
	/* the limits; 0: none */
	uint64_t wall_us, cpu_us;
	uint64_t memory_bytes;
	uint64_t memory_interval_us; /* between two looks; 0: the default */
	uint64_t memory_warning;     /* bytes, for LIMITS_NEAR */

	/* state; times on CLOCK_MONOTONIC, CLOCK_NEVER: never */
	uint64_t started_us;
	uint64_t wall_at_us;   /* the deadline */
	uint64_t cpu_at_us;    /* the next look */
	uint64_t memory_at_us; /* the next look */
	uint64_t cpu_base_us;  /* used before the start */
	uint64_t memory_peak;  /* bytes */
	uint64_t memory_seen;  /* bytes at the last look, which began at memory_seen_us */
	uint64_t memory_seen_us;
	bool memory_coarse;    /* a process has refused a look: its part was estimated */
	unsigned cpus;
};

enum limits_found {
	LIMITS_KEPT,
	LIMITS_HIT,
	LIMITS_NEAR, /* memory: above the warning, below the limit */
	LIMITS_LOST, /* can't be measured any more (errno): nothing is known about it from here on */
};

/* The limit that a look found something about. */
struct limit_found {
	uint32_t kind; /* enum limit_kind */
	uint64_t used, limit;
};

/* Before the fork: takes the baseline. -1 with the fault (STEP_LIMITS): one can't be measured. */
int limits_prepare(struct limits *limits, const struct usage *usage, struct fault *fault);

void limits_start(struct limits *limits, uint64_t at_us);

/* When to look next; CLOCK_NEVER without limits, which then cost no wake-up. */
uint64_t limits_next(const struct limits *limits);

/* The end has begun: only the memory limit stays, so that the grace can't be used to exhaust it. */
void limits_keep_memory(struct limits *limits);

/* Checks the limits that are due; reports at most one at a time. */
enum limits_found limits_look(struct limits *limits, const struct usage *usage,
			      struct limit_found *found);

#endif
