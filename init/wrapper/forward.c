/* SPDX-License-Identifier: Apache-2.0 */
/* A signal that we get is the program's, or its group's. */
#include <errno.h>
#include <sys/signalfd.h>

#include "../kernel_abi.h"
#include "supervisor.h"

/* What came by sigqueue(3) goes on with its value; to a group there is no such call. */
static int queue(pid_t pid, int signal, const struct signalfd_siginfo *info)
{
	siginfo_t passed = {0};

	passed.si_code = SI_QUEUE;
	passed.si_pid = (pid_t)info->ssi_pid;
	passed.si_uid = info->ssi_uid;
	passed.si_value.sival_ptr = (void *)(uintptr_t)info->ssi_ptr;
	return (int)syscall(SYS_rt_sigqueueinfo, pid, signal, &passed);
}

static int deliver(const struct wrapper *w, int signal, const struct signalfd_siginfo *info)
{
	if (!w->running) { /* those that it left behind */
		tree_signal(&w->tree, signal);
		return 0;
	}
	if (w->options.group) {
		int result = kill(-w->job.pid, signal);

		/*
		 * A zombie in there takes what is sent, too, when the program has left the group
		 * that it was started in. KILL does no harm twice, and leaves nobody time to leave.
		 */
		if (signal != SIGKILL && (pid_t)syscall(SYS_getpgid, w->job.pid) == w->job.pid)
			return result;
	}
	if (info && info->ssi_code == SI_QUEUE && queue(w->job.pid, signal, info) == 0)
		return 0;
	return kill(w->job.pid, signal);
}

void forward_send(struct wrapper *w, int signal, const struct signalfd_siginfo *info)
{
	if (deliver(w, signal, info) < 0)
		tell(w, EVENT_PASS_FAILED, signal, errno);
	else
		tell(w, EVENT_PASSED, signal, 0);
}

/* Between two starts there is no program to end: what would end it ends the waiting. */
static bool ends_waiting(const struct wrapper *w, int signal)
{
	return w->starts_again &&
	       (signal == SIGINT || signal == SIGHUP || signal == SIGQUIT);
}

void forward_signal(struct wrapper *w, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo, to = w->options.rewrite[signal];

	if (signals_is_news(info)) {
		tell(w, EVENT_CHILD_SIGNAL, 0, 0);
		return;
	}
	/* Of a message, or a report, that nobody read: our own, and no end of the program's. */
	if (signal == SIGPIPE && info->ssi_pid == (uint32_t)getpid())
		return;
	tell(w, EVENT_RECEIVED, signal, 0);
	if (terminal_own_noise(w, info)) {
		tell(w, EVENT_TERMINAL_SIGNAL, signal, 0);
		return;
	}
	if (signal == SIGCONT)
		terminal_continue(w);
	if (to != signal)
		tell(w, EVENT_TRANSLATED, signal, to);
	if (to == 0) {
		tell(w, EVENT_DROPPED, signal, 0);
		return;
	}
	if (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
		w->stops_with_it = true;
	if (signal == SIGTERM || ends_waiting(w, signal))
		stop_begin(w, REASON_STOPPED, info);
	else
		forward_send(w, to, info);
}
