/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids, capabilities, no_new_privs, seccomp. STEP_IDENTITY runs in init; the rest runs
 * in the workload process, right before its exec.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "sandbox.h"
#include "../kernel_abi.h"

/* After a change of ids, which takes capabilities, and may make dumpable (fs.suid_dumpable). */
static int keep(uint64_t caps)
{
	return caps_set(caps, caps) < 0 ? -1 : prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/*
 * Changes to the given ids without losing capabilities: a process that leaves uid 0
 * loses them, so PR_SET_KEEPCAPS keeps the permitted ones, and the effective ones are
 * raised again.
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
	return keep(caps);
}

/*
 * Needs: the sources open; the id maps written.
 * The supplementary groups are those of the caller and are dropped, except where the
 * kernel denies setgroups because the caller could not map groups anyway.
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

int identity_watch(const struct init *in, struct fault *fault)
{
	if (change_ids(in->plan.header->watch_uid, in->plan.header->watch_gid) < 0)
		return fault_errno(fault, STEP_FORK, "ids of init");
	return 0;
}

int identity_for_files(uint32_t uid, uint32_t gid)
{
	uint64_t caps = caps_of_init();

	sys_setfsgid(gid);
	sys_setfsuid(uid);
	if (sys_setfsgid(gid) == gid && sys_setfsuid(uid) == uid)
		return keep(caps);
	errno = EPERM;
	return -1;
}

/*
 * Without no_new_privs a filter or a Landlock ruleset needs CAP_SYS_ADMIN. It is neither
 * inheritable nor in the bounding set, so the exec drops it.
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
 * The ids, then the capability sets. STEP_IDENTITY has dropped the groups, and launch_fork
 * has limited the bounding set.
 */
int confine_identity(const struct plan_view *plan, struct fault *fault)
{
	const struct plan_header *header = plan->header;

	if (change_ids(header->work_uid, header->work_gid) < 0)
		return fault_errno(fault, STEP_USER, "ids");
	if (caps_set(caps_until_exec(plan), header->caps) < 0)
		return fault_errno(fault, STEP_USER, "capabilities");
	if (caps_set_ambient(header->caps) < 0)
		return fault_errno(fault, STEP_USER, "ambient capabilities");
	return 0;
}

/* With the ids of the workload, so that it does not start in a directory it may not enter. */
int confine_chdir(struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;
	const char *path = plan_string(plan, plan->header->cwd);
	struct fault lost;

	if (chdir(path[0] ? path : "/") == 0)
		return 0;
	if (!plan_has(plan, PLAN_CWD_OPTIONAL))
		return fault_errno(fault, STEP_CHDIR, path);
	/* not in `fault`, which init would take for a failed start */
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

/* Last before the exec: the filter may deny every other call. */
int confine_seccomp(const struct plan_view *plan, struct fault *fault)
{
	const struct sock_fprog program = {
		.len = (unsigned short)plan->header->seccomp.count,
		.filter = (struct sock_filter *)plan->seccomp, /* not written to */
	};

	if (program.len == 0)
		return 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return fault_errno(fault, STEP_SECCOMP, "filter");
	return 0;
}
