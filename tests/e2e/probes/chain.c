/* SPDX-License-Identifier: Apache-2.0 */
/* chain GENERATIONS PROGRAM [ARG…]: a chain of parents that wait; the last is PROGRAM. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 3)
		return 2;
	for (int i = atoi(argv[1]); i > 0; i--) {
		pid_t child = fork();

		if (child < 0)
			return 3;
		if (child > 0) {
			waitpid(child, &status, 0);
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		}
	}
	execv(argv[2], argv + 2);
	return 127;
}
