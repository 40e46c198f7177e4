/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the nftables table: a socket, and sandboxes by number. */
#ifndef NIDUS_TEST_NFT_LIVE_H
#define NIDUS_TEST_NFT_LIVE_H

#include "netns_live.h"

#include "../../net/nft.h"

static struct rtnl nft;
static struct fault fault;

static inline void open_nft(void)
{
	check_ok(rtnl_open(&nft, NETLINK_NETFILTER, &fault));
}

static inline struct nft_sandbox make_sandbox(int n)
{
	static char ids[8][NFT_ID_MAX + 1], ifnames[8][16];
	struct nft_sandbox sandbox = { .id = ids[n], .ifname = ifnames[n] };
	char text[IP_TEXT_MAX];

	snprintf(ids[n], sizeof(ids[n]), "00000000000%d", n);
	snprintf(ifnames[n], sizeof(ifnames[n]), NFT_LINK_PREFIX "%s", ids[n]);
	snprintf(text, sizeof(text), "10.213.0.%d", n);
	check(ip_addr_parse(text, &sandbox.addr4), "%s", text);
	snprintf(text, sizeof(text), "fd6e::%d", n);
	check(ip_addr_parse(text, &sandbox.addr6), "%s", text);
	return sandbox;
}

#endif
