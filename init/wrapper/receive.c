/* SPDX-License-Identifier: Apache-2.0 */
/* Decides about a signal that we get: forward it, begin the end, or drop it. */
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "supervisor.h"

/* Between two starts no program runs: a signal that would end it ends the wait. */
static bool ends_waiting(const struct wrapper *w, int signal)
{
	return w->starts_again &&
	       (signal == SIGINT || signal == SIGHUP || signal == SIGQUIT);
}

static void pass_on(struct wrapper *w, int to, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (to == 0)
		tell(w, EVENT_DROPPED, signal, 0);
	else if (signal == SIGTERM || ends_waiting(w, signal))
		stop_begin(w, REASON_STOPPED, info);
	else
		forward_send(w, to, info);
}

void receive_signal(struct wrapper *w, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo, to = w->options.rewrite[signal];

	if (signals_is_news(info)) {
		tell(w, EVENT_CHILD_SIGNAL, signal, 0);
		w->news_told = true;
		return;
	}
	/*
	 * Our own, for a message or report without a reader, or beyond a limit on file sizes:
	 * not meant for the program.
	 */
	if ((signal == SIGPIPE || signal == SIGXFSZ) && info->ssi_pid == (uint32_t)getpid())
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
	pass_on(w, to, info);
	if (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
		terminal_stop_received(w, to);
}
