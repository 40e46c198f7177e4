/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the wrapper role share: the one program under supervision and its
 * state. Options are constant once they are parsed.
 */
#ifndef NIDUS_WRAPPER_SUPERVISOR_H
#define NIDUS_WRAPPER_SUPERVISOR_H

#include "../core/account.h"
#include "../clock.h"
#include "../core/end.h"
#include "../core/limits.h"
#include "../core/program.h"
#include "../core/signals.h"
#include "../core/tree.h"
#include "wrapper.h"

struct signalfd_siginfo;

enum reason {
	REASON_PROGRAM, /* the program ended by itself: exited, signaled */
	REASON_STOPPED,
	REASON_WALL, /* from here on the limits, in the order of enum limit_kind */
	REASON_CPU,
	REASON_MEMORY,
};

#define OPEN_AS_IT_IS (O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)

/* Where the report goes. */
struct report_target {
	int fd;           /* a file that existed already, or the descriptor given; -1 */
	int dir_fd;       /* directory of a file that is replaced; -1 */
	const char *name; /* of a regular file that is replaced or rewritten; else NULL */
};

/* The most used fields come first: offsets below 128 have a short encoding. */
struct wrapper {
	struct end end;
	enum reason reason;

	struct job job;            /* the program */
	int code, status;          /* CLD_… and its status, from its last end */
	bool running;
	bool starts_again;
	bool no_children;          /* ECHILD */

	/* the terminal */
	bool has_terminal;         /* stdin is that of our session: the program may get it */
	bool detached;             /* we left its session as leader: the first HUP and CONT are ours */
	bool stops_with_it;        /* we passed a terminal stop on */
	bool suspended;            /* the program was stopped, and so are we, until CONT */
	bool news_told;            /* CHLD: once, before what it is about */

	int ready_fd;              /* -1 once it is written */
	int notify_fd;             /* our own socket; -1: none */
	struct tree tree;          /* proc_fd: -1 if nothing needs it */
	uint64_t start_at_us;      /* the next start; CLOCK_NEVER: none is due */
	bool memory_told;          /* memory_signal was sent */
	struct usage usage;
	struct limits limits;
	struct wrapper_options options;

	uint64_t first_us, began_us; /* the first start, the last */
	uint32_t restarts, short_lives;
	uint32_t zombies_reaped;
	struct signals signals;
	struct report_target report;
	char *const *envp;
	struct program program;
	struct account account;
};

/*
 * launch.c: fork to exec, and what we release after it. -1: nothing runs, everything is
 * reaped, and `code` and `status` say how it ended.
 */
int launch_program(struct wrapper *w, struct fault *fault);

/* supervise.c: until every process that we wait for is gone. */
void supervise(struct wrapper *w);
void supervise_pause(struct wrapper *w) __attribute__((noreturn));

/* receive.c: decides about a signal that we get. */
void receive_signal(struct wrapper *w, const struct signalfd_siginfo *info);

/* forward.c: to the program; `info` may be NULL. */
void forward_send(struct wrapper *w, int signal, const struct signalfd_siginfo *info);

/* stop.c: the end of the program and of processes it leaves. `info`: NULL for a limit. */
void stop_begin(struct wrapper *w, enum reason reason, const struct signalfd_siginfo *info);
void stop_pass_time(struct wrapper *w, uint64_t now);
void stop_program_ended(struct wrapper *w);
bool stop_is_over(const struct wrapper *w);

/* terminal.c */
void terminal_prepare(struct wrapper *w);                         /* before the first fork */
const char *terminal_join(const struct wrapper *w); /* in the child; NULL, or what failed */
void terminal_take_back(struct wrapper *w);                       /* the program has ended */
void terminal_stop_received(struct wrapper *w, int to); /* TSTP, TTIN or TTOU; passed on as `to` */
void terminal_stopped(struct wrapper *w, int signal);             /* the program was stopped */
void terminal_suspend(const struct wrapper *w, uint64_t until);   /* us: the next deadline */
void terminal_continue(struct wrapper *w);                        /* we were continued */
bool terminal_own_noise(const struct wrapper *w, const struct signalfd_siginfo *info);

/* restart.c */
bool restart_wanted(struct wrapper *w); /* the program has ended */
void restart_arrange(struct wrapper *w); /* when, once no process is left to end */

/* bounds.c: the limits that were asked for. */
void bounds_prepare(struct wrapper *w);
void bounds_pass_time(struct wrapper *w);

/* notify.c */
void notify_open(struct wrapper *w);
char *const *notify_environment(const struct wrapper *w); /* in the child; NULL and errno */
void notify_take(struct wrapper *w);
void notify_ready(struct wrapper *w); /* the newline, once */

/* report_target.c: a target that can't be written is refused. */
void report_take_descriptor(struct wrapper *w, int fd, uint32_t option, const char *value);
void report_open(struct wrapper *w);

/* report.c. Writes at most one. `fault`: of a failed start, else NULL. */
void report_write(struct wrapper *w, const struct fault *fault);

/* finish.c: the exit. */
void finish(struct wrapper *w) __attribute__((noreturn));
void finish_refused(struct wrapper *w, const struct fault *fault) __attribute__((noreturn));
void finish_failed(struct wrapper *w, uint32_t step, const char *what) /* with errno */
	__attribute__((noreturn));
int finish_status(const struct wrapper *w); /* of the program only, remapped */

/* tell.c: messages about events, in the words of the personality. */
enum event {
	EVENT_SUBREAPER,
	EVENT_STARTED,          /* pid */
	EVENT_FORKED,           /* pid; by the child, so that its own messages follow */
	EVENT_CHILD_SIGNAL,     /* signal */
	EVENT_RECEIVED,         /* signal */
	EVENT_TRANSLATED,       /* signal, signal */
	EVENT_PASSED,           /* signal */
	EVENT_DROPPED,          /* signal */
	EVENT_PASS_FAILED,      /* signal, errno */
	EVENT_REAPED_EXITED,    /* pid, status */
	EVENT_REAPED_SIGNALED,  /* pid, signal */
	EVENT_NO_CHILDREN,
	EVENT_NO_ZOMBIES,
	EVENT_ORPHAN,           /* pid */
	EVENT_PROGRAM_EXITED,   /* status */
	EVENT_PROGRAM_SIGNALED, /* signal */
	EVENT_GOODBYE,          /* exit status */
	EVENT_TERMINAL_SIGNAL,  /* signal */
	EVENT_SUSPEND,
	EVENT_NOT_DETACHED,     /* errno, errno */
	EVENT_DETACHED_LEADER,
	EVENT_DETACHED,
	EVENT_NOT_ATTACHED,     /* errno, errno */
	EVENT_SESSION,
	EVENT_RESTART,          /* milliseconds */
	EVENT_LIMIT_WALL,
	EVENT_LIMIT_CPU,
	EVENT_LIMIT_MEMORY,
	EVENT_NO_REAPER,        /* errno */
	EVENT_EXEC_FAILED,      /* errno; only the peers print it */
	EVENT_LIMIT_LOST,       /* errno: it can't be measured any more */
	EVENT_COUNT,
};
void tell(const struct wrapper *w, enum event event, int first, int second);

/* The program could not be started: in the words of the personality. */
void tell_fault(const struct wrapper *w, const struct fault *fault);

#endif
