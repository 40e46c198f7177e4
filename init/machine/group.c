/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup v2 for each service, below the one of PID 1. PID 1 makes it once and uses it to
 * kill. The process of the service enters it while it is still root, so that no code of
 * the service ever runs outside of it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../small_file.h"
#include "../text.h"
#include "files.h"
#include "role.h"

#define OWN_GROUP "init.pid1" /* not a valid service name */
#define QUOTA_PERIODS 10u     /* periods of cpu.max in a second; 100 ms each by default */

#define HIERARCHY "/sys/fs/cgroup"
#define TEXT_MAX 4096

/* The text read from a file, with room for a path before it. */
static char buffer[sizeof(HIERARCHY) + TEXT_MAX];
static char *const text = buffer + sizeof(HIERARCHY);

static ssize_t read_text(int group, const char *file)
{
	return small_file_read(group, file, text, TEXT_MAX);
}

/* The text after `start` at the beginning of a line; NULL: no such line. */
static char *behind(const char *start)
{
	size_t len = strlen(start);
	char *line = text;

	while (strncmp(line, start, len) != 0) {
		line = strchr(line, '\n');
		if (!line)
			return NULL;
		line++;
	}
	return line + len;
}

static int open_group(int dir, const char *name)
{
	return openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* ---- PID 1 ---- */

/* Enables all that exist. If one fails, a service that sets its limit reports the error. */
static void enable_controllers(int group)
{
	char *p = text;

	small_file_read(group, "cgroup.controllers", text + 1, TEXT_MAX - 2); /* room for one more NUL */
	while (p[1]) {
		char *word = p;

		p += 1 + strcspn(p + 1, " \n");
		*p = '\0';
		*word = '+'; /* in place of the blank before it */
		file_write(group, "cgroup.subtree_control", word);
	}
}

/* The path after "0::" in /proc/self/cgroup: "/" on a machine, or in a cgroup namespace. */
static int open_own_group(void)
{
	const size_t len = strlen(HIERARCHY);
	char *path;

	read_text(AT_FDCWD, "/proc/self/cgroup");
	path = behind("0::");
	if (!path)
		return -1;
	path[strcspn(path, "\n")] = '\0';
	return open_group(AT_FDCWD, memcpy(path - len, HIERARCHY, len));
}

/*
 * A group that is not the root may have processes or pass on controllers, not both (some
 * controllers allow it, but the groups below are then unusable). If a container has only
 * PID 1 in its group, PID 1 moves into one of its own; any other group is left unchanged.
 */
void groups_open(struct machine *m)
{
	m->groups_fd = open_own_group();
	if (read_text(m->groups_fd, "cgroup.controllers") < 0) {
		fd_close(&m->groups_fd);
		return;
	}
	if (read_text(m->groups_fd, "cgroup.type") >= 0) { /* the root has none */
		read_text(m->groups_fd, "cgroup.procs");
		if (strcmp(text, "1\n") != 0)
			return;
		mkdirat(m->groups_fd, OWN_GROUP, 0755); /* EEXIST: left by an earlier machine */
		if (file_write(m->groups_fd, OWN_GROUP "/cgroup.procs", "0") < 0)
			return;
	}
	enable_controllers(m->groups_fd);
}

/* An existing group with processes belongs to somebody else and must not be killed. */
int group_take(const struct machine *m, const char *name)
{
	cleanup_fd int group = -1;

	if (m->groups_fd < 0)
		return ENOENT;
	if (mkdirat(m->groups_fd, name, 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return errno;
	group = open_group(m->groups_fd, name);
	read_text(group, "cgroup.events");
	return behind("populated 0") ? 0 : EBUSY;
}

void group_kill(const struct machine *m, const struct service *s)
{
	cleanup_fd int group = -1;

	if (s->group_error)
		return;
	group = open_group(m->groups_fd, s->conf->name);
	file_write(group, "cgroup.kill", "1"); /* ENOENT: a kernel before 5.14 */
}

uint64_t group_oom_kills(const struct machine *m, const char *name)
{
	cleanup_fd int group = open_group(m->groups_fd, name);
	const char *digits;
	uint64_t kills = 0;

	read_text(group, "memory.events");
	digits = behind("oom_kill ");
	if (digits)
		text_parse(&digits, text + TEXT_MAX, &kills);
	return kills;
}

/* On a machine they vanish at the reboot; those of a container would stay. */
void groups_remove(const struct machine *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (!m->services[i].group_error)
			unlinkat(m->groups_fd, m->services[i].conf->name, AT_REMOVEDIR);
}

/* ---- the child ---- */

/* Without a group, errno says why. */
static void limit(int group, const char *file, uint64_t value)
{
	static char number[TEXT_NUMBER_MAX];

	if (value == 0 || (group >= 0 && file_write(group, file,
						     text_number(number, value, 10)) == 0))
		return;
	strcpy(text, file);
	strcat(text, " (needs a writable cgroup2 at " HIERARCHY ")");
	child_must(-1, STEP_CGROUP, text);
}

/* A limit that swap can bypass is useless. ENOENT: a kernel without swap accounting. */
static void limit_swap(int group)
{
	const char *file = "memory.swap.max";

	if (file_write(group, file, "0") < 0 && errno != ENOENT)
		child_must(-1, STEP_CGROUP, file);
}

void group_enter(const struct machine *m, const struct service *s)
{
	const struct conf_service *conf = s->conf;
	int group = -1;

	errno = s->group_error;
	if (errno == EBUSY && !conf->terminal) /* a shell without a group is better than no shell */
		child_must(-1, STEP_CGROUP, conf->name);
	if (errno == 0)
		group = open_group(m->groups_fd, conf->name);
	if ((conf->memory | conf->pids | conf->cpus) == 0) {
		/* EBADF, EOPNOTSUPP: a container that may not divide its group */
		file_write(group, "cgroup.procs", "0");
		return;
	}
	limit(group, "memory.max", conf->memory);
	limit(group, "pids.max", conf->pids);
	limit(group, "cpu.max", conf->cpus / QUOTA_PERIODS); /* microseconds of each period */
	if (conf->memory)
		limit_swap(group);
	child_must(file_write(group, "cgroup.procs", "0"), STEP_CGROUP, conf->name);
}
