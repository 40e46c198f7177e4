/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: one program that an init started and looks after. Each role stores its own jobs:
 * a sandbox or a wrapper has one, a machine has one for each service.
 */
#ifndef NIDUS_INIT_JOB_H
#define NIDUS_INIT_JOB_H

#include <stdbool.h>
#include <sys/types.h>

struct start_note;

struct job {
	pid_t pid;  /* of the process and of the group that it leads; 0: none */

	/* start.c: from the fork to the exec */
	int start_fd;            /* readable when start_look has something to see; -1: decided */
	struct start_note *note; /* shared with the process until then; no memory until touched */
	pid_t parent;            /* the process that forked it */
	int stop_signal;         /* stopped it before its exec; sent again after it */
	bool provable;           /* the kernel can say whether it has executed anything */
};

/* To its group, or to the process if it leads none. It must not have been reaped. */
int job_signal(const struct job *job, int signal);

#endif
