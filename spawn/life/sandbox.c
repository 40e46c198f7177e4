/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/fd.h"

static void init_resources(struct resources *resources)
{
	resources->state.root_fd = resources->state.dir_fd = -1;
	resources->journal.fd = resources->name.fd = resources->lock_file_fd = -1;
	cg_init(&resources->cg);
}

static void init_prepared(struct prepared *prepared)
{
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++)
		prepared->join_fds[ns] = -1;
	prepared->owner_ns = -1;
	prepared->resolv_fd = prepared->hosts_fd = prepared->hostname_fd = -1;
	prepared->home_tree_fd = -1;
}

static void init_channels(struct channels *channels)
{
	channels->plan_fd = -1;
	channels->epoll_fd = channels->pid_fd = channels->control_fd = channels->report_fd = -1;
	channels->timer_fd = channels->oom_fd = channels->oom_timer_fd = channels->tty_fd = -1;
	channels->oom_score_fd = -1;
}

struct nidus_sandbox *sandbox_new(const struct nidus_spec *spec)
{
	struct nidus_sandbox *sandbox = calloc(1, sizeof(*sandbox));

	if (!sandbox)
		return NULL;
	sandbox->spec = spec;
	sandbox->evidence.started_us = clock_now_us();
	sandbox->events.fd = spec->events_fd;
	sandbox->events.shared = spec->events_fd >= 0 &&
				 events_are_shared(spec->events_fd, spec->stdio);
	sandbox->events.name = spec->name;
	init_resources(&sandbox->resources);
	init_prepared(&sandbox->prepared);
	init_channels(&sandbox->channels);
	report_init(&sandbox->result);
	return sandbox;
}

static void close_resources(struct resources *resources)
{
	struct fault ignored; /* what is not removed now stays on record */

	net_user_stop(&resources->net_user, NET_USER_STOP_MS, &ignored);
	net_free(resources->net);
	cg_close(&resources->cg);
	journal_close(&resources->journal);
	name_close(&resources->name);
	state_close(&resources->state);
	fd_close(&resources->lock_file_fd);
	arena_free(&resources->arena);
}

void sandbox_let_go(struct nidus_sandbox *sandbox)
{
	struct prepared *prepared = &sandbox->prepared;

	for (size_t i = 0; prepared->sources && i < sandbox->spec->mount_count; i++)
		fd_close(&prepared->sources[i].tree_fd);
	fd_close(&prepared->owner_ns);
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++)
		fd_close(&prepared->join_fds[ns]);
	fd_close(&prepared->home_tree_fd);
	fd_close(&prepared->resolv_fd);
	fd_close(&prepared->hosts_fd);
	fd_close(&prepared->hostname_fd);
	fd_close(&sandbox->channels.plan_fd);
}

static void free_prepared(struct prepared *prepared)
{
	arena_free(&prepared->arena);
	seccomp_free(&prepared->filter);
	view_free(&prepared->view);
}

static void close_channels(struct channels *channels)
{
	fd_close(&channels->plan_fd);
	fd_close(&channels->epoll_fd);
	fd_close(&channels->pid_fd);
	fd_close(&channels->control_fd);
	fd_close(&channels->report_fd);
	fd_close(&channels->timer_fd);
	fd_close(&channels->oom_fd);
	fd_close(&channels->oom_timer_fd);
	fd_close(&channels->oom_score_fd);
	fd_close(&channels->tty_fd);
}

void sandbox_free(struct nidus_sandbox *sandbox)
{
	sandbox_let_go(sandbox);
	free_prepared(&sandbox->prepared);
	close_channels(&sandbox->channels);
	close_resources(&sandbox->resources);
	free(sandbox);
}

int sandbox_intend(struct nidus_sandbox *sandbox, enum journal_kind kind, const char *argument,
		   struct fault *fault)
{
	struct resources *own = &sandbox->resources;

	return trail_intend(&own->trail, &own->arena, &own->journal, kind, argument, fault);
}

int sandbox_intend_process(struct nidus_sandbox *sandbox, enum journal_kind kind, pid_t pid,
			   struct fault *fault)
{
	char text[PROCESS_TEXT_MAX];

	if (process_describe(pid, text) < 0)
		return fault_set(fault, STEP_STATE, errno, text);
	return sandbox_intend(sandbox, kind, text, fault);
}

int sandbox_watch_fd(struct nidus_sandbox *sandbox, int fd, uint32_t events, struct fault *fault)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(sandbox->channels.epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return fault_set(fault, STEP_WATCH, errno, "epoll");
	return 0;
}

void sandbox_arm_timer(int timer_fd, uint64_t ms)
{
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(ms / 1000),
			      .tv_nsec = (long)(ms % 1000) * 1000000 },
	};

	timerfd_settime(timer_fd, 0, &when, NULL);
}

void sandbox_arm(struct nidus_sandbox *sandbox, uint64_t ms)
{
	sandbox_arm_timer(sandbox->channels.timer_fd, ms);
}

int sandbox_control(struct nidus_sandbox *sandbox, uint32_t kind, uint32_t arg, struct fault *fault)
{
	struct control message = { .magic = CONTROL_MAGIC, .kind = kind, .arg = arg };

	if (sandbox->channels.control_fd < 0)
		return fault_set(fault, STEP_WATCH, EPIPE, "control");
	if (send(sandbox->channels.control_fd, &message, sizeof(message),
		 MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(message))
		return fault_set(fault, sandbox->evidence.go_sent ? STEP_WATCH : STEP_HANDSHAKE,
				 errno, "control");
	return 0;
}

void sandbox_kill_init(struct nidus_sandbox *sandbox)
{
	/* ESRCH: it has died already, which is what we want */
	if (sandbox->channels.pid_fd >= 0)
		syscall(SYS_pidfd_send_signal, sandbox->channels.pid_fd, SIGKILL, NULL, 0);
}

/* What the kernel still knows of it until it is reaped. As a user: its ids are ours. */
static bool has_less_cpu(pid_t pid)
{
	struct rlimit own, its;

	return getrlimit(RLIMIT_CPU, &own) == 0 && prlimit(pid, RLIMIT_CPU, NULL, &its) == 0 &&
	       its.rlim_max < own.rlim_max;
}

void sandbox_mark_at(struct nidus_sandbox *sandbox, enum nidus_moment moment, uint64_t us)
{
	if (sandbox->spec->timeline)
		sandbox->spec->timeline->us[moment] = us;
}

void sandbox_mark(struct nidus_sandbox *sandbox, enum nidus_moment moment)
{
	if (sandbox->spec->timeline)
		sandbox_mark_at(sandbox, moment, clock_now_us());
}

bool sandbox_reap_init(struct nidus_sandbox *sandbox)
{
	siginfo_t info = { .si_pid = 0 };
	int failed;

	if (sandbox->channels.pid_fd < 0)
		return sandbox->channels.pid != 0;
	sandbox->evidence.init_cpu_limited = has_less_cpu(sandbox->channels.pid);
	failed = waitid(P_PIDFD, (id_t)sandbox->channels.pid_fd, &info, WEXITED | WNOHANG);
	if (failed ? errno != ECHILD : info.si_pid == 0)
		return false;
	trail_strike(&sandbox->resources.trail, JOURNAL_INIT);
	sandbox->evidence.wait_code = info.si_code;
	sandbox->evidence.wait_status = info.si_status;
	sandbox->evidence.ending_us = clock_now_us();
	fd_close(&sandbox->channels.pid_fd);
	sandbox_mark(sandbox, NIDUS_AT_GONE);
	return true;
}

bool sandbox_await_death(const struct nidus_sandbox *sandbox, int ms)
{
	struct pollfd gone = { .fd = sandbox->channels.pid_fd, .events = POLLIN };

	return sandbox->channels.pid_fd >= 0 && poll(&gone, 1, ms) == 1;
}

void sandbox_hang_up(struct nidus_sandbox *sandbox)
{
	fd_close(&sandbox->channels.control_fd);
	fd_close(&sandbox->channels.report_fd);
}

void sandbox_degrade(struct nidus_sandbox *sandbox, const char *control, const char *why)
{
	events_degraded(&sandbox->events, control, why);
	sandbox->result.degraded++;
}
