/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of a sandbox: its egress policy, rule by rule. Allowed packets return, denied
 * ones are rejected, so that a program inside notices at once. The destination is the one
 * that the program used, before any translation by a published port.
 */
#include "nft_chains.h"

#include "nft_expr.h"

#include <arpa/inet.h>
#include <stdio.h>

void nft_policy_chain(const char *id, char name[NFT_CHAIN_NAME_MAX])
{
	snprintf(name, NFT_CHAIN_NAME_MAX, NFT_POLICY_PREFIX "%s", id);
}

static void decide(struct nft_batch *batch, struct nft_rule *rule, bool allow)
{
	if (allow)
		nft_verdict(rule, NFT_RETURN, NULL);
	else
		nft_reject_prohibited(rule);
	nft_rule_add(batch, rule);
}

static void add_rule(struct nft_batch *batch, const char *chain, const struct net_rule *wanted,
		     uint8_t proto)
{
	const struct ip_addr *dst = &wanted->dst.addr;
	struct nft_rule rule;

	nft_rule_begin(&rule, chain);
	if (dst->family != 0 && wanted->dst.len == 0) {
		nft_match_family(&rule, dst->family);
	} else if (dst->family != 0) {
		nft_load_ct_original(&rule, dst->family == AF_INET ? NFT_CT_DST_IP : NFT_CT_DST_IP6,
				     REG(0));
		nft_match_prefix(&rule, REG(0), dst->bytes, ip_addr_len(dst), wanted->dst.len);
	}
	if (proto != 0)
		nft_match_proto(&rule, proto);
	if (wanted->port != 0) {
		uint16_t port = htons(wanted->port);

		nft_load_ct_original(&rule, NFT_CT_PROTO_DST, REG(0));
		nft_match(&rule, REG(0), NFT_CMP_EQ, &port, sizeof(port));
	}
	decide(batch, &rule, wanted->allow);
}

/* A long policy is sent in several transactions beforehand: nothing jumps to the chain yet. */
static int keep_room(struct rtnl *nft, struct nft_batch *batch, struct fault *fault)
{
	if (nft_batch_room(batch) >= 2 || batch->rtnl.err != 0)
		return 0;
	if (nft_batch_commit(nft, batch, fault) < 0)
		return -1;
	nft_batch_init(batch, 0);
	return 0;
}

int nft_add_policy(struct rtnl *nft, struct nft_batch *batch, const struct nft_sandbox *sandbox,
		   struct fault *fault)
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct nft_rule rule;

	nft_policy_chain(sandbox->id, chain);
	nft_add_plain_chain(batch, chain);
	for (size_t i = 0; i < sandbox->rule_count; i++) {
		const struct net_rule *wanted = &sandbox->rules[i];

		if (keep_room(nft, batch, fault) < 0)
			return -1;
		/* A port without a protocol means both TCP and UDP. */
		if (wanted->port != 0 && wanted->proto == 0) {
			add_rule(batch, chain, wanted, IPPROTO_TCP);
			add_rule(batch, chain, wanted, IPPROTO_UDP);
		} else {
			add_rule(batch, chain, wanted, wanted->proto);
		}
	}
	if (keep_room(nft, batch, fault) < 0)
		return -1;
	if (sandbox->default_deny) {
		nft_rule_begin(&rule, chain);
		decide(batch, &rule, false);
	}
	return 0;
}
