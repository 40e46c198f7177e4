/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program, which the launcher carries. */
#ifndef NIDUS_HANDOVER_H
#define NIDUS_HANDOVER_H

/* First of all. The vector is the caller's. */
void handover_keep(char **argv);

/*
 * Executes it in place of this process, with the arguments that handover_keep got.
 * Must not have happened yet: a change of anything outside of this process.
 */
void handover_execute(void) __attribute__((noreturn));

/* Executes its `gc` beside this process, and waits for the end. */
void handover_collect(void);

#endif
