/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup for each service, below our own in the second hierarchy. PID 1 makes it,
 * once, and kills by it. The service's process enters it while it still is root, so that
 * nothing of it ever runs outside.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../text.h"
#include "files.h"
#include "role.h"

#define OWN_GROUP "init.pid1" /* no service can be called that */
#define QUOTA_PERIODS 10u     /* a second has as many of cpu.max's; 100 ms each unless set */

#define HIERARCHY "/sys/fs/cgroup"
#define TEXT_MAX 4096

/* What is read of a file, with room for a path before it. */
static char buffer[sizeof(HIERARCHY) + TEXT_MAX];
static char *const text = buffer + sizeof(HIERARCHY);

static ssize_t read_text(int group, const char *file)
{
	return file_read(group, file, text, TEXT_MAX);
}

/* What is behind `start` at the beginning of a line; NULL: no such line. */
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

/* All that there are. One that can't be had is missed by who asks for its limit. */
static void enable_controllers(int group)
{
	char *p = text;

	file_read(group, "cgroup.controllers", text + 1, TEXT_MAX - 2); /* and a NUL more */
	while (p[1]) {
		char *word = p;

		p += 1 + strcspn(p + 1, " \n");
		*p = '\0';
		*word = '+'; /* on what was the blank before it */
		file_write(group, "cgroup.subtree_control", word);
	}
}

/* The path behind "0::" in /proc/self/cgroup: "/" for a machine, or in a cgroup namespace. */
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
 * A group that is not the root may have processes or hand out controllers, not both
 * (with some it would, and leave the groups below it unusable). Of a container
 * that is alone in its group, PID 1 goes into one of its own; of any other the group
 * is left as it is.
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
		mkdirat(m->groups_fd, OWN_GROUP, 0755); /* EEXIST: of a machine before this one */
		if (file_write(m->groups_fd, OWN_GROUP "/cgroup.procs", "0") < 0)
			return;
	}
	enable_controllers(m->groups_fd);
}

/* One that is there and has processes is somebody else's, and not ours to kill. */
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

/* A machine forgets them; the groups of a container would stay. */
void groups_remove(const struct machine *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (!m->services[i].group_error)
			unlinkat(m->groups_fd, m->services[i].conf->name, AT_REMOVEDIR);
}

/* ---- the child ---- */

/* Where there is no group, errno is why. */
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

/* A limit that can be dodged by swap is none. ENOENT: a kernel that has no swap to limit. */
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
	if (errno == EBUSY && !conf->terminal) /* a shell is better without one than not there */
		child_must(-1, STEP_CGROUP, conf->name);
	if (errno == 0)
		group = open_group(m->groups_fd, conf->name);
	if ((conf->memory | conf->pids | conf->cpus) == 0) {
		/* EBADF, EOPNOTSUPP: a container whose group is not its own to divide */
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
