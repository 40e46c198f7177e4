/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a job, or of everybody: asked for, waited for, enforced. What is kept here is
 * how far it has come; each function returns the signal that is due now, which the role
 * sends to whomever it means: 0, SIGTERM (or what the job has in its place) or SIGKILL.
 */
#ifndef NIDUS_INIT_END_H
#define NIDUS_INIT_END_H

#include <stdint.h>

#include "tree.h"

/* How far the end has come. Only forward. */
enum end_stage {
	STAGE_RUN,
	STAGE_DELAY, /* it was asked for, and begins when the delay is over */
	STAGE_TERM,  /* KILL at the deadline, if there is one */
	STAGE_KILL,  /* again and again until the deadline: what stays then can't be killed */
	STAGE_GONE,
};

struct end {
	enum end_stage stage;
	uint64_t until_us; /* the stage's end; CLOCK_NEVER: it has none */
	uint64_t again_us; /* the next KILL */
};

/* Not begun, or not any more. */
void end_reset(struct end *end);

void end_delay(struct end *end, uint64_t delay_us);

/* A grace of 0: KILL at once; CLOCK_NEVER: never. */
int end_begin(struct end *end, uint64_t grace_us);
int end_kill(struct end *end);

/* SIGTERM: the delay is over, and end_begin is next. */
int end_pass_time(struct end *end, uint64_t now);
uint64_t end_next(const struct end *end);

/* What is due, to all of them; 0: nothing. */
void end_signal(const struct tree *tree, int signal);

#endif
