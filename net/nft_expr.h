/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds rules expression by expression. If memory runs out, the rule is NULL or
 * incomplete; nft_rule_add then refuses the whole batch, so callers need no checks of
 * their own.
 *
 * Registers: sixteen of 4 bytes, REG(0) to REG(15). Keys of several parts are in
 * consecutive ones.
 */
#ifndef NIDUS_NET_NFT_EXPR_H
#define NIDUS_NET_NFT_EXPR_H

#include <netinet/in.h> /* before the kernel's, which then leaves its own out */
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nft_batch.h"

#define REG(n) (NFT_REG32_00 + (n))
#define CT_ESTABLISHED 2u /* NF_CT_STATE_BIT of the kernel */
#define CT_RELATED 4u
#define CT_NEW 8u

struct nft_rule {
	struct nftnl_rule *rule;
	bool failed;
};

void nft_rule_begin(struct nft_rule *rule, const char *chain);
/* Appends it to its chain; frees it. */
void nft_rule_add(struct nft_batch *batch, struct nft_rule *rule);

/* Loads. */
void nft_load_meta(struct nft_rule *rule, uint32_t key, uint32_t reg);
void nft_load_saddr(struct nft_rule *rule, uint8_t family, uint32_t reg);
void nft_load_daddr(struct nft_rule *rule, uint8_t family, uint32_t reg);
void nft_load_dport(struct nft_rule *rule, uint32_t reg);
/* Of the connection's first packet, before any address was translated. */
void nft_load_ct_original(struct nft_rule *rule, uint32_t key, uint32_t reg);

/* Matches: for what doesn't match, the rule ends here. op: NFT_CMP_EQ, NFT_CMP_NEQ. */
void nft_match(struct nft_rule *rule, uint32_t reg, uint32_t op, const void *data, size_t len);
void nft_match_prefix(struct nft_rule *rule, uint32_t reg, const uint8_t *addr, size_t addr_len,
		      uint8_t prefix_len);
void nft_match_meta(struct nft_rule *rule, uint32_t key, uint32_t op, uint32_t value);
void nft_match_family(struct nft_rule *rule, uint8_t family); /* AF_INET, AF_INET6 */
void nft_match_proto(struct nft_rule *rule, uint8_t proto);
void nft_match_icmp_type(struct nft_rule *rule, uint8_t type);
void nft_match_ct_state(struct nft_rule *rule, uint32_t any_of);
void nft_match_ct_state_not(struct nft_rule *rule, uint32_t state);
void nft_match_ct_dnat(struct nft_rule *rule);
void nft_match_daddr_not_local(struct nft_rule *rule);

/* Sets and maps, by name. */
void nft_lookup(struct nft_rule *rule, const char *set, uint32_t reg, bool is_missing);
void nft_lookup_map(struct nft_rule *rule, const char *map, uint32_t reg, uint32_t into);

/* Ends. verdict: NF_ACCEPT, NF_DROP, NFT_RETURN, NFT_JUMP (to `chain`). */
void nft_verdict(struct nft_rule *rule, int verdict, const char *chain);
void nft_dnat(struct nft_rule *rule, uint8_t family, uint32_t addr_reg, uint32_t port_reg);
void nft_masquerade(struct nft_rule *rule);
void nft_reject_prohibited(struct nft_rule *rule); /* ICMP: administratively prohibited */

#endif
