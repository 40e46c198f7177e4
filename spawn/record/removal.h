/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that one record says was made, removed in the order that lets it go. */
#ifndef NIDUS_REMOVAL_H
#define NIDUS_REMOVAL_H

#include "state.h"
#include "trail.h"

/*
 * Needs: the record's lock, in hand. Each step is idempotent; the record itself goes
 * last. Counts in *done what was still there. may_wait: for processes that take a
 * moment to end; without it they are ETIMEDOUT.
 */
int undo_all(struct state *state, const struct trail *trail, bool may_wait, uint32_t *done,
	     struct fault *fault);

#endif
