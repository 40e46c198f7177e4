/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names and masks (libcap's names). Bit n of a mask is capability n. */
#ifndef NIDUS_CAPS_H
#define NIDUS_CAPS_H

#include <stdint.h>

/* Every capability whose name this build knows. */
uint64_t caps_all(void);

/* "CAP_NET_RAW", "net_raw" or "ALL", in either case, to a mask. 0: unknown. */
uint64_t caps_parse(const char *name);

/*
 * Writes "cap_chown,cap_kill" into text, or "none" for 0. Names that don't fit are left out
 * as a whole. Returns text.
 */
const char *caps_text(uint64_t mask, char *text, unsigned long size);

#endif
