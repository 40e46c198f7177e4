/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases of id ranges, so that no two living sandboxes have the same: in <root>/ids a symbolic
 * link for each range, named by its first id, whose target is the id of the sandbox. It is made
 * and named in one step, so that no lock is needed: of a thousand starts at once none waits.
 */
#ifndef NIDUS_RANGE_H
#define NIDUS_RANGE_H

#include <stdint.h>

#include "../../init/fault.h"

#define RANGE_TEXT_MAX 12

/* The directory of the leases, made if it is missing. A descriptor, or -1 with STEP_ID_MAP. */
int range_open(int root_fd, struct fault *fault);

/* The name of a range. Returns text. */
const char *range_text(uint32_t first, char text[RANGE_TEXT_MAX]);

/* 1: a sandbox holds it; 0: free; -1 with errno. */
int range_is_held(int dir_fd, uint32_t first);

/* 1: it is the sandbox's now; 0: another was faster; -1. Needs: the range on record. */
int range_claim(int dir_fd, const char *id, uint32_t first, struct fault *fault);

/* Releases what the record says, if the sandbox holds it. A forged name is a fault. */
int range_release(int root_fd, const char *id, const char *text, struct fault *fault);

#endif
