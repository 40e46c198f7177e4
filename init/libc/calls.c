/* SPDX-License-Identifier: Apache-2.0 */
/* The C library of nidus-init (2): the start, errno, and system calls that need more code. */
#include <elf.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errno.h"

#define SIGNAL_MASK_BYTES 8 /* the kernel's sigset_t */
#define REBOOT_MAGIC1 0xfee1dead
#define REBOOT_MAGIC2 672274793

int main(int argc, char **argv, char **envp);
void libc_start(long *stack) __attribute__((noreturn));
void __stack_chk_fail(void) __attribute__((noreturn));

int libc_errno;
uintptr_t __stack_chk_guard; /* -mstack-protector-guard=global */

void __stack_chk_fail(void)
{
	__builtin_trap();
}

/* The first byte of the guard stays 0: no string function copies past it. */
void libc_start(long *stack)
{
	char **argv = (char **)(stack + 1), **envp = argv + *stack + 1, **end = envp;
	const Elf64_auxv_t *aux;

	while (*end)
		end++;
	for (aux = (const void *)(end + 1); aux->a_type != AT_NULL; aux++)
		if (aux->a_type == AT_RANDOM)
			__stack_chk_guard = *(const uintptr_t *)aux->a_un.a_val & ~(uintptr_t)0xff;
	_exit(main((int)*stack, argv, envp));
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	return syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
	return sendto(fd, bytes, len, flags, NULL, 0);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	return (int)syscall(SYS_waitid, type, id, info, options, NULL);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *wait, const sigset_t *mask)
{
	struct timespec left; /* the kernel overwrites it */

	if (wait)
		left = *wait;
	return (int)syscall(SYS_ppoll, fds, count, wait ? &left : NULL, mask, SIGNAL_MASK_BYTES);
}

/* Used only for SIG_DFL and SIG_IGN: a handler would need a restorer. */
int sigaction(int signal, const struct sigaction *restrict set, struct sigaction *restrict was)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} after = { 0 }, before;
	int result;

	if (set)
		after.handler = set->sa_handler;
	result = (int)syscall(SYS_rt_sigaction, signal, set ? &after : NULL, &before,
			      SIGNAL_MASK_BYTES);
	if (was)
		was->sa_handler = before.handler;
	return result;
}

int isatty(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0;
}

int reboot(int command)
{
	return (int)syscall(SYS_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, command, NULL);
}

int getpagesize(void)
{
	return 4096;
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	memset(set, 0, size);
	return syscall(SYS_sched_getaffinity, pid, size, set) < 0 ? -1 : 0;
}

int __sched_cpucount(size_t size, const cpu_set_t *set)
{
	const unsigned char *bytes = (const void *)set;
	int count = 0;

	for (size_t bit = 0; bit < size * 8; bit++)
		count += bytes[bit / 8] >> bit % 8 & 1;
	return count;
}
