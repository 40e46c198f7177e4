/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrapper role: theory of operation.
 *
 * There are two processes: the program, and we. We are PID 1 of a container, or an
 * ordinary process that has declared itself the reaper of its descendants; either
 * way everybody whose parent dies becomes our child.
 *
 * Signals. All 64 are blocked before anything else, and read from
 * a signalfd only once the program runs. So none is lost between fork and exec, in a
 * group that does not exist yet; none ends a child that is not the program yet; and
 * none ends us, fault signals that somebody sends included. The program gets back
 * the mask and the dispositions that were inherited.
 *
 * The terminal. The program is in a process group of its own, in our session: our
 * group is the parent outside of it that lets it be stopped and continued. If the
 * foreground was ours it is the program's while it runs.
 *
 * The end. A program that ends ends us, with its status. All that delays or hastens
 * it (--wait-all, --kill-all, --grace, limits, --restart) is stop.c's, and leads
 * through the same stages: run, the stop signal, KILL, gone. Every wait but the one
 * for the program has a deadline.
 *
 * Idle, we hold a few descriptors and no timer: nothing wakes us but what happens.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../say.h"
#include "../text.h"
#include "supervisor.h"

/*
 * A closed stdin, stdout or stderr is not to become one of our descriptors, with
 * messages written to it: its number is taken, in a way that ends with the exec.
 */
static void reserve_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/", O_PATH | O_CLOEXEC); /* the lowest that is free */
}

/* -p: ours. A parent that died before this was told has sent nothing. */
static void ask_for_parents_death(struct wrapper *w, pid_t parent)
{
	int signal = w->options.parent_death_signal;

	if (signal == 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, signal) < 0)
		finish_failed(w, STEP_USER, "parent-death signal");
	if (getppid() != parent)
		kill(getpid(), signal);
}

/* Unasked for, it is an attempt: emulators of user programs do not know it. */
static void become_reaper(struct wrapper *w)
{
	if (getpid() == 1)
		return;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		if (w->options.subreaper)
			finish_failed(w, STEP_WATCH, "subreaper");
		tell(w, EVENT_NO_REAPER, errno, 0);
	} else if (w->options.subreaper) {
		tell(w, EVENT_SUBREAPER, 0, 0);
	}
}

static void find_descendants(struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;
	bool needed = (options->cpu_us | options->memory_bytes) != 0;

	w->tree.everyone = getpid() == 1;
	if (options->kill_all && !w->tree.everyone)
		needed = true;
	if (!needed && !options->kill_all && !options->wait_all && !options->ready_notify &&
	    options->timeout_us == 0)
		return;
	if (tree_open(&w->tree) < 0 && needed)
		finish_failed(w, STEP_WATCH, "/proc");
}

static void open_ready(struct wrapper *w)
{
	char digits[TEXT_NUMBER_MAX];
	int fd = w->options.ready_fd;

	if (fd >= 0)
		report_take_descriptor(w, fd, SAY_READY_FD, text_number(digits, (uint64_t)fd, 10));
	w->ready_fd = fd;
}

/*
 * Our death must not leave the program without a supervisor. The peers' users know no
 * such thing.
 */
static void describe_program(struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;
	struct program *program = &w->program;
	struct fault fault;

	program->argv = options->program;
	program->chdir = options->chdir;
	program->seccomp = options->seccomp;
	program->drop_caps = options->drop_caps;
	program->no_new_privs = options->no_new_privs;
	if (options->as == AS_NIDUS)
		program->parent_death_signal = SIGKILL;
	if (!options->user)
		return;
	program->account = &w->account;
	if (account_find(options->user, &w->account, &fault) < 0)
		finish_refused(w, &fault);
}

/*
 * What can be wrong is found out before anything runs. The caller's descriptors come
 * first: what we open could have the number of one that is not there.
 */
static void OWN_FRAME prepare(struct wrapper *w, pid_t parent)
{
	open_ready(w);
	report_open(w);
	ask_for_parents_death(w, parent);
	become_reaper(w);
	describe_program(w);
	find_descendants(w);
	notify_open(w);
	bounds_prepare(w);
	terminal_prepare(w);
}

static void OWN_FRAME start(struct wrapper *w)
{
	struct fault fault;

	w->first_us = clock_now_us();
	if (launch_program(w, &fault) < 0)
		finish_refused(w, &fault);
	limits_start(&w->limits, w->first_us);
}

/* catatonit's -P, under the name that podman looks for. */
static void __attribute__((noreturn)) OWN_FRAME pause_role(struct wrapper *w)
{
	become_reaper(w);
	prctl(PR_SET_NAME, "catatonit");
	(void)!chdir("/");
	if (dup2(w->signals.fd, 3) == 3) {
		w->signals.fd = 3;
		sys_close_range(4, UINT32_MAX, 0);
	}
	supervise_pause(w);
}

void wrapper_role(char **argv, char *const *envp)
{
	/* beside errno, in the one page of data that is in use: mk/init.ld */
	static struct wrapper w __attribute__((section(".bss.often")));
	pid_t parent = getppid();
	int status, taken, err;

	reserve_stdio();
	taken = signals_take(&w.signals);
	err = errno;
	w.report.fd = w.report.dir_fd = w.notify_fd = w.ready_fd = w.tree.proc_fd = -1;
	w.start_at_us = CLOCK_NEVER;
	end_reset(&w.end);
	w.envp = envp;
	status = wrapper_parse(argv, envp, &w.options);
	if (status != WRAPPER_GO)
		_exit(status);
	errno = err;
	if (taken < 0)
		finish_failed(&w, STEP_WATCH, "signals");
	if (!w.options.program)
		pause_role(&w);
	prepare(&w, parent);
	start(&w);
	supervise(&w);
	finish(&w);
}
