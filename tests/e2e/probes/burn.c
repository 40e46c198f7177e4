/* SPDX-License-Identifier: Apache-2.0 */
/* burn COUNT: that many children spin; the parent only waits. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;
	volatile unsigned long spins = 0;

	for (int i = 0; i < count; i++)
		if (fork() == 0)
			for (;;)
				spins = spins + 1;
	while (wait(NULL) > 0)
		;
	return 0;
}
