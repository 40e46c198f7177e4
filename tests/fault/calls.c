/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

const int calls_errors[] = { EIO, ENOMEM, EMFILE, ENOSPC, EINTR, 0 };

enum {
	IO = 1,      /* EIO */
	MEMORY = 2,  /* ENOMEM */
	TABLE = 4,   /* EMFILE: it makes a descriptor */
	SPACE = 8,   /* ENOSPC: of a file system, of namespaces, of mounts */
	BROKEN = 16, /* EINTR */
	DONE = 32,   /* fails after its work */
	LOOKS = 64,  /* changes nothing that outlives the process */
};

#define CALL(name, flags) [SYS_##name] = { #name, flags }

/* What is not here can't fail, or only by the caller's mistake; or its failure can't be told. */
static const struct {
	const char *name;
	unsigned flags;
} calls[] = {
	CALL(accept4, MEMORY | TABLE | BROKEN),
	CALL(access, IO | MEMORY | LOOKS),
	CALL(arch_prctl, LOOKS),
	CALL(bind, IO | MEMORY),
	CALL(brk, LOOKS), /* an error is an address to it */
	CALL(capget, LOOKS),
	CALL(capset, MEMORY),
	CALL(chdir, IO | MEMORY | LOOKS),
	CALL(chmod, IO | MEMORY),
	CALL(chown, IO | MEMORY | SPACE),
	CALL(clock_gettime, LOOKS),
	CALL(clock_nanosleep, BROKEN | LOOKS),
	CALL(clone, MEMORY | SPACE),
	CALL(clone3, MEMORY | SPACE),
	CALL(close, IO | BROKEN | SPACE | DONE),
	CALL(close_range, MEMORY),
	CALL(connect, IO | MEMORY | BROKEN),
	CALL(dup, TABLE | LOOKS),
	CALL(dup2, IO | TABLE | BROKEN | LOOKS),
	CALL(dup3, IO | TABLE | BROKEN | LOOKS),
	CALL(epoll_create1, MEMORY | TABLE | LOOKS),
	CALL(epoll_ctl, MEMORY | SPACE | LOOKS),
	CALL(epoll_pwait, BROKEN | LOOKS),
	CALL(epoll_wait, BROKEN | LOOKS),
	CALL(eventfd2, MEMORY | TABLE | LOOKS),
	CALL(execve, IO | MEMORY | TABLE),
	CALL(execveat, IO | MEMORY | TABLE),
	CALL(exit, LOOKS),
	CALL(exit_group, LOOKS),
	CALL(faccessat, IO | MEMORY | LOOKS),
	CALL(faccessat2, IO | MEMORY | LOOKS),
	CALL(fchdir, IO | MEMORY | LOOKS),
	CALL(fchmod, IO | MEMORY),
	CALL(fchmodat, IO | MEMORY),
	CALL(fchown, IO | MEMORY | SPACE),
	CALL(fchownat, IO | MEMORY | SPACE),
	CALL(fcntl, MEMORY | TABLE | LOOKS),
	CALL(fgetxattr, IO | MEMORY | LOOKS),
	CALL(flock, MEMORY | BROKEN),
	CALL(fork, MEMORY),
	CALL(fsconfig, IO | MEMORY | SPACE),
	CALL(fsmount, IO | MEMORY | TABLE | SPACE),
	CALL(fsopen, IO | MEMORY | TABLE),
	CALL(fstat, IO | MEMORY | LOOKS),
	CALL(fstatfs, IO | MEMORY | LOOKS),
	CALL(fsync, IO | SPACE),
	CALL(ftruncate, IO | MEMORY | SPACE | BROKEN),
	CALL(futex, LOOKS),
	CALL(getcwd, MEMORY | LOOKS),
	CALL(getdents64, IO | MEMORY | LOOKS),
	CALL(getegid, LOOKS),
	CALL(geteuid, LOOKS),
	CALL(getgid, LOOKS),
	CALL(getgroups, LOOKS),
	CALL(getpgid, LOOKS),
	CALL(getpid, LOOKS),
	CALL(getppid, LOOKS),
	CALL(getrandom, BROKEN | LOOKS),
	CALL(getsid, LOOKS),
	CALL(getsockname, MEMORY | LOOKS),
	CALL(getsockopt, MEMORY | LOOKS),
	CALL(gettid, LOOKS),
	CALL(getuid, LOOKS),
	CALL(ioctl, IO | MEMORY | BROKEN),
	CALL(kill, 0),
	CALL(landlock_add_rule, MEMORY | LOOKS),
	CALL(landlock_create_ruleset, MEMORY | TABLE | LOOKS),
	CALL(landlock_restrict_self, MEMORY),
	CALL(lchown, IO | MEMORY | SPACE),
	CALL(linkat, IO | MEMORY | SPACE),
	CALL(listen, MEMORY),
	CALL(lseek, IO | LOOKS),
	CALL(lstat, IO | MEMORY | LOOKS),
	CALL(madvise, MEMORY | LOOKS),
	CALL(memfd_create, MEMORY | TABLE | LOOKS),
	CALL(mkdir, IO | MEMORY | SPACE),
	CALL(mkdirat, IO | MEMORY | SPACE),
	CALL(mknod, IO | MEMORY | SPACE),
	CALL(mknodat, IO | MEMORY | SPACE),
	CALL(mmap, MEMORY | LOOKS),
	CALL(mount, IO | MEMORY | SPACE),
	CALL(mount_setattr, IO | MEMORY),
	CALL(move_mount, IO | MEMORY | SPACE),
	CALL(mprotect, MEMORY | LOOKS),
	CALL(munmap, LOOKS),
	CALL(nanosleep, BROKEN | LOOKS),
	CALL(newfstatat, IO | MEMORY | LOOKS),
	CALL(open, IO | MEMORY | TABLE | SPACE | BROKEN),
	CALL(open_tree, IO | MEMORY | TABLE | LOOKS),
	CALL(openat, IO | MEMORY | TABLE | SPACE | BROKEN),
	CALL(openat2, IO | MEMORY | TABLE | SPACE | BROKEN),
	CALL(pidfd_open, MEMORY | TABLE | LOOKS),
	CALL(pidfd_send_signal, MEMORY),
	CALL(pipe2, MEMORY | TABLE | LOOKS),
	CALL(pivot_root, IO | MEMORY),
	CALL(poll, MEMORY | BROKEN | LOOKS),
	CALL(ppoll, MEMORY | BROKEN | LOOKS),
	CALL(prctl, MEMORY),
	CALL(pread64, IO | MEMORY | BROKEN | LOOKS),
	CALL(prlimit64, MEMORY),
	CALL(pwrite64, IO | MEMORY | SPACE | BROKEN),
	CALL(read, IO | MEMORY | BROKEN),
	CALL(readlink, IO | MEMORY | LOOKS),
	CALL(readlinkat, IO | MEMORY | LOOKS),
	CALL(recvfrom, MEMORY | BROKEN),
	CALL(recvmmsg, MEMORY | BROKEN),
	CALL(recvmsg, MEMORY | TABLE | BROKEN),
	CALL(rename, IO | MEMORY | SPACE),
	CALL(renameat, IO | MEMORY | SPACE),
	CALL(renameat2, IO | MEMORY | SPACE),
	CALL(restart_syscall, LOOKS),
	CALL(rmdir, IO | MEMORY),
	CALL(rseq, LOOKS),
	CALL(rt_sigaction, LOOKS),
	CALL(rt_sigpending, LOOKS),
	CALL(rt_sigprocmask, LOOKS),
	CALL(rt_sigreturn, LOOKS),
	CALL(rt_sigtimedwait, BROKEN | LOOKS),
	CALL(sched_getaffinity, LOOKS),
	CALL(sched_yield, LOOKS),
	CALL(seccomp, MEMORY),
	CALL(sendmmsg, IO | MEMORY | BROKEN),
	CALL(sendmsg, IO | MEMORY | BROKEN),
	CALL(sendto, IO | MEMORY | BROKEN),
	CALL(set_robust_list, LOOKS),
	CALL(set_tid_address, LOOKS),
	CALL(setgid, MEMORY),
	CALL(setgroups, MEMORY),
	CALL(sethostname, IO),
	CALL(setitimer, 0),
	CALL(setns, MEMORY | SPACE),
	CALL(setpgid, 0),
	CALL(setresgid, MEMORY),
	CALL(setresuid, MEMORY),
	CALL(setrlimit, MEMORY),
	CALL(setsid, 0),
	CALL(setsockopt, MEMORY | LOOKS),
	CALL(setuid, MEMORY),
	CALL(signalfd4, MEMORY | TABLE | LOOKS),
	CALL(socket, MEMORY | TABLE | LOOKS),
	CALL(socketpair, MEMORY | TABLE | LOOKS),
	CALL(stat, IO | MEMORY | LOOKS),
	CALL(statfs, IO | MEMORY | LOOKS),
	CALL(statx, IO | MEMORY | LOOKS),
	CALL(symlinkat, IO | MEMORY | SPACE),
	CALL(sysinfo, LOOKS),
	CALL(timer_create, MEMORY | LOOKS),
	CALL(timerfd_create, MEMORY | TABLE | LOOKS),
	CALL(timerfd_settime, MEMORY | LOOKS),
	CALL(umask, LOOKS),
	CALL(umount2, IO | MEMORY),
	CALL(uname, LOOKS),
	CALL(unlink, IO | MEMORY),
	CALL(unlinkat, IO | MEMORY),
	CALL(unshare, MEMORY | SPACE),
	CALL(utimensat, IO | MEMORY),
	CALL(vfork, MEMORY),
	CALL(wait4, BROKEN),
	CALL(waitid, BROKEN),
	CALL(write, IO | MEMORY | SPACE | BROKEN),
	CALL(writev, IO | MEMORY | SPACE | BROKEN),
};

static unsigned flags_of(int number)
{
	if (number < 0 || (size_t)number >= sizeof(calls) / sizeof(calls[0]) || !calls[number].name)
		return 0;
	return calls[number].flags;
}

bool calls_may_fail(int number, int error)
{
	switch (error) {
	case EIO:
		return flags_of(number) & IO;
	case ENOMEM:
		return flags_of(number) & MEMORY;
	case EMFILE:
		return flags_of(number) & TABLE;
	case ENOSPC:
		return flags_of(number) & SPACE;
	case EINTR:
		return flags_of(number) & BROKEN;
	default:
		return false;
	}
}

bool calls_fail_when_done(int number)
{
	return flags_of(number) & DONE;
}

bool calls_only_look(int number)
{
	return flags_of(number) & LOOKS;
}

const char *calls_name(int number)
{
	static char text[16];

	if (number >= 0 && (size_t)number < sizeof(calls) / sizeof(calls[0]) && calls[number].name)
		return calls[number].name;
	snprintf(text, sizeof(text), "call %d", number);
	return text;
}
