/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the exec to the end: handles signals, reaps zombies, enforces limits. One loop,
 * woken only by events.
 */
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../core/reap.h"
#include "supervisor.h"

#define BLIND_WAIT_US 20000u

/* ---- zombies ---- */

static void note_program(struct wrapper *w, const siginfo_t *info)
{
	w->code = info->si_code;
	w->status = info->si_status;
	tell(w, w->code == CLD_EXITED ? EVENT_PROGRAM_EXITED : EVENT_PROGRAM_SIGNALED, w->status,
	     0);
	stop_program_ended(w);
}

static void note_child(struct wrapper *w, const siginfo_t *info)
{
	bool program = w->running && info->si_pid == w->job.pid;

	if (info->si_code == CLD_STOPPED) {
		if (program)
			terminal_stopped(w, info->si_status);
		return;
	}
	/* catatonit has no word for the end of the program itself */
	if (!program || w->options.as != AS_CATATONIT)
		tell(w, info->si_code == CLD_EXITED ? EVENT_REAPED_EXITED : EVENT_REAPED_SIGNALED,
		     info->si_pid, info->si_status);
	if (program) {
		note_program(w, info);
		return;
	}
	w->zombies_reaped++;
	if (w->options.warn_reap)
		tell(w, EVENT_ORPHAN, info->si_pid, 0);
}

/* Returns true if there may be more. */
static bool reap(struct wrapper *w)
{
	struct reap reap = REAP_HELPING;

	while (reap_next(&reap)) {
		if (!w->news_told) /* it came before its signal was read */
			tell(w, EVENT_CHILD_SIGNAL, SIGCHLD, 0);
		w->news_told = true;
		note_child(w, &reap.info);
	}
	if (w->news_told)
		tell(w, reap.no_children ? EVENT_NO_CHILDREN : EVENT_NO_ZOMBIES, 0, 0);
	w->news_told = false;
	w->no_children = reap.no_children;
	return reap.more;
}

/* ---- signals ---- */

static void take_signals(struct wrapper *w)
{
	struct signalfd_siginfo infos[SIGNALS_AT_ONCE];
	unsigned count = signals_read(w->signals.fd, infos);

	for (unsigned i = 0; i < count; i++)
		receive_signal(w, &infos[i]);
}

/* ---- time ---- */

/* A start that fails counts as an end: the next one may succeed. */
static void start_again(struct wrapper *w)
{
	struct fault fault;

	w->start_at_us = CLOCK_NEVER;
	w->starts_again = false;
	w->restarts++;
	if (launch_program(w, &fault) == 0)
		return;
	tell_fault(w, &fault);
	stop_program_ended(w);
}

static uint64_t next_wake(const struct wrapper *w)
{
	const uint64_t at[] = {end_next(&w->end), limits_next(&w->limits)};
	uint64_t next = w->start_at_us;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		next = at[i] < next ? at[i] : next;
	return next;
}

static void pass_time(struct wrapper *w)
{
	uint64_t now;

	bounds_pass_time(w);
	now = clock_now_us();
	stop_pass_time(w, now);
	if (w->start_at_us <= now)
		start_again(w);
}

/*
 * Somebody with our ids has lowered our RLIMIT_NOFILE below what poll(2) needs. Signals can
 * still be read, which does not block.
 */
static void wait_blindly(struct pollfd *signals)
{
	clock_poll(NULL, 0, clock_now_us() + BLIND_WAIT_US);
	signals->revents = POLLIN;
}

/* `more`: children are left to reap. */
static void turn(struct wrapper *w, bool more)
{
	struct pollfd fds[2] = {
		{.fd = w->signals.fd, .events = POLLIN},
		{.fd = w->notify_fd, .events = POLLIN}, /* -1: not polled */
	};
	uint64_t next;

	restart_arrange(w);
	next = more ? 0 : next_wake(w);
	if (w->suspended && !more && clock_poll(fds, 1, 0) == 0) /* an event could be CONT */
		terminal_suspend(w, next);
	if (clock_poll(fds, 2, next) < 0)
		wait_blindly(fds);
	if (fds[1].revents)
		notify_take(w);
	if (fds[0].revents)
		take_signals(w);
	pass_time(w);
}

void supervise(struct wrapper *w)
{
	for (;;) {
		bool more = reap(w);

		if (stop_is_over(w))
			return;
		turn(w, more);
	}
}

/* catatonit -P: only keeps a namespace alive, until TERM or INT. */
void supervise_pause(struct wrapper *w)
{
	struct signalfd_siginfo infos[SIGNALS_AT_ONCE];

	for (;;) {
		struct pollfd fd = {.fd = w->signals.fd, .events = POLLIN};
		unsigned count;

		clock_poll(&fd, 1, reap(w) ? 0 : CLOCK_NEVER);
		count = signals_read(w->signals.fd, infos);
		for (unsigned i = 0; i < count; i++)
			if (infos[i].ssi_signo == SIGTERM || infos[i].ssi_signo == SIGINT)
				_exit(0);
	}
}
