/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All descendants of this process, adopted ones and those in sessions of their own
 * included. As PID 1 of its namespace that is everybody else in it; as a subreaper
 * it is whoever's chain of parents in /proc leads here.
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

/* -1 and errno: /proc is not there, or is not our namespace's. A PID 1 can do without for tree_signal. */
int tree_open(struct tree *tree);

/* Sends to each; by pidfd where a chain is followed, so that no stranger with a used number is hit. */
void tree_signal(const struct tree *tree, int signal);

/* Is it one of ours? For who claims to be by SCM_CREDENTIALS. */
bool tree_has(const struct tree *tree, pid_t pid);

/* Cpu time of those that live and of those that were reaped, microseconds. -1 and errno. */
int tree_cpu(const struct tree *tree, uint64_t *used_us);

/*
 * Private and anonymous shared memory of all, and `files` bytes that are known to be in
 * tmpfs mounts of theirs; exact only once `limit` may be exceeded, and at least so much
 * once it is. -1 and errno.
 */
int tree_memory(const struct tree *tree, uint64_t files, uint64_t limit, uint64_t *used);

#endif
