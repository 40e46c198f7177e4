/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the first start to the end: one loop, woken by signals, by starts that are
 * decided, by services that become ready, and by the next deadline. When idle, it sleeps.
 */
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../clock.h"
#include "../core/reap.h"
#include "../core/start.h"
#include "role.h"

/* The same as in systemd, which container managers know: SIGRTMIN+3 to +5. */
#define SIGNAL_HALT (34 + 3)
#define SIGNAL_POWEROFF (34 + 4)
#define SIGNAL_REBOOT (34 + 5)

#define LOOK_US 50000u /* how often to check whether processes that are not children have ended */

static enum conf_end wanted_end(const struct machine *m, uint32_t signal)
{
	static const uint8_t ends[][2] = {
		{SIGTERM, END_REBOOT},      {SIGUSR1, END_HALT},     {SIGNAL_HALT, END_HALT},
		{SIGUSR2, END_POWEROFF},    {SIGPWR, END_POWEROFF},  {SIGNAL_POWEROFF, END_POWEROFF},
		{SIGNAL_REBOOT, END_REBOOT},
	};

	/* in a container, what the manager sends, and ^C on its terminal */
	if (!m->ours && (signal == SIGTERM || signal == SIGINT))
		return END_POWEROFF;
	if (signal == SIGINT) /* the kernel sends it on Ctrl-Alt-Del */
		return (enum conf_end)m->conf.ctrl_alt_del;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i][0] == signal)
			return (enum conf_end)ends[i][1];
	return END_NONE;
}

static void take_signals(struct machine *m)
{
	struct signalfd_siginfo infos[SIGNALS_AT_ONCE];
	unsigned count = signals_read(m->signals.fd, infos);

	for (unsigned i = 0; i < count; i++)
		shutdown_begin(m, wanted_end(m, infos[i].ssi_signo));
}

static void note_child(struct machine *m, const siginfo_t *info)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct service *s = &m->services[i];

		if (s->job.pid != info->si_pid)
			continue;
		if (info->si_code != CLD_STOPPED)
			service_ended(m, s, info);
		else if (s->job.start_fd >= 0)
			start_stopped(&s->job, info->si_status);
	}
}

/* Returns true if there may be more. */
static bool reap(struct machine *m)
{
	struct reap reap = REAP_HELPING;

	while (reap_next(&reap))
		note_child(m, &reap.info);
	m->alone = reap.no_children;
	return reap.more;
}

static void watch_for(struct pollfd *poll, int fd)
{
	poll->fd = fd;
	poll->events = POLLIN;
}

/* Waits for an event; the results are in `fds`: signals, then two for each service. */
static void wait_for_any(const struct machine *m, struct pollfd *fds, bool at_once)
{
	uint64_t next = end_next(&m->others), look = clock_now_us() + LOOK_US;
	unsigned count = 0;

	if (m->stage == STOP_OTHERS && look < next)
		next = look;
	watch_for(&fds[count++], m->signals.fd);
	for (unsigned i = 0; i < m->count; i++) {
		const struct service *s = &m->services[i];

		watch_for(&fds[count++], s->job.start_fd);
		watch_for(&fds[count++], s->ready_fd);
		if (s->wake_us < next)
			next = s->wake_us;
		if (end_next(&s->end) < next)
			next = end_next(&s->end);
		if (s->ready_until_us < next)
			next = s->ready_until_us;
	}
	clock_poll(fds, count, at_once ? 0 : next);
}

/* `more`: children are left to reap; returns the same for the next turn. */
static bool turn(struct machine *m, bool more)
{
	struct pollfd fds[1 + 2 * MACHINE_SERVICES];
	unsigned count = m->count; /* an emergency may add one during this turn */
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
		take_signals(m);
	more = reap(m);
	now = clock_now_us();
	for (unsigned i = 0; i < m->count; i++)
		service_pass_time(m, &m->services[i], now);
	if (m->unable)
		emergency(m, m->unable);
	m->unable = 0;
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
