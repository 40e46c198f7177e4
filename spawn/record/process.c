/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/stat.h>

#include "../../init/fd.h"
#include "../../init/small_file.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LEN 36 /* characters of a UUID */
#define STAT_MAX 1024 /* bytes of /proc/PID/stat: 52 numbers and a name of 64 */
#define FLAGS_FIELD 9
#define STARTTIME_FIELD 22
#define PENDING_FIELD 31 /* signals pending, as a mask */
#define FLAG_EXITING 0x4u /* PF_EXITING of the kernel's sched.h, the same since 2.6 */
#define PENDING_KILL (1u << (SIGKILL - 1))

/* A number in the text of /proc/PID/stat. */
static uint64_t stat_number(const char *text, int number)
{
	/* The name, field 2, may hold spaces and parentheses: count from its end. */
	const char *field = strrchr(text, ')');

	for (int i = 2; field && i < number; i++)
		field = strchr(field + 1, ' ');
	return field ? strtoull(field + 1, NULL, 10) : 0;
}

static bool read_stat(pid_t pid, char text[STAT_MAX])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (small_file_read(AT_FDCWD, path, text, STAT_MAX) > 0)
		return true;
	if (errno == ENOENT)
		errno = ESRCH;
	return false;
}

uint64_t process_start_time(pid_t pid)
{
	char text[STAT_MAX];

	return read_stat(pid, text) ? stat_number(text, STARTTIME_FIELD) : 0;
}

int process_describe(pid_t pid, char text[PROCESS_TEXT_MAX])
{
	uint64_t start = process_start_time(pid);

	if (start == 0)
		return -1;
	snprintf(text, PROCESS_TEXT_MAX, "%d %" PRIu64, (int)pid, start);
	return 0;
}

int process_open(const char *argument)
{
	struct pollfd ended = { .fd = -1, .events = POLLIN };
	cleanup_fd int fd = -1;
	uint64_t start, now;
	int pid, ready;

	errno = ESRCH;
	if (sscanf(argument, "%d %" SCNu64, &pid, &start) != 2 || pid <= 0 || start == 0)
		return -1;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) {
		if (errno == EINVAL) /* by now the pid is that of a thread */
			errno = ESRCH;
		return -1;
	}
	/* After the open: if the pid has been reused by now, the start time differs. */
	now = process_start_time(pid);
	if (now == 0)
		return -1;
	/* A zombie that is not reaped yet counts as gone. */
	ended.fd = fd;
	ready = now == start ? poll(&ended, 1, 0) : 1;
	if (ready == 0)
		return fd_take(&fd);
	if (ready > 0)
		errno = ESRCH;
	return -1;
}

bool process_is_ending(const char *argument)
{
	cleanup_fd int fd = process_open(argument);
	char text[STAT_MAX];

	if (fd < 0 || !read_stat((pid_t)strtol(argument, NULL, 10), text))
		return true;
	return stat_number(text, FLAGS_FIELD) & FLAG_EXITING ||
	       stat_number(text, PENDING_FIELD) & PENDING_KILL;
}

static size_t read_arguments(pid_t pid, char *text, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	len = small_file_read(AT_FDCWD, path, text, size);
	return len > 0 ? (size_t)len : 0;
}

/* The command is the first child of nidus-init, or has replaced it. */
size_t process_read_command(pid_t init, char *text, size_t size)
{
	char path[64], children[32];
	size_t len = read_arguments(init, text, size);

	if (len == 0 || strcmp(text, "nidus-init") != 0)
		return len;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)init, (int)init);
	if (small_file_read(AT_FDCWD, path, children, sizeof(children)) <= 0)
		return 0;
	return read_arguments((pid_t)strtol(children, NULL, 10), text, size);
}

int process_boot(char text[PROCESS_BOOT_MAX])
{
	struct stat ns;
	char id[64];

	if (small_file_read(AT_FDCWD, BOOT_ID_FILE, id, sizeof(id)) < BOOT_ID_LEN)
		return -1;
	if (stat("/proc/self/ns/pid", &ns) < 0)
		return -1;
	snprintf(text, PROCESS_BOOT_MAX, "%.*s %" PRIu64, BOOT_ID_LEN, id, (uint64_t)ns.st_ino);
	return 0;
}

int process_place(const char *boot, enum process_place *place)
{
	char here[PROCESS_BOOT_MAX];

	if (process_boot(here) < 0)
		return -1;
	if (strcmp(boot, here) == 0)
		*place = PROCESS_HERE;
	else
		*place = strncmp(boot, here, BOOT_ID_LEN) == 0 ? PROCESS_ELSEWHERE : PROCESS_BEFORE;
	return 0;
}
