/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking, reading and being stopped by signals, with the kernel's own masks. */
#include "signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_SIGNALS UINT64_MAX /* the kernel leaves KILL and STOP out by itself */

static void set_mask(uint64_t mask, uint64_t *before)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, before, sizeof(mask));
}

static uint64_t ignored_for_us;

static void survive(int signal)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

	if (sigaction(signal, &ignore, &before) == 0 && before.sa_handler != SIG_IGN)
		ignored_for_us |= 1ull << (signal - 1);
}

void signals_survive_output(void)
{
	survive(SIGPIPE);
	survive(SIGXFSZ);
}

void signals_survive_no_more(void)
{
	for (int signal = 1; signal <= 64; signal++) {
		struct sigaction by_default = { .sa_handler = SIG_DFL };

		if (ignored_for_us & 1ull << (signal - 1))
			sigaction(signal, &by_default, NULL);
	}
	ignored_for_us = 0;
}

uint64_t signals_ignored_for_us(void)
{
	return ignored_for_us;
}

/* Where all are blocked, even an ignored one is queued. */
bool signals_is_own(const struct signalfd_siginfo *info)
{
	return (info->ssi_signo == SIGPIPE || info->ssi_signo == SIGXFSZ) &&
	       info->ssi_pid == (uint32_t)getpid();
}

void signals_block(uint64_t *before)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };

	set_mask(ALL_SIGNALS, before);
	sigaction(SIGCHLD, &by_default, NULL);
}

void signals_restore(uint64_t mask)
{
	set_mask(mask, NULL);
}

int signals_open(void)
{
	uint64_t all = ALL_SIGNALS;

	return (int)syscall(SYS_signalfd4, -1, &all, sizeof(all), SFD_CLOEXEC | SFD_NONBLOCK);
}

void signals_stop_self(int signal, bool group)
{
	kill(group ? 0 : getpid(), signal);
	/* it is pending: now it is delivered, and the kernel does what it does by default */
	set_mask(ALL_SIGNALS & ~(1ull << (signal - 1)), NULL);
	set_mask(ALL_SIGNALS, NULL);
}
