/* SPDX-License-Identifier: Apache-2.0 */
/* The closed addresses: one list for every kind of network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../net/closed.h"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	if (!ip_addr_parse(text, &addr))
		fail_msg("%s was refused", text);
	return addr;
}

static void every_line_of_the_list_is_a_prefix(void **state)
{
	struct ip_prefix prefixes[CLOSED_MAX], but_dns;

	(void)state;
	assert_int_equal(closed_list(prefixes), 7);
	assert_true(ip_prefix_parse(CLOSED_BUT_DNS, &but_dns));
}

static void what_is_closed(void **state)
{
	static const char *const closed[] = {
		"127.0.0.1", "127.255.255.255", "169.254.169.254", "169.254.170.2", "100.100.100.200",
		"::1", "fe80::1", "febf::1", "fd00:ec2::254", "fd20:ce::254", "fd00:42::42",
	};
	static const char *const open[] = {
		"126.255.255.255", "128.0.0.0", "169.253.255.255", "100.100.100.201", "192.0.2.1",
		CLOSED_BUT_DNS, "::2", "fec0::1", "fd00:ec2::253", "2001:db8::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		struct ip_addr addr = addr_of(closed[i]);

		if (!closed_contains(&addr))
			fail_msg("%s is open", closed[i]);
	}
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		struct ip_addr addr = addr_of(open[i]);

		if (closed_contains(&addr))
			fail_msg("%s is closed", open[i]);
	}
}

static void what_a_rule_could_open(void **state)
{
	struct ip_addr metadata = addr_of("169.254.169.254"), loopback = addr_of("127.0.0.1");
	struct ip_addr of6 = addr_of("fd00:ec2::254"), other = addr_of("192.0.2.1");

	(void)state;
	assert_true(closed_can_be_opened(&metadata));
	assert_false(closed_can_be_opened(&loopback));
	assert_false(closed_can_be_opened(&of6));
	assert_false(closed_can_be_opened(&other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_of_the_list_is_a_prefix),
		cmocka_unit_test(what_is_closed),
		cmocka_unit_test(what_a_rule_could_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
