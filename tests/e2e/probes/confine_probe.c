/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries what a sandboxed program must not be able to do; prints one line a try,
 * "NAME ok" or "NAME E…". With an argument: that try alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long try_unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static long try_clone_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long try_clone3(void)
{
	unsigned long long args[8] = { CLONE_NEWUSER, 0, 0, 0, SIGCHLD };
	long pid = syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid;
}

static long try_unshare_mount(void)
{
	return unshare(CLONE_NEWNS);
}

static long try_mount(void)
{
	return mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
}

static long try_umount(void)
{
	return umount2("/proc", MNT_DETACH);
}

static long try_fsopen(void)
{
	return syscall(430, "tmpfs", 0);
}

static long try_open_tree(void)
{
	return syscall(428, AT_FDCWD, "/", 1);
}

static long try_pivot_root(void)
{
	return syscall(SYS_pivot_root, ".", ".");
}

static long try_chroot(void)
{
	return chroot("/tmp");
}

static long try_setns(void)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : setns(fd, 0);
}

static long try_io_uring(void)
{
	char params[256] = { 0 };

	return syscall(425, 1, params);
}

static long try_bpf(void)
{
	char attr[128] = { 0 };

	return syscall(SYS_bpf, 0, attr, sizeof(attr));
}

static long try_keyctl(void)
{
	return syscall(SYS_keyctl, 0, -3, 0);
}

static long try_add_key(void)
{
	return syscall(SYS_add_key, "user", "nidus-probe", "x", 1, -3);
}

static long try_ptrace_init(void)
{
	return ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static long try_read_init_memory(void)
{
	return open("/proc/1/mem", O_RDONLY | O_CLOEXEC);
}

static long try_open_init_exe(void)
{
	return open("/proc/1/exe", O_RDONLY | O_CLOEXEC);
}

/* The numbers may be seen by who has init's id; what is behind them must not be had. */
static long try_open_init_fds(void)
{
	char path[32];

	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
		if (open(path, O_PATH | O_CLOEXEC) >= 0)
			return 0;
		if (errno != ENOENT)
			return -1;
	}
	errno = ENOENT;
	return -1;
}

static long try_tiocsti(void)
{
	char byte = 'x';

	return ioctl(0, TIOCSTI, &byte);
}

/* The high half of the request is cut off by the kernel, not by a careless filter. */
static long try_tiocsti_wide(void)
{
	char byte = 'x';

	return syscall(SYS_ioctl, 0, 0x100000000ul | TIOCSTI, &byte);
}

static long try_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 0);
}

static long try_perf(void)
{
	char attr[128] = { 0 };

	return syscall(SYS_perf_event_open, attr, 0, -1, -1, 0);
}

static long try_reboot(void)
{
	return syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL);
}

static long try_mknod(void)
{
	return mknod("/tmp/probe-null", S_IFCHR | 0600, 0x0103);
}

static long try_write_sysrq(void)
{
	return open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
}

static long try_write_sysctl(void)
{
	return open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC);
}

static long try_read_kcore(void)
{
	char byte;
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, &byte, 1) == 1)
		return 0;
	errno = ENODATA; /* masked by an empty file */
	return -1;
}

static long try_sethostname(void)
{
	return sethostname("x", 1);
}

static long try_raw_disk(void)
{
	return open("/dev/mem", O_RDONLY | O_CLOEXEC);
}

struct attempt {
	const char *name;
	long (*run)(void);
};

static const struct attempt attempts[] = {
	{ "unshare_user", try_unshare_user },
	{ "clone_user", try_clone_user },
	{ "clone3_user", try_clone3 },
	{ "unshare_mount", try_unshare_mount },
	{ "mount", try_mount },
	{ "umount", try_umount },
	{ "fsopen", try_fsopen },
	{ "open_tree", try_open_tree },
	{ "pivot_root", try_pivot_root },
	{ "chroot", try_chroot },
	{ "setns", try_setns },
	{ "io_uring_setup", try_io_uring },
	{ "bpf", try_bpf },
	{ "keyctl", try_keyctl },
	{ "add_key", try_add_key },
	{ "ptrace_init", try_ptrace_init },
	{ "read_init_memory", try_read_init_memory },
	{ "open_init_exe", try_open_init_exe },
	{ "open_init_fds", try_open_init_fds },
	{ "tiocsti", try_tiocsti },
	{ "tiocsti_wide", try_tiocsti_wide },
	{ "userfaultfd", try_userfaultfd },
	{ "perf_event_open", try_perf },
	{ "reboot", try_reboot },
	{ "mknod", try_mknod },
	{ "write_sysrq", try_write_sysrq },
	{ "write_sysctl", try_write_sysctl },
	{ "read_kcore", try_read_kcore },
	{ "sethostname", try_sethostname },
	{ "read_dev_mem", try_raw_disk },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (argc > 1 && strcmp(argv[1], attempts[i].name) != 0)
			continue;
		errno = 0;
		if (attempts[i].run() >= 0)
			printf("%s ok\n", attempts[i].name);
		else
			printf("%s %s\n", attempts[i].name, strerrorname_np(errno));
	}
	return 0;
}
