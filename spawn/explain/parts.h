/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of what is printed, a file each. */
#ifndef NIDUS_EXPLAIN_PARTS_H
#define NIDUS_EXPLAIN_PARTS_H

#include "print.h"
#include "spawner.h"

/* Of the plan. */
void explain_mounts(const struct explain *explain, const struct plan_header *header);

/* Of the spawner's side. */
void explain_limits(const struct explain *explain, const struct explain_spawner *asked);
void explain_network(const struct explain *explain, const struct explain_spawner *asked);

#endif
