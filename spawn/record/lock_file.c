/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flock(2) has no timed variant, and interrupting the blocking one takes a signal, which
 * affects the whole process. So waiting is polling, with a deadline on the monotonic clock.
 */
#include "lock_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "../../init/clock.h"
#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../host/open.h"
#include "list.h"

#define POLL_FIRST_US 10000
#define POLL_LAST_US 50000
#define LOCKS_LINES_MAX 65536 /* of /proc/locks, for a message only */

/*
 * The pid that took the flock on this file; 0 if it can't be seen from here. The device
 * in /proc/locks is that of the file system, which differs from st_dev on btrfs and
 * overlayfs: without an exact match the inode number has to do.
 */
static pid_t find_holder(const struct stat *st)
{
	FILE *locks = fopen("/proc/locks", "re");
	pid_t exact = 0, similar = 0;
	char line[256];

	if (!locks)
		return 0;
	for (int i = 0; i < LOCKS_LINES_MAX && !exact && fgets(line, sizeof(line), locks); i++) {
		unsigned int major_no, minor_no;
		uint64_t inode;
		int pid;

		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%" SCNu64, &pid, &major_no, &minor_no,
			   &inode) != 4 || inode != st->st_ino || pid <= 0)
			continue;
		similar = pid;
		if (makedev(major_no, minor_no) == st->st_dev)
			exact = pid;
	}
	fclose(locks);
	return exact ? exact : similar;
}

/* "sandbox ID, name NAME" of the sandbox that this process owns or is PID 1 of. */
static void describe_sandbox(pid_t pid, char *text, size_t size)
{
	char root_path[STATE_PATH_MAX];
	struct arena arena = { 0 };
	struct record *records;
	struct fault ignored; /* this only improves a message */
	cleanup_fd int root_fd = state_find_root(root_path, &ignored);
	size_t count = 0;

	text[0] = '\0';
	if (root_fd >= 0 && record_list(root_fd, &arena, &records, &count, &ignored) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];

		if (record->owner_pid != pid && record->init_pid != pid)
			continue;
		snprintf(text, size, " (sandbox %s%s%s)", record->id, record->name ? ", name " : "",
			 record->name ? record->name : "");
		break;
	}
	arena_free(&arena);
}

static int refuse(int fd, const char *path, struct fault *fault)
{
	char who[160] = "held by another process", sandbox[128];
	struct stat st;
	pid_t pid = fstat(fd, &st) == 0 ? find_holder(&st) : 0;

	if (pid > 0) {
		describe_sandbox(pid, sandbox, sizeof(sandbox));
		snprintf(who, sizeof(who), "held by process %d%s", (int)pid, sandbox);
	}
	fault_set(fault, STEP_LOCK_FILE, EWOULDBLOCK, path);
	return fault_because(fault, who);
}

static int open_lock(const char *path, struct fault *fault)
{
	const int flags = O_NOCTTY | O_NONBLOCK;
	/* closed to others: whoever can read a file can lock it, too, and keep us out */
	int fd = host_open(path, HOST_GIVE, O_RDWR | O_CREAT | flags, 0600, STEP_LOCK_FILE, fault);

	/* Another user's file, or a read-only file system: a lock needs no write permission.
	 * O_CREAT also gets EACCES for another's file in a sticky directory (Linux 4.19). */
	if (fd < 0 && (fault->err == EACCES || fault->err == EROFS || fault->err == EISDIR))
		fd = host_open(path, HOST_GIVE, O_RDONLY | flags, 0, STEP_LOCK_FILE, fault);
	return fd;
}

static bool is_linked(const char *path, int fd)
{
	struct fault gone;
	cleanup_fd int now = host_open(path, HOST_GIVE, O_PATH, 0, STEP_LOCK_FILE, &gone);
	struct stat held, there;

	return now >= 0 && fstat(fd, &held) == 0 && fstat(now, &there) == 0 &&
	       held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

static void pause_us(uint64_t us)
{
	const struct timespec pause = { .tv_nsec = (long)us * 1000 };

	nanosleep(&pause, NULL); /* on EINTR it polls earlier */
}

int lock_file_take(const char *path, uint64_t wait_us, struct fault *fault)
{
	const uint64_t start = clock_now_us();
	uint64_t interval = POLL_FIRST_US;

	for (;;) { /* bounded by wait_us: a file that keeps being replaced counts as held */
		cleanup_fd int fd = open_lock(path, fault);
		uint64_t waited;

		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			if (is_linked(path, fd))
				return fd_take(&fd);
		} else if (errno != EWOULDBLOCK) {
			return fault_set(fault, STEP_LOCK_FILE, errno, path);
		}
		waited = clock_now_us() - start;
		if (waited >= wait_us)
			return refuse(fd, path, fault);
		if (interval > wait_us - waited)
			interval = wait_us - waited;
		pause_us(interval);
		interval = interval * 2 > POLL_LAST_US ? POLL_LAST_US : interval * 2;
	}
}
