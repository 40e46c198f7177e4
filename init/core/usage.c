/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the usage from a cgroup, or measures the tree where there is none. */
#include "usage.h"

#include <errno.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../contract.h"
#include "../small_file.h"
#include "../text.h"
#include "procfs.h"

#define STAT_MAX 1024

static int cpu_of_cgroup(const struct usage *usage, uint64_t *used_us)
{
	char text[STAT_MAX];
	ssize_t n = small_file_read_again(usage->cpu_fd, text, sizeof(text));
	const char *p = text;

	if (n < 0)
		return -1;
	errno = EPROTO;
	if (usage->cpu_form == PLAN_CPU_STAT)
		return procfs_text_value(text, (size_t)n, "usage_usec ", used_us) ? 0 : -1;
	if (!text_parse(&p, text + n, used_us))
		return -1;
	*used_us /= 1000;
	return 0;
}

int usage_cpu(const struct usage *usage, uint64_t *used_us)
{
	return usage->cpu_form == PLAN_CPU_NONE ? tree_cpu(usage->tree, used_us)
						: cpu_of_cgroup(usage, used_us);
}

static int tmpfs_bytes(const struct usage *usage, uint64_t *bytes)
{
	*bytes = 0;
	for (uint32_t i = 0; i < usage->tmpfs_count; i++) {
		struct statfs st;

		if (fstatfs(usage->tmpfs_fds[i], &st) < 0)
			return -1;
		if (st.f_blocks >= st.f_bfree)
			*bytes += (uint64_t)(st.f_blocks - st.f_bfree) * (uint64_t)st.f_bsize;
	}
	return 0;
}

int usage_memory_begin(const struct usage *usage)
{
	return tree_memory_begin(usage->tree);
}

int usage_memory(const struct usage *usage, uint64_t limit, struct tree_memory *used)
{
	uint64_t files;

	return tmpfs_bytes(usage, &files) < 0 ? -1
					      : tree_memory(usage->tree, files, limit, used);
}
