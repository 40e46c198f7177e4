/* SPDX-License-Identifier: Apache-2.0 */
/* Prefix arithmetic, by tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sys/socket.h>

#include "../../net/ip.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;

	if (!ip_prefix_parse(text, &prefix))
		fail_msg("%s was refused", text);
	return prefix;
}

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	if (!ip_addr_parse(text, &addr))
		fail_msg("%s was refused", text);
	return addr;
}

static void addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *in, *out;
	} table[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "10.213.0.1", "10.213.0.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "FD6E:6964:7573:0::1", "fd6e:6964:7573::1" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	};
	char text[IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_addr addr = addr_of(table[i].in);

		assert_string_equal(ip_addr_text(&addr, text), table[i].out);
	}
}

static void bytes_are_in_network_order(void **state)
{
	struct ip_addr addr = addr_of("1.2.3.4");

	(void)state;
	assert_int_equal(addr.family, AF_INET);
	assert_int_equal(ip_addr_len(&addr), 4);
	assert_memory_equal(addr.bytes, "\1\2\3\4\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	addr = addr_of("fd00::102");
	assert_int_equal(addr.family, AF_INET6);
	assert_int_equal(ip_addr_len(&addr), 16);
	assert_memory_equal(addr.bytes, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2", 16);
}

static void malformed_addresses_are_refused(void **state)
{
	static const char *const table[] = {
		"", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.-4", "0x1.2.3.4", "1.2.3.4/32", ":", ":::", "1::2::3", "fe80::1%lo",
		"[::1]", "g::", "1:2:3:4:5:6:7", "localhost",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_addr addr;

		if (ip_addr_parse(table[i], &addr))
			fail_msg("\"%s\" was accepted", table[i]);
		assert_int_equal(addr.family, 0);
	}
}

static void prefixes_are_read_and_written(void **state)
{
	static const struct {
		const char *in, *out;
	} table[] = {
		{ "0.0.0.0/0", "0.0.0.0/0" },	{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.0.0.1", "10.0.0.1/32" },	{ "10.0.0.254/31", "10.0.0.254/31" },
		{ "::/0", "::/0" },		{ "fd00::/8", "fd00::/8" },
		{ "fd00::1", "fd00::1/128" },	{ "fd00::2/127", "fd00::2/127" },
		{ "128.0.0.0/1", "128.0.0.0/1" }, { "fd00::/9", "fd00::/9" },
	};
	char text[IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix prefix = prefix_of(table[i].in);

		assert_string_equal(ip_prefix_text(&prefix, text), table[i].out);
	}
}

static void host_bits_can_be_cleared(void **state)
{
	static const struct {
		const char *in, *out;
	} table[] = {
		{ "10.0.0.1/8", "10.0.0.0/8" }, { "10.255.255.255/9", "10.128.0.0/9" },
		{ "fd00::1/8", "fd00::/8" },	{ "1.2.3.4/0", "0.0.0.0/0" },
		{ "10.0.0.0/8", "10.0.0.0/8" },
	};
	char text[IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix prefix;

		assert_true(ip_prefix_round(table[i].in, &prefix));
		assert_string_equal(ip_prefix_text(&prefix, text), table[i].out);
	}
	assert_false(ip_prefix_round("10.0.0.1/33", &(struct ip_prefix){ .len = 1 }));
	assert_false(ip_prefix_round("x/8", &(struct ip_prefix){ .len = 1 }));
}

static void malformed_prefixes_are_refused(void **state)
{
	static const char *const table[] = {
		"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8 ",
		"10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/4294967304", "/8", "::/129", "::/",
		"10.0.0.0/255.0.0.0",
		/* host bits */
		"10.0.0.1/8", "10.1.0.0/8", "10.0.0.1/31", "0.0.0.1/0", "fd00::1/64", "fd00::1/127",
		"fd80::/8", "::1/0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix prefix;

		if (ip_prefix_parse(table[i], &prefix))
			fail_msg("\"%s\" was accepted", table[i]);
		assert_int_equal(prefix.addr.family, 0);
	}
}

static void pools_have_their_size_first_and_last(void **state)
{
	static const struct {
		const char *pool;
		uint64_t size;
		const char *first, *last;
	} table[] = {
		{ "0.0.0.0/0", 4294967294u, "0.0.0.1", "255.255.255.254" },
		{ "10.0.0.0/8", 16777214, "10.0.0.1", "10.255.255.254" },
		{ "10.128.0.0/9", 8388606, "10.128.0.1", "10.255.255.254" },
		{ "172.16.0.0/12", 1048574, "172.16.0.1", "172.31.255.254" },
		{ "10.213.0.0/16", 65534, "10.213.0.1", "10.213.255.254" },
		{ "10.213.4.0/22", 1022, "10.213.4.1", "10.213.7.254" },
		{ "10.213.4.0/23", 510, "10.213.4.1", "10.213.5.254" },
		{ "192.0.2.0/24", 254, "192.0.2.1", "192.0.2.254" },
		{ "192.0.2.128/25", 126, "192.0.2.129", "192.0.2.254" },
		{ "192.0.2.64/26", 62, "192.0.2.65", "192.0.2.126" },
		{ "192.0.2.8/29", 6, "192.0.2.9", "192.0.2.14" },
		{ "192.0.2.4/30", 2, "192.0.2.5", "192.0.2.6" },
		{ "192.0.2.4/31", 2, "192.0.2.4", "192.0.2.5" },
		{ "192.0.2.4/32", 1, "192.0.2.4", "192.0.2.4" },
		{ "fd00::/8", 4294967296u, "fd00::1", "fd00::1:0:0" },
		{ "fd6e:6964:7573::/64", 4294967296u, "fd6e:6964:7573::1",
		  "fd6e:6964:7573::1:0:0" },
		{ "fd00::/95", 4294967296u, "fd00::1", "fd00::1:0:0" },
		{ "fd00::/96", 4294967295u, "fd00::1", "fd00::ffff:ffff" },
		{ "fd00::/112", 65535, "fd00::1", "fd00::ffff" },
		{ "fd00::fc/126", 3, "fd00::fd", "fd00::ff" },
		{ "fd00::fe/127", 2, "fd00::fe", "fd00::ff" },
		{ "fd00::ff/128", 1, "fd00::ff", "fd00::ff" },
	};
	char text[IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix pool = prefix_of(table[i].pool);
		struct ip_addr addr;

		if (ip_pool_size(&pool) != table[i].size)
			fail_msg("%s has %llu addresses", table[i].pool,
				 (unsigned long long)ip_pool_size(&pool));
		ip_pool_addr(&pool, 0, &addr);
		assert_string_equal(ip_addr_text(&addr, text), table[i].first);
		ip_pool_addr(&pool, table[i].size - 1, &addr);
		assert_string_equal(ip_addr_text(&addr, text), table[i].last);
	}
}

static void carries_reach_the_upper_bytes(void **state)
{
	struct ip_prefix pool = prefix_of("10.0.0.0/8");
	struct ip_addr addr;
	char text[IP_TEXT_MAX];

	(void)state;
	ip_pool_addr(&pool, 254, &addr);
	assert_string_equal(ip_addr_text(&addr, text), "10.0.0.255");
	ip_pool_addr(&pool, 255, &addr);
	assert_string_equal(ip_addr_text(&addr, text), "10.0.1.0");
	ip_pool_addr(&pool, 65535, &addr);
	assert_string_equal(ip_addr_text(&addr, text), "10.1.0.0");
}

static void every_address_of_a_pool_is_in_it_once(void **state)
{
	static const char *const table[] = { "192.0.2.0/27", "192.0.2.0/31", "fd00::/123",
					     "fd00::/127" };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix pool = prefix_of(table[i]);
		struct ip_addr last = { 0 }, addr;
		char text[IP_TEXT_MAX];

		for (uint64_t n = 0; n < ip_pool_size(&pool); n++) {
			ip_pool_addr(&pool, n, &addr);
			assert_true(ip_prefix_contains(&pool, &addr));
			assert_false(ip_addr_equal(&last, &addr));
			/* the directed broadcast of the first */
			assert_string_not_equal(ip_addr_text(&addr, text), "192.0.2.31");
			last = addr;
		}
	}
}

static void prefixes_contain_what_they_should(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool inside;
	} table[] = {
		{ "0.0.0.0/0", "203.0.113.9", true },	 { "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },	 { "10.128.0.0/9", "10.127.255.255", false },
		{ "10.128.0.0/9", "10.128.0.0", true },	 { "192.0.2.0/31", "192.0.2.1", true },
		{ "192.0.2.0/31", "192.0.2.2", false },	 { "192.0.2.1/32", "192.0.2.1", true },
		{ "192.0.2.1/32", "192.0.2.0", false },	 { "::/0", "fd00::1", true },
		{ "::/0", "10.0.0.1", false },		 { "0.0.0.0/0", "::1", false },
		{ "fd00::/63", "fd00:0:0:1::1", true },	 { "fd00::/64", "fd00:0:0:1::1", false },
		{ "fd00::2/127", "fd00::3", true },	 { "fd00::2/127", "fd00::4", false },
		{ "fd00::2/128", "fd00::2", true },	 { "fd00::2/128", "fd00::3", false },
		{ "::ffff:10.0.0.0/104", "10.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix prefix = prefix_of(table[i].prefix);
		struct ip_addr addr = addr_of(table[i].addr);

		if (ip_prefix_contains(&prefix, &addr) != table[i].inside)
			fail_msg("%s, %s", table[i].prefix, table[i].addr);
	}
}

static void overlaps_work_both_ways(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} table[] = {
		{ "10.0.0.0/8", "10.213.0.0/16", true },
		{ "10.213.0.0/16", "10.213.0.0/16", true },
		{ "10.213.0.0/16", "10.212.0.0/16", false },
		{ "10.0.0.0/9", "10.128.0.0/9", false },
		{ "0.0.0.0/0", "192.0.2.1/32", true },
		{ "192.0.2.0/31", "192.0.2.1/32", true },
		{ "192.0.2.0/31", "192.0.2.2/32", false },
		{ "::/0", "10.0.0.0/8", false },
		{ "fd00::/8", "fd6e:6964:7573::/64", true },
		{ "fd00::/127", "fd00::1/128", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip_prefix a = prefix_of(table[i].a), b = prefix_of(table[i].b);

		if (ip_prefix_overlaps(&a, &b) != table[i].overlap ||
		    ip_prefix_overlaps(&b, &a) != table[i].overlap)
			fail_msg("%s, %s", table[i].a, table[i].b);
	}
}

static void no_address_is_nothing(void **state)
{
	struct ip_prefix none = { 0 };
	char text[IP_TEXT_MAX];

	(void)state;
	assert_int_equal(ip_addr_len(&none.addr), 0);
	assert_string_equal(ip_addr_text(&none.addr, text), "");
	assert_string_equal(ip_prefix_text(&none, text), "");
	assert_int_equal(ip_pool_size(&none), 0);
	assert_false(ip_prefix_contains(&none, &none.addr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(bytes_are_in_network_order),
		cmocka_unit_test(malformed_addresses_are_refused),
		cmocka_unit_test(prefixes_are_read_and_written),
		cmocka_unit_test(host_bits_can_be_cleared),
		cmocka_unit_test(malformed_prefixes_are_refused),
		cmocka_unit_test(pools_have_their_size_first_and_last),
		cmocka_unit_test(carries_reach_the_upper_bytes),
		cmocka_unit_test(every_address_of_a_pool_is_in_it_once),
		cmocka_unit_test(prefixes_contain_what_they_should),
		cmocka_unit_test(overlaps_work_both_ways),
		cmocka_unit_test(no_address_is_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
