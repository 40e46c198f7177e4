/* SPDX-License-Identifier: Apache-2.0 */
/* One start of the program: from the fork to the exec, and what we release after it. */
#include <signal.h>
#include <sys/wait.h>

#include "../contract.h"
#include "../core/start.h"
#include "../kernel_abi.h"
#include "supervisor.h"

#define RESTART_WAIT_US 5000000u /* from the fork to the exec: a file may have become a FIFO */

static void __attribute__((noreturn)) run_child(struct wrapper *w)
{
	const char *what;

	tell(w, EVENT_FORKED, getpid(), 0);
	what = terminal_join(w);
	if (what)
		start_refuse(&w->job, STEP_TTY, what);
	w->program.envp = notify_environment(w);
	if (!w->program.envp)
		start_refuse(&w->job, STEP_EXEC, "environment");
	program_execute(&w->program, &w->job, &w->signals);
}

/*
 * Inherited descriptors are for the program: if we kept them, pipes would not end and file
 * systems could not be unmounted. ENOSYS before Linux 5.9: they stay open.
 */
static void close_inherited(const struct wrapper *w)
{
	const int own[] = {w->signals.fd, w->tree.proc_fd, w->report.fd, w->report.dir_fd,
			   w->notify_fd, w->ready_fd,     w->job.start_fd};
	unsigned first = STDERR_FILENO + 1, next;

	do {
		next = UINT32_MAX; /* a descriptor of -1 compares as this */
		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			if ((unsigned)own[i] >= first && (unsigned)own[i] < next)
				next = (unsigned)own[i];
		sys_close_range(first, next - 1, 0); /* EINVAL: none in between */
		first = next + 1;
	} while (next != UINT32_MAX);
}

/* Nothing is released if there may be another start, which needs the same as the first. */
static void let_go(const struct wrapper *w)
{
	if (w->options.restart != RESTART_NEVER)
		return;
	close_inherited(w);
	(void)!chdir("/"); /* keeps no file system busy; best effort */
}

/* The first start may wait for a filter from a pipe; later ones would hold up the limits. */
static enum start_verdict await_exec(struct wrapper *w, struct fault *fault)
{
	uint64_t deadline = w->restarts > 0 ? w->began_us + RESTART_WAIT_US : CLOCK_NEVER;
	enum start_verdict verdict = start_await(&w->job, -1, deadline, fault);

	if (verdict != START_LATE)
		return verdict;
	kill(w->job.pid, SIGKILL);
	return start_await(&w->job, -1, CLOCK_NEVER, fault);
}

/*
 * A failed start counts as an end: with a status of ours, or by the signal that killed it
 * (a pending ^C, a filter that does not allow the exec).
 */
static int launch_failed(struct wrapper *w, enum start_verdict verdict, const struct fault *fault)
{
	siginfo_t info;

	info.si_code = CLD_EXITED;
	info.si_status = 0;
	if (w->job.pid) /* it is about to exit */
		waitid(P_PID, (id_t)w->job.pid, &info, WEXITED | __WALL);
	w->code = verdict == START_KILLED ? info.si_code : CLD_EXITED;
	w->status = verdict == START_KILLED ? info.si_status : program_fault_status(fault);
	return -1;
}

int launch_program(struct wrapper *w, struct fault *fault)
{
	enum start_verdict verdict;
	int forked;

	w->began_us = clock_now_us();
	forked = start_fork(&w->job, fault);
	if (forked == 0)
		run_child(w);
	if (forked < 0)
		return launch_failed(w, START_FAILED, fault);
	let_go(w);
	verdict = await_exec(w, fault);
	if (verdict != START_DONE)
		return launch_failed(w, verdict, fault);
	w->running = true;
	tell(w, EVENT_STARTED, w->job.pid, 0);
	if (!w->options.ready_notify)
		notify_ready(w);
	return 0;
}
