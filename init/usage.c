/* SPDX-License-Identifier: Apache-2.0 */
/* Measures what the sandbox uses where no cgroup does, or reads it from one. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "kernel_abi.h"
#include "limits.h"
#include "procfs.h"
#include "text.h"

#define TICK_US 10000u /* USER_HZ is 100 in the kernel's interface, whatever its own HZ */
#define STAT_MAX 1024
#define ROLLUP_MAX 4096

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

/*
 * Those that live, plus those that were reaped by init or by one that init
 * reaped. A process that ignores SIGCHLD takes its children's time with it.
 */
static int cpu_of_tree(int proc_fd, uint64_t *used_us)
{
	static struct procfs_scan scan;
	struct rusage reaped;
	uint32_t pid;

	if (getrusage(RUSAGE_CHILDREN, &reaped) < 0 || procfs_scan_begin(&scan, proc_fd) < 0)
		return -1;
	*used_us = (uint64_t)reaped.ru_utime.tv_sec * 1000000u + (uint64_t)reaped.ru_utime.tv_usec +
		   (uint64_t)reaped.ru_stime.tv_sec * 1000000u + (uint64_t)reaped.ru_stime.tv_usec;
	while ((pid = procfs_scan_next(&scan)) != 0) {
		char text[STAT_MAX];
		ssize_t n = procfs_read(proc_fd, pid, "stat", text, sizeof(text));
		uint64_t ticks;

		if (n > 0 && procfs_text_ticks(text, (size_t)n, &ticks))
			*used_us += ticks * TICK_US;
	}
	procfs_scan_end(&scan);
	return 0;
}

int usage_cpu(const struct init *in, uint64_t *used_us)
{
	if (in->plan.header->cpu_usage_form == PLAN_CPU_NONE)
		return cpu_of_tree(in->proc_fd, used_us);
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

struct memory_sum {
	uint64_t resident;  /* no process can have more: counts shared pages once for each */
	uint64_t private_;  /* and no less */
	uint64_t anonymous; /* exact: each shared page divided among those who share it */
	uint64_t shmem;
};

static void add_statm(struct memory_sum *sum, int proc_fd, uint32_t pid)
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
static void add_rollup(struct memory_sum *sum, int proc_fd, uint32_t pid)
{
	struct memory_sum plain = {0};
	uint64_t anonymous, shmem;
	char text[ROLLUP_MAX];
	ssize_t n = procfs_read(proc_fd, pid, "smaps_rollup", text, sizeof(text));

	if (n > 0 && procfs_text_value(text, (size_t)n, "Pss_Anon:", &anonymous) &&
	    procfs_text_value(text, (size_t)n, "Pss_Shmem:", &shmem)) {
		sum->anonymous += anonymous * 1024;
		sum->shmem += shmem * 1024;
		return;
	}
	add_statm(&plain, proc_fd, pid);
	sum->anonymous += plain.private_;
}

static int sum_up(struct memory_sum *sum, int proc_fd,
		  void (*add)(struct memory_sum *, int, uint32_t))
{
	static struct procfs_scan scan;
	uint32_t pid;

	memset(sum, 0, sizeof(*sum));
	if (procfs_scan_begin(&scan, proc_fd) < 0)
		return -1;
	while ((pid = procfs_scan_next(&scan)) != 0)
		add(sum, proc_fd, pid);
	procfs_scan_end(&scan);
	return 0;
}

int usage_memory(const struct init *in, uint64_t limit, uint64_t *used)
{
	uint64_t files = tmpfs_bytes(in);
	struct memory_sum sum;

	if (sum_up(&sum, in->proc_fd, add_statm) < 0)
		return -1;
	*used = sum.private_ + files;
	if (sum.resident + files <= limit)
		return 0;
	if (sum_up(&sum, in->proc_fd, add_rollup) < 0)
		return -1;
	/* Mapped files of a tmpfs are in both; which of them are can't be told from here. */
	*used = sum.anonymous + (files > sum.shmem ? files : sum.shmem);
	return 0;
}
