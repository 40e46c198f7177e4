/* SPDX-License-Identifier: Apache-2.0 */
/* --log-level trace: when one launch came to what, since the program began. */
#ifndef NIDUS_CLI_TIMELINE_H
#define NIDUS_CLI_TIMELINE_H

#include "../nidus.h"

/* One line on stderr for each moment that was reached, in order of a start. NULL: nothing. */
void timeline_say(const struct nidus_timeline *timeline, uint64_t parsed_us);

#endif
