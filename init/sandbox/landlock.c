/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: a ruleset from the rules of the plan, applied to the workload process. */
#include <errno.h>
#include <linux/landlock.h>
#include <sys/stat.h>

#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"

static int add_path(int ruleset, const struct plan_landlock *rule, const char *path)
{
	cleanup_fd int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr attr = {.allowed_access = rule->access,
						  .parent_fd = fd};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode)) /* the kernel refuses a directory's rights on a file */
		attr.allowed_access &= ABI_LANDLOCK_FILE_RIGHTS;
	if (attr.allowed_access == 0)
		return 0;
	return sys_landlock_add(ruleset, ABI_LANDLOCK_RULE_PATH, &attr);
}

static int add_port(int ruleset, const struct plan_landlock *rule)
{
	const struct abi_landlock_port attr = {.allowed_access = rule->access,
					       .port = rule->port};

	return sys_landlock_add(ruleset, ABI_LANDLOCK_RULE_PORT, &attr);
}

/*
 * *ruleset is -1 if the plan asks for none. Must not have happened yet: the rlimits,
 * which may leave no descriptor to open a path with.
 */
int landlock_make(const struct plan_view *plan, int *ruleset, struct fault *fault)
{
	const struct abi_landlock_ruleset attr = {
		.handled_access_fs = plan->header->landlock_fs,
		.handled_access_net = plan->header->landlock_net,
		.scoped = plan->header->landlock_scoped,
	};

	*ruleset = -1;
	if (attr.handled_access_fs == 0 && attr.handled_access_net == 0 && attr.scoped == 0)
		return 0;
	*ruleset = sys_landlock_create(&attr);
	if (*ruleset < 0)
		return fault_errno(fault, STEP_LANDLOCK, "ruleset");
	for (uint32_t i = 0; i < plan->header->landlock.count; i++) {
		const struct plan_landlock *rule = &plan->landlock[i];
		const char *path = plan_string(plan, rule->path);
		int result = rule->kind == PLAN_LANDLOCK_PATH ? add_path(*ruleset, rule, path)
							      : add_port(*ruleset, rule);

		if (result < 0)
			return fault_errno(fault, STEP_LANDLOCK, path[0] ? path : "port");
	}
	return 0;
}

int landlock_apply(int ruleset, struct fault *fault)
{
	if (ruleset >= 0 && sys_landlock_restrict(ruleset) < 0)
		return fault_errno(fault, STEP_LANDLOCK, "ruleset");
	return 0;
}
