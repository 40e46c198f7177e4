/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrapper role: theory of operation.
 *
 * There are two processes: the program and us. We are PID 1 of a container, or an
 * ordinary process that has made itself the subreaper of its descendants; either way
 * every descendant whose parent dies becomes our child.
 *
 * Signals. All 64 are blocked first, and read from a signalfd only once the program
 * runs. So none is lost between fork and exec, sent to a group that does not exist yet;
 * none ends a child that is not the program yet; and none ends us, not even a fault signal
 * that another process sends. The program gets the inherited mask and dispositions back.
 *
 * The terminal. The program is in a process group of its own, in our session: it can be
 * stopped and continued because its parent is outside of its group. If our group was in
 * the foreground, that of the program is while it runs.
 *
 * The end. When the program ends we exit with its status. stop.c handles everything that
 * delays or forces the end (--wait-all, --kill-all, --grace, limits, --restart), always
 * by the same stages: run, the stop signal, KILL, gone. Every wait except the one for the
 * program has a deadline.
 *
 * When idle, we hold a few descriptors and no timer: only events wake us.
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
 * Takes the number of a closed stdin, stdout or stderr until the exec: otherwise one of
 * our descriptors could get it, and messages would be written there.
 */
static void reserve_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/", O_PATH | O_CLOEXEC); /* gets the lowest free number */
}

/* -p: for us. A parent that died before this call sends nothing, so that is checked. */
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

/* Without -s a failure is tolerated: user-mode emulators do not support it. */
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
 * Our death must not leave the program without a supervisor. Users of the peers do not
 * expect that.
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
 * Finds errors before anything runs. The descriptors of the caller come first: one that is
 * not open could have the number of one that we open later.
 */
static void prepare(struct wrapper *w, pid_t parent)
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

static void start(struct wrapper *w)
{
	struct fault fault;

	w->first_us = clock_now_us();
	if (launch_program(w, &fault) < 0)
		finish_refused(w, &fault);
	limits_start(&w->limits, w->first_us);
}

/* -P of catatonit, with the process name that podman looks for. */
static void __attribute__((noreturn)) pause_role(struct wrapper *w)
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
	/* next to errno, in the only data page that is in use: mk/init.ld */
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
