/* SPDX-License-Identifier: Apache-2.0 */
/* One start of the program: from the fork to the exec, and what we let go of after it. */
#include <poll.h>
#include <sys/wait.h>

#include "../contract.h"
#include "../kernel_abi.h"
#include "supervisor.h"

#define RESTART_WAIT_US 5000000u /* from the fork to the exec: there may be a FIFO by now */

static void __attribute__((noreturn)) run_child(struct wrapper *w, struct program_start *start)
{
	const char *what = terminal_join(w);

	if (what)
		program_refuse(start, STEP_TTY, what);
	w->program.envp = notify_environment(w);
	if (!w->program.envp)
		program_refuse(start, STEP_EXEC, "environment");
	program_execute(&w->program, start, &w->signals);
}

/*
 * Inherited descriptors are the program's: open in us too they would keep pipes from
 * ending, file systems from being unmounted. ENOSYS before Linux 5.9: they stay.
 */
static void close_inherited(const struct wrapper *w, int start_fd)
{
	const int own[] = {w->signals.fd, w->tree.proc_fd, w->report.fd, w->report.dir_fd,
			   w->notify_fd, w->ready_fd,     start_fd};
	unsigned first = STDERR_FILENO + 1, next;

	do {
		next = UINT32_MAX; /* as which a descriptor of -1 counts */
		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			if ((unsigned)own[i] >= first && (unsigned)own[i] < next)
				next = (unsigned)own[i];
		sys_close_range(first, next - 1, 0); /* EINVAL: nothing is between */
		first = next + 1;
	} while (next != UINT32_MAX);
}

/* Where there may be another start, it is to find all as the first did. */
static void let_go(const struct wrapper *w, int start_fd)
{
	if (w->options.restart != RESTART_NEVER)
		return;
	close_inherited(w, start_fd);
	(void)!chdir("/"); /* no file system is kept busy; where it fails, one is */
}

/* The first start may wait, for a filter that comes by a pipe; later ones hold up limits. */
static void bound_start(const struct wrapper *w, int start_fd)
{
	struct pollfd decided = {.fd = start_fd, .events = POLLIN};

	if (clock_poll(&decided, 1, w->began_us + RESTART_WAIT_US) == 0)
		kill(w->pid, SIGKILL);
}

int launch_program(struct wrapper *w, struct fault *fault)
{
	struct program_start start;
	int forked;

	w->began_us = clock_now_us();
	forked = program_fork(&start, fault);
	if (forked == 0)
		run_child(w, &start);
	if (forked < 0)
		return -1;
	w->pid = start.pid;
	let_go(w, start.fd);
	if (w->restarts > 0)
		bound_start(w, start.fd);
	if (program_await(&start, fault) < 0) {
		waitid(P_PID, (id_t)w->pid, NULL, WEXITED); /* it has nothing left to do */
		return -1;
	}
	w->running = true;
	tell(w, EVENT_STARTED, w->pid, 0);
	if (!w->options.ready_notify)
		notify_ready(w);
	return 0;
}
