/* SPDX-License-Identifier: Apache-2.0 */
/* What the sandbox has used (usage.c), for the limits to go by. -1 and errno on failure. */
#ifndef NIDUS_INIT_LIMITS_H
#define NIDUS_INIT_LIMITS_H

#include "sandbox.h"

/* Cpu time of the whole tree, microseconds. */
int usage_cpu(const struct init *in, uint64_t *used_us);

/*
 * Memory of the whole tree, bytes: private pages, shared memory, and what its
 * tmpfs mounts hold; not the page cache of files. Exact once `limit` may be
 * exceeded, cheap and from below as long as it can't be.
 */
int usage_memory(const struct init *in, uint64_t limit, uint64_t *used);

#endif
