/* SPDX-License-Identifier: Apache-2.0 */
/* All signals are blocked and read from a descriptor; the program gets the old mask back. */
#include "signals.h"

#include <sys/signalfd.h>

#include "../kernel_abi.h"

int signals_own_children(bool *ignored)
{
	static const struct sigaction plain; /* SIG_DFL */
	struct sigaction before;

	if (sigaction(SIGCHLD, &plain, &before) < 0)
		return -1;
	*ignored = before.sa_handler == SIG_IGN;
	return 0;
}

int signals_take(struct signals *signals)
{
	const uint64_t all = ALL_SIGNALS;

	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &signals->mask, sizeof(all)) < 0)
		return -1;
	signals->fd = sys_signalfd(ALL_SIGNALS);
	if (signals->fd < 0)
		return -1;
	return signals_own_children(&signals->ignores_children);
}

void signals_survive_output(void)
{
	static const struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

unsigned signals_read(int fd, struct signalfd_siginfo *infos)
{
	ssize_t n = read(fd, infos, SIGNALS_AT_ONCE * sizeof(infos[0]));

	return n > 0 ? (unsigned)((size_t)n / sizeof(infos[0])) : 0;
}

/* No process can forge these codes: positive ones come only from the kernel. */
bool signals_is_news(const struct signalfd_siginfo *info)
{
	return (info->ssi_signo == SIGCHLD || info->ssi_signo == SIGNAL_UNSTARTED) &&
	       info->ssi_code >= CLD_EXITED && info->ssi_code <= CLD_CONTINUED;
}

int signals_give_back(const struct signals *signals)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (signals->ignores_children && sigaction(SIGCHLD, &ignore, NULL) < 0)
		return -1;
	return sys_sigmask(SIG_SETMASK, signals->mask);
}
