/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases of a life, and the verdicts that they return. Only phases.c calls them and
 * decides what follows: no phase knows another.
 */
#ifndef NIDUS_PHASES_H
#define NIDUS_PHASES_H

#include "sandbox.h"

enum verdict {
	VERDICT_WAIT,  /* wait for the next event */
	VERDICT_NOTED, /* something was read, there may be more */
	VERDICT_GO,    /* nothing delays GO any more */
	VERDICT_HELD,  /* init has stopped before the requested step */
	VERDICT_READY, /* the workload runs */
	VERDICT_KILL,  /* kill PID 1; its death will be another event */
	VERDICT_DEAD,  /* PID 1 has ended */
	VERDICT_GONE,  /* nothing is left, or what is left can't be removed */
};

/* ---- phases.c: for nidus.c ---- */

/* From nothing to GO, or to waiting for block_fd. After -1 nothing is left. */
int phases_start(struct nidus_sandbox *sandbox, struct fault *fault);
/* Does everything that is due. */
void phases_step(struct nidus_sandbox *sandbox);
/* Lets a held init continue. */
int phases_release(struct nidus_sandbox *sandbox, struct fault *fault);
/* Kills what lives, and waits (with a bound) until nothing is left. */
void phases_finish(struct nidus_sandbox *sandbox);

/* ---- take.c: before there is a process, or at the latest before GO ---- */

/* Record, name, ids, groups: what the clone needs, and what must be on record before it. */
int take_first(struct nidus_sandbox *sandbox, struct fault *fault);
/* The rest, which may open descriptors for PID 1. */
int take_rest(struct nidus_sandbox *sandbox, struct fault *fault);
/*
 * True if the rest opens none: then PID 1 is cloned before it, and executes nidus-init
 * meanwhile. Makes the one file whose descriptor it may need.
 */
int take_may_clone(struct nidus_sandbox *sandbox, struct fault *fault);

/* ---- clone.c ---- */

/* Clones PID 1. Called again for a second one. */
int clone_init(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault);
/* Puts PID 1 on record and into its groups, writes its id maps, pins its oom_score_adj. */
int clone_settle(struct nidus_sandbox *sandbox, struct fault *fault);
/* Makes the plan. Needs: all that is taken. */
int clone_plan(struct nidus_sandbox *sandbox, struct fault *fault);

/* oom_score.c: before GO, and once the workload has been started. Best effort. */
void oom_score_pin(struct nidus_sandbox *sandbox);
void oom_score_release(struct nidus_sandbox *sandbox);

/* ---- watch.c: until PID 1 is dead ---- */

int watch_begin(struct nidus_sandbox *sandbox, struct fault *fault);
int watch_init(struct nidus_sandbox *sandbox, struct fault *fault); /* for each PID 1 */
/* 1: GO has to wait for block_fd; 0: it doesn't. */
int watch_block(struct nidus_sandbox *sandbox, struct fault *fault);
/* For every watched descriptor except the report pipe. */
enum verdict watch_event(struct nidus_sandbox *sandbox, int fd);

/* reports.c: reads one report; reads the control socket. */
enum verdict reports_read(struct nidus_sandbox *sandbox);
void reports_read_control(struct nidus_sandbox *sandbox);

/* oom.c */
int oom_watch(struct nidus_sandbox *sandbox, struct fault *fault);
enum verdict oom_told(struct nidus_sandbox *sandbox);
enum verdict oom_look_again(struct nidus_sandbox *sandbox);

/* ---- end.c: once PID 1 is dead ---- */

void end_read(struct nidus_sandbox *sandbox);  /* the counters, while they exist */
void end_begin(struct nidus_sandbox *sandbox); /* the result, and its event */
enum verdict end_try(struct nidus_sandbox *sandbox); /* one try of the removal */

#endif
