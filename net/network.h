/* SPDX-License-Identifier: Apache-2.0 */
/* One sandbox's network, private to net.c, attach.c and remove.c. */
#ifndef NIDUS_NET_NETWORK_H
#define NIDUS_NET_NETWORK_H

#include "choose.h"
#include "config.h"
#include "forward.h"
#include "lease.h"
#include "link.h"
#include "net.h"
#include "nft.h"
#include "rtnl.h"

#define NETWORK_ID_MAX 32

struct net {
	/* known of every one, also of a dead spawner's */
	char id[NETWORK_ID_MAX];
	char link[LINK_NAME_MAX];
	int state_fd;             /* the caller's */
	struct rtnl host, nft;    /* closed until something needs them */

	/* known to its spawner alone */
	const struct net_options *options; /* NULL: another's */
	struct net_config config;
	struct choice choice;
	struct lease_lock lock;   /* from net_choose to net_take */
	bool make4, make6;        /* leases to make in net_take */
	bool may_forward;
	struct forward_change forward;
	int tries;
	struct ip_addr addr4, addr6;
	bool has_elements;
	int netns_fd;             /* keeps the link for net_read; -1: not attached */
	uint32_t index;           /* of the host's end */
	uint8_t mac[6], peer_mac[6];
};

/* What it has in the table. Needs the options. */
void network_describe(const struct net *net, struct nft_sandbox *sandbox);
/* Of an id. */
uint32_t network_hash(const char *id);
/* By name, whatever keeps it: 30 ms. */
int network_delete_link(struct net *net, struct fault *fault);

/* An address alone, as a prefix. */
struct ip_prefix network_host_prefix(const struct ip_addr *addr);

#endif
