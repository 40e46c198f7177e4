/* SPDX-License-Identifier: Apache-2.0 */
/* STEP_LIMITS: the limits of the plan that init itself enforces, and how it measures. */
#include "sandbox.h"

/* Needs: the procfs, all tmpfs mounts. Must not have happened yet: the fork. */
int plan_limits(struct init *in, struct fault *fault)
{
	const struct plan_header *header = in->plan.header;

	in->tree = (struct tree){.proc_fd = in->proc_fd, .everyone = true};
	in->usage = (struct usage){
		.tree = &in->tree,
		.cpu_form = header->cpu_usage_form,
		.cpu_fd = header->cpu_usage_fd,
		.tmpfs_fds = in->tmpfs_fds,
		.tmpfs_count = in->tmpfs_count,
	};
	in->limits.wall_us = header->wall_us;
	in->limits.cpu_us = header->cpu_us;
	in->limits.memory_bytes = header->memory_bytes;
	in->limits.memory_interval_us = header->memory_interval_us;
	return limits_prepare(&in->limits, &in->usage, fault);
}
