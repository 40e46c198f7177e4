/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From GO to PID 1's death: one step per readiness, never a blocking wait. What
 * init says comes as reports; that it is gone, from its pidfd and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "network.h"
#include "sandbox.h"
#include "../spec/option.h"

#define STEP_EVENTS_MAX 8

void sandbox_arm_timer(int timer_fd, uint64_t ms)
{
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 },
	};

	timerfd_settime(timer_fd, 0, &when, NULL);
}

void sandbox_arm(struct nidus_sandbox *sandbox, uint64_t ms)
{
	sandbox_arm_timer(sandbox->timer_fd, ms);
}

int sandbox_control(struct nidus_sandbox *sandbox, uint32_t kind, uint32_t arg, struct fault *fault)
{
	struct control message = { .magic = CONTROL_MAGIC, .kind = kind, .arg = arg };

	if (sandbox->control_fd < 0)
		return fault_set(fault, STEP_WATCH, EPIPE, "control");
	if (send(sandbox->control_fd, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    sizeof(message))
		return fault_set(fault, sandbox->go_sent ? STEP_WATCH : STEP_HANDSHAKE, errno,
				 "control");
	return 0;
}

void sandbox_kill_init(struct nidus_sandbox *sandbox)
{
	/* ESRCH: it died first, which is what was wanted */
	if (sandbox->pid_fd >= 0)
		syscall(SYS_pidfd_send_signal, sandbox->pid_fd, SIGKILL, NULL, 0);
}

/* The workload as this machine numbers it: the one child of PID 1. 0: gone already. */
static pid_t workload_pid(const struct nidus_sandbox *sandbox)
{
	char path[64], text[32];
	ssize_t n;

	if (sandbox->spec->as_pid_1)
		return sandbox->pid;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", sandbox->pid, sandbox->pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

static void on_ready(struct nidus_sandbox *sandbox, uint64_t at_us)
{
	const struct nidus_spec *spec = sandbox->spec;
	struct fault ignored;

	sandbox->phase = NIDUS_RUNNING;
	sandbox->ready_us = at_us;
	sandbox->result.setup_us = at_us - sandbox->started_us;
	/* init keeps the wall clock; this is for an init that can't */
	if (spec->wall_us && !spec->as_pid_1)
		sandbox_arm(sandbox, (spec->wall_us + spec->grace_us) / 1000 + SANDBOX_SLACK_MS);
	else
		sandbox_arm(sandbox, 0);
	/* history for list and wait: a full disk must not end a running sandbox */
	journal_write(&sandbox->journal, JOURNAL_READY, "1", &ignored);
	if (sandbox->events.fd >= 0)
		events_setup_finished(&sandbox->events, workload_pid(sandbox),
				      sandbox->result.setup_us);
}

static const char *limit_name(uint32_t kind)
{
	switch (kind) {
	case LIMIT_WALL:
		return "wall";
	case LIMIT_CPU:
		return "cpu";
	case LIMIT_MEMORY:
		return "memory";
	default:
		return "unknown";
	}
}

/* What could not be had: the directory only where the caller could count on it. */
static void on_degraded(struct nidus_sandbox *sandbox, struct fault what)
{
	char why[FAULT_WHAT_MAX + 128];

	what.what[FAULT_WHAT_MAX - 1] = '\0';
	snprintf(why, sizeof(why), "%s", what.what);
	if (what.step == STEP_CHDIR) {
		if (!plan_shows_host(sandbox->spec))
			return;
		sandbox->result.lost_cwd = what;
		snprintf(why, sizeof(why), "%s: %s: it begins in /", what.what, strerror(what.err));
	}
	events_degraded(&sandbox->events, nidus_step_name(what.step), why);
	sandbox->result.degraded++;
}

static void on_fault(struct nidus_sandbox *sandbox, const struct fault *fault)
{
	char cwd[PATH_MAX];

	sandbox->has_fault = true;
	sandbox->result.fault = *fault;
	sandbox->result.fault.what[FAULT_WHAT_MAX - 1] = '\0';
	spec_blame(sandbox->spec, getcwd(cwd, sizeof(cwd)), &sandbox->result.fault);
}

static void on_report(struct nidus_sandbox *sandbox, const struct report *report)
{
	switch (report->kind) {
	case REPORT_FAULT:
		on_fault(sandbox, &report->u.fault);
		break;
	case REPORT_HELD:
		sandbox->phase = NIDUS_HELD;
		sandbox_arm(sandbox, 0);
		break;
	case REPORT_READY:
		on_ready(sandbox, report->at_us);
		break;
	case REPORT_STOPPED:
		sandbox->stopped_signal = (int)report->u.stopped.signal;
		break;
	case REPORT_LIMIT:
		/* an oom kill was told when the kernel reported it */
		if (!sandbox->oom_reported)
			events_limit(&sandbox->events, limit_name(report->u.limit.kind),
				     report->u.limit.used, report->u.limit.limit);
		break;
	case REPORT_EXITED:
		sandbox->has_exited_record = true;
		sandbox->exited = *report;
		break;
	case REPORT_DEGRADED:
		on_degraded(sandbox, report->u.fault);
		break;
	default:
		break;
	}
}

/*
 * The end of the report pipe without a word is how an init that became the
 * workload itself (--as-pid-1) says ready; any other init says so first.
 */
static void on_report_end(struct nidus_sandbox *sandbox)
{
	struct pollfd gone = { .fd = sandbox->pid_fd, .events = POLLIN };

	fd_close(&sandbox->report_fd);
	if (sandbox->spec->as_pid_1 && sandbox->go_sent && !sandbox->has_fault &&
	    sandbox->phase < NIDUS_RUNNING && poll(&gone, 1, 0) == 0)
		on_ready(sandbox, sandbox_now_us());
}

void sandbox_read_reports(struct nidus_sandbox *sandbox)
{
	struct report report;

	while (sandbox->report_fd >= 0) {
		ssize_t n = read(sandbox->report_fd, &report, sizeof(report));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			on_report_end(sandbox);
			return;
		}
		/* the init is trusted until a hostile one is proven: then it ends here */
		if (n != sizeof(report) || report.magic != REPORT_MAGIC ||
		    report.version != CONTRACT_VERSION || report.kind == 0 ||
		    report.kind >= REPORT_KIND_END) {
			sandbox->has_fault = true;
			fault_set(&sandbox->result.fault, STEP_WATCH, EPROTO, "report");
			fd_close(&sandbox->report_fd);
			sandbox_kill_init(sandbox);
			return;
		}
		on_report(sandbox, &report);
	}
}

/* Init sends one thing over control: the pty's master. */
void sandbox_read_control(struct nidus_sandbox *sandbox)
{
	struct control message;
	char space[CMSG_SPACE(sizeof(int))];
	struct iovec part = { &message, sizeof(message) };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1,
				 .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *cmsg;
	ssize_t n = recvmsg(sandbox->control_fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && errno == ECONNRESET)
		sandbox->go_unread = true; /* it died before it read what was sent to it */
	if (n <= 0) {
		fd_close(&sandbox->control_fd);
		return;
	}
	cmsg = CMSG_FIRSTHDR(&header);
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(int))) {
		fd_close(&sandbox->tty_fd);
		memcpy(&sandbox->tty_fd, CMSG_DATA(cmsg), sizeof(int));
	}
}

/*
 * Only the counter tells whether there was a kill. v1 sends its notification
 * before the kernel has killed, and none after: then it is looked at again.
 */
static void look_for_oom(struct nidus_sandbox *sandbox)
{
	struct cg_usage usage;
	struct fault ignored;

	if (sandbox->oom_reported)
		return;
	cg_read(&sandbox->cg, &usage);
	if (usage.oom_kills == CG_UNKNOWN || usage.oom_kills == 0) {
		if (sandbox->oom_looks++ < SANDBOX_OOM_LOOKS)
			sandbox_arm_timer(sandbox->oom_timer_fd, SANDBOX_OOM_LOOK_MS);
		return;
	}
	sandbox->oom_reported = true;
	events_limit(&sandbox->events, "memory", usage.memory_peak, sandbox->spec->memory_bytes);
	/* the kernel killed one process: the rest of the sandbox goes with it */
	if (sandbox_control(sandbox, CONTROL_KILL, LIMIT_MEMORY, &ignored) < 0)
		sandbox_kill_init(sandbox);
	sandbox_arm(sandbox, SANDBOX_SLACK_MS);
}

static void on_oom(struct nidus_sandbox *sandbox)
{
	char drain[512];

	lseek(sandbox->oom_fd, 0, SEEK_SET); /* kernfs re-arms when read; an eventfd has no offset */
	if (read(sandbox->oom_fd, drain, sizeof(drain)) < 0)
		fd_close(&sandbox->oom_fd);
	sandbox->oom_looks = 0;
	look_for_oom(sandbox);
}

static void on_oom_timer(struct nidus_sandbox *sandbox)
{
	uint64_t count;

	if (read(sandbox->oom_timer_fd, &count, sizeof(count)) == sizeof(count))
		look_for_oom(sandbox);
}

static void on_timer(struct nidus_sandbox *sandbox)
{
	uint64_t count;

	if (read(sandbox->timer_fd, &count, sizeof(count)) != sizeof(count))
		return; /* re-armed since */
	if (sandbox->phase == NIDUS_ENDING)
		return; /* a removal is due: nidus_step does it */
	if (sandbox->phase == NIDUS_STARTING)
		sandbox->handshake_timeout = true;
	sandbox_kill_init(sandbox);
}

static void on_block_fd(struct nidus_sandbox *sandbox)
{
	struct fault fault;

	epoll_ctl(sandbox->epoll_fd, EPOLL_CTL_DEL, sandbox->spec->block_fd, NULL);
	sandbox->block_done = true;
	if (spawn_go(sandbox, &fault) == 0)
		return;
	sandbox->has_fault = true;
	sandbox->result.fault = fault;
	sandbox_kill_init(sandbox);
}

static void on_event(struct nidus_sandbox *sandbox, int fd)
{
	if (fd == sandbox->report_fd)
		sandbox_read_reports(sandbox);
	else if (fd == sandbox->control_fd)
		sandbox_read_control(sandbox);
	else if (fd == sandbox->timer_fd)
		on_timer(sandbox);
	else if (fd == sandbox->oom_fd)
		on_oom(sandbox);
	else if (fd == sandbox->oom_timer_fd)
		on_oom_timer(sandbox);
	else if (fd == sandbox->pid_fd)
		end_begin(sandbox);
	else if (sandbox->net_user && fd == net_user_fd(sandbox->net_user))
		network_on_helper_end(sandbox);
	else if (fd == sandbox->spec->block_fd)
		on_block_fd(sandbox);
}

enum nidus_phase nidus_step(struct nidus_sandbox *sandbox)
{
	struct epoll_event events[STEP_EVENTS_MAX];
	int count;

	if (sandbox->phase == NIDUS_GONE)
		return NIDUS_GONE;
	count = epoll_wait(sandbox->epoll_fd, events, STEP_EVENTS_MAX, 0);
	for (int i = 0; i < count; i++)
		on_event(sandbox, events[i].data.fd);
	if (sandbox->phase == NIDUS_ENDING)
		end_step(sandbox);
	return sandbox->phase;
}
