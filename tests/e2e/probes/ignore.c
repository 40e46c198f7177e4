/* SPDX-License-Identifier: Apache-2.0 */
/* ignore SIGNAL PROGRAM…: runs it with that signal ignored. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	signal(atoi(argv[1]), SIG_IGN);
	execvp(argv[2], argv + 2);
	return 127;
}
