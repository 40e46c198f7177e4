/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane STAGE NAME COMMAND…: runs COMMAND, one file of tests, where it meets no other file
 * and no other run: pid, mount, ipc, network and cgroup namespaces of its own; private
 * /tmp, /run, /dev/shm, /var/tmp and /home; its own STAGE/work-UID.
 *
 * Below each writable hierarchy it makes the group <name of STAGE>/NAME, enters it, and
 * inside mounts that group where the hierarchy was. nidus finds its place by the mounts
 * (cgroup/find.c), so it makes its groups below. NAME is removed when COMMAND has ended,
 * <name of STAGE> by tests/run. On cgroup2 a group that holds processes can't pass its
 * controllers on: there the tests are in a leaf, NAME/tests.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HIERARCHIES_MAX 32
#define TEXT_MAX 4096
#define REMOVE_MS 10000 /* a group becomes empty some time after its last process died */
#define FIRST_PID "1000"
#define ASIDE "/dev/shm/aside"
#define PRIVATE_FLAGS (MS_NOSUID | MS_NODEV)

static const uid_t users[] = { 0, 1500, 1501 };

static struct hierarchy {
	char point[PATH_MAX], parent[PATH_MAX], group[PATH_MAX];
	bool v2;
} hierarchies[HIERARCHIES_MAX];
static int hierarchy_count;
static const char *stage, *name;

__attribute__((format(printf, 2, 3))) static void join(char *path, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, PATH_MAX, format, args);
	va_end(args);
	if (len >= PATH_MAX)
		errx(1, "a path is too long: %s", path);
}

/* ---- groups ---- */

static void find_hierarchies(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX], point[PATH_MAX], type[32];
	const char *base = strrchr(stage, '/') + 1;

	if (!file)
		err(1, "/proc/self/mountinfo");
	while (fgets(line, sizeof(line), file) && hierarchy_count < HIERARCHIES_MAX) {
		struct hierarchy *h = &hierarchies[hierarchy_count];
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(rest, " - %31s", type) != 1 || strncmp(type, "cgroup", 6) != 0 ||
		    sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1)
			continue;
		h->v2 = strcmp(type, "cgroup2") == 0;
		join(h->point, "%s", point);
		join(h->parent, "%s/%s", point, base);
		join(h->group, "%s/%s/%s", point, base, name);
		hierarchy_count++;
	}
	fclose(file);
}

static ssize_t read_file(const char *directory, const char *file, char *text)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	join(path, "%s/%s", directory, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, TEXT_MAX - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static int write_file(const char *directory, const char *file, const char *text)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	join(path, "%s/%s", directory, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* The kernel takes no process into a cpuset without processors or memory. */
static void fill_cpuset(const char *parent, const char *group)
{
	const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	char text[TEXT_MAX];

	for (int i = 0; i < 2; i++)
		if (read_file(parent, files[i], text) > 0 && write_file(group, files[i], text) < 0)
			err(1, "%s/%s", group, files[i]);
}

/* What can't be passed on is missing for nidus, too, which says so. */
static void pass_controllers_on(const char *group)
{
	char text[TEXT_MAX], word[64], *state, *controller;

	if (read_file(group, "cgroup.controllers", text) <= 0)
		return;
	for (controller = strtok_r(text, " \n", &state); controller;
	     controller = strtok_r(NULL, " \n", &state)) {
		snprintf(word, sizeof(word), "+%s", controller);
		write_file(group, "cgroup.subtree_control", word);
	}
}

/* Where nothing can be made, the lane goes without. Others make the parent, too. */
static bool make_groups(struct hierarchy *h)
{
	char leaf[PATH_MAX];

	if (mkdir(h->parent, 0755) < 0 && errno != EEXIST)
		return false;
	if (h->v2) {
		pass_controllers_on(h->point);
		pass_controllers_on(h->parent);
	} else {
		fill_cpuset(h->point, h->parent);
	}
	if (mkdir(h->group, 0755) < 0)
		err(1, "%s", h->group);
	join(leaf, "%s/tests", h->group);
	if (h->v2 && mkdir(leaf, 0755) < 0)
		err(1, "%s", leaf);
	if (!h->v2)
		fill_cpuset(h->parent, h->group);
	return true;
}

static void make_all_groups(void)
{
	int kept = 0;

	for (int i = 0; i < hierarchy_count; i++)
		if (make_groups(&hierarchies[i]))
			hierarchies[kept++] = hierarchies[i];
	hierarchy_count = kept;
}

/* The namespace begins at the groups, the tests are in the leaves. */
static void enter_groups(void)
{
	char leaf[PATH_MAX];

	for (int i = 0; i < hierarchy_count; i++)
		if (write_file(hierarchies[i].group, "cgroup.procs", "0") < 0)
			err(1, "%s/cgroup.procs", hierarchies[i].group);
	if (unshare(CLONE_NEWCGROUP) < 0)
		err(1, "a cgroup namespace");
	for (int i = 0; i < hierarchy_count; i++) {
		join(leaf, "%s/tests", hierarchies[i].group);
		if (hierarchies[i].v2 && write_file(leaf, "cgroup.procs", "0") < 0)
			err(1, "%s/cgroup.procs", leaf);
	}
}

static int remove_directory(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DP)
		rmdir(path);
	return 0;
}

static int remove_group(const char *group)
{
	const struct timespec pause = { 0, 10000000 };

	for (int ms = 0; ms < REMOVE_MS; ms += 10) {
		nftw(group, remove_directory, 16, FTW_DEPTH | FTW_PHYS);
		if (access(group, F_OK) < 0)
			return 0;
		nanosleep(&pause, NULL);
	}
	warnx("%s holds processes after %d ms", group, REMOVE_MS);
	return -1;
}

/* ---- inside ---- */

static void mount_tmpfs(const char *target, const char *options)
{
	if (mount("tmpfs", target, "tmpfs", PRIVATE_FLAGS, options) < 0)
		err(1, "a tmpfs on %s", target);
}

static void place(const char *from, const char *target)
{
	if (mount(from, target, NULL, MS_MOVE, NULL) < 0)
		err(1, "%s to %s", from, target);
}

static void show_at(const char *from, const char *target, unsigned long flags)
{
	if (mount(from, target, NULL, MS_BIND | flags, NULL) < 0)
		err(1, "%s on %s", from, target);
}

static void show_groups(void)
{
	for (int i = 0; i < hierarchy_count; i++) {
		show_at(hierarchies[i].group, ASIDE, 0);
		if (umount2(hierarchies[i].point, MNT_DETACH) < 0)
			err(1, "%s", hierarchies[i].point);
		place(ASIDE, hierarchies[i].point);
	}
}

static void own(const char *path, uid_t uid, mode_t mode)
{
	if ((mkdir(path, mode) < 0 && errno != EEXIST) || chown(path, uid, uid) < 0)
		err(1, "%s", path);
}

static void make_users_places(uid_t uid)
{
	char path[PATH_MAX], work[PATH_MAX];

	join(path, "/run/user/%u", uid);
	own(path, uid, 0700);
	join(path, "/home/home-%u", uid);
	own(path, uid, 0700);
	join(path, "%s/lanes/%s/work-%u", stage, name, uid);
	own(path, uid, 0755);
	join(work, "%s/work-%u", stage, uid);
	show_at(path, work, 0);
}

static void make_private(void)
{
	char lane[PATH_MAX];

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err(1, "private mounts");
	if (mount("proc", "/proc", "proc", PRIVATE_FLAGS | MS_NOEXEC, NULL) < 0)
		err(1, "/proc");
	mount_tmpfs("/dev/shm", "mode=1777");
	own(ASIDE, 0, 0755);
	show_groups();
	mount_tmpfs("/var/tmp", "mode=1777");
	if (rmdir(ASIDE) < 0)
		err(1, "%s", ASIDE);
	mount_tmpfs("/tmp", "mode=1777");
	mount_tmpfs("/home", "mode=0755");
	mount_tmpfs("/run", "mode=0755");
	own("/run/user", 0, 0755);
	own("/run/mount", 0, 0755); /* mount(8) makes it on its first call */
	join(lane, "%s/lanes/%s", stage, name);
	own(lane, 0, 0755);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		make_users_places(users[i]);
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		err(1, "lo");
	close(fd);
}

/* ---- processes ---- */

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A child that dies with its parent. */
static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* Whatever else is orphaned to the caller is reaped on the way. */
static int wait_for(pid_t pid)
{
	int status;

	for (;;) {
		pid_t ended = wait(&status);

		if (ended < 0 && errno != EINTR)
			err(1, "wait");
		if (ended == pid)
			return status_of(status);
	}
}

/* PID 1: when it ends, the kernel kills what is left. */
static int run_inside(char **command)
{
	pid_t pid;

	make_private();
	raise_loopback();
	/* A test that looks for its pid in a text must not find every 3. */
	write_file("/proc/sys/kernel", "ns_last_pid", FIRST_PID);
	setenv("NIDUS_TEST_ISOLATED", "1", 1);
	pid = start_child();
	if (pid > 0)
		return wait_for(pid);
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

static int run_in_groups(char **command)
{
	pid_t pid;

	enter_groups();
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET) < 0)
		err(1, "namespaces");
	pid = start_child();
	return pid > 0 ? wait_for(pid) : run_inside(command);
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 4 || argv[1][0] != '/')
		errx(2, "usage: lane STAGE NAME COMMAND [ARGUMENT…]");
	stage = argv[1];
	name = argv[2];
	find_hierarchies();
	make_all_groups();
	pid = start_child();
	if (pid == 0)
		return run_in_groups(argv + 3);
	status = wait_for(pid);
	for (int i = 0; i < hierarchy_count; i++)
		if (remove_group(hierarchies[i].group) < 0)
			status = 1;
	return status;
}
