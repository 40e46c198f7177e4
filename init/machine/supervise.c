/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services over time: each is started when the one before is ready, started again after a
 * growing pause, given up if it never lasts, and stopped with a grace.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../core/start.h"
#include "../fd.h"
#include "../text.h"
#include "../values.h"
#include "role.h"

#define LASTS_US 10000000u     /* a service that lives this long has not failed to start */

/* ---- messages ---- */

static void say_duration(struct say *say, uint64_t us)
{
	if (us % 1000000u == 0) {
		say_number(say, us / 1000000u);
		say_text(say, "s");
	} else {
		say_number(say, us / 1000u);
		say_text(say, "ms");
	}
}

/*
 * "web: exited with 1, again in 200ms"; pause_us is 0 if it is not started again. A fault
 * has already been reported.
 */
static void tell_end_of(const struct service *s, const siginfo_t *info, uint64_t pause_us)
{
	struct say *say = machine_line(s->conf->name);
	const char *again = "again in ";
	static char name[16];

	if (s->fault_told && pause_us == 0)
		return;
	if (info && !s->fault_told) {
		bool exited = info->si_code == CLD_EXITED;

		say_text(say, exited ? "exited with " : "killed by ");
		if (exited)
			say_number(say, (uint64_t)info->si_status);
		else
			say_text(say, values_signal_name(info->si_status, name));
		if (s->out_of_memory)
			say_text(say, ", out of memory");
		again = ", again in ";
	}
	if (pause_us) {
		say_text(say, again);
		say_duration(say, pause_us);
	}
	machine_line_end(say);
}

static void tell_after(const struct service *s, const char *what, uint64_t us)
{
	struct say *say = machine_line(s->conf->name);

	say_text(say, what);
	say_duration(say, us);
	machine_line_end(say);
}

/* ---- the signals of a stop, for the session leader and its group ---- */

static void carry_out(const struct machine *m, const struct service *s, int due)
{
	if (due == SIGKILL)
		group_kill(m, s);
	if (due)
		job_signal(&s->job, due == SIGKILL ? SIGKILL : s->conf->stop_signal);
	if (due == SIGTERM)
		job_signal(&s->job, SIGCONT); /* a stopped process gets the other only then */
}

static void let_next_start(struct service *s)
{
	s->ready = true;
	s->ready_until_us = CLOCK_NEVER;
	fd_close(&s->ready_fd);
}

static void enter(struct service *s, enum service_state state, uint64_t wake_us)
{
	s->state = state;
	s->wake_us = wake_us;
}

/* The next may start: a machine without one service is better than one that hangs. */
static void go_down(struct service *s)
{
	enter(s, SERVICE_DOWN, CLOCK_NEVER);
	end_reset(&s->end);
	let_next_start(s);
}

void service_stop(const struct machine *m, struct service *s)
{
	if (s->state <= SERVICE_PAUSING) {
		go_down(s);
	} else if (s->state <= SERVICE_RUNNING) {
		enter(s, SERVICE_STOPPING, CLOCK_NEVER);
		carry_out(m, s, end_begin(&s->end, s->conf->grace_us));
	}
}

static void pass_stop(const struct machine *m, struct service *s, uint64_t now)
{
	int due = end_pass_time(&s->end, now);

	if (due && !s->kill_told)
		tell_after(s, "killed after ", s->conf->grace_us);
	s->kill_told = s->kill_told || due;
	carry_out(m, s, due);
	if (s->end.stage != STAGE_GONE)
		return;
	machine_tell(s->conf->name, "still running after KILL");
	go_down(s);
}

/* ---- the end of a service ---- */

/* `info` is NULL for one that could not even be forked. */
static void decide_again(struct machine *m, struct service *s, const siginfo_t *info)
{
	const struct conf_service *conf = s->conf;
	bool is_step = conf->ready == READY_EXIT; /* a step of the set-up, not a daemon */
	bool well, again;

	s->fails++;
	if (clock_now_us() - s->started_us >= LASTS_US) {
		s->fails = 0;
		s->backoff_us = conf->backoff_us;
	}
	well = info && info->si_code == CLD_EXITED && info->si_status == 0;
	again = conf->respawn == RESPAWN_ALWAYS || (conf->respawn == RESPAWN_ON_FAILURE && !well);
	if (again && (s->fails < conf->limit || conf->limit == 0)) {
		tell_end_of(s, info, s->backoff_us);
		enter(s, SERVICE_PAUSING, clock_now_us() + s->backoff_us);
		s->backoff_us *= 2;
		if (s->backoff_us > conf->backoff_max_us)
			s->backoff_us = conf->backoff_max_us;
		return;
	}
	go_down(s);
	if (is_step && well)
		return;
	tell_end_of(s, info, 0);
	if (again || is_step) {
		machine_tell(conf->name, "given up");
		shutdown_begin(m, conf->on_give_up);
	}
}

static void note_memory(const struct machine *m, struct service *s)
{
	uint64_t kills = group_oom_kills(m, s->conf->name);

	s->out_of_memory = kills != s->oom_kills;
	s->oom_kills = kills;
}

/* A child that could not be started exits by itself. */
static void decided(struct machine *m, struct service *s, enum start_verdict verdict,
		    const struct fault *fault)
{
	if (s->state == SERVICE_STARTING)
		s->state = SERVICE_RUNNING;
	if (verdict == START_DONE && s->conf->ready == READY_EXEC)
		let_next_start(s);
	if (verdict == START_DONE)
		return;
	s->fault_told = true;
	machine_tell_fault(s->conf->name, fault);
	/* of the command line; a stop before its exec is not an emergency */
	if (s->conf->terminal && s->conf != &m->conf.shell && m->end == END_NONE)
		m->unable = program_fault_status(fault);
}

/*
 * Processes it leaves behind must not interfere with the next start. A step of the set-up
 * may leave some, as that may be its purpose.
 */
void service_ended(struct machine *m, struct service *s, const siginfo_t *info)
{
	bool was_stopped = s->state >= SERVICE_STOPPING;
	static struct fault fault;

	if (s->job.start_fd >= 0)
		decided(m, s, start_decide(&s->job, &fault), &fault);
	service_notified(s);
	if (was_stopped || s->conf->ready != READY_EXIT)
		carry_out(m, s, SIGKILL);
	note_memory(m, s);
	s->job.pid = 0;
	fd_close(&s->ready_fd);
	if (was_stopped || m->end != END_NONE)
		go_down(s);
	else
		decide_again(m, s, info);
}

/* ---- the start ---- */

static void start(struct machine *m, struct service *s)
{
	static struct fault fault;

	s->started_us = clock_now_us();
	s->fault_told = false;
	if (!s->ready && s->ready_until_us == CLOCK_NEVER && s->conf->ready != READY_EXIT)
		s->ready_until_us = s->started_us + s->conf->ready_us;
	if (service_fork(m, s, &fault) < 0) {
		machine_tell_fault(s->conf->name, &fault);
		s->fault_told = true;
		decide_again(m, s, NULL);
		return;
	}
	enter(s, SERVICE_STARTING, CLOCK_NEVER);
}

void service_look(struct machine *m, struct service *s)
{
	static struct fault fault;
	enum start_verdict verdict = start_look(&s->job, &fault);

	if (verdict != START_PENDING)
		decided(m, s, verdict, &fault);
}

/*
 * Only a newline means ready; after a close without one the wait goes on until the
 * deadline. EBADF: there is no such descriptor, or it is ready already.
 */
void service_notified(struct service *s)
{
	static char bytes[64];
	ssize_t n = read(s->ready_fd, bytes, sizeof(bytes));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0 && memchr(bytes, '\n', (size_t)n))
		let_next_start(s);
	if (n <= 0)
		fd_close(&s->ready_fd);
}

void service_pass_time(struct machine *m, struct service *s, uint64_t now)
{
	if (s->ready_until_us <= now) {
		tell_after(s, "not ready after ", s->conf->ready_us);
		let_next_start(s);
	}
	if (s->state == SERVICE_STOPPING)
		pass_stop(m, s, now);
	else if (s->wake_us <= now && m->end == END_NONE)
		start(m, s);
	else if (s->wake_us <= now)
		go_down(s);
}

/* ---- all of them ---- */

static void add(struct machine *m, struct conf_service *conf)
{
	struct service *s = &m->services[m->count++];

	s->conf = conf;
	s->job.start_fd = s->ready_fd = -1;
	s->wake_us = s->ready_until_us = CLOCK_NEVER;
	end_reset(&s->end);
	s->backoff_us = conf->backoff_us;
	s->group_error = group_take(m, conf->name);
	note_memory(m, s);
}

/* The shell delays no service: it is the last, so that it is stopped first, and starts at once. */
void services_begin(struct machine *m)
{
	for (unsigned i = 0; i < m->conf.service_count; i++)
		add(m, &m->conf.services[i]);
	if (m->conf.shell.program.argv)
		services_add_shell(m);
	if (m->count == 0)
		machine_tell(NULL, "no services");
}

void services_add_shell(struct machine *m)
{
	add(m, &m->conf.shell);
	start(m, &m->services[m->count - 1]);
}

/* Starts each service once the one before it is ready. */
void services_advance(struct machine *m)
{
	bool done = m->conf.service_count > 0, next = true;

	for (unsigned i = 0; i < m->conf.service_count; i++) {
		struct service *s = &m->services[i];

		if (s->state == SERVICE_WAITING && next && m->end == END_NONE)
			start(m, s);
		next = next && s->ready;
		done = done && s->state == SERVICE_DOWN;
	}
	if (done)
		shutdown_begin(m, m->conf.when_done);
}
