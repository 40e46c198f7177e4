/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of the cgroup2 tree (Documentation/admin-guide/cgroup-v2.rst).
 *
 * memory.oom.group is not set: PID 1 is in the group and must survive an oom kill to
 * report it. The spawner then ends the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../init/clock.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "backend.h"

#define BUSY_WAIT_MS 5
/*
 * The kernel delays an event by up to 10 ms after the last one
 * (CGROUP_FILE_NOTIFY_MIN_INTV), and a short sandbox ends within that time: so the first
 * looks are a millisecond apart.
 */
#define QUICK_LOOKS 12
#define QUICK_LOOK_MS 1
#define SLOW_LOOK_MS 50

/* The controllers to enable, "+memory +pids", without those in `have`. */
static void enable_text(uint32_t controls, uint32_t have, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		const char *name = cg_v2_controller(i);

		if (!name || !(controls & ~have & CG_BIT(i)))
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s+%s", len ? " " : "", name);
	}
}

/* Enables the controllers that the group `dir` does not pass on yet. */
static int enable_below(const char *dir, uint32_t controls, struct fault *fault)
{
	static const char file[] = "cgroup.subtree_control";
	char text[CG_TEXT_MAX];
	cleanup_fd int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || small_file_read(fd, file, text, sizeof(text)) < 0)
		return cg_file_fault(dir, file, errno, fault);
	enable_text(controls, cg_parse_controllers(text), text, sizeof(text));
	if (text[0] == '\0')
		return 0;
	return cg_file_write(fd, dir, file, text, fault);
}

/* The group above `path`; false if there is none. */
static bool path_above(char *above, const char *path)
{
	const char *end = strrchr(path, '/');

	if (!end || end == path)
		return false;
	snprintf(above, CG_PATH_MAX, "%.*s", (int)(end - path), path);
	return true;
}

/* From the top down: a group can pass on only what its parent passes on to it. */
static int enable_above(const struct cg *cg, uint32_t controls, struct fault *fault)
{
	char parent[CG_PATH_MAX], top[CG_PATH_MAX];

	if (!path_above(parent, cg->v2_path) || !path_above(top, parent))
		return cg_file_fault(cg->v2_path, "cgroup.controllers", EINVAL, fault);
	if (enable_below(top, controls, fault) < 0)
		return -1;
	return enable_below(parent, controls, fault);
}

int v2_create(struct cg *cg, uint32_t wanted, struct fault *fault)
{
	char text[CG_TEXT_MAX];
	uint32_t controls = 0;

	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg_v2_controller(i) && cg->v1_path[i][0] == '\0')
			controls |= wanted & CG_BIT(i);
	if (cg_file_make_group(cg->v2_path, &cg->v2_fd, fault) < 0)
		return -1;
	if (controls == 0)
		return 0;
	if (small_file_read(cg->v2_fd, "cgroup.controllers", text, sizeof(text)) < 0)
		cg_file_fault(cg->v2_path, "cgroup.controllers", errno, fault);
	else if (!(controls & ~cg_parse_controllers(text)) ||
		 enable_above(cg, controls, fault) == 0)
		return 0;
	rmdir(cg->v2_path); /* ours and empty; a failure does not replace the fault above */
	fd_close(&cg->v2_fd);
	return -1;
}

int v2_limit_memory(struct cg *cg, uint64_t bytes, struct fault *fault)
{
	return cg_file_write_number(cg->v2_fd, cg->v2_path, "memory.max", bytes, fault);
}

int v2_limit_swap(struct cg *cg, uint64_t swap_bytes, struct fault *fault)
{
	if (swap_bytes == UINT64_MAX)
		return cg_file_write(cg->v2_fd, cg->v2_path, "memory.swap.max", "max", fault);
	return cg_file_write_number(cg->v2_fd, cg->v2_path, "memory.swap.max", swap_bytes, fault);
}

int v2_limit_cpu(struct cg *cg, uint64_t quota_us, uint64_t period_us, struct fault *fault)
{
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, quota_us, period_us);
	return cg_file_write(cg->v2_fd, cg->v2_path, "cpu.max", text, fault);
}

int v2_limit_io_weight(struct cg *cg, uint32_t weight, struct fault *fault)
{
	char text[32];

	/* io.weight belongs to iocost (CONFIG_BLK_CGROUP_IOCOST); BFQ has its own file. */
	if (!cg_file_exists(cg->v2_fd, "io.weight") && cg_file_exists(cg->v2_fd, "io.bfq.weight"))
		return cg_file_write_number(cg->v2_fd, cg->v2_path, "io.bfq.weight",
					    cg_bfq_weight(weight), fault);
	snprintf(text, sizeof(text), "default %" PRIu32, weight);
	return cg_file_write(cg->v2_fd, cg->v2_path, "io.weight", text, fault);
}

int v2_oom_fd(const struct cg *cg, short *events)
{
	cleanup_fd int fd = openat(cg->v2_fd, "memory.events", O_RDONLY | O_CLOEXEC);
	char text[256];

	/* A descriptor that was never read reports POLLPRI at once. */
	if (fd < 0 || small_file_read_fd(fd, text, sizeof(text)) < 0)
		return -1;
	*events = POLLPRI;
	return fd_take(&fd);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	if (a == CG_UNKNOWN || b == CG_UNKNOWN)
		return a == CG_UNKNOWN ? b : a;
	return a > b ? a : b;
}

void v2_read(const struct cg *cg, struct cg_usage *usage)
{
	char text[CG_TEXT_MAX];
	int fd = cg->v2_fd;

	usage->memory_peak = cg_file_number(fd, "memory.peak"); /* Linux 5.19 */
	usage->memory_current = cg_file_number(fd, "memory.current");
	usage->pids_peak = cg_file_number(fd, "pids.peak"); /* Linux 6.1 */
	usage->pids_current = cg_file_number(fd, "pids.current");
	if (small_file_read(fd, "memory.events", text, sizeof(text)) > 0)
		usage->oom_kills = larger(cg_parse_key(text, "oom_kill"),
					  cg_parse_key(text, "oom_group_kill")); /* Linux 5.17 */
	if (small_file_read(fd, "pids.events", text, sizeof(text)) > 0)
		usage->pids_max_hits = cg_parse_key(text, "max");
	if (small_file_read(fd, "cpu.stat", text, sizeof(text)) > 0) {
		usage->cpu_usage_us = cg_parse_key(text, "usage_usec");
		usage->cpu_user_us = cg_parse_key(text, "user_usec");
		usage->cpu_sys_us = cg_parse_key(text, "system_usec");
		usage->cpu_throttled_us = cg_parse_key(text, "throttled_usec");
	}
}

int v2_kill(struct cg *cg, struct fault *fault)
{
	if (cg_file_write(cg->v2_fd, cg->v2_path, "cgroup.kill", "1", fault) == 0)
		return 0;
	/* A removed group has no processes; even cgroup.events is gone there. */
	return errno == ENODEV || (errno == ENOENT && !cg_file_exists(cg->v2_fd, "cgroup.events"))
		       ? 0
		       : -1;
}

/* An open group that was removed gives ENODEV, and is empty. */
static bool is_unpopulated(int events_fd)
{
	char text[256];

	if (small_file_read_again(events_fd, text, sizeof(text)) < 0)
		return errno == ENODEV;
	return cg_parse_key(text, "populated") == 0;
}

static int open_events(int dir_fd)
{
	return openat(dir_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
}

bool v2_is_empty(const struct cg *cg)
{
	cleanup_fd int fd = open_events(cg->v2_fd);

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV;
	return is_unpopulated(fd);
}

bool v2_wait_empty(const struct cg *cg, int64_t until_ms)
{
	cleanup_fd int fd = open_events(cg->v2_fd);
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV;
	for (int look = 0; !is_unpopulated(fd); look++) {
		int64_t left = until_ms - clock_now_ms();
		int64_t most = look < QUICK_LOOKS ? QUICK_LOOK_MS : SLOW_LOOK_MS;

		if (left <= 0)
			return false;
		/* Look again after any result: only the file is reliable. */
		poll(&poll_fd, 1, (int)(left < most ? left : most));
	}
	return true;
}

void v2_wait_busy(int dir_fd)
{
	const struct timespec pause = { .tv_nsec = BUSY_WAIT_MS * 1000000L };
	cleanup_fd int fd = dir_fd < 0 ? -1 : open_events(dir_fd);
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	/* Unpopulated but busy: the last process is still exiting. */
	if (fd < 0 || is_unpopulated(fd))
		nanosleep(&pause, NULL);
	else
		poll(&poll_fd, 1, BUSY_WAIT_MS);
}
