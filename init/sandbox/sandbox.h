/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the sandbox role share: the state of its one sandbox and the stages
 * that main.c calls in order. A stage returns 0, or -1 with the fault filled in; main.c
 * reports it and ends.
 */
#ifndef NIDUS_INIT_H
#define NIDUS_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../core/caps.h"
#include "../core/job.h"
#include "../core/limits.h"
#include "../clock.h"
#include "../contract.h"
#include "decode.h"
#include "../core/signals.h"

#define EXIT_FAULT 125          /* exit status of init after a fault: only the spawner sees it */
#define HANDSHAKE_US 60000000u  /* the longest wait for a step of the other side */
#define TMPFS_WATCH_MAX 64      /* tmpfs mounts of one plan that count as memory */
#define SOURCE_NONE (-1)
#define SOURCE_LEFT_OUT (-2)    /* PLAN_MOUNT_F_TRY, and it was not there */

struct init {
	struct plan_view plan;

	/* to the spawner; -1 once it is gone and the plan says to go on */
	int control_fd, report_fd;
	uint64_t early_signals; /* of CONTROL_SIGNAL before READY: bit n-1 is signal n */

	/* STEP_SOURCES to STEP_PIVOT; indexed like plan.mounts */
	int source[PLAN_MOUNTS_MAX]; /* detached tree, layer or upper directory */
	int work[PLAN_MOUNTS_MAX];   /* work directory of an overlay */
	int opener_ask, opener_answer; /* pipes to the process that opens sources; -1: none */
	pid_t opener;
	int root_fd;                 /* the new root; -1 before the first operation */
	int stage_fd;                /* tmpfs below the old root, for DATA, SCRATCH and MASK */
	int base_fd;                 /* the mount that PLAN_MOUNT_F_BELOW refers to; -1: left out */
	uint32_t base_len;           /* of its path */
	int tmpfs_fds[TMPFS_WATCH_MAX];
	uint32_t tmpfs_count;
	mode_t umask;                /* for the workload; that of init is 0 while it builds */

	int proc_fd;          /* a procfs that is mounted nowhere; -1 unless needed */
	int oom_fd;           /* oom_score_adj of init itself */
	int tty_slave;        /* of PLAN_TTY */
	int signal_fd;

	struct tree tree;
	struct usage usage;
	struct limits limits;

	struct job job;        /* the workload */
	bool is_workload;      /* this is its process, not init */
	bool ignores_children; /* the caller ignored SIGCHLD: the workload gets it ignored too */
};

/* intake.c: maps the plan memfd read-only, for good. Fault: STEP_PLAN. */
int intake_plan(struct init *in, int fd, struct fault *fault);

/* control.c: messages from the spawner. */
int control_await_go(struct init *in, struct fault *fault);
int control_hold(struct init *in, uint32_t step, struct fault *fault);
int control_next(struct init *in, struct control *message); /* 1 message, 0 none, -1 gone */
int control_obey_early(struct init *in, struct fault *fault);
int control_await_input(struct init *in, int fd, uint64_t deadline_us);
int control_send_fd(struct init *in, int fd);

/* report.c: records to the spawner. Never blocks for long, never fails. */
void report_fault(struct init *in, uint32_t kind, const struct fault *fault);
void report_held(struct init *in, uint32_t step);
void report_ready(struct init *in);
void report_stopped(struct init *in, uint32_t signal);
void report_limit(struct init *in, uint32_t kind, uint64_t used, uint64_t limit);
/* The end of PID 1, and so of everything inside, by a fault. */
void init_fail(struct init *in, const struct fault *fault) __attribute__((noreturn));
void report_send(struct init *in, struct report *report, uint32_t kind);

/* harden.c: PID 1 itself. */
int harden_start(struct init *in, struct fault *fault);
int harden_watcher(struct init *in, struct fault *fault);

/* The stages. */
int namespaces_enter(struct init *in, struct fault *fault);
int sources_open(struct init *in, struct fault *fault);
int sources_get(struct init *in, uint32_t index, struct fault *fault); /* before each operation */
int sources_end(struct init *in, struct fault *fault); /* after the last */
int proc_open(struct init *in, struct fault *fault); /* in->proc_fd, if the plan needs it */
int identity_assume(struct init *in, struct fault *fault);
int view_enter(struct init *in, struct fault *fault); /* root_build, root_enter */
int view_set(struct init *in, struct fault *fault); /* kernel_set, tty_open */
int identity_for_files(uint32_t uid, uint32_t gid); /* whose files init makes; -1 and errno */
int root_build(struct init *in, struct fault *fault);
int root_enter(struct init *in, struct fault *fault);
int kernel_set(struct init *in, struct fault *fault);
int tty_open(struct init *in, struct fault *fault);
int plan_limits(struct init *in, struct fault *fault); /* limits.c */
/* launch.c, in this order */
int launch_fork(struct init *in, struct fault *fault);
int launch_meet(struct init *in, struct fault *fault); /* before view_set, if the fork came first */
int launch_release(struct init *in, struct fault *fault);
int launch_await(struct init *in, struct fault *fault);

/* kernel.c: in the workload process */
int kernel_set_rlimits(const struct plan_view *plan, struct fault *fault);

/* confine.c: PID 1 from the release of the workload on */
int identity_watch(const struct init *in, struct fault *fault);

/* confine.c: in the workload process, in this order */
int confine_identity(const struct plan_view *plan, struct fault *fault);
int confine_chdir(struct init *in, struct fault *fault);
int confine_no_new_privs(const struct plan_view *plan, struct fault *fault);
int confine_seccomp(const struct plan_view *plan, struct fault *fault);

/* landlock.c: the ruleset is made while paths can still be opened, and applied later */
int landlock_make(const struct plan_view *plan, int *ruleset, struct fault *fault);
int landlock_apply(int ruleset, struct fault *fault);

/* watch.c: from READY to the end. */
void watch_workload(struct init *in) __attribute__((noreturn));

#endif
