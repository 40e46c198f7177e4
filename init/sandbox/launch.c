/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the workload: the fork, and the work of init until the exec. workload.c has the
 * other side of it; core/start.c proves the exec.
 */
#include <errno.h>
#include <sched.h>

#include "../core/start.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../small_file.h"
#include "../text.h"
#include "sandbox.h"
#include "workload.h"

static int write_oom_score(int fd, const char *text, size_t len)
{
	return pwrite(fd, text, len, 0) == (ssize_t)len ? 0 : -1;
}

/*
 * oom_score_adj is inherited, so init sets its own to that of the workload during the
 * fork. If it can't, the sandbox is no less confined, but the kernel may kill PID 1 before
 * the process that uses the memory: reported as degraded.
 */
static int fork_with_oom_score(struct init *in, struct fault *fault)
{
	char before[16], number[TEXT_NUMBER_MAX];
	const char *text =
		text_number(number, (uint64_t)in->plan.header->oom_score_adj, 10);
	ssize_t len = in->oom_fd >= 0 ? small_file_read_again(in->oom_fd, before, sizeof(before))
				      : -1;
	struct fault degraded;
	int forked;

	if (len <= 0 || write_oom_score(in->oom_fd, text, strlen(text)) < 0) {
		fault_errno(&degraded, STEP_FORK, "oom_score_adj");
		report_fault(in, REPORT_DEGRADED, &degraded);
		return start_fork(&in->job, fault);
	}
	forked = start_fork(&in->job, fault);
	if (forked == 0)
		return 0;
	/* Restores the old value: the kernel refuses only one below the inherited minimum. */
	if (write_oom_score(in->oom_fd, before, (size_t)len) < 0) {
		fault_errno(&degraded, STEP_FORK, "oom_score_adj of init");
		report_fault(in, REPORT_DEGRADED, &degraded);
	}
	return forked;
}

/*
 * Forks the workload's process, which confines itself and then waits for launch_release:
 * after all that init does for the sandbox, or with PLAN_FORK_FIRST beside it. A root that
 * init enters meanwhile becomes the root of the child as well, since it has the same one.
 * After the fork PID 1 must not exit before the end is reported: only init_fail and
 * watch_workload may exit.
 */
int launch_fork(struct init *in, struct fault *fault)
{
	int forked;

	in->signal_fd = sys_signalfd(ALL_SIGNALS);
	if (in->signal_fd < 0 || signals_own_children(&in->ignores_children) < 0)
		return fault_errno(fault, STEP_FORK, "signalfd");
	/*
	 * Init gets a group of its own in the same session: then the group of the
	 * workload has a parent outside of it, so it is not orphaned and can be stopped
	 * from the terminal. EPERM: init leads a session already, which also works.
	 */
	if (setpgid(0, 0) < 0 && errno != EPERM)
		return fault_errno(fault, STEP_FORK, "process group");
	/* Once for both, as each call makes new credentials: nothing but an exec needs that set. */
	if (caps_limit_bounding(in->plan.header->caps) < 0)
		return fault_errno(fault, STEP_FORK, "bounding set");
	/* the next child is PID 1 of it; init stays outside, and ends it with its own */
	if (plan_has(&in->plan, PLAN_AS_PID_1) && unshare(CLONE_NEWPID) < 0)
		return fault_errno(fault, STEP_FORK, "pid namespace");
	forked = in->plan.header->oom_score_adj > 0 ? fork_with_oom_score(in, fault)
						    : start_fork(&in->job, fault);
	if (forked == 0) {
		in->is_workload = true;
		workload_execute(in, fault);
		start_fail(&in->job, fault);
	}
	return forked < 0 ? -1 : 0;
}

/*
 * Waits until the child has done all but its exec, or with `executed` that, too. Meanwhile
 * signals stay pending in init, which forwards them once the workload runs: so none is lost
 * between fork and exec, sent to a group that does not exist yet or to a process that is not
 * the workload yet.
 */
static int await(struct init *in, bool executed, struct fault *fault)
{
	uint64_t deadline = clock_now_us() + HANDSHAKE_US;

	for (;;) {
		switch (start_await(&in->job, in->control_fd, deadline, fault)) {
		case START_DONE:
			return executed ? 0 : fault_set(fault, STEP_EXEC, EPROTO, "exec");
		case START_OTHER:
			if (control_obey_early(in, fault) < 0)
				return -1;
			break;
		case START_HELD:
			if (in->job.note->held_step == STEP_COUNT)
				return 0;
			if (control_hold(in, in->job.note->held_step, fault) < 0)
				return -1;
			start_release(&in->job);
			deadline = clock_now_us() + HANDSHAKE_US;
			break;
		case START_LATE:
			return fault_set(fault, STEP_EXEC, ETIMEDOUT, "exec");
		default:
			return -1;
		}
	}
}

/* The child is confined; init joins what it has made. */
int launch_meet(struct init *in, struct fault *fault)
{
	cleanup_fd int pidfd = -1;

	if (await(in, false, fault) < 0)
		return -1;
	if (!plan_has(&in->plan, PLAN_MAKE_NET))
		return 0;
	pidfd = (int)syscall(SYS_pidfd_open, in->job.pid, 0);
	if (pidfd < 0 || setns(pidfd, CLONE_NEWNET) < 0)
		return fault_errno(fault, STEP_NAMESPACES, "network namespace");
	return 0;
}

/* Before it the ids of PID 1: the workload must not find it with its own for a moment. */
int launch_release(struct init *in, struct fault *fault)
{
	if (identity_watch(in, fault) < 0 || harden_watcher(in, fault) < 0)
		return -1;
	start_release(&in->job);
	return 0;
}

int launch_await(struct init *in, struct fault *fault)
{
	return await(in, true, fault);
}
