/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table in the network namespace of a --net user sandbox: drops what goes to a closed
 * address. Unreachable routes refuse such a packet at once, but a socket that names its link
 * (SO_BINDTODEVICE, IP_PKTINFO) is routed past them; no packet is routed past this.
 */
#include "nft_inside.h"

#include <netinet/icmp6.h>

#include "closed.h"
#include "nft_chains.h"
#include "nft_expr.h"

#define CHAIN_OUTPUT "output"
#define LOOPBACK_INDEX 1u /* LOOPBACK_IFINDEX of the kernel: of every network namespace */

/* meta oif 1 accept: 127.0.0.0/8 here is the sandbox's own */
static void accept_loopback(struct nft_batch *batch)
{
	struct nft_rule rule;

	nft_rule_begin(&rule, CHAIN_OUTPUT);
	nft_match_meta(&rule, NFT_META_OIF, NFT_CMP_EQ, LOOPBACK_INDEX);
	nft_verdict(&rule, NF_ACCEPT, NULL);
	nft_rule_add(batch, &rule);
}

/* icmpv6 type T accept: only the kernel sends these, and the router has a link-local address */
static void accept_discovery(struct nft_batch *batch, uint8_t type)
{
	struct nft_rule rule;

	nft_rule_begin(&rule, CHAIN_OUTPUT);
	nft_match_family(&rule, AF_INET6);
	nft_match_proto(&rule, IPPROTO_ICMPV6);
	nft_match_icmp_type(&rule, type);
	nft_verdict(&rule, NF_ACCEPT, NULL);
	nft_rule_add(batch, &rule);
}

static void drop_prefix(struct nft_batch *batch, const struct ip_prefix *prefix)
{
	const struct ip_addr *addr = &prefix->addr;
	struct nft_rule rule;

	nft_rule_begin(&rule, CHAIN_OUTPUT);
	nft_match_family(&rule, addr->family);
	nft_load_daddr(&rule, addr->family, REG(0));
	nft_match_prefix(&rule, REG(0), addr->bytes, ip_addr_len(addr), prefix->len);
	nft_verdict(&rule, NF_DROP, NULL);
	nft_rule_add(batch, &rule);
}

int nft_close_inside(struct rtnl *nft, struct fault *fault)
{
	struct ip_prefix closed[CLOSED_MAX];
	size_t count = closed_list_all(closed);
	struct nft_batch batch;

	nft_batch_init(&batch, 0);
	nft_add_table(&batch);
	nft_add_filter_chain(&batch, CHAIN_OUTPUT, NF_INET_LOCAL_OUT);
	accept_loopback(&batch);
	accept_discovery(&batch, ND_ROUTER_SOLICIT);
	accept_discovery(&batch, ND_NEIGHBOR_SOLICIT);
	accept_discovery(&batch, ND_NEIGHBOR_ADVERT);
	for (size_t i = 0; i < count; i++)
		drop_prefix(&batch, &closed[i]);
	return nft_batch_commit(nft, &batch, fault);
}
