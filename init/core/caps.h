/* SPDX-License-Identifier: Apache-2.0 */
/* Capability sets of this process; bit n is CAP n. All functions: -1 and errno. */
#ifndef NIDUS_INIT_CAPS_H
#define NIDUS_INIT_CAPS_H

#include <stdint.h>

/* Drops from the bounding set all but `keep`. Takes CAP_SETPCAP. */
int caps_limit_bounding(uint64_t keep);

/* Permitted and effective alike. */
int caps_set(uint64_t permitted, uint64_t inheritable);

/* Needs: caps_set with them permitted and inheritable. */
int caps_set_ambient(uint64_t caps);

/* What is permitted now; 0 where that can't be read. */
uint64_t caps_of_init(void);

#endif
