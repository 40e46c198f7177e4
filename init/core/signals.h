/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals as an init takes them: all blocked and read from a descriptor; and the mask
 * and dispositions that it gives back to the program it starts.
 */
#ifndef NIDUS_INIT_SIGNALS_H
#define NIDUS_INIT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define ALL_SIGNALS UINT64_MAX
#define SIGNALS_AT_ONCE 4
#define SIGNAL_UNSTARTED SIGURG /* exit signal of a child that has executed nothing (start.c) */

struct signalfd_siginfo;

struct signals {
	int fd;                /* signalfd, close-on-exec, non-blocking */
	uint64_t mask;         /* inherited: bit n-1 is signal n */
	bool ignores_children; /* SIGCHLD was ignored by the caller */
};

/*
 * Blocks every signal, saves the old mask, makes the signalfd, and sets an ignored
 * SIGCHLD to its default, since while it is ignored the status of every child is lost.
 * All other dispositions stay as inherited, so that nohup works; blocked signals are
 * queued even if they are ignored. -1 and errno.
 */
int signals_take(struct signals *signals);

/*
 * Only the SIGCHLD part of that, for a caller that already has a mask and a signalfd.
 * *ignored: it was ignored. -1 and errno.
 */
int signals_own_children(bool *ignored);

/*
 * For a process that only prints and exits, and takes no signals: a reader that is gone, or a
 * limit on file sizes, must not take the place of its status.
 */
void signals_survive_output(void);

/* Reads at most SIGNALS_AT_ONCE and returns how many; the rest make poll return again. */
unsigned signals_read(int fd, struct signalfd_siginfo *infos);

/* SIGCHLD from the kernel about a child, not sent by a process. */
bool signals_is_news(const struct signalfd_siginfo *info);

/* In the child, right before its exec: restores the mask and SIGCHLD. -1 and errno. */
int signals_give_back(const struct signals *signals);

#endif
