/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sandbox: its parts, and the primitives that all phases use. Private to this
 * folder; everything else uses nidus.h.
 */
#ifndef NIDUS_SANDBOX_H
#define NIDUS_SANDBOX_H

#include <linux/filter.h>

#include "../../cgroup/cgroup.h"
#include "../../init/clock.h"
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
#include "view.h"

#define SANDBOX_HANDSHAKE_MS 60000 /* from the clone to ready: slow disks and pipes included */
#define SANDBOX_SLACK_MS 5000      /* after init's own deadline, before the spawner ends it */
#define SANDBOX_RETRY_MS 10        /* between tries to remove a resource that is still busy */
#define SANDBOX_RETRIES 500

/* What is on record, and the open descriptors of it. */
struct resources {
	struct state state;
	struct journal journal;
	struct trail trail;     /* what was acquired, as on record */
	struct arena arena;     /* of the trail */
	struct name name;
	struct cg cg;
	uint32_t cg_wanted;     /* mask of 1 << enum cg_control: those that got limits */
	struct net *net;        /* NIDUS_NET_NAT */
	struct net_user *net_user;
	int lock_file_fd;
	uint32_t removed;       /* entries of the trail so far, for the `cleaned` event */
	uint32_t removal_tries;
};

/* prepared.root_sys */
#define ROOT_SYS_EMPTY 1u
#define ROOT_SYS_USED 2u

/* What the clone and the plan need. */
struct prepared {
	struct ids ids;
	struct seccomp_filter filter;
	int home_tree_fd;       /* of NIDUS_HOME_RW; -1: none */
	struct view view;
	struct arena arena;          /* of the paths below */
	const char *root_src;        /* NULL: the host's / */
	unsigned root_sys;           /* what the parts of the root have as /sys */
	struct plan_source *sources; /* per spec mount; NULL: none */
	struct plan_linked *linked;  /* files that links lead to */
	size_t linked_count;
	const char *resolv_dst, *hosts_dst, *hostname_dst; /* NULL: in /etc */
	int owner_ns;                /* of id-mapped mounts; -1: not made */
	int join_fds[NIDUS_NS_COUNT];
	int resolv_fd, hosts_fd, hostname_fd; /* memfds: the files that resolve names */
	struct net_user_program net_program;
	struct ip_addr addr4, addr6; /* family 0: none, or unknown */
	uint64_t monitor_bytes; /* limit that init watches; 0: a cgroup does, or no limit */
	bool pids_by_rlimit;
	int oom_score;          /* oom_score_adj of PID 1 before it got the workload's */
	bool complete;          /* take_rest is done */
};

/* Numbers of descriptors that PID 1 has, for its plan; -1: none. Here they are closed. */
struct inits {
	int control, report, tty, cpu_usage;
	uint32_t cpu_usage_form;
};

/* PID 1, and the descriptors that are watched: each -1 when closed. */
struct channels {
	struct inits inits;
	int plan_fd;            /* open until the plan is complete */
	int epoll_fd;
	int pid_fd;
	int control_fd;
	int report_fd;
	int timer_fd;
	int oom_fd;
	int oom_timer_fd;
	int oom_score_fd;       /* oom_score_adj of PID 1, while it has the workload's */
	int tty_fd;             /* pty master, until taken */
	pid_t pid;
	bool into_cgroup;       /* the clone used CLONE_INTO_CGROUP */
	bool block_done;        /* block_fd became readable */
};

/* What init, the kernel and the caller have reported. The fault is in the result. */
struct evidence {
	bool go_sent;
	bool go_unread;         /* it died with unread messages: it had started nothing */
	bool has_fault;
	bool has_exited_record;
	struct report exited;
	int stopped_signal;     /* job control, until taken */
	int wait_status;        /* of PID 1, from waitid; its si_code is wait_code */
	int wait_code;
	bool oom_reported;
	uint32_t oom_looks;
	bool canceled;          /* nidus_stop or nidus_kill */
	bool canceled_on_record; /* by another process: the mark in the record */
	bool handshake_timeout;
	bool init_cpu_limited;  /* PID 1 died with less RLIMIT_CPU than it was started with */
	bool output_full;       /* the limit of file sizes: output is a file that has reached it */
	uint64_t started_us, ready_us, ending_us; /* CLOCK_MONOTONIC; 0: not yet */
};

struct nidus_sandbox {
	const struct nidus_spec *spec;
	enum nidus_phase phase; /* only phases.c changes it */
	struct nidus_result result;
	struct events events;
	struct resources resources;
	struct prepared prepared;
	struct channels channels;
	struct evidence evidence;
};

/* With nothing acquired and nothing open. NULL with ENOMEM. */
struct nidus_sandbox *sandbox_new(const struct nidus_spec *spec);
/* Closes what only a start needs: a removal needs descriptors, too, and there may be few. */
void sandbox_let_go(struct nidus_sandbox *sandbox);
/* Closes and frees; removes nothing. */
void sandbox_free(struct nidus_sandbox *sandbox);

/* Notes that it has come to this, if the caller wants to know. */
void sandbox_mark(struct nidus_sandbox *sandbox, enum nidus_moment moment);
void sandbox_mark_at(struct nidus_sandbox *sandbox, enum nidus_moment moment, uint64_t us);

/* Arms a timer, `ms` from now; 0 disarms. */
void sandbox_arm_timer(int timer_fd, uint64_t ms);
/* The same for the timer of the sandbox's next deadline. */
void sandbox_arm(struct nidus_sandbox *sandbox, uint64_t ms);

/* Adds a descriptor to the epoll set; its data is the descriptor. */
int sandbox_watch_fd(struct nidus_sandbox *sandbox, int fd, uint32_t events, struct fault *fault);

/* A resource is about to be acquired: adds it to the trail and the journal. */
int sandbox_intend(struct nidus_sandbox *sandbox, enum journal_kind kind, const char *argument,
		   struct fault *fault);
int sandbox_intend_process(struct nidus_sandbox *sandbox, enum journal_kind kind, pid_t pid,
			   struct fault *fault);

/* Sends one control message. EPIPE if init is gone. */
int sandbox_control(struct nidus_sandbox *sandbox, uint32_t kind, uint32_t arg, struct fault *fault);

/* Sends KILL to PID 1, which ends everything inside. */
void sandbox_kill_init(struct nidus_sandbox *sandbox);
/* Reaps PID 1. False while it lives. If the caller ignores SIGCHLD, there is no status. */
bool sandbox_reap_init(struct nidus_sandbox *sandbox);
/* True if PID 1 dies within `ms`; it is not reaped. */
bool sandbox_await_death(const struct nidus_sandbox *sandbox, int ms);
/* Closes our ends of the channels to PID 1. */
void sandbox_hang_up(struct nidus_sandbox *sandbox);

/* Sends an event: something requested is not possible here, and the caller allowed that. */
void sandbox_degrade(struct nidus_sandbox *sandbox, const char *control, const char *why);

#endif
