/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals of `nidus run`: all 64 are blocked and read from one descriptor. This needs raw
 * system calls: the masks of libc leave out 32 and 33, which it uses itself, but which have
 * to be forwarded like any other.
 */
#ifndef NIDUS_CLI_SIGNALS_H
#define NIDUS_CLI_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

struct signalfd_siginfo;

/*
 * Ignores SIGPIPE and SIGXFSZ: a reader of our output that is gone, or a limit on file
 * sizes, must not end us in place of our status. To be called before anything is written.
 */
void signals_survive_output(void);

/* Takes that back: for a program that is to be executed instead. */
void signals_survive_no_more(void);
/* Those that are ignored only for that, and which the workload must not find ignored. */
uint64_t signals_ignored_for_us(void);

/* True for a signal that our own write raised. */
bool signals_is_own(const struct signalfd_siginfo *info);

/* Blocks all; *before gets the previous mask. Also makes children waitable if the caller
 * has left SIGCHLD ignored. */
void signals_block(uint64_t *before);
void signals_restore(uint64_t mask);

/* A descriptor from which each signal is read as a struct signalfd_siginfo; -1 with errno. */
int signals_open(void);

/*
 * Stops this process, or its whole process group, as `signal` (TSTP, TTIN, TTOU)
 * would: not at all if the signal is ignored or nobody could continue the process (an
 * orphaned process group). Returns when it has been continued.
 */
void signals_stop_self(int signal, bool group);

#endif
