/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end, whatever begins it: TERM, a limit, or the end of the program with --kill-all.
 * The stop signal first, KILL after the grace; each to the program only, or to all
 * descendants.
 */
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "supervisor.h"

#define LIMIT_GRACE_US 2000000u /* for a limit without --grace: as in `nidus run` */

static bool by_limit(const struct wrapper *w)
{
	return w->reason >= REASON_WALL;
}

static bool ends_everyone(const struct wrapper *w)
{
	return w->options.kill_all || by_limit(w);
}

/*
 * If a stop has a deadline only the memory limit stays, so that the grace can't be used to
 * exhaust memory. A stop without a deadline keeps all limits, and so does the clean-up
 * between two starts.
 */
static void end_limits(struct wrapper *w)
{
	if (w->end.until_us != CLOCK_NEVER && !w->starts_again)
		limits_keep_memory(&w->limits);
}

static void send_kill(struct wrapper *w)
{
	end_limits(w);
	if (ends_everyone(w)) {
		end_signal(&w->tree, SIGKILL);
		if (!w->running)
			return;
	}
	/* Without a usable /proc no other descendant can be found. */
	forward_send(w, SIGKILL, NULL);
}

static void begin_kill(struct wrapper *w)
{
	end_kill(&w->end);
	send_kill(w);
}

static uint64_t grace(const struct wrapper *w)
{
	if (w->options.has_grace)
		return w->options.grace_us;
	return by_limit(w) ? LIMIT_GRACE_US : CLOCK_NEVER;
}

static void pass_stop(struct wrapper *w, const struct signalfd_siginfo *info)
{
	int signal = w->options.rewrite[SIGTERM] ? w->options.rewrite[SIGTERM] : SIGTERM;

	if (end_begin(&w->end, grace(w)) == SIGKILL) {
		send_kill(w);
		return;
	}
	end_limits(w);
	if (!ends_everyone(w) || (!w->tree.everyone && w->tree.proc_fd < 0)) {
		forward_send(w, signal, info);
		return;
	}
	end_signal(&w->tree, signal);
	w->suspended = false;
	tell(w, EVENT_PASSED, signal, 0);
}

/* The program ended by itself, and the processes it left are being ended. */
static bool only_clears_away(const struct wrapper *w)
{
	return !w->running && !w->starts_again && w->end.stage >= STAGE_TERM &&
	       w->end.until_us != CLOCK_NEVER;
}

/* The first limit counts as the reason, even if a stop began before it. */
void stop_begin(struct wrapper *w, enum reason reason, const struct signalfd_siginfo *info)
{
	if (!by_limit(w) && !only_clears_away(w))
		w->reason = reason;
	w->starts_again = false;
	w->start_at_us = CLOCK_NEVER;
	if (!info) { /* a limit */
		limits_keep_memory(&w->limits);
		w->suspended = false; /* CONT goes to all */
	} else if (w->end.stage == STAGE_DELAY) {
		return; /* begun already */
	} else if (w->options.pre_stop_us > 0 && w->running && w->end.stage == STAGE_RUN) {
		end_delay(&w->end, w->options.pre_stop_us);
		return;
	}
	if (reason == REASON_MEMORY) {
		w->limits.memory_at_us = CLOCK_NEVER;
		begin_kill(w); /* memory grows during a grace */
	} else if (w->end.stage < STAGE_TERM || (!info && w->end.until_us == CLOCK_NEVER)) {
		pass_stop(w, info);
	} else if (info) { /* forwarded again */
		forward_send(w, w->options.rewrite[info->ssi_signo], info);
	}
}

void stop_pass_time(struct wrapper *w, uint64_t now)
{
	int due = end_pass_time(&w->end, now);

	if (due == SIGTERM)
		pass_stop(w, NULL);
	else if (due == SIGKILL)
		send_kill(w);
}

/* The pid is not reused as long as a process is in the group. */
static void end_group(const struct wrapper *w)
{
	int signal = w->options.rewrite[SIGTERM];

	if (!w->options.end_group && w->options.as != AS_DUMB_INIT)
		return;
	if (signal != SIGTERM)
		tell(w, EVENT_TRANSLATED, SIGTERM, signal);
	/* dumb-init says so of a single child, too, which is gone */
	if (signal != 0 && w->options.end_group)
		kill(-w->job.pid, signal); /* ESRCH: the group is empty */
	tell(w, signal ? EVENT_PASSED : EVENT_DROPPED, signal, 0);
}

void stop_program_ended(struct wrapper *w)
{
	w->running = false;
	terminal_take_back(w);
	end_group(w);
	w->starts_again = restart_wanted(w);
	if (ends_everyone(w) && w->end.stage < STAGE_TERM)
		pass_stop(w, NULL);
}

bool stop_is_over(const struct wrapper *w)
{
	if (w->end.stage == STAGE_GONE)
		return !w->starts_again;
	if (w->running || w->starts_again)
		return false;
	return w->no_children || !(ends_everyone(w) || w->options.wait_all);
}
