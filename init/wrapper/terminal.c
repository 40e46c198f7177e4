/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal on our stdin. Either the group of the program becomes the foreground group,
 * if ours was, or (as in dumb-init) the program leads a session of its own that takes the
 * terminal over. All of it is best effort: a program without a terminal runs too.
 *
 * SIGTTOU is blocked here and in the child until its exec, so that a process in
 * the background may change the foreground.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "../kernel_abi.h"
#include "supervisor.h"

#ifdef SYS_timer_settime64 /* 32-bit, Linux 5.1 */
#define ABI_TIMER_SETTIME SYS_timer_settime64
#else
#define ABI_TIMER_SETTIME SYS_timer_settime
#endif

/* -1: stdin is not the terminal of our session. */
static pid_t foreground(void)
{
	pid_t group;

	return ioctl(STDIN_FILENO, TIOCGPGRP, &group) < 0 ? -1 : group;
}

static void give_to(pid_t group)
{
	ioctl(STDIN_FILENO, TIOCSPGRP, &group); /* fails if the terminal is gone */
}

/*
 * A session leader that gives up its terminal gets HUP and CONT from the kernel, which
 * look as if it had sent them itself.
 */
static void detach(struct wrapper *w)
{
	if (ioctl(STDIN_FILENO, TIOCNOTTY) < 0) {
		tell(w, EVENT_NOT_DETACHED, errno, errno);
		return;
	}
	w->detached = getsid(0) == getpid();
	tell(w, w->detached ? EVENT_DETACHED_LEADER : EVENT_DETACHED, 0, 0);
}

void terminal_prepare(struct wrapper *w)
{
	if (w->options.session)
		detach(w);
	else if (w->options.foreground)
		w->has_terminal = foreground() >= 0;
}

/* `fg` in a shell gives us the terminal before it sends CONT. */
static bool is_fetched(const struct wrapper *w)
{
	return w->has_terminal && foreground() == getpgrp();
}

bool terminal_own_noise(const struct wrapper *w, const struct signalfd_siginfo *info)
{
	/* from terminal_suspend; a CONT from the shell may have merged with it */
	if (info->ssi_signo == SIGCONT && info->ssi_code == SI_TIMER)
		return !is_fetched(w);
	return w->detached && (info->ssi_signo == SIGHUP || info->ssi_signo == SIGCONT) &&
	       info->ssi_code == SI_USER && info->ssi_pid == (uint32_t)getpid();
}

const char *terminal_join(const struct wrapper *w)
{
	const struct wrapper_options *options = &w->options;
	bool ours = w->has_terminal && foreground() == getpgrp();

	if (options->session) {
		if (setsid() < 0)
			return "setsid";
		if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
			tell(w, EVENT_NOT_ATTACHED, errno, errno);
		tell(w, EVENT_SESSION, 0, 0);
		return NULL;
	}
	if (!options->group && !options->foreground)
		return NULL;
	if (setpgid(0, 0) < 0)
		return "process group";
	if (ours)
		give_to(getpid());
	return NULL;
}

/* The foreground group is empty: ^C and reading would fail for the next process. */
void terminal_take_back(struct wrapper *w)
{
	w->suspended = false;
	if (w->has_terminal && foreground() == w->job.pid)
		give_to(getpgrp());
}

static void suspend(struct wrapper *w)
{
	tell(w, EVENT_SUSPEND, 0, 0);
	w->stops_with_it = false;
	w->suspended = getpid() != 1; /* the kernel stops no PID 1 */
}

/* dumb-init stops itself at once, whatever the program does and even if it gets no signal. */
void terminal_stop_received(struct wrapper *w, int to)
{
	if (w->options.as == AS_DUMB_INIT)
		suspend(w);
	else
		w->stops_with_it |= to != 0;
}

/*
 * The shell that waits for us must see that its job has stopped. STOP was sent by a process
 * and was meant only for the program.
 */
void terminal_stopped(struct wrapper *w, int signal)
{
	bool by_terminal = signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;

	if (getpid() == 1 || !(w->stops_with_it || (w->has_terminal && by_terminal)))
		return;
	suspend(w);
}

/*
 * The shell gets its prompt back, but limits are still enforced, as the program may have
 * stopped itself: when the next is due, CONT from a timer wakes us. A CONT cancels a
 * pending TSTP, and a stop signal a pending CONT: so the TSTP is sent first and takes
 * effect last. TSTP does not stop an orphaned group, which just goes on.
 */
void terminal_suspend(const struct wrapper *w, uint64_t until)
{
	static struct sigevent wake; /* SIGEV_SIGNAL */
	static uint64_t when[4];     /* struct itimerspec with 64 bits on every architecture */
	bool wakes = until != CLOCK_NEVER;
	int timer;

	wake.sigev_signo = SIGCONT;
	when[2] = until / 1000000u;
	when[3] = until % 1000000u * 1000u;
	if (wakes && syscall(SYS_timer_create, CLOCK_MONOTONIC, &wake, &timer) < 0)
		return;
	kill(getpid(), wakes ? SIGTSTP : SIGSTOP);
	if (!wakes)
		return;
	syscall(ABI_TIMER_SETTIME, timer, TIMER_ABSTIME, when, NULL);
	if (is_fetched(w)) /* our stop may have cancelled the CONT of the shell */
		kill(getpid(), SIGCONT);
	sys_sigmask(SIG_SETMASK, ~(1ull << (SIGTSTP - 1)));
	sys_sigmask(SIG_SETMASK, ALL_SIGNALS);
	syscall(SYS_timer_delete, timer);
}

void terminal_continue(struct wrapper *w)
{
	w->stops_with_it = w->suspended = false;
	if (w->running && is_fetched(w))
		give_to(w->job.pid);
}
