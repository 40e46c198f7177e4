/* SPDX-License-Identifier: Apache-2.0 */
/* Hardens PID 1 itself against processes inside and against accidents. */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include "sandbox.h"
#include "../kernel_abi.h"

#define KEEP_MAX (PLAN_FDS_MAX + TMPFS_WATCH_MAX + 8)

/*
 * Needs: GO. Until then the parent works on /proc/PID, which it may not do once init is
 * non-dumpable; for the same reason oom_score_adj is opened first.
 */
int harden_start(struct init *in, struct fault *fault)
{
	/* In any other process kill(-1) would reach the whole machine. */
	if (getpid() != 1)
		return fault_set(fault, STEP_HANDSHAKE, EINVAL, "not PID 1 of a pid namespace");
	if (in->plan.header->oom_score_adj > 0)
		in->oom_fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	if (sys_close_range(3, UINT32_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		return fault_errno(fault, STEP_HANDSHAKE, "close_range");
	/* an exec of a memfd leaves an unhelpful name, before Linux 6.14 just a number */
	if (prctl(PR_SET_NAME, "nidus-init", 0, 0, 0) < 0)
		return fault_errno(fault, STEP_HANDSHAKE, "name");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fault_errno(fault, STEP_HANDSHAKE, "dumpable");
	return 0;
}

static void keep(int *list, unsigned *count, int fd)
{
	unsigned i = *count;

	if (fd < 0)
		return;
	for (; i > 0 && list[i - 1] > fd; i--)
		list[i] = list[i - 1];
	list[i] = fd;
	(*count)++;
}

/* Keeps open only what the watch needs: no inherited descriptor, no mount. */
static int close_others(const struct init *in)
{
	const struct plan_view *plan = &in->plan;
	bool has_memory = plan->header->memory_bytes > 0;
	bool has_proc = has_memory || plan->header->cpu_us > 0;
	int list[KEEP_MAX];
	unsigned count = 0, next = 0;

	keep(list, &count, in->control_fd);
	keep(list, &count, in->report_fd);
	keep(list, &count, in->signal_fd);
	keep(list, &count, in->job.start_fd);
	keep(list, &count, plan->header->tty_fd);
	keep(list, &count, plan->header->cpu_usage_fd);
	keep(list, &count, has_proc ? in->proc_fd : -1);
	for (uint32_t i = 0; has_memory && i < in->tmpfs_count; i++)
		keep(list, &count, in->tmpfs_fds[i]);
	for (uint32_t i = 0; i < plan->header->hold_fds.count; i++)
		keep(list, &count, plan->hold_fds[i]);
	for (unsigned i = 0; i < count; i++) {
		unsigned fd = (unsigned)list[i];

		if (fd > next && sys_close_range(next, fd - 1, 0) < 0)
			return -1;
		next = fd + 1;
	}
	return sys_close_range(next, UINT32_MAX, 0);
}

static int drop_capabilities(const struct init *in)
{
	uint64_t keep_caps = 1ull << CAP_KILL;

	/* to look at what a process with other ids has mapped, and has open */
	if (in->plan.header->memory_bytes > 0)
		keep_caps |= 1ull << CAP_SYS_PTRACE | 1ull << CAP_DAC_READ_SEARCH;
	/* the fork left those of the workload in the bounding set: most often none */
	if (in->plan.header->caps && caps_limit_bounding(0) < 0)
		return -1;
	if (caps_set_ambient(0) < 0 || caps_set(keep_caps, 0) < 0)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Needs: the workload process forked, with its own copies of the descriptors. */
int harden_watcher(struct init *in, struct fault *fault)
{
	if (close_others(in) < 0)
		return fault_errno(fault, STEP_FORK, "close_range");
	if (chdir("/") < 0)
		return fault_errno(fault, STEP_FORK, "/");
	if (drop_capabilities(in) < 0)
		return fault_errno(fault, STEP_FORK, "capabilities of init");
	return 0;
}
