/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swapper READY A B [A B]…: exchanges each A with its B (RENAME_EXCHANGE), again and again, at
 * moments that can't be foreseen, until it is killed. Makes the file READY first. A pair that
 * can't be exchanged any more is left alone: somebody removed one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#define PAUSE_MAX 20000 /* turns of an empty loop */

int main(int argc, char **argv)
{
	unsigned seed = (unsigned)getpid();

	if (argc < 4 || argc % 2 != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    close(open(argv[1], O_CREAT | O_WRONLY | O_CLOEXEC, 0644)) < 0)
		return 2;
	for (;;) {
		for (int i = 2; i < argc; i += 2)
			if (renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE) <
			    0)
				usleep(1000);
		for (volatile int i = rand_r(&seed) % PAUSE_MAX; i > 0; i--)
			;
	}
}
