/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals of `nidus run`: all 64 are blocked and taken from one descriptor. By
 * raw system calls: libc's masks leave out 32 and 33, which it keeps for itself,
 * and those are to be forwarded like any other.
 */
#ifndef NIDUS_CLI_SIGNALS_H
#define NIDUS_CLI_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* Blocks all; *before gets the mask until now. Also makes children waitable
 * where the caller has left SIGCHLD ignored. */
void signals_block(uint64_t *before);
void signals_restore(uint64_t mask);

/* A descriptor that yields a struct signalfd_siginfo a signal; -1 with errno. */
int signals_open(void);

/*
 * Stops this process, or its whole process group, as `signal` (TSTP, TTIN, TTOU)
 * would: not at all where it is ignored or where nobody could continue it (an
 * orphaned process group). Returns after it was continued.
 */
void signals_stop_self(int signal, bool group);

#endif
