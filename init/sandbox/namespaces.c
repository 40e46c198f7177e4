/* SPDX-License-Identifier: Apache-2.0 */
/* STEP_NAMESPACES: the cgroup namespace, propagation. */
#include <errno.h>
#include <sched.h>

#include "sandbox.h"
#include "../kernel_abi.h"

/*
 * Needs: GO, so that init is in its cgroup, the root of the cgroup namespace.
 * Must not have happened yet: the use of any path.
 */
int namespaces_enter(struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;

	if (plan_has(plan, PLAN_NEW_CGROUP_NS) && unshare(CLONE_NEWCGROUP) < 0)
		return fault_errno(fault, STEP_NAMESPACES, "cgroup namespace");
	if (plan_has(plan, PLAN_NO_ROOT) || plan_has(plan, PLAN_NEW_USERNS))
		return 0;
	/* With its own user namespace the copy is a slave already: nothing propagates out. */
	if (sys_make_private("/") < 0)
		return fault_errno(fault, STEP_NAMESPACES, "/");
	return 0;
}
