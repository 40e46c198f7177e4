/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hierarchies there are and which group of each can be the parent of ours. Reads
 * two files of /proc and checks access: only the kernel knows whether a parent is
 * usable; being root does not imply it (containers, user namespaces).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../init/fd.h"
#include "../init/small_file.h"
#include "backend.h"

#define MOUNTINFO_CHUNK 16384 /* bytes; a longer line can't be of interest */
#define OWN_MAX 8192 /* bytes of /proc/self/cgroup: at most 14 hierarchies */

__attribute__((format(printf, 2, 3))) static void say_why(struct cg_machine *machine,
							  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	/* A longer text is cut off: it is only printed. */
	vsnprintf(machine->why_not, sizeof(machine->why_not), format, args);
	va_end(args);
}

/* A group that is not there, or not for us, is known; whatever else went wrong may pass. */
static void note_unknown(struct cg_machine *machine, const char *path, int err)
{
	if (err == ENOENT || err == ENOTDIR || err == EACCES || err == EPERM || err == EROFS ||
	    err == ENODEV)
		return;
	machine->unknown = err;
	snprintf(machine->unknown_path, sizeof(machine->unknown_path), "%s", path);
}

/* 0, or the errno that says why `dir`/`file` can't be written. "" is dir itself. */
static int check_writable(const char *dir, const char *file, int mode, struct cg_machine *machine)
{
	char path[CG_PATH_MAX + 32];
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0)
		return 0;
	err = errno;
	note_unknown(machine, dir, err);
	return err;
}

/* Making groups, moving processes in and enabling controllers must all be allowed. */
static int check_v2(const char *dir, struct cg_machine *machine)
{
	int err = check_writable(dir, "cgroup.procs", W_OK, machine);

	if (err == 0)
		err = check_writable(dir, "cgroup.subtree_control", W_OK, machine);
	if (err == 0)
		err = check_writable(dir, "", W_OK | X_OK, machine);
	return err;
}

/*
 * The group of the caller as a path below the mount, "" for the root of the mount. NULL
 * if the mount doesn't show it (a mount of another cgroup namespace).
 */
static const char *own_below_mount(const struct cg_mount *mount, const char *own)
{
	size_t len = strlen(mount->root);

	if (!own || strstr(own, "/.."))
		return NULL;
	if (strcmp(mount->root, "/") == 0)
		return strcmp(own, "/") == 0 ? "" : own;
	if (strncmp(own, mount->root, len) != 0 || (own[len] != '\0' && own[len] != '/'))
		return NULL;
	return own + len;
}

/*
 * The topmost usable group from the root of the mount down to the group of the caller. It
 * is an ancestor of both the caller and the sandbox: to move a process the kernel wants
 * its cgroup.procs writable (cgroup2 "Delegation Containment"). The topmost one is taken
 * so that all launches of a user share one parent, wherever they are started.
 */
static bool find_v2_top(const struct cg_mount *mount, const char *own, bool root, char *top,
			size_t size, struct cg_machine *machine)
{
	const char *below = own_below_mount(mount, own);
	size_t at = strlen(mount->point), room = size - sizeof("/" CG_GROUP);
	int err;

	if (at > room || (!below && !root)) {
		say_why(machine, "%s does not show the group of this process", mount->point);
		return false;
	}
	memcpy(top, mount->point, at + 1);
	for (;;) {
		size_t step;

		err = check_v2(top, machine);
		if (err == 0)
			return true;
		if (!below || *below == '\0')
			break;
		step = 1 + strcspn(below + 1, "/");
		if (at + step > room) {
			err = ENAMETOOLONG;
			break;
		}
		memcpy(top + at, below, step);
		at += step;
		top[at] = '\0';
		below += step;
	}
	if (own && !root && err == EACCES)
		say_why(machine, "%s is not delegated to this user", top);
	else
		say_why(machine, "%s: %s", top, strerror(err));
	return false;
}

/*
 * The controllers that can be enabled for groups below `top`. Except for the root of the
 * hierarchy, a group with processes of its own can't pass on more controllers than it
 * does already ("no internal processes"); only the real root has no cgroup.events.
 */
static uint32_t find_v2_controls(const char *top, struct cg_machine *machine)
{
	const uint32_t always = CG_BIT(CG_CPUACCT) | CG_BIT(CG_FREEZER);
	char text[CG_TEXT_MAX];
	cleanup_fd int fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint32_t controls;

	if (fd < 0 || small_file_read(fd, "cgroup.controllers", text, sizeof(text)) < 0) {
		note_unknown(machine, top, errno);
		return always;
	}
	controls = cg_parse_controllers(text);
	if (cg_file_exists(fd, "cgroup.events") &&
	    small_file_read(fd, "cgroup.procs", text, sizeof(text)) != 0) {
		if (small_file_read(fd, "cgroup.subtree_control", text, sizeof(text)) < 0) {
			note_unknown(machine, top, errno);
			return always;
		}
		controls &= cg_parse_controllers(text);
	}
	return controls | always;
}

static bool choose_v2(const struct cg_mount *mount, const char *own, bool root,
		      bool with_controls, struct cg_machine *machine)
{
	char *parent = machine->v2_parent;
	size_t len;

	if (mount->point[0] == '\0')
		return false;
	if (!find_v2_top(mount, own, root, parent, sizeof(machine->v2_parent), machine)) {
		parent[0] = '\0';
		return false;
	}
	if (with_controls)
		machine->v2_controls = find_v2_controls(parent, machine);
	machine->mode = root && strcmp(parent, mount->point) == 0 ? CG_V2 : CG_V2_DELEGATED;
	len = strlen(parent);
	/* find_v2_top left room for it */
	memcpy(parent + len, "/" CG_GROUP, sizeof("/" CG_GROUP));
	return true;
}

static bool choose_v1(const struct cg_mounts *mounts, struct cg_machine *machine)
{
	bool any = false;

	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		const char *point = mounts->v1[i].point;
		size_t len = strlen(point);
		int err;

		if (len == 0 || len + sizeof("/" CG_GROUP) > CG_PATH_MAX)
			continue;
		err = check_writable(point, "cgroup.procs", W_OK, machine);
		if (err != 0) {
			if (machine->why_not[0] == '\0')
				say_why(machine, "%s: %s", point, strerror(err));
			continue;
		}
		memcpy(machine->v1_parent[i], point, len);
		memcpy(machine->v1_parent[i] + len, "/" CG_GROUP, sizeof("/" CG_GROUP));
		any = true;
	}
	return any;
}

void cg_choose(const struct cg_mounts *mounts, const char *own, bool root,
	       struct cg_machine *machine)
{
	bool v2, v1;

	memset(machine, 0, sizeof(*machine));
	v2 = choose_v2(&mounts->v2, own, root, true, machine);
	v1 = choose_v1(mounts, machine);
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		machine->v2_beside |= mounts->v1[i].point[0] != '\0';
	if (v1)
		machine->mode = v2 ? CG_HYBRID : CG_V1;
	else if (!v2)
		machine->mode = CG_NONE;
	if (v1 || v2)
		machine->why_not[0] = '\0';
	else if (machine->why_not[0] == '\0')
		say_why(machine, "no cgroup file system is mounted");
}

/* mountinfo can have thousands of lines: it is parsed while it is read. */
static int read_mounts(struct cg_mounts *mounts)
{
	char text[MOUNTINFO_CHUNK];
	size_t have = 0;
	bool skip = false; /* inside a line longer than the buffer */
	cleanup_fd int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	for (;;) {
		ssize_t n = read(fd, text + have, sizeof(text) - have);
		size_t used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		have += (size_t)n;
		if (skip) {
			char *end = memchr(text, '\n', have);

			used = end ? (size_t)(end - text) + 1 : have;
			skip = !end;
		} else {
			used = cg_parse_mounts(text, have, mounts);
			if (used == 0 && have == sizeof(text)) {
				used = have;
				skip = true;
			}
		}
		have -= used;
		memmove(text, text + used, have);
	}
}

/* The group of the caller in the cgroup2 tree: NULL if it has none, or with *err. */
static const char *read_own(char own[CG_PATH_MAX], int *err)
{
	char text[OWN_MAX];
	ssize_t len = small_file_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

	*err = len < 0 ? errno : 0;
	return len > 0 && cg_parse_own(text, own, CG_PATH_MAX) ? own : NULL;
}

void cg_find_place(struct cg_machine *machine)
{
	static const char *const points[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct cg_mount mount = { .root = "/" };
	char own[CG_PATH_MAX];
	struct statfs fs;
	int err;

	memset(machine, 0, sizeof(*machine));
	for (int i = 0; i < 2; i++) {
		if (statfs(points[i], &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
			continue;
		snprintf(mount.point, sizeof(mount.point), "%s", points[i]);
		machine->v2_beside = i > 0;
		if (choose_v2(&mount, read_own(own, &err), geteuid() == 0, false, machine) &&
		    machine->unknown == 0)
			return;
		break;
	}
	cg_find(machine);
}

void cg_find(struct cg_machine *machine)
{
	struct cg_mounts mounts;
	char own_text[CG_PATH_MAX];
	const char *own;
	int err;

	memset(&mounts, 0, sizeof(mounts));
	if (read_mounts(&mounts) < 0) {
		err = errno;
		memset(machine, 0, sizeof(*machine));
		say_why(machine, "/proc/self/mountinfo: %s", strerror(err));
		note_unknown(machine, "/proc/self/mountinfo", err);
		return;
	}
	own = read_own(own_text, &err);
	cg_choose(&mounts, own, geteuid() == 0, machine);
	if (err != 0)
		note_unknown(machine, "/proc/self/cgroup", err);
}
