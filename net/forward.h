/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this host forwards packets, and turning that on if it is allowed. */
#ifndef NIDUS_NET_FORWARD_H
#define NIDUS_NET_FORWARD_H

#include <stdbool.h>

#include "../init/fault.h"

/*
 * Makes sure that IPv4 is forwarded: if forwarding is off, it is turned on if `may_turn_on`,
 * otherwise that is a fault which says how to allow it. *has6: IPv6 is forwarded too (or
 * was turned on); otherwise sandboxes get no IPv6 address. Before IPv6 is turned on, links
 * with accept_ra 1 that don't forward yet get 2, so that they keep their routers. Nothing
 * of this is ever turned off again.
 */
int forward_ensure(bool may_turn_on, bool *has6, struct fault *fault);

#endif
