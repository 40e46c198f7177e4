/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_signals COMMAND…: with no signal ignored and none blocked, 32 and 33 included, which
 * glibc's posix_spawn(3) leaves ignored and its sigaction(3) does not touch. make(1) uses it.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const unsigned long plain[8] = { 0 }; /* the kernel's struct sigaction: SIG_DFL */
	const uint64_t none = 0;

	if (argc < 2)
		return 2;
	for (int signal = 1; signal <= 64; signal++)
		syscall(SYS_rt_sigaction, signal, plain, NULL, sizeof(none)); /* EINVAL: KILL, STOP */
	if (syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &none, NULL, sizeof(none)) < 0)
		return 2;
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
