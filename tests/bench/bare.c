/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare COMMAND…: the floor. clone3 with the namespaces of `nidus run`'s default,
 * exec, wait: no mount, no id map, no init.
 */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
			 CLONE_NEWNET | CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	int status;
	long pid;

	if (argc < 2)
		return 2;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0) {
		perror("bare");
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
