/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names and masks (libcap's names). Bit n of a mask is capability n. */
#ifndef NIDUS_CAPS_H
#define NIDUS_CAPS_H

#include <stdint.h>

/* Every capability that this build knows a name for. */
uint64_t caps_all(void);

/* "CAP_NET_RAW", "net_raw" or "ALL", in either case, to a mask. 0: unknown. */
uint64_t caps_parse(const char *name);

/*
 * "cap_chown,cap_kill" into text; "none" for 0. What doesn't fit is left out,
 * never a name cut short. Returns text.
 */
const char *caps_text(uint64_t mask, char *text, unsigned long size);

#endif
