/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemons COUNT [stay]: starts that many daemons, each in a session of its own
 * and deaf to every signal that can be ignored; ends then, or stays.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_daemon(void)
{
	setsid();
	if (fork() != 0)
		_exit(0);
	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	for (;;)
		sleep(60);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;

	for (int i = 0; i < count; i++)
		if (fork() == 0)
			be_daemon();
	while (wait(NULL) > 0)
		;
	puts("daemons run");
	fflush(stdout);
	if (argc > 2)
		for (;;)
			sleep(60);
	return 0;
}
