/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of v1 controllers, each a tree of its own
 * (Documentation/admin-guide/cgroup-v1/).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "backend.h"

#define BUSY_WAIT_MS 5
#define LOOK_MS 2 /* v1 has no event for an empty group */

/* A file that every group of the controller has, to recognize a directory. */
static const char *const marker[CG_CONTROL_COUNT] = {
	[CG_MEMORY] = "memory.limit_in_bytes", [CG_PIDS] = "pids.max",
	[CG_CPU] = "cpu.cfs_quota_us",	       [CG_CPUSET] = "cpuset.cpus",
	[CG_IO] = "blkio.reset_stats",	       [CG_CPUACCT] = "cpuacct.usage",
	[CG_FREEZER] = "freezer.state",
};

bool v1_is_first(const struct cg *cg, enum cg_control control)
{
	if (cg->v1_path[control][0] == '\0')
		return false;
	for (int i = 0; i < (int)control; i++)
		if (strcmp(cg->v1_path[i], cg->v1_path[control]) == 0)
			return false;
	return true;
}

/* A controller mounted together with an earlier one gets a descriptor of its own. */
static int open_shared(struct cg *cg, enum cg_control control, struct fault *fault)
{
	const char *path = cg->v1_path[control];

	cg->v1_fd[control] = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (cg->v1_fd[control] < 0)
		return cg_file_fault(path, "", errno, fault);
	return 0;
}

/* Copies cpuset.cpus or .mems from the group above if the group has none. */
static int fill_cpuset(int dir_fd, const char *dir, const char *file, struct fault *fault)
{
	char own[CG_TEXT_MAX], above[CG_TEXT_MAX], from[64];

	if (small_file_read(dir_fd, file, own, sizeof(own)) < 0)
		return cg_file_fault(dir, file, errno, fault);
	if (strspn(own, " \n") != strlen(own))
		return 0;
	snprintf(from, sizeof(from), "../%s", file);
	if (small_file_read(dir_fd, from, above, sizeof(above)) < 0)
		return cg_file_fault(dir, from, errno, fault);
	return cg_file_write(dir_fd, dir, file, above, fault);
}

/*
 * A new v1 cpuset is empty, and no process can enter an empty one. The shared parent is
 * filled too, as the launcher that made it may have died before doing so.
 */
static int fill_cpusets(const struct cg *cg, struct fault *fault)
{
	const char *path = cg->v1_path[CG_CPUSET];
	char parent[CG_PATH_MAX + 4];
	cleanup_fd int fd = openat(cg->v1_fd[CG_CPUSET], "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	snprintf(parent, sizeof(parent), "%s/..", path);
	if (fd < 0)
		return cg_file_fault(path, "..", errno, fault);
	if (fill_cpuset(fd, parent, "cpuset.cpus", fault) < 0 ||
	    fill_cpuset(fd, parent, "cpuset.mems", fault) < 0 ||
	    fill_cpuset(cg->v1_fd[CG_CPUSET], path, "cpuset.cpus", fault) < 0)
		return -1;
	return fill_cpuset(cg->v1_fd[CG_CPUSET], path, "cpuset.mems", fault);
}

int v1_create(struct cg *cg, enum cg_control control, struct fault *fault)
{
	const char *path = cg->v1_path[control];
	bool first = v1_is_first(cg, control);

	if (!first && open_shared(cg, control, fault) < 0)
		return -1;
	if (first && cg_file_make_group(path, &cg->v1_fd[control], fault) < 0)
		return -1;
	if (control != CG_CPUSET || fill_cpusets(cg, fault) == 0)
		return 0;
	if (first)
		rmdir(path); /* ours and empty; a failure does not replace the fault above */
	fd_close(&cg->v1_fd[control]);
	return -1;
}

/* A control that is missed here would leave its group behind. */
int v1_adopt(struct cg *cg, int dir_fd, const char *path, struct fault *fault)
{
	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		if (cg->v1_fd[i] >= 0)
			continue;
		if (faccessat(dir_fd, marker[i], F_OK, 0) < 0) {
			if (errno == ENOENT || errno == ENODEV)
				continue;
			return fault_set(fault, STEP_CLEANUP, errno, path);
		}
		cg->v1_fd[i] = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
		if (cg->v1_fd[i] < 0)
			return fault_set(fault, STEP_CLEANUP, errno, path);
		snprintf(cg->v1_path[i], CG_PATH_MAX, "%s", path);
	}
	return 0;
}

int v1_limit_memory(struct cg *cg, uint64_t bytes, struct fault *fault)
{
	const char *dir = cg->v1_path[CG_MEMORY];
	int fd = cg->v1_fd[CG_MEMORY];

	if (cg_file_write_number(fd, dir, "memory.limit_in_bytes", bytes, fault) == 0)
		return 0;
	/* EINVAL: more than the memsw limit, which is lifted first; limit_swap sets it again. */
	if (errno != EINVAL || !cg_file_exists(fd, "memory.memsw.limit_in_bytes"))
		return -1;
	if (cg_file_write(fd, dir, "memory.memsw.limit_in_bytes", "-1", fault) < 0)
		return -1;
	return cg_file_write_number(fd, dir, "memory.limit_in_bytes", bytes, fault);
}

int v1_limit_swap(struct cg *cg, uint64_t memory_bytes, uint64_t swap_bytes, struct fault *fault)
{
	static const char file[] = "memory.memsw.limit_in_bytes";
	const char *dir = cg->v1_path[CG_MEMORY];
	int fd = cg->v1_fd[CG_MEMORY];

	if (swap_bytes > (uint64_t)INT64_MAX - memory_bytes)
		return cg_file_write(fd, dir, file, "-1", fault);
	return cg_file_write_number(fd, dir, file, memory_bytes + swap_bytes, fault);
}

int v1_limit_cpu(struct cg *cg, uint64_t quota_us, uint64_t period_us, struct fault *fault)
{
	const char *dir = cg->v1_path[CG_CPU];
	int fd = cg->v1_fd[CG_CPU];

	if (cg_file_write_number(fd, dir, "cpu.cfs_period_us", period_us, fault) < 0)
		return -1;
	return cg_file_write_number(fd, dir, "cpu.cfs_quota_us", quota_us, fault);
}

int v1_limit_io_weight(struct cg *cg, uint32_t weight, struct fault *fault)
{
	const char *dir = cg->v1_path[CG_IO];
	int fd = cg->v1_fd[CG_IO];

	/* Only BFQ has weights since CFQ was removed (Linux 5.0); the name of the file varies. */
	if (!cg_file_exists(fd, "blkio.bfq.weight") && cg_file_exists(fd, "blkio.weight"))
		return cg_file_write_number(fd, dir, "blkio.weight", cg_bfq_weight(weight), fault);
	return cg_file_write_number(fd, dir, "blkio.bfq.weight", cg_bfq_weight(weight), fault);
}

int v1_oom_fd(const struct cg *cg, short *events)
{
	int dir_fd = cg->v1_fd[CG_MEMORY];
	cleanup_fd int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	cleanup_fd int oom = openat(dir_fd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	cleanup_fd int control = openat(dir_fd, "cgroup.event_control", O_WRONLY | O_CLOEXEC);
	char text[32];

	if (event < 0 || oom < 0 || control < 0)
		return -1;
	snprintf(text, sizeof(text), "%d %d", event, oom);
	if (fd_write_whole(control, text, strlen(text)) < 0)
		return -1;
	*events = POLLIN;
	return fd_take(&event);
}

static uint64_t ns_to_us(uint64_t ns)
{
	return ns == CG_UNKNOWN ? CG_UNKNOWN : ns / 1000;
}

static void read_cpu(const struct cg *cg, struct cg_usage *usage)
{
	int acct = cg->v1_fd[CG_CPUACCT], cpu = cg->v1_fd[CG_CPU];
	char text[CG_TEXT_MAX];

	if (acct >= 0) {
		usage->cpu_usage_us = ns_to_us(cg_file_number(acct, "cpuacct.usage"));
		usage->cpu_user_us = ns_to_us(cg_file_number(acct, "cpuacct.usage_user"));
		usage->cpu_sys_us = ns_to_us(cg_file_number(acct, "cpuacct.usage_sys"));
	}
	if (cpu >= 0 && small_file_read(cpu, "cpu.stat", text, sizeof(text)) > 0)
		usage->cpu_throttled_us = ns_to_us(cg_parse_key(text, "throttled_time"));
}

void v1_read(const struct cg *cg, struct cg_usage *usage)
{
	int memory = cg->v1_fd[CG_MEMORY], pids = cg->v1_fd[CG_PIDS];
	char text[CG_TEXT_MAX];

	if (memory >= 0) {
		usage->memory_peak = cg_file_number(memory, "memory.max_usage_in_bytes");
		usage->memory_current = cg_file_number(memory, "memory.usage_in_bytes");
		if (small_file_read(memory, "memory.oom_control", text, sizeof(text)) > 0)
			usage->oom_kills = cg_parse_key(text, "oom_kill"); /* Linux 4.13 */
	}
	if (pids >= 0) {
		usage->pids_peak = cg_file_number(pids, "pids.peak"); /* Linux 6.1 */
		usage->pids_current = cg_file_number(pids, "pids.current");
		if (small_file_read(pids, "pids.events", text, sizeof(text)) > 0)
			usage->pids_max_hits = cg_parse_key(text, "max");
	}
	read_cpu(cg, usage);
}

/* 1: has processes. A group that can't be read because it is gone has none. */
static int has_processes(int parent_fd, const char *name, int group_fd, void *arg)
{
	cleanup_fd int fd = openat(group_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char byte;
	ssize_t n;

	(void)parent_fd;
	(void)name;
	(void)arg;
	if (fd < 0)
		return errno != ENOENT && errno != ENODEV;
	n = read(fd, &byte, 1);
	return n > 0 || (n < 0 && errno != ENODEV);
}

bool v1_is_empty(const struct cg *cg)
{
	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		int fd = cg->v1_fd[i];

		if (fd < 0 || !v1_is_first(cg, i))
			continue;
		if (has_processes(-1, NULL, fd, NULL) != 0 ||
		    cg_tree_walk(fd, has_processes, NULL) != 0)
			return false;
	}
	return true;
}

bool v1_wait_empty(const struct cg *cg, int64_t until_ms)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	while (!v1_is_empty(cg)) {
		if (clock_now_ms() >= until_ms)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

void v1_wait_busy(int dir_fd)
{
	const struct timespec pause = { .tv_nsec = BUSY_WAIT_MS * 1000000L };

	(void)dir_fd;
	nanosleep(&pause, NULL);
}
