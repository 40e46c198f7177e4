/* SPDX-License-Identifier: Apache-2.0 */
/* Files that programs look for in /etc, where links lead out of the view. */
#ifndef NIDUS_LINKED_H
#define NIDUS_LINKED_H

#include "sandbox.h"

/*
 * Finds which of them are links into a directory that a private mount hides, as
 * /etc/resolv.conf is into /run, so that the plan shows their targets there; and where the
 * files that nidus makes in place of some go for the same reason.
 */
int linked_take(struct nidus_sandbox *sandbox, struct fault *fault);

#endif
