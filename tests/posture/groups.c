/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups: what /sys/fs/cgroup shows can be read, and nothing about it changed. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posture.h"

#define PLACE "/sys/fs/cgroup"
#define FILES_MAX 4096 /* more than a sandbox's own groups have */
#define WALK_DEPTH 16

static unsigned files;
static char opened[4096]; /* the first that could be; "" none */

static int try_file(const char *path, const struct stat *st, int type, struct FTW *place)
{
	char below[4096];
	int fd;

	(void)place;
	if (++files > FILES_MAX)
		return 1;
	if (type == FTW_D) {
		snprintf(below, sizeof(below), "%s/posture", path);
		if (mkdir(below, 0755) < 0)
			return 0;
		rmdir(below);
		snprintf(opened, sizeof(opened), "%.4000s: a directory was made in it", path);
		return 1;
	}
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	close(fd);
	snprintf(opened, sizeof(opened), "%.4000s: opened for writing", path);
	return 1;
}

static void try_files(void)
{
	nftw(PLACE, try_file, WALK_DEPTH, FTW_PHYS);
	if (opened[0])
		escaped("write " PLACE, "%s", opened);
	else if (files > FILES_MAX)
		escaped("write " PLACE, "it has more than the groups of one sandbox");
	else
		contained("write " PLACE);
}

static bool make_writable(const char *path)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };

	return mount(NULL, path, NULL, MS_REMOUNT, NULL) == 0 ||
	       mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) == 0 ||
	       syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr)) == 0;
}

/* Each mount there, by mountinfo: those that others cover are tried by the same paths. */
static void try_mounts(void)
{
	char line[4096], path[4096];
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	if (!mounts) {
		skipped("remount " PLACE, "/proc/self/mountinfo: %s", strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*d %*d %*s %*s %4000s", path) != 1 ||
		    strncmp(path, PLACE, strlen(PLACE)) != 0)
			continue;
		if (!make_writable(path) && umount2(path, MNT_DETACH) < 0)
			continue;
		escaped("remount " PLACE, "%s can be made writable or unmounted", path);
		fclose(mounts);
		return;
	}
	fclose(mounts);
	contained("remount " PLACE);
}

static void try_new_mounts(void)
{
	static const char *const types[] = { "cgroup2", "cgroup" };
	char name[32];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(name, sizeof(name), "mount %s", types[i]);
		if (mount("none", "/tmp", types[i], 0, i == 1 ? "memory" : NULL) == 0)
			escaped(name, "mounted on /tmp");
		else
			contained(name);
	}
}

void try_groups(void)
{
	try_files();
	try_mounts();
	try_new_mounts();
}
