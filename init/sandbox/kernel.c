/* SPDX-License-Identifier: Apache-2.0 */
/* STEP_HOST: the kernel as the sandbox sees it; and the resource limits of the workload. */
#include <errno.h>
#include <sys/resource.h>

#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"
#include "../core/loopback.h"

static int write_sysctl(int sys_fd, const char *name, struct plan_ref value, const char *bytes,
			struct fault *fault)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	cleanup_fd int fd = sys_openat2(sys_fd, name, &how);

	if (fd < 0 || fd_write_whole(fd, bytes, value.len) < 0)
		return fault_errno(fault, STEP_HOST, name);
	return 0;
}

static int write_sysctls(const struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;
	cleanup_fd int sys_fd = -1;

	if (plan->header->sysctls.count == 0)
		return 0;
	sys_fd = openat(in->proc_fd, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (sys_fd < 0)
		return fault_errno(fault, STEP_HOST, "/proc/sys");
	for (uint32_t i = 0; i < plan->header->sysctls.count; i++) {
		const struct plan_sysctl *s = &plan->sysctls[i];

		if (write_sysctl(sys_fd, plan_string(plan, s->name), s->value,
				 plan_string(plan, s->value), fault) < 0)
			return -1;
	}
	return 0;
}

/* Needs: the namespaces, and in->proc_fd: the procfs inside may be read-only. */
int kernel_set(struct init *in, struct fault *fault)
{
	const struct plan_header *header = in->plan.header;
	const char *hostname = plan_string(&in->plan, header->hostname);

	if (header->hostname.len > 0 && sethostname(hostname, header->hostname.len) < 0)
		return fault_errno(fault, STEP_HOST, hostname);
	if ((header->flags & PLAN_LOOPBACK) && loopback_up(fault) < 0)
		return -1;
	return write_sysctls(in, fault);
}

static const char *rlimit_name(uint32_t resource)
{
	static const char *const names[] = {
		[RLIMIT_CPU] = "RLIMIT_CPU",
		[RLIMIT_FSIZE] = "RLIMIT_FSIZE",
		[RLIMIT_DATA] = "RLIMIT_DATA",
		[RLIMIT_STACK] = "RLIMIT_STACK",
		[RLIMIT_CORE] = "RLIMIT_CORE",
		[RLIMIT_RSS] = "RLIMIT_RSS",
		[RLIMIT_NPROC] = "RLIMIT_NPROC",
		[RLIMIT_NOFILE] = "RLIMIT_NOFILE",
		[RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",
		[RLIMIT_AS] = "RLIMIT_AS",
		[RLIMIT_LOCKS] = "RLIMIT_LOCKS",
		[RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
		[RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE",
		[RLIMIT_NICE] = "RLIMIT_NICE",
		[RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",
		[RLIMIT_RTTIME] = "RLIMIT_RTTIME",
	};

	return resource < sizeof(names) / sizeof(names[0]) ? names[resource] : "rlimit";
}

int kernel_set_rlimits(const struct plan_view *plan, struct fault *fault)
{
	for (uint32_t i = 0; i < plan->header->rlimits.count; i++) {
		const struct plan_rlimit *r = &plan->rlimits[i];
		const uint64_t limit[2] = {r->soft, r->hard}; /* struct rlimit64 */

		if (syscall(SYS_prlimit64, 0, r->resource, limit, NULL) < 0)
			return fault_errno(fault, STEP_RLIMIT, rlimit_name(r->resource));
	}
	return 0;
}
