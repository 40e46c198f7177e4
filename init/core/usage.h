/* SPDX-License-Identifier: Apache-2.0 */
/* What a tree uses: from its cgroup if that measures it, else summed over the processes. */
#ifndef NIDUS_INIT_USAGE_H
#define NIDUS_INIT_USAGE_H

#include <stdint.h>

#include "tree.h"

struct usage {
	const struct tree *tree;
	uint32_t cpu_form;    /* enum plan_cpu_form; PLAN_CPU_NONE: no cgroup file */
	int cpu_fd;           /* of that file */
	const int *tmpfs_fds; /* mounts whose content counts as memory */
	uint32_t tmpfs_count;
};

/*
 * All: -1 and errno if something that they need can't be read. A figure is never made up of what
 * could be read alone: what runs inside could choose what that is.
 */

/* Cpu time of the whole tree, microseconds. */
int usage_cpu(const struct usage *usage, uint64_t *used_us);

/* Before the first process. */
int usage_memory_begin(const struct usage *usage);

/*
 * Memory of the whole tree: private pages, shared memory, and the contents of the tmpfs
 * mounts; not the page cache of files, not what is in sockets and pipes. Exact if `limit` may
 * be exceeded, otherwise a cheap lower bound.
 */
int usage_memory(const struct usage *usage, uint64_t limit, struct tree_memory *used);

#endif
