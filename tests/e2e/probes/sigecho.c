/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks every signal the kernel lets it block (libc's own 32 and 33 too), says
 * "ready", then prints the number of each one that arrives, until COUNT came or
 * nothing came for 10 seconds (exit 3).
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define QUIET_S 10

int main(int argc, char **argv)
{
	uint64_t all = UINT64_MAX;
	const struct timespec quiet = { .tv_sec = QUIET_S };
	int count = argc > 1 ? atoi(argv[1]) : 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	puts("ready");
	for (int i = 0; i < count; i++) {
		siginfo_t info;
		long got = syscall(SYS_rt_sigtimedwait, &all, &info, &quiet, sizeof(all));

		if (got < 0)
			return 3;
		printf("%ld\n", got);
	}
	return 0;
}
