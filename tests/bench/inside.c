/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inside true|end|sleep|signal|getpid N|openat N|orphans N: what runs in the sandboxes of the bench;
 * static, so that it runs in any root. Prints one number:
 *
 *     end      the clock (CLOCK_MONOTONIC, microseconds), right before it exits
 *     signal   the clock at the start, and at TERM; then it exits
 *     getpid, openat   nanoseconds of one such call, of N
 *     orphans          microseconds that PID 1 is on a processor for each of N that it reaps
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_NS 100000000 /* for what was orphaned last to be reaped */

static double now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static int say(double number)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%.1f\n", number);

	return write(STDOUT_FILENO, text, (size_t)len) == len ? 0 : 1;
}

static int await_term(void)
{
	sigset_t term;
	int signal;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	if (say(now_us()) != 0 || sigwait(&term, &signal) != 0)
		return 1;
	return say(now_us());
}

static int repeat(long times, int is_open)
{
	double start = now_us();

	for (long i = 0; i < times; i++) {
		int fd;

		if (!is_open) {
			syscall(SYS_getpid);
			continue;
		}
		fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return 1;
		close(fd);
	}
	return say((now_us() - start) * 1e3 / (double)times);
}

/* Microseconds that PID 1 was on a processor; negative: unknown. */
static double init_us(void)
{
	char text[64];
	int fd = open("/proc/1/schedstat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtod(text, NULL) / 1e3;
}

static int make_orphans(long count)
{
	const struct timespec settle = { 0, SETTLE_NS };
	double before = init_us(), after;

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(fork() < 0); /* its child is an orphan, and exits as well */
		if (child < 0 || waitpid(child, NULL, 0) < 0)
			return 1;
	}
	nanosleep(&settle, NULL);
	after = init_us();
	return before < 0 || after < before ? 1 : say((after - before) / (double)count);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "true";

	if (strcmp(verb, "true") == 0)
		return 0;
	if (strcmp(verb, "end") == 0)
		return say(now_us());
	if (strcmp(verb, "signal") == 0)
		return await_term();
	if (strcmp(verb, "sleep") == 0)
		return pause() == 0;
	if (argc < 3)
		return 2;
	if (strcmp(verb, "orphans") == 0)
		return make_orphans(atol(argv[2]));
	return repeat(atol(argv[2]), strcmp(verb, "openat") == 0);
}
