/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: the kinds of mounts a sandbox is made of, all in namespaces of their own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "probe.h"

/* <sys/mount.h> and <linux/mount.h> exclude each other in some C libraries. */
#ifndef MS_REC
#define MS_REC 16384
#define MS_PRIVATE (1 << 18)
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static int enter_namespaces(int flags)
{
	int err = check_enter_userns();

	if (err)
		return err;
	return unshare(flags) < 0 ? errno : 0;
}

static int probe_mount_api(void *arg)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int err = enter_namespaces(CLONE_NEWNS), fd, context;

	(void)arg;
	if (err)
		return err;
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/",
			  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (fd < 0 || syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
			      sizeof(attr)) < 0)
		return errno;
	context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (context < 0 ||
	    syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0) < 0)
		return errno;
	return 0;
}

static int mount_proc(void)
{
	int context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);

	if (context < 0 ||
	    syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0) < 0)
		return errno;
	return 0;
}

static int probe_proc(void *arg)
{
	int err = enter_namespaces(CLONE_NEWNS | CLONE_NEWPID), status;
	pid_t pid;

	(void)arg;
	if (err)
		return err;
	/* Only a child is in the new pid namespace, which proc has to show. */
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(mount_proc() & 0xff);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static int probe_overlay(void *arg)
{
	int err = enter_namespaces(CLONE_NEWNS);

	(void)arg;
	if (err)
		return err;
	/* Private first: none of this may be visible outside. */
	if (syscall(SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    syscall(SYS_mount, "tmpfs", "/tmp", "tmpfs", 0, "size=64k") < 0 ||
	    mkdir("/tmp/lower", 0700) < 0 || mkdir("/tmp/upper", 0700) < 0 ||
	    mkdir("/tmp/work", 0700) < 0 || mkdir("/tmp/all", 0700) < 0 ||
	    syscall(SYS_mount, "overlay", "/tmp/all", "overlay", 0,
		    "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work,userxattr") < 0)
		return errno;
	return 0;
}

/* Makes a user namespace with another id map and lives until its parent closes the socket. */
static int live_in_userns(int wait_fd)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWUSER) < 0)
		return errno;
	if (write(wait_fd, "", 1) != 1 || read(wait_fd, &byte, 1) < 0)
		return errno;
	return 0;
}

static int write_map(pid_t pid, const char *name)
{
	char path[64];
	cleanup_fd int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || fd_write_whole(fd, "0 65534 1", 9) < 0 ? errno : 0;
}

static int map_the_root(pid_t pid)
{
	cleanup_fd int tree = -1, userns = -1;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	char path[64];
	int err = write_map(pid, "uid_map");

	if (err == 0)
		err = write_map(pid, "gid_map");
	if (err)
		return err;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	userns = open(path, O_RDONLY | O_CLOEXEC);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (userns < 0 || tree < 0)
		return errno;
	attr.userns_fd = (unsigned)userns;
	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? errno
											    : 0;
}

static int probe_idmap(void *arg)
{
	int ends[2], err, status;
	char byte;
	pid_t pid;

	(void)arg;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return errno;
	pid = fork();
	if (pid < 0)
		return errno;
	if (pid == 0) {
		close(ends[0]);
		_exit(live_in_userns(ends[1]) & 0xff);
	}
	close(ends[1]);
	err = read(ends[0], &byte, 1) == 1 ? map_the_root(pid) : EIO;
	close(ends[0]);
	if (waitpid(pid, &status, 0) < 0)
		return errno;
	/* The child's error came first and explains more. */
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : err;
}

static void check_idmap(struct check *check)
{
	struct check_item *item = check_add(check, "idmapped-mounts", false,
		"writable binds keep the caller's ownership even if the ids inside differ; "
		"without them such a bind belongs to nobody inside",
		"root, and a file system that can (ext4, xfs, btrfs, tmpfs from Linux 6.3)");
	int result;

	if (geteuid() != 0) {
		check_found(item, CHECK_LIMITED, "for root only; users map their own id instead");
		return;
	}
	result = check_probe(probe_idmap, NULL);
	check_found_probe(item, result, "work on the file system of /");
	if (result == EINVAL)
		check_found(item, CHECK_LIMITED, "not on the file system of /");
}

void check_mounts(struct check *check)
{
	struct check_item *item;

	item = check_add(check, "mount-api", true,
		"mounts are made by descriptor, so that no symlink can redirect them",
		"Linux 5.12, and no seccomp filter around nidus that refuses open_tree, fsopen, "
		"mount_setattr");
	check_found_probe(item, check_probe(probe_mount_api, NULL),
			  "open_tree, fsopen and mount_setattr work");
	item = check_add(check, "proc-mount", true,
		"a /proc that shows only the sandbox's processes",
		"inside a container: one whose own /proc has nothing masked "
		"(docker --security-opt systempaths=unconfined)");
	check_found_probe(item, check_probe(probe_proc, NULL), "mounted in a user namespace");
	item = check_add(check, "overlay", false,
		"overlay, tmp-overlay and ro-overlay mounts",
		"Linux 5.11 with overlayfs (modprobe overlay)");
	check_found_probe(item, check_probe(probe_overlay, NULL), "mounted in a user namespace");
	check_idmap(check);
}
