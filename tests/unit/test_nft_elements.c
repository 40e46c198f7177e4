/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox has in the nftables table, and answers of nf_tables as bytes. */
#include <libmnl/libmnl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "../../net/closed.h"
#include "../../net/nft_reply.h"
#include "../../net/nft_sets.h"

static struct nft_elements elements;
static struct fault fault;

static struct nft_sandbox sandbox_with(const char *addr4, const char *addr6)
{
	struct nft_sandbox sandbox = { .id = "0123456789ab", .ifname = "nd0123456789ab" };

	if (addr4)
		assert_true(ip_addr_parse(addr4, &sandbox.addr4));
	if (addr6)
		assert_true(ip_addr_parse(addr6, &sandbox.addr6));
	return sandbox;
}

static size_t count_in(enum nft_set_id set)
{
	size_t n = 0;

	for (size_t i = 0; i < elements.count; i++)
		n += elements.elements[i].set == set;
	return n;
}

static const struct nft_element *first_in(enum nft_set_id set)
{
	for (size_t i = 0; i < elements.count; i++)
		if (elements.elements[i].set == set)
			return &elements.elements[i];
	fail_msg("nothing in %s", nft_set_name(set));
	return NULL;
}

static void a_plain_sandbox_owns_its_addresses_only(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", "fd6e::5");

	(void)state;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_int_equal(elements.count, 4);
	assert_int_equal(first_in(SET_OWN4)->key_len, 20);
	assert_memory_equal(first_in(SET_OWN4)->key, "nd0123456789ab\0\0\x0a\xd5\x00\x05", 20);
	assert_int_equal(first_in(SET_OWN6)->key_len, 32);
	assert_int_equal(first_in(SET_SRC4)->key_len, 4);
	assert_int_equal(first_in(SET_SRC6)->key_len, 16);
}

static void a_peer_label_is_a_chain_with_a_set_of_links(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", NULL);

	(void)state;
	sandbox.peer = "a-label";
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_string_equal(elements.peers, "peer_a-label");
	assert_memory_equal(first_in(SET_PEERS)->key, "nd0123456789ab\0", 16);
	assert_int_equal(count_in(SET_OF_LABEL), 1);
	sandbox.peer = NULL;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_string_equal(elements.peers, "");
	assert_int_equal(count_in(SET_PEERS) + count_in(SET_OF_LABEL), 0);
}

static void a_label_that_is_too_long_is_refused(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", NULL);
	char label[NET_PEER_MAX + 2] = "";

	(void)state;
	memset(label, 'x', NET_PEER_MAX + 1);
	sandbox.peer = label;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
	assert_int_equal(fault.err, EINVAL);
	sandbox.peer = label + 1;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_string_equal(elements.peers + strlen(NFT_LABEL_PREFIX), label + 1);
}

static void a_port_is_published_in_each_family_it_has(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", "fd6e::5");
	struct net_publish publish = { .proto = IPPROTO_TCP, .host_port = 8080, .port = 80 };

	(void)state;
	sandbox.publish = &publish;
	sandbox.publish_count = 1;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_memory_equal(first_in(SET_PUB_ANY4)->key, "\x06\0\0\0\x1f\x90\0\0", 8);
	assert_memory_equal(first_in(SET_PUB_ANY4)->data, "\x0a\xd5\x00\x05\x00\x50\0\0", 8);
	assert_int_equal(first_in(SET_PUB_ANY6)->data_len, 20);
	assert_true(ip_addr_parse("192.0.2.1", &publish.addr));
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_memory_equal(first_in(SET_PUB4)->key, "\x06\0\0\0\xc0\x00\x02\x01\x1f\x90\0\0", 12);
	assert_int_equal(count_in(SET_PUB_ANY4) + count_in(SET_PUB_ANY6) + count_in(SET_PUB6), 0);
}

static void what_cannot_be_published_is_refused(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", "fd6e::5");
	struct net_publish publish = { .proto = IPPROTO_TCP, .host_port = 8080, .port = 80 };

	(void)state;
	sandbox.publish = &publish;
	sandbox.publish_count = 1;
	assert_true(ip_addr_parse("::1", &publish.addr));
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
	assert_int_equal(fault.err, EOPNOTSUPP);
	assert_non_null(strstr(fault.what, "[::1]"));
	sandbox.addr6.family = 0;
	assert_true(ip_addr_parse("fd00::1", &publish.addr));
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
	assert_int_equal(fault.err, EAFNOSUPPORT);
	publish.addr.family = 0;
	publish.proto = IPPROTO_ICMP;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
	assert_int_equal(fault.err, EINVAL);
}

static void repeated_wishes_are_one(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", NULL);
	static const uint16_t ports[] = { 53, 22, 53 };
	struct net_publish publish[] = {
		{ .proto = IPPROTO_TCP, .host_port = 80, .port = 80 },
		{ .proto = IPPROTO_UDP, .host_port = 80, .port = 80 },
		{ .proto = IPPROTO_TCP, .host_port = 80, .port = 80 },
		{ .proto = IPPROTO_TCP, .host_port = 80, .port = 81 },
	};

	(void)state;
	sandbox.host_ports = ports;
	sandbox.host_port_count = 3;
	sandbox.publish = publish;
	sandbox.publish_count = 4;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_int_equal(count_in(SET_HOST_PORTS), 4);
	assert_int_equal(count_in(SET_PUB_ANY4), 3); /* the kernel refuses the contradiction */
}

static void the_most_there_can_be_has_room(void **state)
{
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", "fd6e::5");
	static struct net_publish publish[NET_PUBLISH_MAX];
	static struct net_rule rules[NET_RULES_MAX];
	static uint16_t ports[NET_HOST_PORTS_MAX];

	(void)state;
	for (uint16_t i = 0; i < NET_PUBLISH_MAX; i++)
		publish[i] = (struct net_publish){ .proto = IPPROTO_TCP,
						   .host_port = (uint16_t)(i + 1),
						   .port = 80 };
	for (uint16_t i = 0; i < NET_HOST_PORTS_MAX; i++)
		ports[i] = (uint16_t)(i + 1);
	for (uint16_t i = 0; i < NET_RULES_MAX; i++) {
		assert_true(ip_prefix_parse("169.254.169.254", &rules[i].dst));
		rules[i].allow = true;
		rules[i].port = (uint16_t)(i + 1);
	}
	sandbox.publish = publish;
	sandbox.publish_count = NET_PUBLISH_MAX;
	sandbox.host_ports = ports;
	sandbox.host_port_count = NET_HOST_PORTS_MAX;
	sandbox.rules = rules;
	sandbox.rule_count = NET_RULES_MAX;
	sandbox.peer = "label";
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), 0);
	assert_int_equal(elements.count, 6 + 1 + 2 * (NET_PUBLISH_MAX + NET_HOST_PORTS_MAX +
						      NET_RULES_MAX));
	sandbox.rule_count++;
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
	assert_int_equal(fault.err, E2BIG);
}

static void only_an_exact_allow_opens_a_closed_address(void **state)
{
	static const struct {
		const char *dst;
		bool allow;
		uint16_t port;
		bool opens;
	} cases[] = {
		{ "169.254.169.254", true, 53, true },  { "169.254.169.254", true, 0, false },
		{ "169.254.169.254", false, 53, false }, { "169.254.0.0/16", true, 53, false },
		{ "127.0.0.1", true, 53, false },        { "100.100.100.200", true, 80, true },
		{ "10.0.0.1", true, 53, false },         { "fe80::2", true, 53, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_rule rule = { .allow = cases[i].allow, .port = cases[i].port };

		assert_true(ip_prefix_parse(cases[i].dst, &rule.dst));
		if (closed_opened_by(&rule) != cases[i].opens)
			fail_msg("%s port %u", cases[i].dst, cases[i].port);
	}
}

static void names_that_cannot_be_are_refused(void **state)
{
	static const char *const ids[] = { "", "0123456789abcd", "a b", "../x", "A" };
	struct nft_sandbox sandbox = sandbox_with("10.213.0.5", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		sandbox.id = ids[i];
		assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
		assert_int_equal(fault.err, EINVAL);
	}
	sandbox.id = "0";
	sandbox.ifname = "nd01234567890123";
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
	sandbox = sandbox_with(NULL, NULL);
	assert_int_equal(nft_sandbox_elements(&sandbox, &elements, &fault), -1);
}

static void closed_ranges_end_behind_their_last_address(void **state)
{
	(void)state;
	nft_closed_elements(&elements);
	assert_memory_equal(elements.elements[0].key, "\x7f\0\0\0", 4);
	assert_memory_equal(elements.elements[1].key, "\x80\0\0\0", 4);
	assert_true(elements.elements[1].is_interval_end);
	assert_memory_equal(elements.elements[3].key, "\xa9\xff\0\0", 4);
	assert_memory_equal(elements.elements[5].key, "\x64\x64\x64\xc9", 4);
	assert_memory_equal(elements.elements[7].key, "\xfe\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

/* ---- answers ---- */

static _Alignas(8) uint8_t bytes[2048];

static struct nlmsghdr *answer(uint16_t type)
{
	struct nlmsghdr *message;

	memset(bytes, 0, sizeof(bytes));
	message = mnl_nlmsg_put_header(bytes);
	message->nlmsg_type = (uint16_t)((NFNL_SUBSYS_NFTABLES << 8) | type);
	mnl_nlmsg_put_extra_header(message, sizeof(struct nfgenmsg));
	return message;
}

static void put_element(struct nlmsghdr *message, const void *key, size_t len, const char *comment)
{
	struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *nest = mnl_attr_nest_start(message, NFTA_SET_ELEM_KEY);
	uint8_t userdata[64] = { 0, (uint8_t)(strlen(comment) + 1) };

	mnl_attr_put(message, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(message, nest);
	memcpy(userdata + 2, comment, strlen(comment) + 1);
	mnl_attr_put(message, NFTA_SET_ELEM_USERDATA, strlen(comment) + 3, userdata);
	mnl_attr_nest_end(message, element);
}

static int take(const struct nft_reply_element *found, void *arg)
{
	size_t *count = arg;

	assert_int_equal(found->element.key_len, 4);
	assert_string_equal(found->comment, "abc");
	(*count)++;
	return *count > 2 ? (errno = ECANCELED, -1) : 0;
}

static struct nlmsghdr *elements_answer(int count)
{
	struct nlmsghdr *message = answer(NFT_MSG_NEWSETELEM);
	struct nlattr *list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);

	for (int i = 0; i < count; i++)
		put_element(message, "\x0a\0\0\1", 4, "abc");
	mnl_attr_nest_end(message, list);
	return message;
}

static void elements_are_told_one_by_one(void **state)
{
	size_t count = 0;

	(void)state;
	assert_int_equal(nft_reply_elements(elements_answer(2), take, &count), 0);
	assert_int_equal(count, 2);
	count = 0;
	assert_int_equal(nft_reply_elements(elements_answer(5), take, &count), -1);
	assert_int_equal(errno, ECANCELED);
	assert_int_equal(count, 3);
}

static int take_nothing(const struct nft_reply_element *found, void *arg)
{
	(void)arg;
	assert_true(found->element.key_len <= NFT_KEY_MAX);
	return 0;
}

static void lying_lengths_are_refused(void **state)
{
	struct nlmsghdr *message = elements_answer(1);
	struct nlattr *list = mnl_nlmsg_get_payload_offset(message, sizeof(struct nfgenmsg));
	struct nlattr *element = mnl_attr_get_payload(list);

	(void)state;
	element->nla_len = 0;
	assert_int_equal(nft_reply_elements(message, take_nothing, NULL), -1);
	assert_int_equal(errno, EBADMSG);
	element->nla_len = 2000;
	assert_int_equal(nft_reply_elements(message, take_nothing, NULL), -1);
	message = elements_answer(1);
	list->nla_len = 3;
	assert_int_equal(nft_reply_elements(message, take_nothing, NULL), -1);
	message = elements_answer(1);
	message->nlmsg_len = NLMSG_HDRLEN + 2;
	assert_int_equal(nft_reply_elements(message, take_nothing, NULL), -1);
	message = answer(NFT_MSG_NEWCHAIN);
	assert_int_equal(nft_reply_elements(message, take_nothing, NULL), -1);
}

static void an_oversized_key_is_no_key(void **state)
{
	struct nlmsghdr *message = answer(NFT_MSG_NEWSETELEM);
	struct nlattr *list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
	uint8_t key[64] = { 1 };

	(void)state;
	put_element(message, key, sizeof(key), "x");
	mnl_attr_nest_end(message, list);
	assert_int_equal(nft_reply_elements(message, take_nothing, NULL), 0);
}

static void a_chain_needs_its_names(void **state)
{
	struct nft_reply_chain chain;
	struct nlmsghdr *message = answer(NFT_MSG_NEWCHAIN);

	(void)state;
	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, "nidus");
	assert_int_equal(nft_reply_chain(message, &chain), -1);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, "guard");
	mnl_attr_put(message, NFTA_CHAIN_USERDATA, 5, "\0\x03ok\0");
	assert_int_equal(nft_reply_chain(message, &chain), 0);
	assert_string_equal(chain.name, "guard");
	assert_string_equal(chain.comment, "ok");
	assert_false(chain.is_base);
}

static void user_data_that_lies_is_no_comment(void **state)
{
	struct nft_reply_chain chain;
	struct nlmsghdr *message = answer(NFT_MSG_NEWCHAIN);

	(void)state;
	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, "nidus");
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, "guard");
	mnl_attr_put(message, NFTA_CHAIN_USERDATA, 4, "\0\xffok");
	assert_int_equal(nft_reply_chain(message, &chain), 0);
	assert_string_equal(chain.comment, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_sandbox_owns_its_addresses_only),
		cmocka_unit_test(a_peer_label_is_a_chain_with_a_set_of_links),
		cmocka_unit_test(a_label_that_is_too_long_is_refused),
		cmocka_unit_test(a_port_is_published_in_each_family_it_has),
		cmocka_unit_test(what_cannot_be_published_is_refused),
		cmocka_unit_test(repeated_wishes_are_one),
		cmocka_unit_test(the_most_there_can_be_has_room),
		cmocka_unit_test(only_an_exact_allow_opens_a_closed_address),
		cmocka_unit_test(names_that_cannot_be_are_refused),
		cmocka_unit_test(closed_ranges_end_behind_their_last_address),
		cmocka_unit_test(elements_are_told_one_by_one),
		cmocka_unit_test(lying_lengths_are_refused),
		cmocka_unit_test(an_oversized_key_is_no_key),
		cmocka_unit_test(a_chain_needs_its_names),
		cmocka_unit_test(user_data_that_lies_is_no_comment),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
