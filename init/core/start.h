/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a job, from the fork to the exec, and whether it succeeded.
 *
 *     parent                             child
 *     start_fork ----------------------> returns 0
 *                                        … the role confines it …
 *     start_release <------ held ------- start_hold
 *                   -------------------> goes on
 *     start_await,  <------------------- exec, start_fail, or a death
 *     start_look
 *
 * They share a close-on-exec pipe, whose end means that there is something to decide, and
 * a page that holds the fault: the child can write to it even if its own filter denies
 * every system call. start.c explains what proves an exec.
 */
#ifndef NIDUS_INIT_START_H
#define NIDUS_INIT_START_H

#include <stdint.h>

#include "../fault.h"
#include "job.h"

struct start_note {
	uint32_t executing; /* start_executing */
	uint32_t held_step; /* the child waits before this step; 0: it does not; STEP_COUNT: the last
			       wait, for all that the parent does */
	struct fault fault; /* step != 0: the start failed */
};

enum start_verdict {
	START_PENDING,
	START_HELD,   /* before job->note->held_step, until start_release */
	START_DONE,   /* the exec has succeeded: the job is started */
	START_FAILED, /* the fault says why; the process is a zombie, or about to be one */
	START_KILLED, /* the same, but killed before it could say why */
	START_OTHER,  /* start_await: the other descriptor is readable */
	START_LATE,   /* start_await: the deadline is over */
};

/*
 * Returns 0 in the child, 1 in the parent, -1 with the fault filled in (STEP_FORK).
 * The child has all of the parent's descriptors and every signal blocked; job->pid is 0
 * there.
 */
int start_fork(struct job *job, struct fault *fault);

/* ---- in the child ---- */

void start_fail(struct job *job, const struct fault *fault) __attribute__((noreturn));

/* The same, for a call that has set errno. */
void start_refuse(struct job *job, uint32_t step, const char *what) __attribute__((noreturn));

/* Confinement is complete; execve comes next. */
void start_executing(struct job *job);

/* Waits until the parent releases it. */
void start_hold(struct job *job, uint32_t step);

/* ---- in the parent ---- */

void start_release(struct job *job);

/* Never blocks. DONE, FAILED and KILLED close start_fd and give the note back. */
enum start_verdict start_look(struct job *job, struct fault *fault);

/* The same for a process that has ended: never PENDING, even if others hold its end of the pipe. */
enum start_verdict start_decide(struct job *job, struct fault *fault);

/* Somebody's wait has found that it was stopped by this signal before its exec. */
void start_stopped(struct job *job, int signal);

/*
 * Blocks until there is a verdict, `other_fd` (-1: none) is readable or the deadline
 * (CLOCK_NEVER: none) is over. Signals stay pending meanwhile, so that none reaches a
 * process that is not the program yet.
 */
enum start_verdict start_await(struct job *job, int other_fd, uint64_t deadline_us,
			       struct fault *fault);

#endif
