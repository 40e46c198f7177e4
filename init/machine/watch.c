/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the first start to the end: one loop, woken by signals, by starts that are
 * decided, by services that are ready, and by the next deadline. Idle, it sleeps.
 */
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../clock.h"
#include "role.h"

/* As systemd has them, which containers' managers know: SIGRTMIN+3 to +5. */
#define SIGNAL_HALT (34 + 3)
#define SIGNAL_POWEROFF (34 + 4)
#define SIGNAL_REBOOT (34 + 5)

#define REAPED_AT_ONCE 64
#define LOOK_US 50000u /* how often the end of processes is looked for that are no children */

static enum conf_end wanted_end(const struct machine *m, uint32_t signal)
{
	static const uint8_t ends[][2] = {
		{SIGTERM, END_REBOOT},      {SIGUSR1, END_HALT},     {SIGNAL_HALT, END_HALT},
		{SIGUSR2, END_POWEROFF},    {SIGPWR, END_POWEROFF},  {SIGNAL_POWEROFF, END_POWEROFF},
		{SIGNAL_REBOOT, END_REBOOT},
	};

	/* of a container the manager's word, and its terminal's ^C */
	if (!m->ours && (signal == SIGTERM || signal == SIGINT))
		return END_POWEROFF;
	if (signal == SIGINT) /* the kernel's word for Ctrl-Alt-Del */
		return (enum conf_end)m->conf.ctrl_alt_del;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i][0] == signal)
			return (enum conf_end)ends[i][1];
	return END_NONE;
}

/* One a turn: those left make the poll return again. */
static void take_signal(struct machine *m)
{
	static struct signalfd_siginfo info;

	if (read(m->signals.fd, &info, sizeof(info)) == sizeof(info))
		shutdown_begin(m, wanted_end(m, info.ssi_signo));
}

/*
 * One SIGCHLD may stand for many. A bounded helping, as orphans may come faster than they
 * are reaped. True: there may be more.
 */
static bool reap(struct machine *m)
{
	static siginfo_t info;

	for (int helping = 0; helping < REAPED_AT_ONCE; helping++) {
		info.si_pid = 0;
		/* reaped afterwards: what it leaves is killed by a number that is still its own */
		m->alone = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0; /* ECHILD */
		for (unsigned i = 0; info.si_pid && i < m->count; i++)
			if (m->services[i].job.pid == info.si_pid)
				service_ended(m, &m->services[i], &info);
		if (!info.si_pid)
			return false;
		waitid(P_PID, (id_t)info.si_pid, NULL, WEXITED | __WALL);
	}
	return true;
}

static void watch_for(struct pollfd *poll, int fd)
{
	poll->fd = fd;
	poll->events = POLLIN;
}

/* Until something happens; what did is in `fds`: signals, then two of each service. */
static void wait_for_any(const struct machine *m, struct pollfd *fds, bool at_once)
{
	uint64_t next = m->stop_us, look = clock_now_us() + LOOK_US;
	unsigned count = 0;

	if (m->stage >= STOP_TERM && look < next)
		next = look;
	watch_for(&fds[count++], m->signals.fd);
	for (unsigned i = 0; i < m->count; i++) {
		const struct service *s = &m->services[i];

		watch_for(&fds[count++], s->job.start_fd);
		watch_for(&fds[count++], s->ready_fd);
		if (s->wake_us < next)
			next = s->wake_us;
		if (s->ready_until_us < next)
			next = s->ready_until_us;
	}
	clock_poll(fds, count, at_once ? 0 : next);
}

/* `more`: to be reaped; the same is returned. */
static bool turn(struct machine *m, bool more)
{
	struct pollfd fds[1 + 2 * MACHINE_SERVICES];
	unsigned count = m->count; /* of an emergency there may be one more afterwards */
	uint64_t now;

	wait_for_any(m, fds, more);
	for (unsigned i = 0; i < count; i++) {
		struct service *s = &m->services[i];

		if (fds[1 + 2 * i].revents)
			service_look(m, s);
		if (fds[2 + 2 * i].revents)
			service_notified(s);
	}
	if (fds[0].revents)
		take_signal(m);
	more = reap(m);
	now = clock_now_us();
	for (unsigned i = 0; i < m->count; i++)
		service_pass_time(m, &m->services[i], now);
	return more;
}

void machine_watch(struct machine *m)
{
	bool more = false;

	while (m->stage != STOP_DONE) {
		services_advance(m);
		shutdown_advance(m);
		if (m->stage != STOP_DONE)
			more = turn(m, more);
	}
}
