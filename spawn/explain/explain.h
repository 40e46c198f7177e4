/* SPDX-License-Identifier: Apache-2.0 */
/* A plan in words; the spawner's side of it is in spawner.h. */
#ifndef NIDUS_EXPLAIN_H
#define NIDUS_EXPLAIN_H

#include <stdio.h>

#include "../plan/plan.h"

/*
 * Prints the plan in words, one line an operation, in the order in which init
 * executes it. Values of environment variables are replaced by their length.
 */
void explain_plan(const struct plan *plan, FILE *out);

#endif
