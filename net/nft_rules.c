/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, each with a comment that shows it as nft list does. Each chain accepts
 * packets that do not concern sandboxes: nothing here may break a host. G stands for
 * NET_LINK_GROUP.
 *
 * Our verdict is not final: chains of other tables at the same hook decide too, and a
 * drop in any of them is final.
 */
#include "nft_chains.h"

#include "closed.h"
#include "nft_expr.h"

#define ICMP_ECHO_REQUEST 8
#define ICMPV6_ECHO_REQUEST_TYPE 128

/* ---- shared parts ---- */

static struct nft_rule rule_in(const char *chain)
{
	struct nft_rule rule;

	nft_rule_begin(&rule, chain);
	return rule;
}

static void end_with(struct nft_batch *batch, struct nft_rule *rule, int verdict)
{
	nft_verdict(rule, verdict, NULL);
	nft_rule_add(batch, rule);
}

static struct nft_rule rule_for_input(const char *chain, uint32_t op)
{
	struct nft_rule rule = rule_in(chain);

	nft_match_meta(&rule, NFT_META_IIFGROUP, op, NET_LINK_GROUP);
	return rule;
}

static struct nft_rule rule_for_output(const char *chain, uint32_t op)
{
	struct nft_rule rule = rule_in(chain);

	nft_match_meta(&rule, NFT_META_OIFGROUP, op, NET_LINK_GROUP);
	return rule;
}

static struct nft_rule rule_for_family(const char *chain, uint8_t family)
{
	struct nft_rule rule = rule_in(chain);

	nft_match_family(&rule, family);
	return rule;
}

/* ---- prerouting, before connections are tracked ---- */

/* iifname . ip saddr != @own4 drop */
static void drop_spoofed(struct nft_batch *batch, uint8_t family)
{
	struct nft_rule rule = rule_for_family(CHAIN_GUARD, family);

	nft_load_meta(&rule, NFT_META_IIFNAME, REG(0));
	nft_load_saddr(&rule, family, REG(4));
	nft_lookup(&rule, nft_set_name(family == AF_INET ? SET_OWN4 : SET_OWN6), REG(0), true);
	end_with(batch, &rule, NF_DROP);
}

/* ip daddr @closed4 drop */
static void drop_closed(struct nft_batch *batch, uint8_t family)
{
	struct nft_rule rule = rule_for_family(CHAIN_GUARD, family);

	nft_load_daddr(&rule, family, REG(0));
	nft_lookup(&rule, nft_set_name(family == AF_INET ? SET_CLOSED4 : SET_CLOSED6), REG(0),
		   false);
	end_with(batch, &rule, NF_DROP);
}

static void add_guard(struct nft_batch *batch)
{
	static const uint16_t dns = 0x3500; /* 53 in network order */
	struct nft_rule rule;
	struct ip_addr azure;

	/* iifgroup != G accept */
	rule = rule_for_input(CHAIN_GUARD, NFT_CMP_NEQ);
	end_with(batch, &rule, NF_ACCEPT);
	drop_spoofed(batch, AF_INET);
	drop_spoofed(batch, AF_INET6);
	/* iifname . ip daddr . meta l4proto . th dport @open4 accept */
	rule = rule_for_family(CHAIN_GUARD, AF_INET);
	nft_load_meta(&rule, NFT_META_IIFNAME, REG(0));
	nft_load_daddr(&rule, AF_INET, REG(4));
	nft_load_meta(&rule, NFT_META_L4PROTO, REG(5));
	nft_load_dport(&rule, REG(6));
	nft_lookup(&rule, nft_set_name(SET_OPEN4), REG(0), false);
	end_with(batch, &rule, NF_ACCEPT);
	/* ip daddr 168.63.129.16 th dport != 53 drop */
	ip_addr_parse(CLOSED_BUT_DNS, &azure);
	rule = rule_for_family(CHAIN_GUARD, AF_INET);
	nft_load_daddr(&rule, AF_INET, REG(0));
	nft_match(&rule, REG(0), NFT_CMP_EQ, azure.bytes, ip_addr_len(&azure));
	nft_load_dport(&rule, REG(0));
	nft_match(&rule, REG(0), NFT_CMP_NEQ, &dns, sizeof(dns));
	end_with(batch, &rule, NF_DROP);
	drop_closed(batch, AF_INET);
	drop_closed(batch, AF_INET6);
}

/* ---- published ports ---- */

/* dnat ip to meta l4proto . ip daddr . th dport map @pub4, or without the address */
static void publish_by(struct nft_batch *batch, const char *chain, enum nft_set_id map,
		       uint8_t family, bool has_addr)
{
	struct nft_rule rule = rule_for_family(chain, family);
	uint32_t words = family == AF_INET ? 1 : 4, next = 1, into;

	nft_load_meta(&rule, NFT_META_L4PROTO, REG(0));
	if (has_addr) {
		nft_load_daddr(&rule, family, REG(next));
		next += words;
	}
	nft_load_dport(&rule, REG(next));
	into = next + 1;
	nft_lookup_map(&rule, nft_set_name(map), REG(0), REG(into));
	nft_dnat(&rule, family, REG(into), REG(into + words));
	nft_rule_add(batch, &rule);
}

static void publish_all(struct nft_batch *batch, const char *chain)
{
	/* fib daddr type != local return */
	struct nft_rule rule = rule_in(chain);

	nft_match_daddr_not_local(&rule);
	end_with(batch, &rule, NFT_RETURN);
	publish_by(batch, chain, SET_PUB4, AF_INET, true);
	publish_by(batch, chain, SET_PUB6, AF_INET6, true);
	publish_by(batch, chain, SET_PUB_ANY4, AF_INET, false);
	publish_by(batch, chain, SET_PUB_ANY6, AF_INET6, false);
}

static void add_publish(struct nft_batch *batch)
{
	static const uint8_t loopback4[4] = { 127 }, loopback6[16] = { [15] = 1 };
	struct nft_rule rule;

	/*
	 * ip daddr 127.0.0.0/8 return: a neighbour on the wire must not reach ports that
	 * are published on the loopback by sending such packets. Translation comes before
	 * the routing decision that would drop them.
	 */
	rule = rule_for_family(CHAIN_PUBLISH, AF_INET);
	nft_load_daddr(&rule, AF_INET, REG(0));
	nft_match_prefix(&rule, REG(0), loopback4, sizeof(loopback4), 8);
	end_with(batch, &rule, NFT_RETURN);
	publish_all(batch, CHAIN_PUBLISH);
	/* ip6 daddr ::1 return: IPv6 has no route_localnet; a refusal is better than a loss */
	rule = rule_for_family(CHAIN_PUBLISH_OWN, AF_INET6);
	nft_load_daddr(&rule, AF_INET6, REG(0));
	nft_match(&rule, REG(0), NFT_CMP_EQ, loopback6, sizeof(loopback6));
	end_with(batch, &rule, NFT_RETURN);
	publish_all(batch, CHAIN_PUBLISH_OWN);
}

/* ---- input ---- */

static void accept_echo(struct nft_batch *batch, uint8_t family)
{
	struct nft_rule rule = rule_for_family(CHAIN_TO_HOST, family);

	nft_match_proto(&rule, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	nft_match_icmp_type(&rule,
			    family == AF_INET ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST_TYPE);
	end_with(batch, &rule, NF_ACCEPT);
}

static void add_to_host(struct nft_batch *batch)
{
	struct nft_rule rule;

	/* iifgroup != G accept */
	rule = rule_for_input(CHAIN_TO_HOST, NFT_CMP_NEQ);
	end_with(batch, &rule, NF_ACCEPT);
	/* ct state established,related accept: errors are related */
	rule = rule_in(CHAIN_TO_HOST);
	nft_match_ct_state(&rule, CT_ESTABLISHED | CT_RELATED);
	end_with(batch, &rule, NF_ACCEPT);
	accept_echo(batch, AF_INET);
	accept_echo(batch, AF_INET6);
	/* iifname . meta l4proto . th dport @host_ports accept */
	rule = rule_in(CHAIN_TO_HOST);
	nft_load_meta(&rule, NFT_META_IIFNAME, REG(0));
	nft_load_meta(&rule, NFT_META_L4PROTO, REG(4));
	nft_load_dport(&rule, REG(5));
	nft_lookup(&rule, nft_set_name(SET_HOST_PORTS), REG(0), false);
	end_with(batch, &rule, NF_ACCEPT);
	rule = rule_in(CHAIN_TO_HOST);
	end_with(batch, &rule, NF_DROP);
}

/* ---- forward ---- */

static void add_from_sandbox(struct nft_batch *batch)
{
	struct nft_rule rule;

	/* ct state != new drop: invalid, or made untracked by another table */
	rule = rule_in(CHAIN_FROM);
	nft_match_ct_state_not(&rule, CT_NEW);
	end_with(batch, &rule, NF_DROP);
	/* oifgroup G iifname vmap @peers: returns unless both have the label */
	rule = rule_for_output(CHAIN_FROM, NFT_CMP_EQ);
	nft_load_meta(&rule, NFT_META_IIFNAME, REG(0));
	nft_lookup_map(&rule, nft_set_name(SET_PEERS), REG(0), NFT_REG_VERDICT);
	nft_rule_add(batch, &rule);
	/* iifname vmap @policies: returns if the packet is allowed */
	rule = rule_in(CHAIN_FROM);
	nft_load_meta(&rule, NFT_META_IIFNAME, REG(0));
	nft_lookup_map(&rule, nft_set_name(SET_POLICIES), REG(0), NFT_REG_VERDICT);
	nft_rule_add(batch, &rule);
	/* ct status dnat accept: a published port */
	rule = rule_in(CHAIN_FROM);
	nft_match_ct_dnat(&rule);
	end_with(batch, &rule, NF_ACCEPT);
	/* oifgroup G drop, accept */
	rule = rule_for_output(CHAIN_FROM, NFT_CMP_EQ);
	end_with(batch, &rule, NF_DROP);
	rule = rule_in(CHAIN_FROM);
	end_with(batch, &rule, NF_ACCEPT);
}

static void add_pass(struct nft_batch *batch)
{
	struct nft_rule rule;

	/* iifgroup != G oifgroup != G accept */
	rule = rule_for_input(CHAIN_PASS, NFT_CMP_NEQ);
	nft_match_meta(&rule, NFT_META_OIFGROUP, NFT_CMP_NEQ, NET_LINK_GROUP);
	end_with(batch, &rule, NF_ACCEPT);
	/* ct state established,related accept */
	rule = rule_in(CHAIN_PASS);
	nft_match_ct_state(&rule, CT_ESTABLISHED | CT_RELATED);
	end_with(batch, &rule, NF_ACCEPT);
	/* iifgroup G jump from_sandbox, oifgroup G jump to_sandbox */
	rule = rule_for_input(CHAIN_PASS, NFT_CMP_EQ);
	nft_verdict(&rule, NFT_JUMP, CHAIN_FROM);
	nft_rule_add(batch, &rule);
	rule = rule_for_output(CHAIN_PASS, NFT_CMP_EQ);
	nft_verdict(&rule, NFT_JUMP, CHAIN_TO);
	nft_rule_add(batch, &rule);
	/* to_sandbox: ct status dnat accept, drop */
	rule = rule_in(CHAIN_TO);
	nft_match_ct_dnat(&rule);
	end_with(batch, &rule, NF_ACCEPT);
	rule = rule_in(CHAIN_TO);
	end_with(batch, &rule, NF_DROP);
}

/* ---- postrouting ---- */

static void masquerade_sandboxes(struct nft_batch *batch, uint8_t family, bool is_hairpin)
{
	struct nft_rule rule = rule_for_output(CHAIN_LEAVE, is_hairpin ? NFT_CMP_EQ : NFT_CMP_NEQ);

	nft_match_family(&rule, family);
	nft_load_saddr(&rule, family, REG(0));
	nft_lookup(&rule, nft_set_name(family == AF_INET ? SET_SRC4 : SET_SRC6), REG(0), false);
	if (is_hairpin)
		nft_match_ct_dnat(&rule);
	nft_masquerade(&rule);
	nft_rule_add(batch, &rule);
}

static void add_leave(struct nft_batch *batch)
{
	static const uint8_t loopback[4] = { 127 };
	struct nft_rule rule;

	/* oifgroup != G ip saddr @src4 masquerade */
	masquerade_sandboxes(batch, AF_INET, false);
	masquerade_sandboxes(batch, AF_INET6, false);
	/* oifgroup G ip saddr @src4 ct status dnat masquerade: to itself, the answer would not come
	 * back this way */
	masquerade_sandboxes(batch, AF_INET, true);
	masquerade_sandboxes(batch, AF_INET6, true);
	/* oifgroup G ip saddr 127.0.0.0/8 masquerade */
	rule = rule_for_output(CHAIN_LEAVE, NFT_CMP_EQ);
	nft_match_family(&rule, AF_INET);
	nft_load_saddr(&rule, AF_INET, REG(0));
	nft_match_prefix(&rule, REG(0), loopback, sizeof(loopback), 8);
	nft_masquerade(&rule);
	nft_rule_add(batch, &rule);
}

void nft_add_rules(struct nft_batch *batch)
{
	add_guard(batch);
	add_from_sandbox(batch);
	add_pass(batch);
	add_publish(batch);
	add_to_host(batch);
	add_leave(batch);
}

/* oifname @peer_<label> accept: a link leads to one sandbox, whatever its addresses are */
void nft_add_label(struct nft_batch *batch, const char *name)
{
	struct nft_rule rule;

	nft_join_plain_chain(batch, name);
	nft_add_label_set(batch, name);
	nft_flush_chain(batch, name); /* so that it has the rule once, whoever makes it */
	rule = rule_in(name);
	nft_load_meta(&rule, NFT_META_OIFNAME, REG(0));
	nft_lookup(&rule, name, REG(0), false);
	end_with(batch, &rule, NF_ACCEPT);
}

void nft_delete_label(struct nft_batch *batch, const char *name)
{
	nft_delete_chain(batch, name);
	nft_delete_label_set(batch, name);
}
