/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus-init's C library (init/libc/) beside the host's. The objects are those that
 * nidus-init is linked with; every name in them has an own_ in front (mk/tests.mk).
 */
#undef _FORTIFY_SOURCE /* it would refuse what is wrong here on purpose */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef OWN_LIBC
int main(void)
{
	puts("1..0 # SKIP nidus-init has no C library of its own here: no musl-gcc, or not x86-64");
	return 0;
}
#else

#define ROUNDS 20000
#define LENGTH_MAX 48

int own_main(int argc, char **argv, char **envp);
void own___stack_chk_fail(void);
extern int own_libc_errno;
extern uintptr_t own___stack_chk_guard;

/* What nidus-init's start would call. */
int own_main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	return 99;
}

#define OWN(name) extern __typeof__(name) own_##name

/* ---- strings ---- */

OWN(memset);
OWN(memcpy);
OWN(memmove);
OWN(memchr);
OWN(memcmp);
OWN(strlen);
OWN(strcmp);
OWN(strncmp);
OWN(strcpy);
OWN(strcat);
OWN(strchr);
OWN(strrchr);
OWN(strcspn);
OWN(strspn);

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Of few different bytes, so that texts are often alike; those above 127, too. */
static char any_byte(void)
{
	static const char bytes[] = {'a', 'b', 'c', '/', '\x80', '\xff'};

	return bytes[(size_t)rand() % sizeof(bytes)];
}

static size_t any_text(char text[LENGTH_MAX + 1])
{
	size_t len = (size_t)rand() % (LENGTH_MAX + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = any_byte();
	text[len] = '\0';
	return len;
}

static void texts_are_measured_and_compared_alike(void **state)
{
	char a[LENGTH_MAX + 1], b[LENGTH_MAX + 1];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = any_text(a), n = (size_t)rand() % (LENGTH_MAX + 2);

		any_text(b);
		if (i % 2)
			memcpy(b, a, len / 2); /* alike for a while */
		assert_int_equal(own_strlen(a), len);
		assert_int_equal(sign(own_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(own_strcmp(a, a), 0);
		assert_int_equal(sign(own_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		n %= LENGTH_MAX + 1;
		a[len] = b[strlen(b)] = '\0';
		assert_int_equal(sign(own_memcmp(a, b, n < len ? n : len)),
				 sign(memcmp(a, b, n < len ? n : len)));
	}
	assert_int_equal(own_strncmp("a", "b", 0), 0);
	assert_int_equal(own_memcmp("a", "b", 0), 0);
	assert_true(own_strcmp("\xff", "a") > 0);
	assert_true(own_memcmp("\xff", "a", 1) > 0);
}

static void bytes_are_found_alike(void **state)
{
	char text[LENGTH_MAX + 1], set[LENGTH_MAX + 1];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = any_text(text), n = (size_t)rand() % (len + 1);
		int byte = i % 5 ? any_byte() : 'z';

		any_text(set);
		set[rand() % 4] = '\0';
		assert_ptr_equal(own_strchr(text, byte), strchr(text, byte));
		assert_ptr_equal(own_strrchr(text, byte), strrchr(text, byte));
		assert_ptr_equal(own_strchr(text, '\0'), text + len);
		assert_ptr_equal(own_strrchr(text, '\0'), text + len);
		assert_ptr_equal(own_memchr(text, byte, n), memchr(text, byte, n));
		assert_int_equal(own_strspn(text, set), strspn(text, set));
		assert_int_equal(own_strcspn(text, set), strcspn(text, set));
	}
	assert_int_equal(own_strspn("abc", ""), 0);
	assert_int_equal(own_strcspn("abc", ""), 3);
}

static void bytes_are_moved_alike(void **state)
{
	char first[2 * LENGTH_MAX], own[2 * LENGTH_MAX], host[2 * LENGTH_MAX];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = (size_t)rand() % (LENGTH_MAX + 1);
		size_t from = (size_t)rand() % LENGTH_MAX, to = (size_t)rand() % LENGTH_MAX;
		int byte = rand();

		for (size_t k = 0; k < sizeof(first); k++)
			first[k] = (char)rand();
		memcpy(own, first, sizeof(own));
		memcpy(host, first, sizeof(host));
		assert_ptr_equal(own_memmove(own + to, own + from, len), own + to);
		memmove(host + to, host + from, len);
		assert_memory_equal(own, host, sizeof(own));
		assert_ptr_equal(own_memset(own + from, byte, len), own + from);
		memset(host + from, byte, len);
		assert_memory_equal(own, host, sizeof(own));
		assert_ptr_equal(own_memcpy(own + to, first + from, len), own + to);
		memcpy(host + to, first + from, len);
		assert_memory_equal(own, host, sizeof(own));
	}
}

static void texts_are_copied_and_joined_alike(void **state)
{
	char a[LENGTH_MAX + 1], b[LENGTH_MAX + 1], own[2 * LENGTH_MAX + 2], host[2 * LENGTH_MAX + 2];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		any_text(a);
		any_text(b);
		memset(own, '#', sizeof(own));
		memset(host, '#', sizeof(host));
		assert_ptr_equal(own_strcpy(own, a), own);
		assert_ptr_equal(own_strcat(own, b), own);
		strcpy(host, a);
		strcat(host, b);
		assert_memory_equal(own, host, sizeof(own)); /* and nothing behind it */
	}
}

/* ---- system calls ---- */

/*
 * Both have the same result and errno; after a success errno is what it was. The host's
 * comes first: what it does must be something that can be done again.
 */
#define SAME(name, ...) \
	do { \
		OWN(name); \
		long host_result, own_result; \
		int host_errno; \
		errno = own_libc_errno = ERANGE; \
		host_result = (long)name(__VA_ARGS__); \
		host_errno = errno; \
		own_result = (long)own_##name(__VA_ARGS__); \
		if (host_result != own_result || host_errno != own_libc_errno) \
			fail_msg(#name "(" #__VA_ARGS__ ") is %ld, errno %d; the host's %ld, errno %d", \
				 own_result, own_libc_errno, host_result, host_errno); \
	} while (0)

#define NO_FD 987654
#define NOWHERE "/nowhere/at/all"

static void calls_fail_with_the_same_errno(void **state)
{
	char buffer[64];
	char *const none[] = {NULL};
	struct stat st;
	struct statfs fs;
	struct msghdr message = {0};
	struct sockaddr address = {.sa_family = AF_UNIX};
	socklen_t len = sizeof(address);
	siginfo_t info;
	struct pollfd fds = {.fd = -1};
	struct timespec bad_time = {.tv_nsec = -1};
	cpu_set_t set;
	void *volatile nowhere = (void *)1; /* the compiler is not to know */
	int pair[2];

	(void)state;
	SAME(access, NOWHERE, F_OK);
	SAME(bind, NO_FD, &address, len);
	SAME(chdir, NOWHERE);
	SAME(close, NO_FD);
	SAME(dup2, NO_FD, 5);
	SAME(execve, NOWHERE, none, none);
	SAME(fchdir, NO_FD);
	SAME(fchmod, NO_FD, 0);
	SAME(fchown, NO_FD, 0, 0);
	SAME(fcntl, NO_FD, F_GETFD);
	SAME(fstat, NO_FD, &st);
	SAME(fstatat, AT_FDCWD, NOWHERE, &st, AT_SYMLINK_NOFOLLOW);
	SAME(fstatfs, NO_FD, &fs);
	SAME(statfs, NOWHERE, &fs);
	SAME(ftruncate, NO_FD, 0);
	SAME(getsid, 99999999);
	SAME(getsockname, NO_FD, &address, &len);
	SAME(ioctl, NO_FD, TIOCGWINSZ, buffer);
	SAME(kill, 99999999, 0);
	SAME(link, NOWHERE, NOWHERE);
	SAME(lseek, NO_FD, 0, SEEK_SET);
	SAME(mkdir, NOWHERE, 0700);
	SAME(mkdirat, AT_FDCWD, NOWHERE, 0700);
	SAME(mmap, NULL, 0, PROT_READ, MAP_PRIVATE, -1, 0);
	SAME(mount, NOWHERE, NOWHERE, "none", 0, NULL);
	SAME(munmap, nowhere, 1);
	SAME(open, NOWHERE, O_RDONLY);
	SAME(openat, AT_FDCWD, NOWHERE, O_RDONLY);
	SAME(pipe2, pair, ~0);
	SAME(ppoll, &fds, 1, &bad_time, NULL);
	SAME(prctl, -1, 0, 0, 0, 0);
	SAME(pread, NO_FD, buffer, 1, 0);
	SAME(pwrite, NO_FD, buffer, 1, 0);
	SAME(read, NO_FD, buffer, 1);
	SAME(readlink, NOWHERE, buffer, sizeof(buffer));
	SAME(readlinkat, AT_FDCWD, NOWHERE, buffer, sizeof(buffer));
	SAME(recv, NO_FD, buffer, 1, 0);
	SAME(recvmsg, NO_FD, &message, 0);
	SAME(rename, NOWHERE, NOWHERE);
	SAME(send, NO_FD, buffer, 1, 0);
	SAME(sendmsg, NO_FD, &message, 0);
	SAME(sendto, NO_FD, buffer, 1, 0, NULL, 0);
	SAME(sethostname, nowhere, 1);
	SAME(setns, NO_FD, 0);
	SAME(setpgid, 99999999, 0);
	SAME(setsockopt, NO_FD, SOL_SOCKET, SO_PASSCRED, buffer, 4);
	SAME(sigaction, 99, NULL, NULL);
	SAME(socket, -1, 0, 0);
	SAME(socketpair, -1, 0, 0, pair);
	SAME(stat, NOWHERE, &st);
	SAME(swapoff, NOWHERE);
	SAME(symlinkat, NOWHERE, AT_FDCWD, NOWHERE);
	SAME(umount2, NOWHERE, ~0);
	SAME(unlink, NOWHERE);
	SAME(unlinkat, AT_FDCWD, NOWHERE, 0);
	SAME(unshare, ~0);
	SAME(waitid, P_PID, 99999999, &info, WEXITED);
	SAME(write, NO_FD, buffer, 1);
	SAME(syscall, -1L);
	SAME(isatty, NO_FD);
	SAME(sched_getaffinity, 99999999, sizeof(set), &set);
}

static void calls_succeed_alike_and_leave_errno_alone(void **state)
{
	struct pollfd fds = {.fd = 0, .events = 0};
	struct timespec none = {0}, now;
	struct rusage usage;
	struct stat st;
	struct statfs fs;
	char buffer[64];
	uid_t ids[3];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(null >= 0);
	SAME(access, "/", F_OK);
	SAME(chdir, ".");
	SAME(clock_gettime, CLOCK_MONOTONIC, &now);
	SAME(dup2, null, null);
	SAME(fcntl, null, F_GETFD);
	SAME(fstat, null, &st);
	SAME(fstatfs, null, &fs);
	SAME(getpgrp);
	SAME(getpid);
	SAME(getppid);
	SAME(getuid);
	SAME(getpagesize);
	SAME(getresuid, &ids[0], &ids[1], &ids[2]);
	SAME(getresgid, &ids[0], &ids[1], &ids[2]);
	SAME(getrusage, RUSAGE_SELF, &usage);
	SAME(getsid, 0);
	SAME(isatty, null);
	SAME(kill, getpid(), 0);
	SAME(poll, &fds, 0, 0);
	SAME(ppoll, &fds, 0, &none, NULL);
	SAME(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	SAME(read, null, buffer, sizeof(buffer));
	SAME(write, null, "abc", 3);
	SAME(pwrite, null, "abc", 3, 1);
	SAME(readlink, "/proc/self/ns/pid", buffer, sizeof(buffer));
	SAME(stat, "/", &st);
	SAME(umask, umask(022) & 0); /* sets 0 twice: both give 022, then 0 */
	close(null);
}

/* The arguments beyond the third go through other registers. */
static void all_arguments_arrive(void **state)
{
	OWN(mmap);
	OWN(munmap);
	OWN(pread);
	OWN(syscall);
	FILE *file = tmpfile();
	char buffer[8] = "", *page;

	(void)state;
	assert_non_null(file);
	fputs("0123456789", file);
	fflush(file);
	assert_int_equal(own_pread(fileno(file), buffer, 3, 4), 3);
	assert_string_equal(buffer, "456");
	page = own_mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_memory_equal(page, "0123456789", 10);
	assert_int_equal(own_munmap(page, 4096), 0);
	page = (char *)own_syscall(SYS_mmap, NULL, 4096ul, PROT_READ, MAP_PRIVATE, fileno(file), 0ul);
	assert_memory_equal(page, "0123456789", 10);
	own_munmap(page, 4096);
	fclose(file);
}

static void sockets_carry_bytes_and_messages(void **state)
{
	OWN(socketpair);
	OWN(send);
	OWN(recv);
	OWN(sendmsg);
	OWN(recvmsg);
	char buffer[8] = "";
	struct iovec out = {.iov_base = "xyz", .iov_len = 3}, in = {.iov_base = buffer, .iov_len = 8};
	struct msghdr sent = {.msg_iov = &out, .msg_iovlen = 1};
	struct msghdr got = {.msg_iov = &in, .msg_iovlen = 1};
	int pair[2];

	(void)state;
	assert_int_equal(own_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(own_send(pair[0], "abc", 3, 0), 3);
	assert_int_equal(own_recv(pair[1], buffer, sizeof(buffer), 0), 3);
	assert_memory_equal(buffer, "abc", 3);
	assert_int_equal(own_sendmsg(pair[1], &sent, 0), 3);
	assert_int_equal(own_recvmsg(pair[0], &got, 0), 3);
	assert_memory_equal(buffer, "xyz", 3);
	close(pair[0]);
	close(pair[1]);
}

static void a_wait_leaves_its_limit_as_it_was(void **state)
{
	OWN(ppoll);
	struct timespec wait = {.tv_nsec = 2000000};

	(void)state;
	assert_int_equal(own_ppoll(NULL, 0, &wait, NULL), 0);
	assert_int_equal(wait.tv_nsec, 2000000);
}

static void signals_are_ignored_and_taken_back(void **state)
{
	OWN(sigaction);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, plain = {.sa_handler = SIG_DFL}, now;

	(void)state;
	assert_int_equal(own_sigaction(SIGUSR1, &ignore, NULL), 0);
	sigaction(SIGUSR1, NULL, &now);
	assert_ptr_equal(now.sa_handler, SIG_IGN);
	assert_int_equal(own_sigaction(SIGUSR1, &plain, &now), 0);
	assert_ptr_equal(now.sa_handler, SIG_IGN);
	sigaction(SIGUSR1, NULL, &now);
	assert_ptr_equal(now.sa_handler, SIG_DFL);
}

static void processors_are_counted_alike(void **state)
{
	OWN(sched_getaffinity);
	OWN(__sched_cpucount);
	cpu_set_t set;

	(void)state;
	memset(&set, 0xff, sizeof(set));
	assert_int_equal(own_sched_getaffinity(0, sizeof(set), &set), 0);
	assert_int_equal(own___sched_cpucount(sizeof(set), &set), CPU_COUNT(&set));
	memset(&set, 0xff, sizeof(set));
	assert_int_equal(own___sched_cpucount(sizeof(set), &set), CPU_COUNT(&set));
	CPU_ZERO(&set);
	assert_int_equal(own___sched_cpucount(sizeof(set), &set), 0);
}

/* How a child ends that calls one of them. */
static int end_of(void (*child)(void))
{
	OWN(waitid);
	siginfo_t info = {0};
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		child();
		_exit(1);
	}
	assert_int_equal(own_waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
	assert_int_equal(info.si_pid, pid);
	return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

static void exit_with_seven(void)
{
	OWN(_exit);

	own__exit(7);
}

static void smash(void)
{
	signal(SIGILL, SIG_DFL); /* cmocka and ASan have a handler */
	own___stack_chk_fail();
}

/* As the kernel leaves a stack: argc, argv, the environment, the auxiliary vector. */
static void start(void)
{
	void own_libc_start(long *stack);
	static unsigned char random[16] = {1, 2, 3, 4, 5, 6, 7, 8};
	long stack[] = {1, (long)"name", 0, (long)"A=b", 0, 25 /* AT_RANDOM */, (long)random, 0, 0};

	own_libc_start(stack);
}

static void a_process_starts_and_ends(void **state)
{
	(void)state;
	assert_int_equal(end_of(exit_with_seven), 7);
	assert_int_equal(end_of(start), 99);
	assert_int_equal(end_of(smash), -SIGILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_measured_and_compared_alike),
		cmocka_unit_test(bytes_are_found_alike),
		cmocka_unit_test(bytes_are_moved_alike),
		cmocka_unit_test(texts_are_copied_and_joined_alike),
		cmocka_unit_test(calls_fail_with_the_same_errno),
		cmocka_unit_test(calls_succeed_alike_and_leave_errno_alone),
		cmocka_unit_test(all_arguments_arrive),
		cmocka_unit_test(sockets_carry_bytes_and_messages),
		cmocka_unit_test(a_wait_leaves_its_limit_as_it_was),
		cmocka_unit_test(signals_are_ignored_and_taken_back),
		cmocka_unit_test(processors_are_counted_alike),
		cmocka_unit_test(a_process_starts_and_ends),
	};

	srand(1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
