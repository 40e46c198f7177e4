/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals as an init takes them: all blocked, read from a descriptor; and what is
 * given back to the program that it starts.
 */
#ifndef NIDUS_INIT_SIGNALS_H
#define NIDUS_INIT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define ALL_SIGNALS UINT64_MAX
#define SIGNALS_AT_ONCE 4
#define SIGNAL_UNSTARTED SIGURG /* at the end of a child that has executed nothing (start.c) */

struct signalfd_siginfo;

struct signals {
	int fd;                /* signalfd, close-on-exec, non-blocking */
	uint64_t mask;         /* inherited: bit n-1 is signal n */
	bool ignores_children; /* SIGCHLD was ignored by the caller */
};

/*
 * Blocks every signal, keeping the mask that was, makes the signalfd, and takes
 * SIGCHLD back from who ignored it: ignored, it would take away the status of
 * every child. All other dispositions stay as inherited, so that nohup works; what
 * is blocked is queued even where it is ignored. -1 and errno.
 */
int signals_take(struct signals *signals);

/*
 * Only the last part of that, for who has a mask and a signalfd already: SIGCHLD
 * taken back; whether it was ignored. -1 and errno.
 */
int signals_own_children(bool *ignored);

/* At most SIGNALS_AT_ONCE: those left make the poll return again. How many. */
unsigned signals_read(int fd, struct signalfd_siginfo *infos);

/* The kernel's news of a child, not somebody's signal. */
bool signals_is_news(const struct signalfd_siginfo *info);

/* In the child, last before its exec: mask and SIGCHLD as they were. -1 and errno. */
int signals_give_back(const struct signals *signals);

#endif
