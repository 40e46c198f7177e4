/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From READY to the end: forwards signals, reaps zombies, enforces limits, obeys the
 * spawner. One loop, woken only by events.
 *
 * The end is the same whatever begins it (the workload ends, a limit, STOP from the
 * spawner): TERM to everything, KILL after the grace, until the kernel says that no child
 * is left. CONTROL_KILL, the memory limit and the death of the spawner begin with KILL.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "../core/end.h"
#include "../core/reap.h"
#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"

struct watch {
	struct init *in;
	struct end end;
	bool main_reaped;
	bool coarse_told;
	bool stop_told; /* the stop of the workload, since it was continued by the spawner */
	struct report exited;
};

/* ---- the end ---- */

static const struct tree everybody = {.proc_fd = -1, .everyone = true};

static void begin_kill(struct watch *w)
{
	end_signal(&everybody, end_kill(&w->end));
}

static void begin_end(struct watch *w)
{
	if (w->end.stage != STAGE_RUN)
		return;
	end_signal(&everybody, end_begin(&w->end, w->in->plan.header->grace_us));
	limits_keep_memory(&w->in->limits);
}

/* ---- zombies ---- */

/*
 * A stop is reported once until the spawner continues the workload: it has nothing to do for
 * another one, and a workload that stops and continues itself must not fill the pipe.
 */
static void note_stop(struct watch *w, uint32_t signal)
{
	if (!w->stop_told)
		report_stopped(w->in, signal);
	w->stop_told = true;
}

static void note_main(struct watch *w, const siginfo_t *info)
{
	if (info->si_code == CLD_STOPPED) {
		note_stop(w, (uint32_t)info->si_status);
		return;
	}
	w->main_reaped = true;
	w->exited.u.exited.code = (uint32_t)info->si_code;
	w->exited.u.exited.status = (uint32_t)info->si_status;
}

/*
 * Returns true if there may be more. Without children PID 1 is alone, and needs no signal to
 * everybody, for which the kernel looks at each process of the machine.
 */
static bool reap(struct watch *w)
{
	struct reap reap = REAP_HELPING;
	bool had_ended = w->main_reaped;

	while (reap_next(&reap)) {
		if (reap.info.si_pid == w->in->job.pid && !w->main_reaped)
			note_main(w, &reap.info);
		else if (reap.info.si_code != CLD_STOPPED)
			w->exited.u.exited.zombies_reaped++;
	}
	if (reap.no_children)
		w->end.stage = STAGE_GONE;
	else if (w->main_reaped && !had_ended)
		begin_end(w); /* for the processes it left behind */
	return reap.more;
}

/* ---- signals ---- */

static void forward(const struct watch *w, int signal)
{
	if (w->main_reaped)
		return; /* its pid may have been reused */
	job_signal(&w->in->job, signal);
}

static void forward_early(struct watch *w)
{
	for (int signal = 1; signal <= 64; signal++)
		if (w->in->early_signals & 1ull << (signal - 1))
			forward(w, signal);
}

/*
 * The pid of the sender is 0 if it is outside of this pid namespace, or the kernel (^C on
 * a terminal). A signal from inside is ignored, as an ordinary PID 1 does by default. A
 * sigqueue(3) from inside may claim pid 0; but a process that may signal PID 1 may also
 * signal the workload itself.
 */
static void take_signal(const struct watch *w, const struct signalfd_siginfo *info)
{
	if (info->ssi_pid == 0)
		forward(w, (int)info->ssi_signo);
}

static void take_signals(const struct watch *w)
{
	struct signalfd_siginfo infos[SIGNALS_AT_ONCE];
	unsigned count = signals_read(w->in->signal_fd, infos);

	for (unsigned i = 0; i < count; i++)
		take_signal(w, &infos[i]);
}

/* ---- the spawner ---- */

static void resume(struct watch *w, bool foreground)
{
	int tty = w->in->plan.header->tty_fd;

	w->stop_told = false;

	/* The terminal or the group may be gone: the workload finds out by itself. */
	if (foreground && tty >= 0 && !w->main_reaped)
		ioctl(tty, TIOCSPGRP, &w->in->job.pid);
	forward(w, SIGCONT);
}

static void refuse(struct init *in, int err)
{
	struct fault fault;

	fault_set(&fault, STEP_WATCH, err, "control message");
	report_fault(in, REPORT_DEGRADED, &fault);
}

static void obey(struct watch *w, const struct control *message)
{
	switch (message->kind) {
	case CONTROL_SIGNAL:
		w->stop_told &= message->arg != SIGCONT;
		if (message->arg >= 1 && message->arg <= 64)
			forward(w, (int)message->arg);
		break;
	case CONTROL_STOP:
		if (w->end.stage == STAGE_RUN)
			w->exited.u.exited.by_stop = 1;
		begin_end(w);
		break;
	case CONTROL_KILL:
		if (w->end.stage == STAGE_RUN) {
			w->exited.u.exited.by_stop = 1;
			w->exited.u.exited.limit = message->arg < LIMIT_KIND_END ? message->arg : 0;
		}
		begin_kill(w);
		break;
	case CONTROL_RESUME:
		resume(w, message->arg == 1);
		break;
	case CONTROL_RELEASE: /* too late: the hold was over already */
		break;
	case CONTROL_EXEC:
		refuse(w->in, ENOSYS);
		break;
	default:
		refuse(w->in, EPROTO);
	}
}

static void spawner_gone(struct watch *w)
{
	if (!plan_has(&w->in->plan, PLAN_OUTLIVE_PARENT)) {
		kill(-1, SIGKILL);
		_exit(EXIT_FAULT); /* no reader for a report */
	}
	fd_close(&w->in->control_fd);
}

static void take_control(struct watch *w)
{
	struct control message;
	int n = control_next(w->in, &message);

	if (n < 0)
		spawner_gone(w);
	else if (n > 0)
		obey(w, &message);
}

/* ---- the loop ---- */

/*
 * What runs inside made a look fail, or the kernel has no memory for it: from here on nothing is
 * known about a limit that was asked for, so nothing may run on. KILL first: memory grows while
 * the report waits to be written.
 */
static void __attribute__((noreturn)) lose(struct watch *w, const char *what)
{
	struct fault fault;

	fault_errno(&fault, STEP_WATCH, what);
	kill(-1, SIGKILL);
	report_fault(w->in, REPORT_FAULT, &fault);
	_exit(EXIT_FAULT);
}

/* Once: a process with memory that can't be read in detail, so the sum is a rough one. */
static void tell_coarse(struct watch *w)
{
	struct fault fault;

	if (!w->in->limits.memory_coarse || w->coarse_told)
		return;
	w->coarse_told = true;
	fault_set(&fault, STEP_WATCH, 0, "memory: a process can't be looked at in detail");
	report_fault(w->in, REPORT_DEGRADED, &fault);
}

static void keep_limits(struct watch *w)
{
	struct limit_found found = {0};
	enum limits_found result = LIMITS_KEPT;

	if (w->end.stage <= STAGE_TERM)
		result = limits_look(&w->in->limits, &w->in->usage, &found);
	if (result == LIMITS_LOST)
		lose(w, found.kind == LIMIT_CPU ? "cpu time" : "memory");
	tell_coarse(w);
	if (result != LIMITS_HIT)
		return;
	if (w->end.stage == STAGE_RUN)
		w->exited.u.exited.limit = found.kind;
	/* The end first: memory grows while the report waits to be written. */
	if (found.kind == LIMIT_MEMORY)
		begin_kill(w);
	else
		begin_end(w);
	report_limit(w->in, found.kind, found.used, found.limit);
}

static uint64_t next_wake(const struct watch *w)
{
	uint64_t next = w->end.stage > STAGE_TERM ? CLOCK_NEVER : limits_next(&w->in->limits);

	return next < end_next(&w->end) ? next : end_next(&w->end);
}

static void turn(struct watch *w, bool at_once)
{
	struct pollfd fds[2] = {
		{.fd = w->in->signal_fd, .events = POLLIN},
		{.fd = w->in->control_fd, .events = POLLIN}, /* -1 once gone: not polled */
	};

	/* EINVAL: RLIMIT_NOFILE of PID 1 was lowered from inside */
	if (clock_poll(fds, 2, at_once ? 0 : next_wake(w)) < 0)
		lose(w, "poll");
	if (fds[1].revents)
		take_control(w);
	if (fds[0].revents)
		take_signals(w);
	keep_limits(w);
	end_signal(&everybody, end_pass_time(&w->end, clock_now_us()));
}

static void report_end(struct watch *w)
{
	struct rusage usage;

	if (!w->main_reaped) {
		/* Uninterruptible: it will die of the KILL, but later. */
		w->exited.u.exited.code = CLD_KILLED;
		w->exited.u.exited.status = SIGKILL;
	}
	if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
		w->exited.u.exited.cpu_user_us = clock_timeval_us(&usage.ru_utime);
		w->exited.u.exited.cpu_sys_us = clock_timeval_us(&usage.ru_stime);
		w->exited.u.exited.max_rss_bytes = (uint64_t)usage.ru_maxrss * 1024u;
	}
	w->exited.u.exited.memory_peak = w->in->limits.memory_peak;
	report_send(w->in, &w->exited, REPORT_EXITED);
}

void watch_workload(struct init *in)
{
	struct watch w = {.in = in};
	bool more;

	end_reset(&w.end);
	limits_start(&in->limits, clock_now_us());
	forward_early(&w);
	for (more = reap(&w); w.end.stage != STAGE_GONE; more = reap(&w))
		turn(&w, more);
	report_end(&w);
	_exit(0);
}
