/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From PID 1's death to nothing left. The kernel has killed and reaped the whole
 * pid namespace by the time the pidfd of PID 1 is readable; what remains is the
 * host's: groups, name, directory. Removal is a step that may be repeated.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../record/removal.h"
#include "network.h"
#include "sandbox.h"

#define FREE_WAIT_MS 10000

/* Reaps PID 1. False while it lives; a caller that ignores SIGCHLD leaves no status. */
static bool reap_init(struct nidus_sandbox *sandbox)
{
	siginfo_t info = { .si_pid = 0 };

	int failed;

	if (sandbox->pid_fd < 0)
		return sandbox->pid != 0;
	failed = waitid(P_PIDFD, (id_t)sandbox->pid_fd, &info, WEXITED | WNOHANG);
	if (failed ? errno != ECHILD : info.si_pid == 0)
		return false;
	trail_strike(&sandbox->trail, JOURNAL_INIT);
	sandbox->wait_code = info.si_code;
	sandbox->wait_status = info.si_status;
	fd_close(&sandbox->pid_fd);
	return true;
}

bool end_killed_at_birth(struct nidus_sandbox *sandbox)
{
	struct pollfd gone = { .fd = sandbox->pid_fd, .events = POLLIN };

	if (!sandbox->into_cgroup || sandbox->pid_fd < 0 || sandbox->canceled)
		return false;
	/* a write to its files failed because it is dying: that takes a moment */
	if (poll(&gone, 1, 100) != 1 || !reap_init(sandbox))
		return false;
	if (sandbox->wait_code != CLD_KILLED || sandbox->wait_status != SIGKILL)
		return false;
	fd_close(&sandbox->control_fd);
	fd_close(&sandbox->report_fd);
	sandbox->go_sent = sandbox->go_unread = false;
	return true;
}

static uint64_t or_unset(uint64_t value)
{
	return value == CG_UNKNOWN ? NIDUS_UNSET : value;
}

static void read_usage(struct nidus_sandbox *sandbox)
{
	struct nidus_result *result = &sandbox->result;
	struct cg_usage usage;

	cg_read(&sandbox->cg, &usage);
	result->memory_peak = or_unset(usage.memory_peak);
	result->pids_peak = or_unset(usage.pids_peak);
	if (result->pids_peak != NIDUS_UNSET && result->pids_peak > 0 && !sandbox->spec->as_pid_1)
		result->pids_peak--; /* PID 1, as in the limit */
	result->pids_max_hits = or_unset(usage.pids_max_hits);
	result->oom_kills = or_unset(usage.oom_kills);
	result->cpu_throttled_us = or_unset(usage.cpu_throttled_us);
	result->cpu_user_us = or_unset(usage.cpu_user_us);
	result->cpu_sys_us = or_unset(usage.cpu_sys_us);
	if (!sandbox->has_exited_record)
		return;
	if (result->memory_peak == NIDUS_UNSET)
		result->memory_peak = sandbox->exited.u.exited.memory_peak ?
					      sandbox->exited.u.exited.memory_peak :
					      sandbox->exited.u.exited.max_rss_bytes;
	if (result->cpu_user_us == NIDUS_UNSET || result->cpu_sys_us == NIDUS_UNSET) {
		result->cpu_user_us = sandbox->exited.u.exited.cpu_user_us;
		result->cpu_sys_us = sandbox->exited.u.exited.cpu_sys_us;
	}
	result->zombies_reaped = sandbox->exited.u.exited.zombies_reaped;
}

static enum nidus_reason reason_of_signal(const struct nidus_result *result)
{
	switch (result->signal) {
	case SIGSYS:
		return NIDUS_SECCOMP_KILL;
	case SIGXFSZ:
		return NIDUS_OUTPUT_LIMIT;
	default:
		return NIDUS_SIGNALED;
	}
}

static bool was_oom(const struct nidus_result *result)
{
	return result->oom_kills != NIDUS_UNSET && result->oom_kills > 0;
}

/* The workload's own end, then what outranks it. */
static void judge_exited(struct nidus_sandbox *sandbox)
{
	struct nidus_result *result = &sandbox->result;
	uint32_t code = sandbox->exited.u.exited.code;
	uint32_t status = sandbox->exited.u.exited.status;
	uint32_t limit = sandbox->exited.u.exited.limit;

	if (code == CLD_EXITED) {
		result->reason = NIDUS_EXITED;
		result->exit_code = (int)(status & 0xff);
	} else {
		result->signal = (int)status;
		result->core_dumped = code == CLD_DUMPED;
		result->exit_code = 128 + (int)status;
		result->reason = reason_of_signal(result);
	}
	if (result->exit_code != 0 && result->pids_max_hits != NIDUS_UNSET &&
	    result->pids_max_hits > 0)
		result->reason = NIDUS_PIDS_LIMIT;
	if (sandbox->canceled || sandbox->exited.u.exited.by_stop ||
	    state_is_canceled(&sandbox->state))
		result->reason = NIDUS_CANCELED;
	if (limit == LIMIT_WALL || limit == LIMIT_CPU) {
		result->reason = limit == LIMIT_WALL ? NIDUS_WALL_TIMEOUT : NIDUS_CPU_TIMEOUT;
		result->exit_code = 124;
	}
	/* the kernel's counter or the monitor, never a guess from 137 */
	if (limit == LIMIT_MEMORY || was_oom(result)) {
		result->reason = NIDUS_OOM;
		result->exit_code = 137;
	}
}

/* PID 1 itself was the workload (--as-pid-1): its status is the workload's. */
static void judge_pid_1(struct nidus_sandbox *sandbox)
{
	sandbox->exited.u.exited.code = (uint32_t)sandbox->wait_code;
	sandbox->exited.u.exited.status = (uint32_t)sandbox->wait_status;
	judge_exited(sandbox);
}

static void judge_lost(struct nidus_sandbox *sandbox)
{
	struct nidus_result *result = &sandbox->result;

	result->signal = sandbox->wait_code == CLD_EXITED ? 0 : sandbox->wait_status;
	/* memory.oom.group of a group above ours takes PID 1, too */
	if (result->signal == SIGKILL && was_oom(result)) {
		result->reason = NIDUS_OOM;
		result->exit_code = 137;
		return;
	}
	result->exit_code = 125;
	if (sandbox->canceled || state_is_canceled(&sandbox->state)) {
		result->reason = NIDUS_CANCELED;
		result->exit_code = 137;
		return;
	}
	result->reason = NIDUS_INIT_LOST;
	if (sandbox->handshake_timeout)
		fault_set(&result->fault, STEP_HANDSHAKE, ETIMEDOUT, "init");
	/* reboot(2) inside a pid namespace ends its PID 1 so: pid_namespaces(7) */
	else if (result->signal == SIGHUP || result->signal == SIGINT)
		fault_set(&result->fault, STEP_WATCH, 0, "PID 1 ended by reboot(2) inside");
	else
		fault_set(&result->fault, STEP_WATCH, 0, "PID 1 was killed from outside");
}

static void judge(struct nidus_sandbox *sandbox)
{
	struct nidus_result *result = &sandbox->result;
	bool was_ready = sandbox->ready_us != 0;

	result->wall_us = was_ready ? sandbox->ending_us - sandbox->ready_us : 0;
	if (sandbox->has_fault) {
		result->reason = NIDUS_START_ERROR;
		result->exit_code = nidus_fault_exit_code(&result->fault);
		/* killed by who asked for its end before it ran: the fault came of that */
		if (!was_ready && state_is_canceled(&sandbox->state))
			result->reason = NIDUS_CANCELED;
	} else if (sandbox->has_exited_record) {
		judge_exited(sandbox);
	} else if (sandbox->spec->as_pid_1 && was_ready) {
		judge_pid_1(sandbox);
	} else {
		judge_lost(sandbox);
	}
}

static void tell_end(struct nidus_sandbox *sandbox)
{
	const struct nidus_result *result = &sandbox->result;
	struct fault ignored;
	char text[80];

	snprintf(text, sizeof(text), "%s %d %d", nidus_reason_name(result->reason),
		 result->exit_code, result->signal);
	/* for nidus wait: a full disk must not keep the rest from being removed */
	journal_write(&sandbox->journal, JOURNAL_EXITED, text, &ignored);
	if (result->fault.step != STEP_NONE)
		events_failed(&sandbox->events, &result->fault);
	events_exited(&sandbox->events, result);
}

/* PID 1 may be dead: tried again without CLONE_INTO_CGROUP where that killed it. */
static bool respawn(struct nidus_sandbox *sandbox)
{
	if (sandbox->has_fault || !sandbox->into_cgroup || sandbox->canceled ||
	    sandbox->phase != NIDUS_STARTING || (sandbox->go_sent && !sandbox->go_unread) ||
	    sandbox->wait_code != CLD_KILLED || sandbox->wait_status != SIGKILL)
		return false;
	fd_close(&sandbox->control_fd);
	fd_close(&sandbox->report_fd);
	sandbox->go_sent = sandbox->go_unread = false;
	if (launch_init(sandbox, false, &sandbox->result.fault) == 0)
		return true;
	sandbox->has_fault = true;
	sandbox_kill_init(sandbox);
	return sandbox->pid_fd >= 0; /* its death is the next event */
}

void end_begin(struct nidus_sandbox *sandbox)
{
	if (sandbox->phase == NIDUS_ENDING) { /* abandoned, and slow to die */
		reap_init(sandbox);
		return;
	}
	sandbox_read_reports(sandbox); /* what it wrote before it died */
	if (sandbox->control_fd >= 0)
		sandbox_read_control(sandbox);
	if (!reap_init(sandbox) || respawn(sandbox))
		return;
	sandbox->ending_us = sandbox_now_us();
	sandbox->phase = NIDUS_ENDING;
	sandbox_arm(sandbox, 0);
	fd_close(&sandbox->control_fd);
	fd_close(&sandbox->report_fd);
	fd_close(&sandbox->oom_fd);
	fd_close(&sandbox->oom_timer_fd);
	network_begin_end(sandbox);
	read_usage(sandbox);
	network_read(sandbox);
	judge(sandbox);
	tell_end(sandbox);
}

static int remove_resources(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct removal removal = {
		.state = &sandbox->state,
		.trail = &sandbox->trail,
		.cg = &sandbox->cg,
		/* not freed yet: to close its nftables socket takes 10 ms, for the kernel to finish there */
		.net = sandbox->net,
		.name_fd = sandbox->name.fd,
	};
	int ret;

	network_reap(sandbox);
	ret = removal_run(&removal, fault);
	sandbox->removed += removal.removed;
	return ret;
}

static void end_report(struct nidus_sandbox *sandbox)
{
	struct fault ignored; /* a reader of the report that is gone is no fault of the sandbox */

	if (sandbox->spec->report_fd >= 0)
		report_write(sandbox->spec->report_fd, sandbox->state.id, sandbox->spec,
			     &sandbox->result, &ignored);
}

void end_step(struct nidus_sandbox *sandbox)
{
	struct nidus_result *result = &sandbox->result;
	struct fault fault, ignored;
	char text[FAULT_WHAT_MAX + 32];

	if (remove_resources(sandbox, &fault) == 0) {
		result->cleaned = true;
		events_cleaned(&sandbox->events, sandbox->removed,
			       sandbox_now_us() - sandbox->ending_us);
	} else if (++sandbox->removal_tries < SANDBOX_RETRIES) {
		sandbox_arm(sandbox, SANDBOX_RETRY_MS);
		return;
	} else {
		result->cleanup = fault;
		snprintf(text, sizeof(text), "%s %d %s", nidus_step_name(fault.step), fault.err,
			 fault.what);
		journal_write(&sandbox->journal, JOURNAL_CLEANUP_FAILED, text, &ignored);
		events_cleanup_failed(&sandbox->events, &fault);
		state_close(&sandbox->state);
	}
	name_close(&sandbox->name);
	network_reap(sandbox);
	end_report(sandbox);
	journal_close(&sandbox->journal);
	fd_close(&sandbox->lock_file_fd);
	sandbox->phase = NIDUS_GONE;
}

/* Step after step, each when it is due; a launch that failed early has no epoll_fd yet. */
static void remove_all(struct nidus_sandbox *sandbox)
{
	struct pollfd ready = { .fd = sandbox->epoll_fd, .events = POLLIN };

	end_step(sandbox);
	for (int i = 0; i < SANDBOX_RETRIES && sandbox->phase == NIDUS_ENDING; i++) {
		poll(&ready, 1, 2 * SANDBOX_RETRY_MS);
		nidus_step(sandbox);
	}
}

/* A launch that failed: the same way out, with the fault as the whole story. */
void end_abandon(struct nidus_sandbox *sandbox, const struct fault *fault)
{
	struct pollfd gone = { .fd = sandbox->pid_fd, .events = POLLIN };

	sandbox->has_fault = true;
	sandbox->result.fault = *fault;
	if (sandbox->pid_fd >= 0) {
		sandbox_kill_init(sandbox);
		poll(&gone, 1, FREE_WAIT_MS);
		/* the child may have said why before the parent stumbled over its death */
		sandbox_read_reports(sandbox);
		reap_init(sandbox);
	}
	sandbox->ending_us = sandbox_now_us();
	sandbox->phase = NIDUS_ENDING;
	fd_close(&sandbox->control_fd);
	fd_close(&sandbox->report_fd);
	fd_close(&sandbox->oom_fd);
	fd_close(&sandbox->oom_timer_fd);
	network_begin_end(sandbox);
	judge(sandbox);
	tell_end(sandbox);
	remove_all(sandbox);
}

void nidus_free(struct nidus_sandbox *sandbox)
{
	if (!sandbox)
		return;
	sandbox->canceled = true;
	for (int i = 0; i < SANDBOX_RETRIES && sandbox->phase != NIDUS_GONE; i++) {
		struct pollfd ready = { .fd = sandbox->epoll_fd, .events = POLLIN };

		sandbox_kill_init(sandbox);
		poll(&ready, 1, FREE_WAIT_MS / SANDBOX_RETRIES);
		nidus_step(sandbox);
	}
	for (size_t i = 0; sandbox->tree_fds && i < sandbox->spec->mount_count; i++)
		fd_close(&sandbox->tree_fds[i]);
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++)
		fd_close(&sandbox->join_fds[ns]);
	network_close(sandbox);
	free(sandbox->tree_fds);
	arena_free(&sandbox->arena);
	seccomp_free(&sandbox->filter);
	cg_close(&sandbox->cg);
	journal_close(&sandbox->journal);
	name_close(&sandbox->name);
	state_close(&sandbox->state);
	fd_close(&sandbox->lock_file_fd);
	fd_close(&sandbox->epoll_fd);
	fd_close(&sandbox->pid_fd);
	fd_close(&sandbox->control_fd);
	fd_close(&sandbox->report_fd);
	fd_close(&sandbox->timer_fd);
	fd_close(&sandbox->oom_fd);
	fd_close(&sandbox->oom_timer_fd);
	fd_close(&sandbox->tty_fd);
	free(sandbox);
}
