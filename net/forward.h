/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this host forwards packets, turning that on if it is allowed, and back. */
#ifndef NIDUS_NET_FORWARD_H
#define NIDUS_NET_FORWARD_H

#include <stdbool.h>

#include "../init/fault.h"

#define FORWARD_TEXT_MAX 2048 /* of a record: names of about 100 links */

/* What a start is about to change. */
struct forward_change {
	bool turn_on4, turn_on6;
	bool has6; /* IPv6 is, or will be, forwarded; otherwise sandboxes get no IPv6 address */
	/* for the record, so that it can be undone: what was off, and for which links it was not;
	 * "": nothing changes. Links that don't fit are not undone. */
	char text[FORWARD_TEXT_MAX];
};

/*
 * Finds out what has to be changed so that IPv4 is forwarded, and IPv6 unless it is switched off
 * (disable_ipv6). A fault, which says how to allow it, if IPv4 forwarding is off and not
 * allowed to be turned on. Changes nothing.
 */
int forward_look(bool may_turn_on, struct forward_change *change, struct fault *fault);
/*
 * Changes it. Before IPv6 is turned on, links with accept_ra 1 that don't forward yet get 2, so
 * that they keep their routers.
 */
int forward_apply(const struct forward_change *change, struct fault *fault);
/* Undoes what is on record: for a start that failed. Idempotent; a link that is gone is no error. */
int forward_undo(const char *text, struct fault *fault);

#endif
