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

/* Cpu time of living and of reaped processes, microseconds. -1 and errno. */
int tree_cpu(const struct tree *tree, uint64_t *used_us);

/*
 * Private and anonymous shared memory of all, plus `files` bytes known to be in their tmpfs
 * mounts; exact only if `limit` may be exceeded, and at least the limit if it is. -1 and
 * errno.
 */
int tree_memory(const struct tree *tree, uint64_t files, uint64_t limit, uint64_t *used);

#endif
