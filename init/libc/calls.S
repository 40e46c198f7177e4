/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus-init's C library (1): the system calls whose arguments are the function's own,
 * in the registers where they are already. musl's carry cancellation points and
 * fallbacks for kernels of long ago; all of init/libc/ is 2 KB, and what it replaces
 * is 15.
 *
 * x86-64 with musl's headers; elsewhere the library's own (mk/init.mk). What is used
 * and not here does not link: it wants a line.
 */
#include <sys/syscall.h>

	.text

	.globl _start
_start:
	xor	%ebp, %ebp
	mov	%rsp, %rdi /* argc, argv, environment, auxiliary vector */
	and	$-16, %rsp
	call	libc_start

/* long syscall(long number, ...) */
	.globl syscall
syscall:
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %rcx
	mov	%r9, %r8
	mov	8(%rsp), %r9
enter:
	mov	%rcx, %r10
	syscall
	cmp	$-4095, %rax
	jae	failed
	ret
failed:
	neg	%eax
	mov	%eax, libc_errno
	or	$-1, %rax
	ret

	.macro	call_of name, number
	.globl	\name
\name:
	mov	$\number, %eax
	jmp	enter
	.endm

	call_of	_exit, SYS_exit_group
	call_of	access, SYS_access
	call_of	bind, SYS_bind
	call_of	chdir, SYS_chdir
	call_of	clock_gettime, SYS_clock_gettime
	call_of	close, SYS_close
	call_of	dup2, SYS_dup2
	call_of	execve, SYS_execve
	call_of	fchdir, SYS_fchdir
	call_of	fchmod, SYS_fchmod
	call_of	fchown, SYS_fchown
	call_of	fcntl, SYS_fcntl
	call_of	fstat, SYS_fstat
	call_of	fstatat, SYS_newfstatat
	call_of	fstatfs, SYS_fstatfs
	call_of	statfs, SYS_statfs
	call_of	ftruncate, SYS_ftruncate
	call_of	getpgrp, SYS_getpgrp
	call_of	getpid, SYS_getpid
	call_of	getppid, SYS_getppid
	call_of	getresgid, SYS_getresgid
	call_of	getresuid, SYS_getresuid
	call_of	getrusage, SYS_getrusage
	call_of	getsid, SYS_getsid
	call_of	getsockname, SYS_getsockname
	call_of	getuid, SYS_getuid
	call_of	ioctl, SYS_ioctl
	call_of	kill, SYS_kill
	call_of	link, SYS_link
	call_of	lseek, SYS_lseek
	call_of	mkdir, SYS_mkdir
	call_of	mkdirat, SYS_mkdirat
	call_of	mmap, SYS_mmap
	call_of	mount, SYS_mount
	call_of	munmap, SYS_munmap
	call_of	open, SYS_open
	call_of	openat, SYS_openat
	call_of	pause, SYS_pause
	call_of	pipe2, SYS_pipe2
	call_of	poll, SYS_poll
	call_of	prctl, SYS_prctl
	call_of	pread, SYS_pread64
	call_of	pwrite, SYS_pwrite64
	call_of	read, SYS_read
	call_of	readlink, SYS_readlink
	call_of	readlinkat, SYS_readlinkat
	call_of	recvmsg, SYS_recvmsg
	call_of	rename, SYS_rename
	call_of	sendmsg, SYS_sendmsg
	call_of	sendto, SYS_sendto
	call_of	sethostname, SYS_sethostname
	call_of	setns, SYS_setns
	call_of	setpgid, SYS_setpgid
	call_of	setsid, SYS_setsid
	call_of	setsockopt, SYS_setsockopt
	call_of	socket, SYS_socket
	call_of	socketpair, SYS_socketpair
	call_of	stat, SYS_stat
	call_of	swapoff, SYS_swapoff
	call_of	symlinkat, SYS_symlinkat
	call_of	sync, SYS_sync
	call_of	umask, SYS_umask
	call_of	umount2, SYS_umount2
	call_of	unlink, SYS_unlink
	call_of	unlinkat, SYS_unlinkat
	call_of	unshare, SYS_unshare
	call_of	write, SYS_write

	.section .note.GNU-stack,"",@progbits
