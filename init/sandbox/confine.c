/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids, capabilities, no_new_privs, seccomp. STEP_IDENTITY is init's own; the rest
 * happens in the workload's process, last before its exec.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "sandbox.h"
#include "../kernel_abi.h"

/*
 * Changes to the given ids without losing capabilities: the kernel takes them
 * from who leaves uid 0, PR_SET_KEEPCAPS keeps the permitted, and the effective
 * are raised again.
 */
static int change_ids(uint32_t uid, uint32_t gid)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	uint64_t caps = caps_of_init();

	if (getresgid(&rgid, &egid, &sgid) < 0 || getresuid(&ruid, &euid, &suid) < 0)
		return -1;
	if ((rgid != gid || egid != gid || sgid != gid) && sys_setresgid(gid) < 0)
		return -1;
	if (ruid == uid && euid == uid && suid == uid)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || sys_setresuid(uid) < 0 ||
	    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return -1;
	return caps_set(caps, caps);
}

/*
 * Needs: the sources open; the id maps written.
 * The supplementary groups are the caller's: they go, except where the kernel
 * denies setgroups because the caller could not map groups anyway.
 */
int identity_assume(struct init *in, struct fault *fault)
{
	const struct plan_header *header = in->plan.header;

	if (!(header->flags & PLAN_KEEP_GROUPS) && sys_setgroups_none() < 0)
		return fault_errno(fault, STEP_IDENTITY, "groups");
	if (change_ids(header->init_uid, header->init_gid) < 0)
		return fault_errno(fault, STEP_IDENTITY, "ids");
	return 0;
}

/*
 * Without no_new_privs a filter or a Landlock ruleset takes CAP_SYS_ADMIN: it is
 * neither inheritable nor in the bounding set, and so ends with the exec.
 */
static uint64_t caps_until_exec(const struct plan_view *plan)
{
	const struct plan_header *h = plan->header;
	bool restricts = h->seccomp.count > 0 || h->landlock_fs || h->landlock_net ||
			 h->landlock_scoped;

	if (restricts && !plan_has(plan, PLAN_NO_NEW_PRIVS))
		return h->caps | 1ull << CAP_SYS_ADMIN;
	return h->caps;
}

/*
 * The bounding set first, which takes CAP_SETPCAP; then ids; then what is left.
 * The groups are gone since STEP_IDENTITY.
 */
int confine_identity(const struct plan_view *plan, struct fault *fault)
{
	const struct plan_header *header = plan->header;

	if (caps_limit_bounding(header->caps) < 0)
		return fault_errno(fault, STEP_USER, "bounding set");
	if (change_ids(header->work_uid, header->work_gid) < 0)
		return fault_errno(fault, STEP_USER, "ids");
	if (caps_set(caps_until_exec(plan), header->caps) < 0)
		return fault_errno(fault, STEP_USER, "capabilities");
	if (caps_set_ambient(header->caps) < 0)
		return fault_errno(fault, STEP_USER, "ambient capabilities");
	return 0;
}

/* With the workload's ids: what it may not enter, it does not get entered for it. */
int confine_chdir(struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;
	const char *path = plan_string(plan, plan->header->cwd);
	struct fault lost;

	if (chdir(path[0] ? path : "/") == 0)
		return 0;
	if (!plan_has(plan, PLAN_CWD_OPTIONAL))
		return fault_errno(fault, STEP_CHDIR, path);
	/* not in `fault`, which the watching init would take for a failed start */
	fault_errno(&lost, STEP_CHDIR, path);
	report_fault(in, REPORT_DEGRADED, &lost);
	return chdir("/") < 0 ? fault_errno(fault, STEP_CHDIR, "/") : 0;
}

int confine_no_new_privs(const struct plan_view *plan, struct fault *fault)
{
	if (plan_has(plan, PLAN_NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_errno(fault, STEP_USER, "no_new_privs");
	return 0;
}

/* Must not have happened yet: the exec; nothing but it should follow. */
int confine_seccomp(const struct plan_view *plan, struct fault *fault)
{
	const struct sock_fprog program = {
		.len = (unsigned short)plan->header->seccomp.count,
		.filter = (struct sock_filter *)plan->seccomp, /* only read */
	};

	if (program.len == 0)
		return 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return fault_errno(fault, STEP_SECCOMP, "filter");
	return 0;
}
