/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions of nf_tables, built with libnftnl. */
#include "nft_expr.h"

#include <errno.h>
#include <libnftnl/expr.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "nft.h"

#define IP4_SADDR 12 /* offsets in the network header */
#define IP4_DADDR 16
#define IP6_SADDR 8
#define IP6_DADDR 24
#define TH_DPORT 2   /* in the transport header of TCP and UDP */

void nft_rule_begin(struct nft_rule *rule, const char *chain)
{
	rule->rule = nftnl_rule_alloc();
	rule->failed = !rule->rule;
	if (rule->failed)
		return;
	if (nftnl_rule_set_str(rule->rule, NFTNL_RULE_TABLE, NFT_TABLE) < 0 ||
	    nftnl_rule_set_str(rule->rule, NFTNL_RULE_CHAIN, chain) < 0)
		rule->failed = true;
	nftnl_rule_set_u32(rule->rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
}

void nft_rule_add(struct nft_batch *batch, struct nft_rule *rule)
{
	struct nlmsghdr *message = NULL;

	if (rule->failed)
		rtnl_batch_refuse(&batch->rtnl, ENOMEM);
	else
		message = nft_batch_begin(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND,
					  nftnl_rule_get_str(rule->rule, NFTNL_RULE_CHAIN));
	if (message)
		nftnl_rule_nlmsg_build_payload(message, rule->rule);
	nft_batch_end(batch, message);
	if (rule->rule)
		nftnl_rule_free(rule->rule);
	rule->rule = NULL;
}

/* NULL: memory failed, now or before. */
static struct nftnl_expr *add(struct nft_rule *rule, const char *name)
{
	struct nftnl_expr *expr = rule->failed ? NULL : nftnl_expr_alloc(name);

	if (expr)
		nftnl_rule_add_expr(rule->rule, expr);
	else
		rule->failed = true;
	return expr;
}

static void set_bytes(struct nft_rule *rule, struct nftnl_expr *expr, uint16_t attr,
		      const void *data, size_t len)
{
	if (nftnl_expr_set(expr, attr, data, (uint32_t)len) < 0)
		rule->failed = true;
}

static void set_text(struct nft_rule *rule, struct nftnl_expr *expr, uint16_t attr,
		     const char *text)
{
	if (nftnl_expr_set_str(expr, attr, text) < 0)
		rule->failed = true;
}

/* ---- loads ---- */

void nft_load_meta(struct nft_rule *rule, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *expr = add(rule, "meta");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, reg);
}

static void load_payload(struct nft_rule *rule, uint32_t base, uint32_t offset, uint32_t len,
			 uint32_t reg)
{
	struct nftnl_expr *expr = add(rule, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, reg);
}

void nft_load_saddr(struct nft_rule *rule, uint8_t family, uint32_t reg)
{
	load_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, family == AF_INET ? IP4_SADDR : IP6_SADDR,
		     family == AF_INET ? 4 : 16, reg);
}

void nft_load_daddr(struct nft_rule *rule, uint8_t family, uint32_t reg)
{
	load_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, family == AF_INET ? IP4_DADDR : IP6_DADDR,
		     family == AF_INET ? 4 : 16, reg);
}

void nft_load_dport(struct nft_rule *rule, uint32_t reg)
{
	load_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, TH_DPORT, 2, reg);
}

static void load_ct(struct nft_rule *rule, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *expr = add(rule, "ct");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, reg);
}

void nft_load_ct_original(struct nft_rule *rule, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *expr = add(rule, "ct");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, reg);
	nftnl_expr_set_u8(expr, NFTNL_EXPR_CT_DIR, 0); /* IP_CT_DIR_ORIGINAL */
}

/* ---- matches ---- */

void nft_match(struct nft_rule *rule, uint32_t reg, uint32_t op, const void *data, size_t len)
{
	struct nftnl_expr *expr = add(rule, "cmp");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
	set_bytes(rule, expr, NFTNL_EXPR_CMP_DATA, data, len);
}

static void mask_register(struct nft_rule *rule, uint32_t reg, const void *mask, size_t len)
{
	static const uint8_t zero[16];
	struct nftnl_expr *expr = add(rule, "bitwise");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, (uint32_t)len);
	set_bytes(rule, expr, NFTNL_EXPR_BITWISE_MASK, mask, len);
	set_bytes(rule, expr, NFTNL_EXPR_BITWISE_XOR, zero, len);
}

void nft_match_prefix(struct nft_rule *rule, uint32_t reg, const uint8_t *addr, size_t addr_len,
		      uint8_t prefix_len)
{
	uint8_t mask[16] = { 0 }, masked[16] = { 0 };

	for (size_t i = 0; i < addr_len; i++) {
		int bits = (int)prefix_len - (int)i * 8;

		mask[i] = bits >= 8 ? 0xff : bits > 0 ? (uint8_t)(0xff << (8 - bits)) : 0;
		masked[i] = addr[i] & mask[i];
	}
	if (prefix_len < addr_len * 8)
		mask_register(rule, reg, mask, addr_len);
	nft_match(rule, reg, NFT_CMP_EQ, masked, addr_len);
}

void nft_match_meta(struct nft_rule *rule, uint32_t key, uint32_t op, uint32_t value)
{
	nft_load_meta(rule, key, REG(0));
	nft_match(rule, REG(0), op, &value, sizeof(value));
}

static void match_meta_byte(struct nft_rule *rule, uint32_t key, uint8_t value)
{
	nft_load_meta(rule, key, REG(0));
	nft_match(rule, REG(0), NFT_CMP_EQ, &value, sizeof(value));
}

void nft_match_family(struct nft_rule *rule, uint8_t family)
{
	match_meta_byte(rule, NFT_META_NFPROTO, family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

void nft_match_proto(struct nft_rule *rule, uint8_t proto)
{
	match_meta_byte(rule, NFT_META_L4PROTO, proto);
}

void nft_match_icmp_type(struct nft_rule *rule, uint8_t type)
{
	load_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, REG(0));
	nft_match(rule, REG(0), NFT_CMP_EQ, &type, sizeof(type));
}

static void match_bits(struct nft_rule *rule, uint32_t ct_key, uint32_t bits)
{
	static const uint32_t none;

	load_ct(rule, ct_key, REG(0));
	mask_register(rule, REG(0), &bits, sizeof(bits));
	nft_match(rule, REG(0), NFT_CMP_NEQ, &none, sizeof(none));
}

void nft_match_ct_state(struct nft_rule *rule, uint32_t any_of)
{
	match_bits(rule, NFT_CT_STATE, any_of);
}

void nft_match_ct_state_not(struct nft_rule *rule, uint32_t state)
{
	load_ct(rule, NFT_CT_STATE, REG(0));
	nft_match(rule, REG(0), NFT_CMP_NEQ, &state, sizeof(state));
}

void nft_match_ct_dnat(struct nft_rule *rule)
{
	match_bits(rule, NFT_CT_STATUS, IPS_DST_NAT);
}

void nft_match_daddr_not_local(struct nft_rule *rule)
{
	static const uint32_t local = RTN_LOCAL;
	struct nftnl_expr *expr = add(rule, "fib");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_DREG, REG(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	nft_match(rule, REG(0), NFT_CMP_NEQ, &local, sizeof(local));
}

/* ---- sets and maps ---- */

static struct nftnl_expr *look_up(struct nft_rule *rule, const char *set, uint32_t reg)
{
	struct nftnl_expr *expr = add(rule, "lookup");

	if (!expr)
		return NULL;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, reg);
	set_text(rule, expr, NFTNL_EXPR_LOOKUP_SET, set);
	return expr;
}

void nft_lookup(struct nft_rule *rule, const char *set, uint32_t reg, bool is_missing)
{
	struct nftnl_expr *expr = look_up(rule, set, reg);

	if (expr && is_missing)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
}

void nft_lookup_map(struct nft_rule *rule, const char *map, uint32_t reg, uint32_t into)
{
	struct nftnl_expr *expr = look_up(rule, map, reg);

	if (expr)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, into);
}

/* ---- ends ---- */

void nft_verdict(struct nft_rule *rule, int verdict, const char *chain)
{
	struct nftnl_expr *expr = add(rule, "immediate");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain)
		set_text(rule, expr, NFTNL_EXPR_IMM_CHAIN, chain);
}

void nft_dnat(struct nft_rule *rule, uint8_t family, uint32_t addr_reg, uint32_t port_reg)
{
	struct nftnl_expr *expr = add(rule, "nat");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_FAMILY,
			   family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_REG_ADDR_MIN, addr_reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_REG_PROTO_MIN, port_reg);
}

void nft_masquerade(struct nft_rule *rule)
{
	add(rule, "masq");
}

void nft_reject_prohibited(struct nft_rule *rule)
{
	struct nftnl_expr *expr = add(rule, "reject");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	nftnl_expr_set_u8(expr, NFTNL_EXPR_REJECT_CODE, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
}
