/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's standard descriptors, for a workload with other ids. */
#ifndef NIDUS_PIPES_H
#define NIDUS_PIPES_H

#include "sandbox.h"

/*
 * Lets a shifted workload open /dev/stdin, stdout and stderr where these are pipes: opening
 * them by name asks for permission once more. Best effort: a pipe of another user's stays as
 * it is, and so do terminals and files.
 */
void pipes_open_up(const struct nidus_sandbox *sandbox);

#endif
