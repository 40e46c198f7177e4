/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls for which the C library has no wrapper, and constants that are newer than
 * the oldest headers we build against (Linux 6.1, Debian 12). Wrappers behave like the
 * system call: -1 and errno on failure.
 */
#ifndef NIDUS_KERNEL_ABI_H
#define NIDUS_KERNEL_ABI_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> exclude each other in some C libraries. */
#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000 /* Linux 5.2 */
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#define F_SEAL_WRITE 8
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2) /* Linux 5.11 */
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6; the same number on every architecture */
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* Linux 5.6 */
#endif

/* Landlock: struct landlock_ruleset_attr as of Linux 6.12 (ABI 6). */
struct abi_landlock_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* Linux 6.7, ABI 4 */
	uint64_t scoped;             /* Linux 6.12, ABI 6 */
};

struct abi_landlock_port {
	uint64_t allowed_access;
	uint64_t port;
};

#define ABI_LANDLOCK_RULE_PATH 1
#define ABI_LANDLOCK_RULE_PORT 2 /* Linux 6.7 */
/* The rights that make sense on a file; the others belong to directories. */
#define ABI_LANDLOCK_FILE_RIGHTS                                                                   \
	((1ULL << 0) | (1ULL << 1) | (1ULL << 2) | /* execute, write, read */                      \
	 (1ULL << 14) |                            /* truncate: Linux 6.2, ABI 3 */                \
	 (1ULL << 15))                             /* ioctl on a device: Linux 6.10, ABI 5 */

/* struct linux_dirent64 */
struct abi_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static inline int sys_open_tree(int dir, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dir, path, flags);
}

/* Both ends are given only by descriptor. */
static inline int sys_move_mount(int from, int to)
{
	return (int)syscall(SYS_move_mount, from, "", to, "",
			    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* Stacks on the mount of the process's root. */
static inline int sys_move_mount_on_root(int from)
{
	return (int)syscall(SYS_move_mount, from, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
}

static inline int sys_mount_setattr(int fd, unsigned flags, const struct mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attr, sizeof(*attr));
}

static inline int sys_fsopen(const char *type)
{
	return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int sys_fsconfig(int fd, unsigned cmd, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fd, cmd, key, value, 0);
}

static inline int sys_fsmount(int fd, unsigned attrs)
{
	return (int)syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attrs);
}

static inline int sys_openat2(int dir, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dir, path, how, sizeof(*how));
}

/*
 * The same, again while it fails with EAGAIN: a cached look-up gives up, and so does "..", when
 * anybody on the machine renames or mounts meanwhile. It may still fail so.
 */
static inline int sys_openat2_again(int dir, const char *path, const struct open_how *how)
{
	int fd = -1;

	for (int i = 0; i < 64; i++) {
		fd = sys_openat2(dir, path, how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

static inline int sys_fchmodat2(int fd, unsigned mode)
{
	return (int)syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_umount_detach(const char *path)
{
	return (int)syscall(SYS_umount2, path, MNT_DETACH);
}

static inline int sys_make_private(const char *path)
{
	return (int)syscall(SYS_mount, (char *)NULL, path, (char *)NULL, MS_REC | MS_PRIVATE,
			    (char *)NULL);
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int sys_landlock_create(const struct abi_landlock_ruleset *attr)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr, sizeof(*attr), 0);
}

static inline int sys_landlock_add(int ruleset, unsigned type, const void *rule)
{
	return (int)syscall(SYS_landlock_add_rule, ruleset, type, rule, 0);
}

static inline int sys_landlock_restrict(int ruleset)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

static inline ssize_t sys_getdents(int fd, void *buffer, size_t size)
{
	return syscall(SYS_getdents64, fd, buffer, size);
}

/*
 * The C libraries keep signals 32 to 34 for themselves and leave them out of
 * sigset_t's helpers; the kernel's mask is 64 plain bits.
 */
static inline int sys_sigmask(int how, uint64_t mask)
{
	return (int)syscall(SYS_rt_sigprocmask, how, &mask, NULL, sizeof(mask));
}

static inline int sys_signalfd(uint64_t mask)
{
	return (int)syscall(SYS_signalfd4, -1, &mask, sizeof(mask), O_CLOEXEC | O_NONBLOCK);
}

/* A fork without handlers of the C library, without locks; its parent gets `signal` at its end. */
static inline pid_t sys_fork_signal(int signal)
{
	return (pid_t)syscall(SYS_clone, signal, 0, 0, 0, 0);
}

static inline pid_t sys_fork(void)
{
	return sys_fork_signal(SIGCHLD);
}

/* On i386 and 32-bit Arm, the plain names are calls with 16-bit ids. */
#ifdef SYS_setresuid32
#define ABI_SETRESUID SYS_setresuid32
#define ABI_SETRESGID SYS_setresgid32
#define ABI_SETGROUPS SYS_setgroups32
#define ABI_SETFSUID SYS_setfsuid32
#define ABI_SETFSGID SYS_setfsgid32
#else
#define ABI_SETRESUID SYS_setresuid
#define ABI_SETRESGID SYS_setresgid
#define ABI_SETGROUPS SYS_setgroups
#define ABI_SETFSUID SYS_setfsuid
#define ABI_SETFSGID SYS_setfsgid
#endif

/* The wrappers of C libraries first stop all threads: there are none. */
static inline int sys_setresuid(uint32_t id)
{
	return (int)syscall(ABI_SETRESUID, id, id, id);
}

static inline int sys_setresgid(uint32_t id)
{
	return (int)syscall(ABI_SETRESGID, id, id, id);
}

/* Whose ids count for files. Returns the id before, whatever happened. */
static inline uint32_t sys_setfsuid(uint32_t id)
{
	return (uint32_t)syscall(ABI_SETFSUID, id);
}

static inline uint32_t sys_setfsgid(uint32_t id)
{
	return (uint32_t)syscall(ABI_SETFSGID, id);
}

static inline int sys_setgroups(uint32_t count, const uint32_t *groups)
{
	return (int)syscall(ABI_SETGROUPS, count, groups);
}

static inline int sys_setgroups_none(void)
{
	return sys_setgroups(0, NULL);
}

/* The id of the mount that fd is on: stx_mnt_id of statx(2), Linux 5.8. */
static inline int sys_mount_id(int fd, uint64_t *id)
{
	uint64_t statx_buffer[32] = {0};

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0x1000 /* STATX_MNT_ID */, statx_buffer) < 0)
		return -1;
	*id = statx_buffer[18];
	return 0;
}

/* Inode and allocated bytes of a file, as the kernel has them: no file system is asked. */
static inline int sys_file_size(int dir, const char *name, uint64_t *ino, uint64_t *bytes)
{
	uint64_t statx_buffer[32] = {0};

	/* AT_STATX_DONT_SYNC; STATX_INO | STATX_BLOCKS */
	if (syscall(SYS_statx, dir, name, 0x4000, 0x500, statx_buffer) < 0)
		return -1;
	*ino = statx_buffer[4];
	*bytes = statx_buffer[6] * 512;
	return 0;
}

#endif
