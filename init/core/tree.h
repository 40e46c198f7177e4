/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All descendants of this process, including adopted ones and those in sessions of their
 * own. For PID 1 of a namespace that is every other process in it; for a subreaper it is
 * each process whose chain of parents in /proc leads here.
 */
#ifndef NIDUS_INIT_TREE_H
#define NIDUS_INIT_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tree {
	int proc_fd;   /* a procfs of our pid namespace */
	bool everyone; /* PID 1: no chain to follow */
};

/* -1 and errno: no /proc, or that of another namespace. tree_signal of a PID 1 works without. */
int tree_open(struct tree *tree);

/* Sends to each; a subreaper does it by pidfd, so that a process with a reused pid is not hit. */
void tree_signal(const struct tree *tree, int signal);

/* Whether pid is a descendant: checks the sender in SCM_CREDENTIALS. */
bool tree_has(const struct tree *tree, pid_t pid);

/*
 * Both measure all of them or fail: -1 and errno if something that they need can't be read. A
 * process that ended meanwhile is no failure.
 */

/* Cpu time of living and of reaped processes, microseconds. */
int tree_cpu(const struct tree *tree, uint64_t *used_us);

struct tree_memory {
	uint64_t bytes;
	bool coarse; /* a process refused a look: something of it is estimated or missing */
};

/* Before the first process: what is open now is the caller's, and counts only as it grows. */
int tree_memory_begin(const struct tree *tree);

/*
 * Private and shared memory of all, open memfds and System V segments included, plus `files`
 * bytes known to be in their tmpfs mounts; exact only if `limit` may be exceeded, and at least
 * the limit if it is.
 */
int tree_memory(const struct tree *tree, uint64_t files, uint64_t limit,
		struct tree_memory *used);

#endif
