/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hog MIB PAUSE_US [session]: touches that much memory in steps of 1 MiB with a
 * pause after each, holds it for 300 ms and says so; "session": in a grandchild
 * that called setsid, while the first process lives on for a minute.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP (1u << 20)
#define HOLD_US 300000

static int eat(long mib, useconds_t pause_us)
{
	for (long i = 0; i < mib; i++) {
		void *memory = mmap(NULL, STEP, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			return 1;
		memset(memory, (int)i + 1, STEP);
		usleep(pause_us);
	}
	usleep(HOLD_US);
	puts("ate it all");
	return 0;
}

int main(int argc, char **argv)
{
	long mib = argc > 1 ? atol(argv[1]) : 1024;
	useconds_t pause_us = argc > 2 ? (useconds_t)atol(argv[2]) : 0;
	int status;

	if (argc < 4)
		return eat(mib, pause_us);
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			_exit(eat(mib, pause_us));
		_exit(wait(&status) < 0 ? 2 : 0);
	}
	/* alive long after the grandchild is not: the limit must end this too */
	wait(&status);
	sleep(60);
	return 0;
}
