/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A procfs only for the init of the sandbox, mounted nowhere, so that nothing inside can
 * cover or change what it reads.
 */
#include <errno.h>

#include "sandbox.h"
#include "../kernel_abi.h"
#include "mount.h"

/* Needs: the old root is still in place. */
int proc_open(struct init *in, struct fault *fault)
{
	const struct plan_header *header = in->plan.header;
	bool watches = header->memory_bytes > 0 ||
		       (header->cpu_us > 0 && header->cpu_usage_form == PLAN_CPU_NONE);

	if (!watches && header->sysctls.count == 0)
		return 0;
	in->proc_fd = mount_make_fs("proc", NULL, 0,
				    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	/* For sysctls any procfs does: they go by the namespaces of the caller. */
	if (in->proc_fd < 0 && !watches)
		in->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (in->proc_fd < 0)
		return fault_errno(fault, watches ? STEP_LIMITS : STEP_HOST, "proc");
	return 0;
}
