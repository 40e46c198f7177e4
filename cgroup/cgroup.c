/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front: chooses the group of a sandbox that an operation goes to. A limit goes to
 * the v1 group of its controller if the plan gave it one, else to the v2 group;
 * tracking and killing go to the v2 group if there is one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "backend.h"

#define CPU_PERIOD_US 100000
#define CPU_LONG_PERIOD_US 1000000 /* the longest that the kernel allows */
#define CPU_QUOTA_MIN_US 1000 /* the smallest that the kernel allows, with any period */

void cg_init(struct cg *cg)
{
	memset(cg, 0, sizeof(*cg));
	cg->v2_fd = -1;
	cg->leaf_fd = -1;
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		cg->v1_fd[i] = -1;
}

bool cg_exists(const struct cg *cg)
{
	if (cg->v2_path[0] != '\0')
		return true;
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg->v1_path[i][0] != '\0')
			return true;
	return false;
}

/* Of "…/memory/nidus/<id>": where a v1 hierarchy is mounted says which controllers it has. */
static bool name_hierarchy(const char *path, char name[CG_NAME_MAX])
{
	const char *end = strstr(path, "/" CG_GROUP "/"), *next, *start;

	while (end && (next = strstr(end + 1, "/" CG_GROUP "/")))
		end = next;
	if (!end)
		return false;
	for (start = end; start > path && start[-1] != '/'; start--)
		;
	return end > start &&
	       snprintf(name, CG_NAME_MAX, "%.*s", (int)(end - start), start) < CG_NAME_MAX;
}

size_t cg_list_views(const struct cg *cg, struct cg_view views[CG_CONTROL_COUNT + 1])
{
	size_t count = 0;

	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		struct cg_view *view = &views[count];

		view->path = cg->v1_path[i];
		if (v1_is_first(cg, i) && name_hierarchy(view->path, view->name))
			count++;
	}
	if (cg->v2_path[0] == '\0')
		return count;
	views[count].path = cg->v2_path;
	strcpy(views[count].name, cg->v2_beside ? "unified" : "");
	return count + 1;
}

static bool is_group_name(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len < CG_NAME_MAX && id[0] != '.' && !strpbrk(id, "/\n");
}

/* False, and an empty path: no such parent, or the path is too long. */
static bool join_path(char *path, const char *parent, const char *id)
{
	if (parent[0] != '\0' && snprintf(path, CG_PATH_MAX, "%s/%s", parent, id) < CG_PATH_MAX)
		return true;
	path[0] = '\0';
	return false;
}

/* v1 only: one group must hold the processes, preferably one that can be frozen. */
static void plan_tracking(const struct cg_machine *machine, const char *id, struct cg *cg)
{
	static const enum cg_control order[] = { CG_FREEZER, CG_PIDS, CG_CPUACCT,
						 CG_MEMORY,  CG_CPU,  CG_IO };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (join_path(cg->v1_path[order[i]], machine->v1_parent[order[i]], id))
			return;
}

void cg_plan(const struct cg_machine *machine, const char *id, uint32_t wanted, struct cg *cg,
	     uint32_t *missing)
{
	uint32_t lacking = 0;
	bool v2;

	cg_init(cg);
	if (!is_group_name(id)) {
		if (missing)
			*missing = wanted;
		return;
	}
	v2 = join_path(cg->v2_path, machine->v2_parent, id);
	cg->v2_beside = machine->v2_beside;
	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		if (!(wanted & CG_BIT(i)) || (v2 && machine->v2_controls & CG_BIT(i)))
			continue;
		if (!join_path(cg->v1_path[i], machine->v1_parent[i], id))
			lacking |= CG_BIT(i);
	}
	if (!v2)
		plan_tracking(machine, id, cg);
	if (missing)
		*missing = lacking;
}

int cg_adopt(struct cg *cg, const char *id, const char *path, struct fault *fault)
{
	const char *name = strrchr(path, '/');
	cleanup_fd int fd = -1;
	struct statfs fs;

	if (path[0] != '/' || strlen(path) >= CG_PATH_MAX || !is_group_name(id) ||
	    strcmp(name + 1, id) != 0)
		return fault_set(fault, STEP_CLEANUP, EINVAL, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0; /* never made, or removed already */
	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return fault_set(fault, STEP_CLEANUP, errno, path);
	if (fs.f_type == CGROUP_SUPER_MAGIC)
		return v1_adopt(cg, fd, path, fault);
	if (cg->v2_fd >= 0 && strcmp(cg->v2_path, path) == 0)
		return 0;
	if (fs.f_type != CGROUP2_SUPER_MAGIC || cg->v2_fd >= 0)
		return fault_set(fault, STEP_CLEANUP, EINVAL, path);
	snprintf(cg->v2_path, sizeof(cg->v2_path), "%s", path);
	cg->v2_fd = fd_take(&fd);
	return 0;
}

/* Removes what cg_create has made so far: it is new, so there are no sub-groups. */
static void unmake(struct cg *cg)
{
	if (cg->v2_fd >= 0)
		rmdir(cg->v2_path); /* a failure here does not replace the first fault */
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg->v1_fd[i] >= 0 && v1_is_first(cg, i))
			rmdir(cg->v1_path[i]); /* likewise */
	cg_close(cg);
}

int cg_create(struct cg *cg, uint32_t wanted, struct fault *fault)
{
	if (cg->v2_path[0] != '\0' && v2_create(cg, wanted, fault) < 0)
		return -1;
	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		if (cg->v1_path[i][0] == '\0' || v1_create(cg, i, fault) == 0)
			continue;
		unmake(cg);
		return -1;
	}
	return 0;
}

/* 1: in the v1 group, 2: in the v2 group, -1: nowhere. */
static int place_of(const struct cg *cg, enum cg_control control, const char *what,
		    struct fault *fault)
{
	if (cg->v1_fd[control] >= 0)
		return 1;
	if (cg->v2_fd >= 0)
		return 2;
	return fault_set(fault, STEP_CGROUP, ENOTSUP, what);
}

int cg_limit_memory(struct cg *cg, uint64_t bytes, struct fault *fault)
{
	int place = bytes == 0 ? 0 : place_of(cg, CG_MEMORY, "memory limit", fault);

	if (place <= 0)
		return place;
	return place == 1 ? v1_limit_memory(cg, bytes, fault) : v2_limit_memory(cg, bytes, fault);
}

int cg_limit_swap(struct cg *cg, uint64_t memory_bytes, uint64_t swap_bytes, struct fault *fault)
{
	int place = place_of(cg, CG_MEMORY, "swap limit", fault);

	if (place < 0)
		return -1;
	if (place == 2)
		return v2_limit_swap(cg, swap_bytes, fault);
	if (memory_bytes == 0)
		return fault_set(fault, STEP_CGROUP, EINVAL, "swap limit without a memory limit");
	return v1_limit_swap(cg, memory_bytes, swap_bytes, fault);
}

int cg_limit_pids(struct cg *cg, uint64_t count, struct fault *fault)
{
	int place = count == 0 ? 0 : place_of(cg, CG_PIDS, "pids limit", fault);

	if (place <= 0)
		return place;
	if (place == 1)
		return cg_file_write_number(cg->v1_fd[CG_PIDS], cg->v1_path[CG_PIDS], "pids.max",
					    count, fault);
	return cg_file_write_number(cg->v2_fd, cg->v2_path, "pids.max", count, fault);
}

int cg_limit_cpu(struct cg *cg, uint64_t millicpus, struct fault *fault)
{
	int place = millicpus == 0 ? 0 : place_of(cg, CG_CPU, "cpu limit", fault);
	uint64_t period_us = CPU_PERIOD_US, quota_us;

	if (place <= 0)
		return place;
	if (millicpus > UINT64_MAX / CPU_LONG_PERIOD_US)
		return fault_set(fault, STEP_CGROUP, ERANGE, "cpu limit");
	quota_us = millicpus * period_us / 1000;
	if (quota_us < CPU_QUOTA_MIN_US) {
		period_us = CPU_LONG_PERIOD_US;
		quota_us = millicpus * period_us / 1000;
	}
	if (place == 1)
		return v1_limit_cpu(cg, quota_us, period_us, fault);
	return v2_limit_cpu(cg, quota_us, period_us, fault);
}

int cg_limit_cpuset(struct cg *cg, const char *cpus, struct fault *fault)
{
	int place = !cpus ? 0 : place_of(cg, CG_CPUSET, "cpuset limit", fault);

	if (place <= 0)
		return place;
	if (place == 1)
		return cg_file_write(cg->v1_fd[CG_CPUSET], cg->v1_path[CG_CPUSET], "cpuset.cpus",
				     cpus, fault);
	return cg_file_write(cg->v2_fd, cg->v2_path, "cpuset.cpus", cpus, fault);
}

int cg_read_cpus(const struct cg *cg, char *text, size_t size)
{
	bool is_v1 = cg->v1_fd[CG_CPUSET] >= 0;
	ssize_t len = small_file_read(
		is_v1 ? cg->v1_fd[CG_CPUSET] : cg->v2_fd,
		is_v1 ? "../cpuset.effective_cpus" : "../cpuset.cpus.effective", text, size);

	if (len < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int cg_limit_io_weight(struct cg *cg, uint32_t weight, struct fault *fault)
{
	int place = weight == 0 ? 0 : place_of(cg, CG_IO, "io weight", fault);

	if (place <= 0)
		return place;
	return place == 1 ? v1_limit_io_weight(cg, weight, fault)
			  : v2_limit_io_weight(cg, weight, fault);
}

int cg_add_leaf(struct cg *cg, struct fault *fault)
{
	static const char name[] = "in";

	if (cg->v2_fd < 0)
		return 0;
	if (mkdirat(cg->v2_fd, name, 0755) < 0)
		return cg_file_fault(cg->v2_path, name, errno, fault);
	cg->leaf_fd = openat(cg->v2_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return cg->leaf_fd < 0 ? cg_file_fault(cg->v2_path, name, errno, fault) : 0;
}

static int processes_fd(const struct cg *cg)
{
	return cg->leaf_fd >= 0 ? cg->leaf_fd : cg->v2_fd;
}

/* Linux 6.18: a child cloned into a group that was killed before is killed at once. */
int cg_clone_fd(const struct cg *cg)
{
	return cg->killed ? -1 : processes_fd(cg);
}

/* v2 first: so a process in a v1 group is always within reach of cgroup.kill. */
int cg_enter(struct cg *cg, pid_t pid, bool in_v2, struct fault *fault)
{
	if (cg->v2_fd >= 0 && !in_v2 &&
	    cg_file_write_number(processes_fd(cg), cg->v2_path, "cgroup.procs", (uint64_t)pid,
				 fault) < 0)
		return -1;
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg->v1_fd[i] >= 0 && v1_is_first(cg, i) &&
		    cg_file_write_number(cg->v1_fd[i], cg->v1_path[i], "cgroup.procs",
					 (uint64_t)pid, fault) < 0)
			return -1;
	return 0;
}

int cg_oom_fd(const struct cg *cg, short *events)
{
	if (cg->v1_fd[CG_MEMORY] >= 0)
		return v1_oom_fd(cg, events);
	return cg->v2_fd >= 0 ? v2_oom_fd(cg, events) : -1;
}

uint32_t cg_cpu_form(const struct cg *cg)
{
	if (cg->v2_path[0] != '\0')
		return PLAN_CPU_STAT;
	return cg->v1_path[CG_CPUACCT][0] != '\0' ? PLAN_CPU_ACCT : PLAN_CPU_NONE;
}

int cg_cpu_fd(const struct cg *cg, uint32_t *form)
{
	int fd = -1;

	*form = cg_cpu_form(cg);
	if (*form == PLAN_CPU_STAT)
		fd = openat(cg->v2_fd, "cpu.stat", O_RDONLY | O_CLOEXEC);
	else if (*form == PLAN_CPU_ACCT)
		fd = openat(cg->v1_fd[CG_CPUACCT], "cpuacct.usage", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		*form = PLAN_CPU_NONE;
	return fd;
}

void cg_read(const struct cg *cg, struct cg_usage *usage)
{
	cg_no_usage(usage);
	if (cg->v2_fd >= 0)
		v2_read(cg, usage);
	v1_read(cg, usage);
}

int cg_kill(struct cg *cg, struct fault *fault)
{
	cg->killed = true;
	return cg->v2_fd >= 0 ? v2_kill(cg, fault) : v1_kill(cg, fault);
}

bool cg_is_empty(const struct cg *cg)
{
	return (cg->v2_fd < 0 || v2_is_empty(cg)) && v1_is_empty(cg);
}

int cg_wait_empty(const struct cg *cg, int timeout_ms, struct fault *fault)
{
	int64_t until_ms = clock_now_ms() + timeout_ms;

	if (cg->v2_fd >= 0 && !v2_wait_empty(cg, until_ms))
		return fault_set(fault, STEP_CLEANUP, ETIMEDOUT, cg->v2_path);
	if (!v1_wait_empty(cg, until_ms))
		return fault_set(fault, STEP_CLEANUP, ETIMEDOUT, "v1 groups");
	return 0;
}

/* Tries all; returns the first fault. */
int cg_remove(struct cg *cg, struct fault *fault)
{
	struct fault later;
	int result = 0;

	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (v1_is_first(cg, i) && cg_tree_remove(cg->v1_fd[i], cg->v1_path[i], v1_wait_busy,
							 result ? &later : fault) < 0)
			result = -1;
	if (cg->v2_path[0] != '\0' &&
	    cg_tree_remove(cg->v2_fd, cg->v2_path, v2_wait_busy, result ? &later : fault) < 0)
		result = -1;
	return result;
}

void cg_close(struct cg *cg)
{
	fd_close(&cg->v2_fd);
	fd_close(&cg->leaf_fd);
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		fd_close(&cg->v1_fd[i]);
}
