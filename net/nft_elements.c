/* SPDX-License-Identifier: Apache-2.0 */
/* The elements of a sandbox. Pure. */
#include "nft_sets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "../init/contract.h"
#include "closed.h"
#include "publish.h"

static bool is_same(const struct nft_element *a, const struct nft_element *b)
{
	return a->set == b->set && a->key_len == b->key_len && a->data_len == b->data_len &&
	       memcmp(a->key, b->key, a->key_len) == 0 &&
	       memcmp(a->data, b->data, a->data_len) == 0;
}

/* Drops duplicates. The elements of a set are adjacent. */
static void drop_repeated(struct nft_elements *elements)
{
	const struct nft_element *last;

	if (elements->count < 2)
		return;
	last = &elements->elements[elements->count - 1];
	for (size_t i = elements->count - 1; i-- > 0 && elements->elements[i].set == last->set;) {
		if (!is_same(&elements->elements[i], last))
			continue;
		elements->count--;
		return;
	}
}

static void add_address(struct nft_elements *elements, const struct nft_sandbox *sandbox,
			const struct ip_addr *addr)
{
	bool is4 = addr->family == AF_INET;
	size_t len = ip_addr_len(addr);
	struct nft_element *element;

	if (addr->family == 0)
		return;
	element = nft_element_begin(elements, is4 ? SET_OWN4 : SET_OWN6);
	nft_key_ifname(element, sandbox->ifname);
	nft_key_bytes(element, addr->bytes, len);
	nft_key_bytes(nft_element_begin(elements, is4 ? SET_SRC4 : SET_SRC6), addr->bytes, len);
}

/* Two elements that lead from one to the other: whom this link may reach, and who reaches it. */
static void add_peer(struct nft_elements *elements, const struct nft_sandbox *sandbox)
{
	elements->peers[0] = '\0';
	if (!sandbox->peer)
		return;
	snprintf(elements->peers, sizeof(elements->peers), NFT_LABEL_PREFIX "%s", sandbox->peer);
	nft_key_ifname(nft_element_begin(elements, SET_PEERS), sandbox->ifname);
	nft_key_ifname(nft_element_begin(elements, SET_OF_LABEL), sandbox->ifname);
}

static void add_host_ports(struct nft_elements *elements, const struct nft_sandbox *sandbox)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (size_t i = 0; i < sandbox->host_port_count; i++) {
		for (size_t j = 0; j < 2; j++) {
			struct nft_element *element = nft_element_begin(elements, SET_HOST_PORTS);

			nft_key_ifname(element, sandbox->ifname);
			nft_key_bytes(element, &protos[j], 1);
			nft_key_port(element, sandbox->host_ports[i]);
			drop_repeated(elements);
		}
	}
}

static void add_opened(struct nft_elements *elements, const struct nft_sandbox *sandbox)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (size_t i = 0; i < sandbox->rule_count; i++) {
		const struct net_rule *rule = &sandbox->rules[i];

		for (size_t j = 0; j < 2 && closed_opened_by(rule); j++) {
			struct nft_element *element;

			if (rule->proto != 0 && rule->proto != protos[j])
				continue;
			element = nft_element_begin(elements, SET_OPEN4);
			nft_key_ifname(element, sandbox->ifname);
			nft_key_bytes(element, rule->dst.addr.bytes, 4);
			nft_key_bytes(element, &protos[j], 1);
			nft_key_port(element, rule->port);
			drop_repeated(elements);
		}
	}
}

static void add_published(struct nft_elements *elements, enum nft_set_id set,
			  const struct net_publish *publish, const struct ip_addr *to)
{
	struct nft_element *element = nft_element_begin(elements, set);
	uint16_t port = htons(publish->port);

	nft_key_bytes(element, &publish->proto, 1);
	if (publish->addr.family != 0)
		nft_key_bytes(element, publish->addr.bytes, ip_addr_len(&publish->addr));
	nft_key_port(element, publish->host_port);
	nft_data_bytes(element, to->bytes, ip_addr_len(to));
	nft_data_bytes(element, &port, sizeof(port));
	drop_repeated(elements);
}

/* Set by set, so that the elements of a set share messages. */
static void add_all_published(struct nft_elements *elements, const struct nft_sandbox *sandbox)
{
	static const struct {
		enum nft_set_id set;
		uint8_t addr_family, to_family;
	} maps[] = {
		{ SET_PUB4, AF_INET, AF_INET },
		{ SET_PUB6, AF_INET6, AF_INET6 },
		{ SET_PUB_ANY4, 0, AF_INET },
		{ SET_PUB_ANY6, 0, AF_INET6 },
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		const struct ip_addr *to = maps[i].to_family == AF_INET ? &sandbox->addr4
									: &sandbox->addr6;

		for (size_t j = 0; j < sandbox->publish_count && to->family != 0; j++)
			if (sandbox->publish[j].addr.family == maps[i].addr_family)
				add_published(elements, maps[i].set, &sandbox->publish[j], to);
	}
}

static int check_published(const struct nft_sandbox *sandbox, struct fault *fault)
{
	static const struct ip_addr loopback6 = { .family = AF_INET6, .bytes = { [15] = 1 } };

	for (size_t i = 0; i < sandbox->publish_count; i++) {
		const struct net_publish *publish = &sandbox->publish[i];
		char what[PUBLISH_TEXT_MAX];

		publish_text(publish, what);
		if (publish->host_port == 0 || publish->port == 0 ||
		    (publish->proto != IPPROTO_TCP && publish->proto != IPPROTO_UDP))
			return fault_set(fault, STEP_NETWORK, EINVAL, what);
		if (publish->addr.family == AF_INET6 && ip_addr_equal(&publish->addr, &loopback6))
			return fault_set(fault, STEP_NETWORK, EOPNOTSUPP,
					 "publish [::1]: IPv6 can't route its loopback address; "
					 "127.0.0.1 can be published");
		if ((publish->addr.family == AF_INET && sandbox->addr4.family == 0) ||
		    (publish->addr.family == AF_INET6 && sandbox->addr6.family == 0))
			return fault_set(fault, STEP_NETWORK, EAFNOSUPPORT, what);
	}
	return 0;
}

static int check_names(const struct nft_sandbox *sandbox, struct fault *fault)
{
	size_t len = strlen(sandbox->id);

	if (len == 0 || len > NFT_ID_MAX || strspn(sandbox->id, NFT_ID_CHARS) != len)
		return fault_set(fault, STEP_NETWORK, EINVAL, sandbox->id);
	if (sandbox->peer && (sandbox->peer[0] == '\0' || strlen(sandbox->peer) > NET_PEER_MAX))
		return fault_set(fault, STEP_NETWORK, EINVAL, sandbox->peer);
	if (sandbox->ifname[0] == '\0' || strlen(sandbox->ifname) >= IFNAMSIZ)
		return fault_set(fault, STEP_NETWORK, EINVAL, sandbox->ifname);
	if (sandbox->addr4.family == 0 && sandbox->addr6.family == 0)
		return fault_set(fault, STEP_NETWORK, EINVAL, "sandbox without an address");
	return 0;
}

int nft_sandbox_elements(const struct nft_sandbox *sandbox, struct nft_elements *elements,
			 struct fault *fault)
{
	elements->count = 0;
	if (sandbox->publish_count > NET_PUBLISH_MAX || sandbox->rule_count > NET_RULES_MAX ||
	    sandbox->host_port_count > NET_HOST_PORTS_MAX)
		return fault_set(fault, STEP_NETWORK, E2BIG, sandbox->id);
	if (check_names(sandbox, fault) < 0 || check_published(sandbox, fault) < 0)
		return -1;
	add_address(elements, sandbox, &sandbox->addr4);
	add_address(elements, sandbox, &sandbox->addr6);
	if (nft_has_policy(sandbox))
		nft_key_ifname(nft_element_begin(elements, SET_POLICIES), sandbox->ifname);
	add_peer(elements, sandbox);
	add_host_ports(elements, sandbox);
	add_opened(elements, sandbox);
	add_all_published(elements, sandbox);
	return 0;
}

bool nft_has_policy(const struct nft_sandbox *sandbox)
{
	return sandbox->rule_count > 0 || sandbox->default_deny;
}

/* An interval is given by its first address and the first one after it. */
static void add_interval(struct nft_elements *elements, const struct ip_prefix *prefix)
{
	enum nft_set_id set = prefix->addr.family == AF_INET ? SET_CLOSED4 : SET_CLOSED6;
	size_t len = ip_addr_len(&prefix->addr);
	struct nft_element *element = nft_element_begin(elements, set);
	uint8_t end[16];
	unsigned int carry = 1u << (7 - (prefix->len - 1) % 8);

	memcpy(end, prefix->addr.bytes, sizeof(end));
	for (int i = (prefix->len - 1) / 8; i >= 0 && carry > 0; i--) {
		carry += end[i];
		end[i] = (uint8_t)carry;
		carry >>= 8;
	}
	nft_key_bytes(element, prefix->addr.bytes, len);
	element = nft_element_begin(elements, set);
	nft_key_bytes(element, end, len);
	element->is_interval_end = true;
}

void nft_closed_elements(struct nft_elements *elements)
{
	struct ip_prefix closed[CLOSED_MAX];
	size_t count = closed_list(closed);

	elements->count = 0;
	elements->peers[0] = '\0';
	for (size_t i = 0; i < count; i++)
		add_interval(elements, &closed[i]);
}
