/* SPDX-License-Identifier: Apache-2.0 */
/* The monotonic clock, which every deadline uses, waiting on it, and processor time. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/time.h>
#include <time.h>

#include "clock.h"
#include "kernel_abi.h"

/*
 * The system call, not the C library's function: that one takes 700 bytes of code to
 * look for the vDSO, and writes the result to a page that otherwise stays clean.
 */
#ifdef SYS_clock_gettime64 /* 32-bit, Linux 5.1; time_t has 64 bits */
#define ABI_CLOCK_GETTIME SYS_clock_gettime64
#else
#define ABI_CLOCK_GETTIME SYS_clock_gettime
#endif

uint64_t clock_now_us(void)
{
	struct timespec now;

	syscall(ABI_CLOCK_GETTIME, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

int64_t clock_now_ms(void)
{
	return (int64_t)(clock_now_us() / 1000u);
}

uint64_t clock_timeval_us(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
}

unsigned clock_cpus(void)
{
	cpu_set_t set;
	int count = 0;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = CPU_COUNT(&set);
	return count > 0 ? (unsigned)count : 1;
}

int clock_poll(struct pollfd *fds, unsigned count, uint64_t deadline_us)
{
	struct timespec wait, *limit = NULL;
	int n;

	do {
		if (deadline_us != CLOCK_NEVER) {
			uint64_t now = clock_now_us(), left = deadline_us > now ? deadline_us - now : 0;

			wait.tv_sec = (time_t)(left / 1000000u);
			wait.tv_nsec = (long)(left % 1000000u) * 1000;
			limit = &wait;
		}
		/* EINTR: init itself was stopped and continued; the deadline is absolute. */
		n = ppoll(fds, count, limit, NULL);
	} while (n < 0 && errno == EINTR);
	return n;
}
