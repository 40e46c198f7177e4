/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toggle PROGRAM…: runs it as a child, while another one stops and continues this process
 * without a pause. Ends with the program's status, if it comes to that.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t self = getpid(), program;
	int status = 0;

	if (argc < 2)
		return 2;
	program = fork();
	if (program == 0) {
		setpgid(0, 0); /* the stops of our group are not its own */
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (fork() == 0)
		for (;;) {
			kill(self, SIGSTOP);
			kill(self, SIGCONT);
		}
	waitpid(program, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
