/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that no sandbox reaches unless asked for, in every kind of network. Pure. */
#ifndef NIDUS_NET_CLOSED_H
#define NIDUS_NET_CLOSED_H

#include "net.h"

#define CLOSED_MAX 16
#define CLOSED_DNS_PORT 53
/* Azure's host agent, with a resolver on port 53: --net nat closes all but that port. */
#define CLOSED_BUT_DNS "168.63.129.16"

/* The closed prefixes without CLOSED_BUT_DNS; returns how many. */
size_t closed_list(struct ip_prefix prefixes[CLOSED_MAX]);
/* With it: where the program of --net user answers DNS, nobody has to ask there. */
size_t closed_list_all(struct ip_prefix prefixes[CLOSED_MAX]);

/* In the list, or ::1, to which no route leads. */
bool closed_contains(const struct ip_addr *addr);
/* Closed, but an --net-allow with a port can open it: IPv4 other than loopback. */
bool closed_can_be_opened(const struct ip_addr *addr);
/* Whether this rule opens a closed address. */
bool closed_opened_by(const struct net_rule *rule);

/* Whether a sandbox with these rules can ask a name server there. */
bool closed_reaches_dns(const struct net_rule *rules, size_t count, const struct ip_addr *addr);

#endif
