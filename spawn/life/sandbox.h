/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sandbox, as launch.c starts it and watch.c follows it to the end. Private
 * to the two; everybody else sees nidus.h.
 */
#ifndef NIDUS_SANDBOX_H
#define NIDUS_SANDBOX_H

#include <linux/filter.h>

#include "../../cgroup/cgroup.h"
#include "../../init/contract.h"
#include "../../net/net.h"
#include "../../net/usermode.h"
#include "../report/events.h"
#include "../ids/ids.h"
#include "../record/journal.h"
#include "../record/name.h"
#include "../nidus.h"
#include "../plan/plan.h"
#include "../confine/seccomp.h"
#include "../record/state.h"
#include "../record/trail.h"

#define SANDBOX_HANDSHAKE_MS 60000 /* from the clone to ready: slow disks and --file pipes included */
#define SANDBOX_SLACK_MS 5000      /* past init's own deadline before the spawner ends it itself */
#define SANDBOX_RETRY_MS 10        /* between removals of a resource that is still busy */
#define SANDBOX_RETRIES 500
#define SANDBOX_OOM_LOOK_MS 5      /* v1 tells of an oom before it kills: looks until the counter moves */
#define SANDBOX_OOM_LOOKS 400

struct nidus_sandbox {
	const struct nidus_spec *spec;
	enum nidus_phase phase;
	struct nidus_result result;
	struct events events;

	/* resources on record */
	struct state state;
	struct name name;
	struct journal journal;
	struct cg cg;
	uint32_t cg_wanted;    /* mask of 1 << enum cg_control that got limits */
	struct trail trail;    /* what was acquired: as on record */
	struct arena arena;    /* of the trail */
	uint32_t removed;      /* of it so far: for the `cleaned` event */

	/* network: of --net nat, of --net user */
	struct net *net;
	struct net_user *net_user;
	struct net_user_program net_program;
	struct ip_addr addr4, addr6; /* family 0: none, or not ours to know */

	/* what the launch prepared; released once init has it */
	struct ids ids;
	struct seccomp_filter filter;
	int *tree_fds;         /* per spec mount; NULL: none */
	int join_fds[NIDUS_NS_COUNT];
	int resolv_fd, hosts_fd, hostname_fd; /* memfds: files that tell about names */
	int lock_file_fd;
	uint64_t monitor_bytes; /* memory for init to watch; 0: a cgroup does, or no limit */
	bool pids_by_rlimit;
	bool into_cgroup;      /* the clone used CLONE_INTO_CGROUP */

	/* the living: each -1 when closed */
	int epoll_fd;
	int pid_fd;
	int control_fd;
	int report_fd;
	int timer_fd;
	int oom_fd;
	int oom_timer_fd;      /* for SANDBOX_OOM_LOOK_MS */
	int tty_fd;            /* pty master, until taken */
	pid_t pid;

	/* what init has said */
	bool has_exited_record;
	struct report exited;
	bool has_fault;
	bool go_sent;
	bool block_done;       /* --block-fd was readable */
	bool go_unread;        /* it died with messages unread: it had begun nothing */
	int stopped_signal;    /* job control, until taken */
	int wait_status;       /* of PID 1, as waitid gives it: code in wait_code */
	int wait_code;
	bool oom_reported;
	uint32_t oom_looks;
	bool canceled;         /* nidus_stop or nidus_kill */
	bool handshake_timeout;
	uint64_t started_us, ready_us, ending_us; /* CLOCK_MONOTONIC */
	uint32_t removal_tries;
};

uint64_t sandbox_now_us(void);

/* Arms a timer, `ms` from now; 0 disarms. */
void sandbox_arm_timer(int timer_fd, uint64_t ms);
/* The one for the next deadline of the whole. */
void sandbox_arm(struct nidus_sandbox *sandbox, uint64_t ms);

/* Adds a descriptor to the epoll set; data is the descriptor. */
int sandbox_watch_fd(struct nidus_sandbox *sandbox, int fd, uint32_t events, struct fault *fault);

/* A resource is about to be acquired: onto the trail and on record. */
int sandbox_intend(struct nidus_sandbox *sandbox, enum journal_kind kind, const char *argument,
		   struct fault *fault);
int sandbox_intend_process(struct nidus_sandbox *sandbox, enum journal_kind kind, pid_t pid,
			   struct fault *fault);

/* Sends one control message. EPIPE when init is gone. */
int sandbox_control(struct nidus_sandbox *sandbox, uint32_t kind, uint32_t arg, struct fault *fault);

/* channel.c: the sealed memfds. Descriptors, or -1. */
int channel_plan(const struct plan *plan, struct fault *fault);
/* From its start; for descriptors of a plan's files. */
int channel_text(const char *name, const char *text, struct fault *fault);
int channel_init_image(int from_fd, struct fault *fault); /* -1: the embedded one */

/*
 * spawn.c: from clone3 to everything that must be so before GO. Called once
 * more, without CLONE_INTO_CGROUP, when the child was killed at birth.
 */
int spawn_init(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault);
/* Sends GO: the init executes the plan from here. Or ends it, when nidus kill or stop came first. */
int spawn_go(struct nidus_sandbox *sandbox, struct fault *fault);

/* launch.c: clone, network, GO; again, without CLONE_INTO_CGROUP, for one killed at birth. */
int launch_init(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault);

/* watch.c */
void sandbox_read_reports(struct nidus_sandbox *sandbox); /* all there are */
void sandbox_read_control(struct nidus_sandbox *sandbox); /* one message */
void sandbox_kill_init(struct nidus_sandbox *sandbox);    /* and so everything inside */

/* end.c: from PID 1's death to NIDUS_GONE. */
void end_begin(struct nidus_sandbox *sandbox);
void end_step(struct nidus_sandbox *sandbox);
void end_abandon(struct nidus_sandbox *sandbox, const struct fault *fault);
/* True when the child died of KILL before it ran (Linux 6.18, a group once killed): reaped. */
bool end_killed_at_birth(struct nidus_sandbox *sandbox);

#endif
