/* SPDX-License-Identifier: Apache-2.0 */
/* Capability sets of this process; bit n is CAP n. All functions: -1 and errno. */
#ifndef NIDUS_INIT_CAPS_H
#define NIDUS_INIT_CAPS_H

#include <stdint.h>

/* Drops all but `keep` from the bounding set. Needs CAP_SETPCAP. */
int caps_limit_bounding(uint64_t keep);

/* Sets the effective set too, to `permitted`. */
int caps_set(uint64_t permitted, uint64_t inheritable);

/* Needs: `caps` permitted and inheritable by caps_set. */
int caps_set_ambient(uint64_t caps);

/* The permitted set as it is now; 0 if it can't be read. */
uint64_t caps_of_init(void);

#endif
