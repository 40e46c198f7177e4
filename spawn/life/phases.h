/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases of a life, and the verdicts that they return. phases.c alone calls them and
 * says what follows: no phase knows another.
 */
#ifndef NIDUS_PHASES_H
#define NIDUS_PHASES_H

#include "sandbox.h"

enum verdict {
	VERDICT_WAIT,  /* for the next event */
	VERDICT_NOTED, /* something was read: there may be more */
	VERDICT_GO,    /* nothing holds GO up any more */
	VERDICT_HELD,  /* init stands at the step that was asked for */
	VERDICT_READY, /* the workload runs */
	VERDICT_KILL,  /* PID 1 must end: its death is an event to come */
	VERDICT_DEAD,  /* PID 1 has ended */
	VERDICT_GONE,  /* nothing is left, or nothing more can be done about it */
};

/* ---- phases.c: for nidus.c ---- */

/* From nothing to GO, or to the wait for --block-fd. -1: and back to nothing. */
int phases_start(struct nidus_sandbox *sandbox, struct fault *fault);
/* All that is due. */
void phases_step(struct nidus_sandbox *sandbox);
/* A held init goes on. */
int phases_release(struct nidus_sandbox *sandbox, struct fault *fault);
/* Kills what lives, and waits (with a bound) until nothing is left. */
void phases_finish(struct nidus_sandbox *sandbox);

/* ---- take.c: before there is a process ---- */

int take_all(struct nidus_sandbox *sandbox, struct fault *fault);

/* ---- clone.c ---- */

/* The plan, and PID 1 with it. For another PID 1 once more. */
int clone_init(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault);
/* On record, in its groups, with its ids. */
int clone_settle(struct nidus_sandbox *sandbox, struct fault *fault);

/* ---- watch.c: until PID 1 is dead ---- */

int watch_begin(struct nidus_sandbox *sandbox, struct fault *fault);
int watch_init(struct nidus_sandbox *sandbox, struct fault *fault); /* each PID 1 */
/* 1: GO has to wait for --block-fd, 0: it has not. */
int watch_block(struct nidus_sandbox *sandbox, struct fault *fault);
/* Of every watched descriptor but the reports'. */
enum verdict watch_event(struct nidus_sandbox *sandbox, int fd);

/* reports.c: one report; what is on the control socket. */
enum verdict reports_read(struct nidus_sandbox *sandbox);
void reports_read_control(struct nidus_sandbox *sandbox);

/* oom.c */
int oom_watch(struct nidus_sandbox *sandbox, struct fault *fault);
enum verdict oom_told(struct nidus_sandbox *sandbox);
enum verdict oom_look_again(struct nidus_sandbox *sandbox);

/* ---- end.c: when it is ---- */

void end_read(struct nidus_sandbox *sandbox);  /* the counters, while there are any */
void end_begin(struct nidus_sandbox *sandbox); /* the result, and word of it */
enum verdict end_try(struct nidus_sandbox *sandbox); /* one removal */

#endif
