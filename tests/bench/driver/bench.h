/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of `make bench`: theory of operation.
 *
 * stage.c makes a place of its own: a pid and a mount namespace in which /run and /mnt are
 * tmpfs; all that is started dies with it. rivals.c knows how each rival runs a command.
 * measure.c runs rivals in turn, one run of each a round, so that what the machine does
 * beside hits all alike; results.c makes medians, ratios, the table and the JSON of it. The
 * other files are the jobs.
 */
#ifndef NIDUS_BENCH_H
#define NIDUS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define INSIDE "/mnt/inside" /* ../inside.c, static, seen by every sandbox */
#define STATE_TMPFS "/run/nidus-bench" /* state roots and bundles */
#define SAMPLES_MAX 1024
#define RIVALS_MAX 16
#define FAILED (-1e12) /* of a measurement: no figure is as small */
#define BENCH_USER 65533 /* an ordinary user: nobody's files, no sub-ids */

/* What the whole driver was asked for. */
struct bench {
	const char *nidus, *build; /* the program, and the directory of ours beside it */
	const char *disk; /* a directory on disk, removed at the end */
	FILE *rows; /* one JSON object a line */
	long rounds;
	bool quick, is_root;
};

/* One way to run the command of a job. */
struct rival {
	const char *name;
	char *const *argv;
	const char *state_root; /* NIDUS_STATE_DIR; NULL: the default */
	uid_t uid; /* 0: as we are */
	double us[SAMPLES_MAX];
	long count, failures;
	bool missing;
	const char *why_missing; /* NULL: does not run here */
};

/* ---- stage.c ---- */

/* Runs `act` on the stage, as its PID 1. Returns its exit code; removes `disk`. */
int stage_run(struct bench *bench, int (*act)(struct bench *bench));
/* True once somebody asked for the end: jobs then stop. */
bool stage_is_over(void);
/* Ends all sandboxes of ours. */
void stage_clean(const struct bench *bench);

/* ---- measure.c ---- */

double now_us(void);
/* Starts it; `out` becomes its stdout unless -1. -1 with errno. */
pid_t start(const struct rival *rival, int out);
/* Waits. True if it exited with 0. */
bool succeeds(pid_t pid);
/* From fork to wait. */
double run_once(const struct rival *rival);
/* What `inside` printed: the number, and when the run began and was over; false: it failed. */
bool run_told(const struct rival *rival, double *told, double *began, double *ended);
/* All of them in turn. How to measure one: `once`, or FAILED; NULL: run_once. */
typedef double measure_fn(const struct rival *rival);
void measure(struct rival *rivals, size_t count, long rounds, measure_fn *once);

/* ---- results.c ---- */

void heading(const char *title);
/* Sorts the samples, prints a line for each rival, and writes its row. rivals[0] is nidus. */
void report(const struct bench *bench, const char *job, const char *variant, const char *unit,
	    struct rival *rivals, size_t count);
/* One figure that is no distribution. */
void report_one(const struct bench *bench, const char *job, const char *variant, const char *rival,
		const char *unit, double value);
double percentile(const struct rival *rival, double part);

/* ---- rivals.c ---- */

enum limits { UNLIMITED, LIMITED }; /* 256 MiB and 100 processes */

/* Those that run `command` with the namespaces of nidus's default. Returns how many. */
size_t rivals_for(const struct bench *bench, char *const *command, enum limits limits,
		  struct rival *rivals);
/* nidus with options before the command, and bubblewrap; argv is allocated, and not freed. */
char *const *nidus_argv(const struct bench *bench, char *const *options, char *const *command);
char *const *bwrap_argv(char *const *options, char *const *command);
/* Ends containers that an interrupted run left. */
void rivals_clean(void);

/* ---- jobs ---- */

void job_start(struct bench *bench); /* start.c */
void job_limits(struct bench *bench);
void job_user(struct bench *bench);
void job_nat(struct bench *bench); /* on the stage of ../net.c */
void job_binds(struct bench *bench); /* crowd.c */
void job_alive(struct bench *bench);
void job_parallel(struct bench *bench);
void job_burst(struct bench *bench);
void job_end(struct bench *bench); /* ends.c */
void job_signal(struct bench *bench);
void job_timeout(struct bench *bench);
void job_orphans(struct bench *bench); /* slowdown.c */
void job_slowdown(struct bench *bench); /* slowdown.c */

#endif
