/* SPDX-License-Identifier: Apache-2.0 */
/* The monotonic clock, the only one that init goes by, and waiting on it. */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "clock.h"

uint64_t clock_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

int clock_poll(struct pollfd *fds, unsigned count, uint64_t deadline_us)
{
	struct timespec wait = {0, 0};
	uint64_t now;
	int n;

	do {
		now = clock_now_us();
		if (deadline_us > now) {
			wait.tv_sec = (time_t)((deadline_us - now) / 1000000u);
			wait.tv_nsec = (long)((deadline_us - now) % 1000000u) * 1000;
		} else {
			wait.tv_sec = 0;
			wait.tv_nsec = 0;
		}
		/* EINTR: a stop and continue of init itself; the deadline is absolute. */
		n = ppoll(fds, count, deadline_us == UINT64_MAX ? NULL : &wait, NULL);
	} while (n < 0 && errno == EINTR);
	return n;
}
