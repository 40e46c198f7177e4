/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of one job, or of every process: requested, waited for, enforced. This keeps
 * track of the stage; each function returns the signal that is due now: 0, SIGTERM (or the
 * job's own stop signal) or SIGKILL. The role decides which processes get it.
 */
#ifndef NIDUS_INIT_END_H
#define NIDUS_INIT_END_H

#include <stdint.h>

#include "tree.h"

/* How far the end has come; it only moves forward. */
enum end_stage {
	STAGE_RUN,
	STAGE_DELAY, /* requested; begins when the delay is over */
	STAGE_TERM,  /* KILL at the deadline, if there is one */
	STAGE_KILL,  /* repeated until the deadline: what is left then can't be killed */
	STAGE_GONE,
};

struct end {
	enum end_stage stage;
	uint64_t until_us; /* end of the stage; CLOCK_NEVER: none */
	uint64_t again_us; /* the next KILL */
};

/* Back to the state where no end was requested. */
void end_reset(struct end *end);

void end_delay(struct end *end, uint64_t delay_us);

/* grace_us: 0 means KILL at once, CLOCK_NEVER no KILL at all. */
int end_begin(struct end *end, uint64_t grace_us);
int end_kill(struct end *end);

/* Returns SIGTERM when the delay is over: the caller goes on with end_begin. */
int end_pass_time(struct end *end, uint64_t now);
uint64_t end_next(const struct end *end);

/* Sends the signal that is due to the whole tree; 0: nothing. */
void end_signal(const struct tree *tree, int signal);

#endif
