/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: one program that an init started and looks after. Each role keeps its own, in
 * places of its own: one of a sandbox or a wrapper, one for each service of a machine.
 */
#ifndef NIDUS_INIT_JOB_H
#define NIDUS_INIT_JOB_H

#include <stdbool.h>
#include <sys/types.h>

struct start_note;

struct job {
	pid_t pid;  /* of the process, and of the group that it leads; 0: there is none */

	/* start.c: the way from the fork to the exec */
	int start_fd;            /* readable when there is something to look at; -1: decided */
	struct start_note *note; /* shared with the process until then; untouched, it costs no memory */
	pid_t parent;            /* who made it */
	int stop_signal;         /* stopped it on its way; sent again when it is there */
	bool provable;           /* the kernel says whether it has executed anything */
};

/* To its group, or to it alone where it leads none. Its process must not have been reaped. */
int job_signal(const struct job *job, int signal);

#endif
