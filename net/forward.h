/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this host forwards packets, and turning that on where it was allowed. */
#ifndef NIDUS_NET_FORWARD_H
#define NIDUS_NET_FORWARD_H

#include <stdbool.h>

#include "../init/fault.h"

/*
 * Makes sure of IPv4 forwarding: where it is off it is turned on with `may_turn_on`,
 * else that is a fault which says how to allow it. *has6: IPv6 forwards too (or was
 * turned on); a host without gives its sandboxes no IPv6 address. Before IPv6 is turned
 * on, links with accept_ra 1 that don't forward yet get 2, and so keep their routers.
 * Nothing of it is ever turned back.
 */
int forward_ensure(bool may_turn_on, bool *has6, struct fault *fault);

#endif
