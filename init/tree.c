/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All descendants: who they are, what they use, and a signal to each.
 *
 * Processes come and go while one looks. A chain of parents that breaks off is
 * followed again from its start: whoever lost its parent has another by then. A
 * parent that is younger than its child is a stranger with a used number.
 */
#include "tree.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "clock.h"
#include "fd.h"
#include "kernel_abi.h"
#include "procfs.h"
#include "text.h"

#define TICK_US 10000u /* USER_HZ is 100 in the kernel's interface, whatever its own HZ */
#define STAT_MAX 1024
#define ROLLUP_MAX 4096
#define CHAIN_MAX 65536 /* generations: as many as there can be processes by default */
#define CHAIN_TRIES 5

static struct procfs_scan scan; /* one at a time; its buffer is no thing for a stack */

int tree_open(struct tree *tree)
{
	char self[TEXT_NUMBER_MAX], number[TEXT_NUMBER_MAX];
	const char *expected = text_number(number, (uint64_t)getpid(), 10);
	struct statfs st;

	memset(self, 0, sizeof(self));
	tree->everyone = getpid() == 1;
	tree->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree->proc_fd < 0)
		return -1;
	if (readlinkat(tree->proc_fd, "self", self, sizeof(self) - 1) > 0 &&
	    strcmp(self, expected) == 0 &&
	    fstatfs(tree->proc_fd, &st) == 0 && st.f_type == PROC_SUPER_MAGIC)
		return 0;
	fd_close(&tree->proc_fd);
	errno = ENOENT;
	return -1;
}

/* ---- who they are ---- */

static bool parent_of(const struct tree *tree, uint32_t pid, uint64_t *parent, uint64_t *started)
{
	char text[STAT_MAX];
	ssize_t n = procfs_read(tree->proc_fd, pid, "stat", text, sizeof(text));

	return n > 0 && procfs_text_parent(text, (size_t)n, parent, started);
}

/* 1: leads to us; 0: leads elsewhere; -1: broke off. */
static int follow_chain(const struct tree *tree, uint32_t pid)
{
	uint64_t self = (uint64_t)getpid(), at = pid, child_started = UINT64_MAX;

	for (unsigned i = 0; i < CHAIN_MAX && at > 1; i++) {
		uint64_t parent, started;

		if (!parent_of(tree, (uint32_t)at, &parent, &started))
			return at == pid ? 0 : -1;
		if (started > child_started)
			return -1;
		if (parent == self)
			return 1;
		child_started = started;
		at = parent;
	}
	return 0;
}

bool tree_has(const struct tree *tree, pid_t pid)
{
	if (pid <= 1 || pid == getpid())
		return false;
	if (tree->everyone)
		return true;
	for (unsigned i = 0; tree->proc_fd >= 0 && i < CHAIN_TRIES; i++) {
		int found = follow_chain(tree, (uint32_t)pid);

		if (found >= 0)
			return found > 0;
	}
	return false;
}

/* ---- a signal to each ---- */

static void signal_one(const struct tree *tree, uint32_t pid, int signal)
{
	cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 && errno != ENOSYS) /* gone */
		return;
	/* Only now: what the descriptor stands for is what is looked at. */
	if (!tree_has(tree, (pid_t)pid))
		return;
	if (fd < 0)
		kill((pid_t)pid, signal); /* before Linux 5.3 */
	else
		syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
}

void tree_signal(const struct tree *tree, int signal)
{
	uint32_t pid;

	if (tree->everyone) {
		kill(-1, signal); /* ESRCH: there is nobody */
		return;
	}
	if (tree->proc_fd < 0 || procfs_scan_begin(&scan, tree->proc_fd) < 0)
		return;
	while ((pid = procfs_scan_next(&scan)) != 0)
		signal_one(tree, pid, signal);
	procfs_scan_end(&scan);
}

/* ---- what they use ---- */

struct sum {
	uint64_t ticks;     /* cpu time */
	uint64_t resident;  /* no process can have more: counts shared pages once for each */
	uint64_t private_;  /* and no less */
	uint64_t anonymous; /* exact: each shared page divided among those who share it */
	uint64_t shmem;
};

static void add_stat(struct sum *sum, int proc_fd, uint32_t pid)
{
	char text[STAT_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "stat", text, sizeof(text));
	uint64_t ticks;

	if (n > 0 && procfs_text_ticks(text, (size_t)n, &ticks))
		sum->ticks += ticks;
}

static void add_statm(struct sum *sum, int proc_fd, uint32_t pid)
{
	const uint64_t page = (uint64_t)getpagesize();
	uint64_t resident, shared;
	char text[STAT_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "statm", text, sizeof(text));

	if (n <= 0 || !procfs_text_statm(text, (size_t)n, &resident, &shared))
		return;
	sum->resident += resident * page;
	sum->private_ += resident > shared ? (resident - shared) * page : 0;
}

/* A rollup that can't be read is a process on its way out, or one whose plain sum has to do. */
static void add_rollup(struct sum *sum, int proc_fd, uint32_t pid)
{
	uint64_t anonymous, shmem, before = sum->private_;
	char text[ROLLUP_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "smaps_rollup", text, sizeof(text));

	if (n > 0 && procfs_text_value(text, (size_t)n, "Pss_Anon:", &anonymous) &&
	    procfs_text_value(text, (size_t)n, "Pss_Shmem:", &shmem)) {
		sum->anonymous += anonymous * 1024;
		sum->shmem += shmem * 1024;
		return;
	}
	add_statm(sum, proc_fd, pid);
	sum->anonymous += sum->private_ - before;
}

static int sum_up(struct sum *sum, const struct tree *tree,
		  void (*add)(struct sum *, int, uint32_t))
{
	uint32_t pid;

	memset(sum, 0, sizeof(*sum));
	if (procfs_scan_begin(&scan, tree->proc_fd) < 0)
		return -1;
	while ((pid = procfs_scan_next(&scan)) != 0)
		if (tree_has(tree, (pid_t)pid))
			add(sum, tree->proc_fd, pid);
	procfs_scan_end(&scan);
	return 0;
}

/*
 * Those that live, plus those that were reaped by init or by one that init
 * reaped. A process that ignores SIGCHLD takes its children's time with it.
 */
int tree_cpu(const struct tree *tree, uint64_t *used_us)
{
	struct rusage reaped;
	struct sum sum;

	if (getrusage(RUSAGE_CHILDREN, &reaped) < 0 || sum_up(&sum, tree, add_stat) < 0)
		return -1;
	*used_us = clock_timeval_us(&reaped.ru_utime) + clock_timeval_us(&reaped.ru_stime) +
		   sum.ticks * TICK_US;
	return 0;
}

int tree_memory_with(const struct tree *tree, uint64_t files, uint64_t limit, uint64_t *used)
{
	struct sum sum;

	if (sum_up(&sum, tree, add_statm) < 0)
		return -1;
	*used = sum.private_ + files;
	if (sum.resident + files <= limit)
		return 0;
	if (sum_up(&sum, tree, add_rollup) < 0)
		return -1;
	/* Mapped files of a tmpfs are in both; which of them are can't be told from here. */
	*used = sum.anonymous + (files > sum.shmem ? files : sum.shmem);
	return 0;
}

int tree_memory(const struct tree *tree, uint64_t limit, uint64_t *used)
{
	return tree_memory_with(tree, 0, limit, used);
}
