/* SPDX-License-Identifier: Apache-2.0 */
/* Says "ready", and prints "SIGNAL VALUE" of the first signal that comes by sigqueue(3). */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	uint64_t all = UINT64_MAX;
	siginfo_t info;

	setvbuf(stdout, NULL, _IOLBF, 0);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	puts("ready");
	do
		if (syscall(SYS_rt_sigtimedwait, &all, &info, NULL, sizeof(all)) < 0)
			return 3;
	while (info.si_code != SI_QUEUE);
	printf("%d %d\n", info.si_signo, info.si_value.sival_int);
	return 0;
}
