/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posture [CLASS…]: tries to get out, from inside, and says what came of each try:
 *
 *     contained CLASS NAME
 *     escaped CLASS NAME: what happened
 *     skipped CLASS NAME: why it could not be tried
 *
 * Its exit status is 1 if anything escaped. It knows nothing of nidus but the table of
 * the default filter, so that it runs in the sandboxes of others as well. Nothing that it
 * tries does harm where it succeeds; each try that could hang or kill has a process of
 * its own.
 *
 * Where the tests put something that must be out of reach, the environment names it:
 *     POSTURE_SOCKET, POSTURE_FIFO   a listening socket and a FIFO in the host's view
 *     POSTURE_SECRET                 a file that only the caller may read
 *     POSTURE_WRITABLE               a directory below which the command may write
 *     POSTURE_METADATA               addresses that must not answer, separated by blanks
 *     POSTURE_PORT, POSTURE_DEVICE   at which port (80), and past the routing table by which link
 *     POSTURE_CAPS                   the capabilities that were asked for, as a hex mask
 */
#ifndef NIDUS_POSTURE_H
#define NIDUS_POSTURE_H

#include <stdbool.h>

/* What comes of a try, said once for each. `detail` is a format, for escaped and skipped. */
void contained(const char *name);
void escaped(const char *name, const char *detail, ...) __attribute__((format(printf, 2, 3)));
void skipped(const char *name, const char *detail, ...) __attribute__((format(printf, 2, 3)));

/*
 * Runs `try` in a child with a time limit: its exit status, 128 + the signal that killed it,
 * or -1 if it had to be killed for its time.
 */
int in_child(int (*try)(const void *arg), const void *arg);

/* Contained if the file can't be opened so; ENOENT is one way. */
void closed(const char *path, int flags);

/* The classes. */
void try_capabilities(void);
void try_filter(void);
void try_kernel_files(void);
void try_groups(void);
void try_pid_1(void);
void try_descriptors(void);
void try_terminal(void);
void try_sockets(void);
void try_set_id(void);
void try_others(void);
void try_network(void);

#endif
