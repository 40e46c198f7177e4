/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All descendants: finding them, measuring what they use, and signalling each. What runs inside
 * may try to make a look fail, so a look that can't see everything fails as a whole.
 *
 * Processes come and go during the search. A chain of parents that breaks off is followed
 * again from its start: a process that lost its parent has a new one by then. A parent
 * that is younger than its child is another process with a reused pid. A process once
 * found to be a descendant is remembered, as hardly any leaves a subreaper's tree: a chain
 * is followed only to the first known one, since otherwise long chains would take quadratic
 * time, which an attacker could use to keep us busy.
 */
#include "tree.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "../clock.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "procfs.h"
#include "shm.h"
#include "../text.h"

#define TICK_US 10000u /* USER_HZ is 100 in the kernel's interface, whatever its own HZ */
#define STAT_MAX 1024
#define VALUES_MAX 4096 /* /proc/PID/status is longer only with hundreds of groups */
#define CHAIN_MAX 65536 /* generations; above the default number of processes */
#define CHAIN_TRIES 5
#define CHAIN_LEARNT 64 /* remembered per chain; a longer one is learnt over several walks */
#define KNOWN_MAX 1024
#define SAME_MEMORY 1 /* KCMP_VM of linux/kcmp.h */

static struct procfs_scan scan, threads; /* one at a time of each; too large for the stack */

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

/* ---- finding them ---- */

/* 1; 0: it is gone, or not ours to look at and so not below us; -1 and errno: it can't be read. */
static int parent_of(const struct tree *tree, uint32_t pid, uint64_t *parent, uint64_t *started)
{
	char text[STAT_MAX];
	ssize_t n = procfs_read(tree->proc_fd, pid, "stat", text, sizeof(text));

	if (n < 0)
		return procfs_is_gone(errno) || procfs_is_refused(errno) ? 0 : -1;
	return procfs_text_parent(text, (size_t)n, parent, started);
}

/* Pid and start time together identify a process. */
struct known {
	uint64_t pid, started;
};

static struct known known[KNOWN_MAX];

static bool is_known(const struct known *process)
{
	const struct known *entry = &known[process->pid % KNOWN_MAX];

	return entry->pid == process->pid && entry->started == process->started;
}

static void learn(const struct known *chain, unsigned count)
{
	for (unsigned i = 0; i < count && i < CHAIN_LEARNT; i++)
		known[chain[i].pid % KNOWN_MAX] = chain[i];
}

enum chain { CHAIN_ELSEWHERE, CHAIN_OURS, CHAIN_BROKEN, CHAIN_LOST };

static enum chain follow_chain(const struct tree *tree, uint32_t pid)
{
	uint64_t self = (uint64_t)getpid(), parent, child_started = UINT64_MAX;
	struct known at = {.pid = pid}, chain[CHAIN_LEARNT];

	for (unsigned i = 0; i < CHAIN_MAX && at.pid > 1; i++) {
		int found = parent_of(tree, (uint32_t)at.pid, &parent, &at.started);

		if (found < 0)
			return CHAIN_LOST;
		if (found == 0)
			return at.pid == pid ? CHAIN_ELSEWHERE : CHAIN_BROKEN;
		if (at.started > child_started)
			return CHAIN_BROKEN;
		if (parent == self || is_known(&at)) {
			learn(chain, i);
			return CHAIN_OURS;
		}
		if (i < CHAIN_LEARNT)
			chain[i] = at;
		child_started = at.started;
		at.pid = parent;
	}
	return CHAIN_ELSEWHERE;
}

/* 1: a descendant; 0: not; -1 and errno: that can't be read. */
static int find(const struct tree *tree, pid_t pid)
{
	enum chain chain = CHAIN_BROKEN;

	if (pid <= 1 || pid == getpid())
		return 0;
	if (tree->everyone)
		return 1;
	for (unsigned i = 0; tree->proc_fd >= 0 && chain == CHAIN_BROKEN && i < CHAIN_TRIES; i++)
		chain = follow_chain(tree, (uint32_t)pid);
	return chain == CHAIN_LOST ? -1 : chain == CHAIN_OURS;
}

bool tree_has(const struct tree *tree, pid_t pid)
{
	return find(tree, pid) > 0;
}

/* ---- a signal to each ---- */

static void signal_one(const struct tree *tree, uint32_t pid, int signal)
{
	cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 && errno != ENOSYS) /* gone */
		return;
	/* Checked after the open, so that the check is about the process of the descriptor. */
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
		kill(-1, signal); /* ESRCH: no other process */
		return;
	}
	if (tree->proc_fd < 0 || procfs_scan_begin(&scan, tree->proc_fd, ".") < 0)
		return;
	while (procfs_scan_next(&scan, &pid) > 0)
		signal_one(tree, pid, signal);
	procfs_scan_end(&scan);
}

/* ---- what they use ---- */

struct sum {
	uint64_t ticks;     /* cpu time */
	uint64_t resident;  /* upper bound: counts a shared page once for each process */
	uint64_t private_;  /* lower bound */
	uint64_t anonymous; /* exact: each shared page divided by the number of its users */
	uint64_t shmem;
	uint64_t files; /* in tmpfs mounts, memfds and segments */
	bool coarse;    /* struct tree_memory */
};

/* Of a source without a coarser one: 0 if the process is gone; else -1 and errno. */
static int lost(void)
{
	return procfs_is_gone(errno) ? 0 : -1;
}

static int add_stat(struct sum *sum, int proc_fd, uint32_t pid)
{
	char text[STAT_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "stat", text, sizeof(text));
	uint64_t ticks;

	if (n < 0)
		return lost();
	errno = EPROTO;
	if (!procfs_text_ticks(text, (size_t)n, &ticks))
		return -1;
	sum->ticks += ticks;
	return 0;
}

static int add_statm(struct sum *sum, int proc_fd, uint32_t pid)
{
	const uint64_t page = (uint64_t)getpagesize();
	uint64_t resident, shared;
	char text[STAT_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "statm", text, sizeof(text));

	if (n < 0)
		return lost();
	errno = EPROTO;
	if (!procfs_text_statm(text, (size_t)n, &resident, &shared))
		return -1;
	sum->resident += resident * page;
	sum->private_ += resident > shared ? (resident - shared) * page : 0;
	return 0;
}

/* 1; 0: this file has no such figures, try a coarser one; -1 and errno. */
static int add_values(struct sum *sum, int proc_fd, uint32_t pid, const char *file,
		      const char *anonymous_key, const char *shmem_key)
{
	uint64_t anonymous, shmem;
	char text[VALUES_MAX];
	ssize_t n = procfs_read(proc_fd, pid, file, text, sizeof(text));

	if (n < 0) {
		sum->coarse |= procfs_is_refused(errno);
		return procfs_is_refused(errno) ? 0 : lost();
	}
	if (!procfs_text_value(text, (size_t)n, anonymous_key, &anonymous) ||
	    !procfs_text_value(text, (size_t)n, shmem_key, &shmem))
		return 0;
	sum->anonymous += anonymous * 1024;
	sum->shmem += shmem * 1024;
	return 1;
}

/*
 * smaps_rollup of a process that is not dumpable needs CAP_SYS_PTRACE; status can be read
 * by anyone, but counts a shared page once for each process. If so many groups come before
 * the field that it is cut off, all resident memory counts; an exiting process has none.
 */
static int add_rollup(struct sum *sum, int proc_fd, uint32_t pid)
{
	uint64_t before = sum->resident;
	int found = add_values(sum, proc_fd, pid, "smaps_rollup", "Pss_Anon:", "Pss_Shmem:");

	if (found == 0)
		found = add_values(sum, proc_fd, pid, "status", "RssAnon:", "RssShmem:");
	if (found == 0)
		found = add_statm(sum, proc_fd, pid);
	sum->anonymous += sum->resident - before;
	return found < 0 ? -1 : 0;
}

static uint64_t figures(const struct sum *sum)
{
	return sum->resident + sum->anonymous + sum->shmem;
}

/*
 * A process whose first thread has ended keeps its memory, but the files of that thread show
 * none; those of any other thread do.
 */
static int add_process(struct sum *sum, int proc_fd, uint32_t pid,
		       int (*add)(struct sum *, int, uint32_t))
{
	const uint64_t before = figures(sum);
	char path[PROCFS_PATH_MAX];
	uint32_t thread;
	int found = 0;

	if (add(sum, proc_fd, pid) < 0)
		return -1;
	if (figures(sum) != before)
		return 0;
	if (procfs_scan_begin(&threads, proc_fd, procfs_path(path, pid, "task")) < 0)
		return lost();
	while (figures(sum) == before && (found = procfs_scan_next(&threads, &thread)) > 0)
		if (thread != pid && (found = add(sum, proc_fd, thread)) < 0)
			break;
	procfs_scan_end(&threads);
	return found < 0 ? lost() : 0;
}

/* Bounds of what it has mapped, and what it has open: all that a look needs far from the limit. */
static int add_bounds(struct sum *sum, int proc_fd, uint32_t pid)
{
	if (add_process(sum, proc_fd, pid, add_statm) < 0)
		return -1;
	if (shm_add_open(proc_fd, pid, &sum->files) == 0)
		return 0;
	sum->coarse |= procfs_is_refused(errno);
	return procfs_is_refused(errno) ? 0 : lost();
}

/* Between vfork(2) and its exec a process has the memory of its parent. */
static bool has_memory_of_parent(int proc_fd, uint32_t pid)
{
	uint64_t parent, started;
	char text[STAT_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "stat", text, sizeof(text));

	return n > 0 && procfs_text_parent(text, (size_t)n, &parent, &started) && parent > 1 &&
	       syscall(SYS_kcmp, parent, pid, SAME_MEMORY, 0, 0) == 0;
}

static int add_exact(struct sum *sum, int proc_fd, uint32_t pid)
{
	return has_memory_of_parent(proc_fd, pid) ? 0
						  : add_process(sum, proc_fd, pid, add_rollup);
}

/* What of the files is mapped is in both sums; how much that is can't be seen from here. */
static uint64_t memory_of(const struct sum *sum)
{
	return sum->anonymous + (sum->files > sum->shmem ? sum->files : sum->shmem);
}

/* Stops once there is more than `enough`: a process with many mappings takes long to read. */
static int sum_up(struct sum *sum, const struct tree *tree, uint64_t enough,
		  int (*add)(struct sum *, int, uint32_t))
{
	uint32_t pid;
	int found = 0;

	if (procfs_scan_begin(&scan, tree->proc_fd, ".") < 0)
		return -1;
	while (memory_of(sum) <= enough && (found = procfs_scan_next(&scan, &pid)) > 0) {
		found = find(tree, (pid_t)pid);
		if (found > 0)
			found = add(sum, tree->proc_fd, pid);
		if (found < 0)
			break;
	}
	procfs_scan_end(&scan);
	return found < 0 ? -1 : 0;
}

/*
 * Time of living processes plus those reaped by init or by a process that init reaped.
 * The time of children of a process that ignores SIGCHLD is lost.
 */
int tree_cpu(const struct tree *tree, uint64_t *used_us)
{
	struct rusage reaped;
	struct sum sum = {0};

	if (getrusage(RUSAGE_CHILDREN, &reaped) < 0 ||
	    sum_up(&sum, tree, UINT64_MAX, add_stat) < 0)
		return -1;
	*used_us = clock_timeval_us(&reaped.ru_utime) + clock_timeval_us(&reaped.ru_stime) +
		   sum.ticks * TICK_US;
	return 0;
}

int tree_memory_begin(const struct tree *tree)
{
	return shm_learn_open(tree->proc_fd, (uint32_t)getpid());
}

int tree_memory(const struct tree *tree, uint64_t files, uint64_t limit,
		struct tree_memory *used)
{
	struct sum sum = {.files = files};

	shm_begin();
	/* of the whole IPC namespace: not for a subreaper, beside whom others live in it */
	if (tree->everyone && shm_add_segments(tree->proc_fd, &sum.files) < 0)
		return -1;
	if (sum_up(&sum, tree, UINT64_MAX, add_bounds) < 0)
		return -1;
	used->bytes = sum.private_ + sum.files;
	if (sum.resident + sum.files > limit) {
		if (sum_up(&sum, tree, limit, add_exact) < 0)
			return -1;
		used->bytes = memory_of(&sum);
	}
	used->coarse = sum.coarse;
	return 0;
}
