/* SPDX-License-Identifier: Apache-2.0 */
/* Measures what the sandbox uses where no cgroup does, or reads it from one. */
#include <errno.h>
#include <sys/vfs.h>

#include "../kernel_abi.h"
#include "limits.h"
#include "../core/procfs.h"
#include "../text.h"
#include "../core/tree.h"

#define STAT_MAX 1024

static int cpu_of_cgroup(const struct plan_header *header, uint64_t *used_us)
{
	char text[STAT_MAX];
	ssize_t n = pread(header->cpu_usage_fd, text, sizeof(text), 0);
	const char *p = text;

	if (n < 0)
		return -1;
	errno = EPROTO;
	if (header->cpu_usage_form == PLAN_CPU_STAT)
		return procfs_text_value(text, (size_t)n, "usage_usec ", used_us) ? 0 : -1;
	if (!text_parse(&p, text + n, used_us))
		return -1;
	*used_us /= 1000;
	return 0;
}

int usage_cpu(const struct init *in, uint64_t *used_us)
{
	const struct tree tree = {.proc_fd = in->proc_fd, .everyone = true};

	if (in->plan.header->cpu_usage_form == PLAN_CPU_NONE)
		return tree_cpu(&tree, used_us);
	return cpu_of_cgroup(in->plan.header, used_us);
}

static uint64_t tmpfs_bytes(const struct init *in)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < in->tmpfs_count; i++) {
		struct statfs st;

		if (fstatfs(in->tmpfs_fds[i], &st) == 0 && st.f_blocks >= st.f_bfree)
			bytes += (uint64_t)(st.f_blocks - st.f_bfree) * (uint64_t)st.f_bsize;
	}
	return bytes;
}

int usage_memory(const struct init *in, uint64_t limit, uint64_t *used)
{
	const struct tree tree = {.proc_fd = in->proc_fd, .everyone = true};

	return tree_memory_with(&tree, tmpfs_bytes(in), limit, used);
}
