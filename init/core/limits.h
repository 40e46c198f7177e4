/* SPDX-License-Identifier: Apache-2.0 */
/* The limits that an init itself keeps: wall clock, cpu time, memory, of a whole tree. */
#ifndef NIDUS_INIT_LIMITS_H
#define NIDUS_INIT_LIMITS_H

#include "../fault.h"
#include "usage.h"

struct limits {
	/* what is asked for; 0: nothing */
	uint64_t wall_us, cpu_us;
	uint64_t memory_bytes;
	uint64_t memory_interval_us; /* between two looks; 0: the usual */
	uint64_t memory_warning;     /* bytes: LIMITS_NEAR */

	/* what became of it; times on CLOCK_MONOTONIC, CLOCK_NEVER: never */
	uint64_t started_us;
	uint64_t wall_at_us;   /* the deadline */
	uint64_t cpu_at_us;    /* the next look */
	uint64_t memory_at_us; /* the next look */
	uint64_t cpu_base_us;  /* used before the start */
	uint64_t memory_peak;  /* bytes */
	unsigned cpus;
};

enum limits_found {
	LIMITS_KEPT,
	LIMITS_HIT,
	LIMITS_NEAR, /* the memory's warning, but not its limit */
	LIMITS_LOST, /* it can't be measured any more, says errno, and so is not kept */
};

/* Of which limit it is found. */
struct limit_found {
	uint32_t kind; /* enum limit_kind */
	uint64_t used, limit;
};

/* Before the fork: the baseline is taken. -1 with the fault (STEP_LIMITS): one can't be measured. */
int limits_prepare(struct limits *limits, const struct usage *usage, struct fault *fault);

void limits_start(struct limits *limits, uint64_t at_us);

/* When to look; CLOCK_NEVER: one that is not asked for costs no wake-up. */
uint64_t limits_next(const struct limits *limits);

/* The end has begun: only memory matters, as the grace is no time to eat the machine in. */
void limits_keep_memory(struct limits *limits);

/* Looks at what is due; at most one is found at a time. */
enum limits_found limits_look(struct limits *limits, const struct usage *usage,
			      struct limit_found *found);

#endif
