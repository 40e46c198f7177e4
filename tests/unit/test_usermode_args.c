/* SPDX-License-Identifier: Apache-2.0 */
/* What --net user says to slirp4netns and pasta, and how it reads what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "../../init/contract.h"
#include "../../net/usermode_args.h"

static struct user_args args;
static struct fault fault;

static const struct user_place usual = { .init_pid = 77, .has_root = true, .has_ipv6 = true };

static struct net_publish port(uint8_t proto, const char *addr, uint16_t host_port, uint16_t inside)
{
	struct net_publish publish = { .proto = proto, .host_port = host_port, .port = inside };

	if (addr)
		assert_true(ip_addr_parse(addr, &publish.addr));
	return publish;
}

static bool has(const char *wanted)
{
	for (size_t i = 0; i < args.count; i++)
		if (strcmp(args.argv[i], wanted) == 0)
			return true;
	return false;
}

/* `option value` somewhere in the arguments. */
static bool has_pair(const char *option, const char *value)
{
	for (size_t i = 0; i + 1 < args.count; i++)
		if (strcmp(args.argv[i], option) == 0 && strcmp(args.argv[i + 1], value) == 0)
			return true;
	return false;
}

static void slirp4netns_is_closed_to_the_hosts_loopback(void **state)
{
	const struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_slirp4netns(&args, &usual, &options, &fault), 0);
	assert_string_equal(args.argv[0], "slirp4netns");
	assert_true(has("--disable-host-loopback"));
	assert_true(has("--enable-seccomp"));
	assert_true(has("--enable-sandbox"));
	assert_true(has("--enable-ipv6"));
	assert_true(has("--mtu=65520"));
	assert_true(has("--exit-fd=3"));
	assert_true(has("--ready-fd=4"));
	assert_string_equal(args.argv[args.count - 2], "77");
	assert_string_equal(args.argv[args.count - 1], "eth0");
	assert_null(args.argv[args.count]);
}

static void slirp4netns_has_no_api_without_ports(void **state)
{
	const struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_slirp4netns(&args, &usual, &options, &fault), 0);
	assert_false(has("--api-socket=net.sock"));
}

static void slirp4netns_has_an_api_for_ports(void **state)
{
	struct net_publish publish = port(IPPROTO_TCP, NULL, 8080, 80);
	const struct net_options options = { .publish = &publish, .publish_count = 1 };

	(void)state;
	assert_int_equal(user_args_slirp4netns(&args, &usual, &options, &fault), 0);
	assert_true(has("--api-socket=net.sock"));
}

static void slirp4netns_confines_itself_only_where_it_can(void **state)
{
	const struct user_place no_root = { .init_pid = 77 };
	const struct user_place root = { .init_pid = 77, .privileged = true };
	const struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_slirp4netns(&args, &no_root, &options, &fault), 0);
	assert_false(has("--enable-sandbox"));
	assert_true(has("--enable-seccomp"));
	assert_int_equal(user_args_slirp4netns(&args, &root, &options, &fault), 0);
	assert_true(has("--enable-sandbox"));
}

static void without_ipv6_none_is_asked_for(void **state)
{
	const struct user_place place = { .init_pid = 77, .has_root = true };
	const struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_slirp4netns(&args, &place, &options, &fault), 0);
	assert_false(has("--enable-ipv6"));
	assert_int_equal(user_args_pasta(&args, &place, &options, &fault), 0);
	assert_true(has("--ipv4-only"));
}

static void name_servers_of_the_callers_close_the_programs_own(void **state)
{
	struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_slirp4netns(&args, &usual, &options, &fault), 0);
	assert_false(has("--disable-dns"));
	assert_int_equal(user_args_pasta(&args, &usual, &options, &fault), 0);
	assert_true(has_pair("--dns-forward", NET_USER_DNS));
	options.dns_count = 1;
	assert_int_equal(user_args_slirp4netns(&args, &usual, &options, &fault), 0);
	assert_true(has("--disable-dns"));
	assert_int_equal(user_args_pasta(&args, &usual, &options, &fault), 0);
	assert_false(has("--dns-forward"));
}

static void pasta_is_closed_to_the_host_and_publishes_nothing_by_itself(void **state)
{
	const struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_pasta(&args, &usual, &options, &fault), 0);
	assert_string_equal(args.argv[0], "pasta");
	assert_true(has("--foreground"));
	assert_true(has("--config-net"));
	assert_true(has("--no-map-gw"));
	assert_true(has_pair("--tcp-ports", "none"));
	assert_true(has_pair("--udp-ports", "none"));
	assert_true(has_pair("--tcp-ns", "none"));
	assert_true(has_pair("--udp-ns", "none"));
	assert_true(has_pair("--pid", "net.fifo"));
	assert_false(has("--runas"));
	assert_string_equal(args.argv[args.count - 1], "77");
	assert_null(args.argv[args.count]);
}

static void pasta_publishes_what_is_asked_for(void **state)
{
	struct net_publish publish[] = {
		port(IPPROTO_TCP, "127.0.0.1", 8080, 80),
		port(IPPROTO_TCP, "2001:db8::1", 8081, 81),
		port(IPPROTO_UDP, NULL, 5353, 53),
	};
	const struct net_options options = { .publish = publish, .publish_count = 3 };

	(void)state;
	assert_int_equal(user_args_pasta(&args, &usual, &options, &fault), 0);
	assert_true(has_pair("--tcp-ports", "127.0.0.1/8080:80"));
	assert_true(has_pair("--tcp-ports", "2001:db8::1/8081:81"));
	assert_true(has_pair("--udp-ports", "5353:53"));
	assert_false(has_pair("--tcp-ports", "none"));
	assert_false(has_pair("--udp-ports", "none"));
}

static void as_root_pasta_stays_who_it_is(void **state)
{
	const struct user_place root = { .init_pid = 77, .privileged = true };
	const struct net_options options = { 0 };

	(void)state;
	assert_int_equal(user_args_pasta(&args, &root, &options, &fault), 0);
	assert_true(has_pair("--runas", "0:0"));
}

static void the_most_ports_fit(void **state)
{
	struct net_publish publish[NET_PUBLISH_MAX];
	const struct net_options options = { .publish = publish, .publish_count = NET_PUBLISH_MAX };

	(void)state;
	for (size_t i = 0; i < NET_PUBLISH_MAX; i++)
		publish[i] = port(IPPROTO_TCP, "2001:db8:1111:2222:3333:4444:5555:6666",
				  (uint16_t)(65535 - i), 65535);
	assert_int_equal(user_args_pasta(&args, &usual, &options, &fault), 0);
	assert_true(has_pair("--tcp-ports",
			     "2001:db8:1111:2222:3333:4444:5555:6666/65472:65535"));
}

static void a_request_is_one_json_object(void **state)
{
	struct net_publish publish = port(IPPROTO_UDP, "127.0.0.1", 5353, 53);
	char *text;

	(void)state;
	assert_int_equal(user_api_request(&publish, &text, &fault), 0);
	assert_string_equal(text, "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"udp\","
				  "\"host_addr\":\"127.0.0.1\",\"host_port\":5353,"
				  "\"guest_port\":53}}");
	free(text);
}

static void a_request_without_an_address_is_for_all(void **state)
{
	struct net_publish publish = port(IPPROTO_TCP, NULL, 8080, 80);
	char *text;

	(void)state;
	assert_int_equal(user_api_request(&publish, &text, &fault), 0);
	assert_non_null(strstr(text, "\"host_addr\":\"0.0.0.0\""));
	free(text);
}

static void ipv6_is_not_for_the_api(void **state)
{
	struct net_publish publish = port(IPPROTO_TCP, "2001:db8::1", 8080, 80);
	char *text;

	(void)state;
	assert_int_equal(user_api_request(&publish, &text, &fault), -1);
	assert_int_equal(fault.step, STEP_NETWORK);
	assert_int_equal(fault.err, EAFNOSUPPORT);
	assert_string_equal(fault.what, "publish [2001:db8::1]:8080:80/tcp");
	assert_null(text);
}

static int answer(const char *text)
{
	struct net_publish publish = port(IPPROTO_TCP, NULL, 80, 80);

	return user_api_answer(text, strlen(text), &publish, &fault);
}

static void an_answer_with_a_return_is_success(void **state)
{
	(void)state;
	assert_int_equal(answer("{\"return\":{\"id\":42}}"), 0);
}

static void an_error_is_told_with_its_port(void **state)
{
	(void)state;
	assert_int_equal(answer("{\"error\":{\"desc\":\"bad request: add_hostfwd: "
				"slirp_add_hostfwd failed\"}}"),
			 -1);
	assert_string_equal(fault.what, "publish 80:80/tcp: slirp4netns: bad request: "
					"add_hostfwd: slirp_add_hostfwd failed");
}

static void nonsense_is_no_answer(void **state)
{
	static const char *const nonsense[] = { "",		"{",	"42",	  "[]",
						"null",		"{}",	"return", "{\"return\":1}x",
						"{\"other\":1}", "{\"return\":" };

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		if (answer(nonsense[i]) == 0)
			fail_msg("taken for an answer: %s", nonsense[i]);
		assert_int_equal(fault.step, STEP_NETWORK);
	}
}

static void an_answer_without_a_nul_is_read_to_its_end_only(void **state)
{
	struct net_publish publish = port(IPPROTO_TCP, NULL, 80, 80);
	char *text = strdup("{\"return\":{}}");

	(void)state;
	assert_non_null(text);
	for (size_t len = strlen(text); len-- > 0;)
		assert_int_equal(user_api_answer(text, len, &publish, &fault), -1);
	free(text);
}

static void versions_of_pasta(void **state)
{
	static const struct {
		const char *text;
		uint32_t date;
	} cases[] = {
		{ "pasta 2025_09_19.623dbf6\nCopyright Red Hat\n", 20250919 },
		{ "pasta 0.0~git20230309.7c7625d-1\n", 20230309 },
		{ "pasta 0^20250320.g32f6212-2.fc41.x86_64\n", 20250320 },
		{ "pasta unknown version\n", 0 }, /* Debian 12 */
		{ "pasta 12025_09_19\n", 0 },
		{ "pasta 2025_13_19\n", 0 },
		{ "pasta\n20250919\n", 0 },
		{ "passt 2025_09_19\n", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (user_pasta_date(cases[i].text) != cases[i].date)
			fail_msg("%s: %u instead of %u", cases[i].text,
				 user_pasta_date(cases[i].text), cases[i].date);
}

static void a_map_with_root(void **state)
{
	(void)state;
	assert_true(user_map_has_root("         0       1000          1\n"));
	assert_true(user_map_has_root("      1000       1000          1\n"
				      "         0     100000       1000\n"));
	assert_false(user_map_has_root("      1000       1000          1\n"));
	assert_false(user_map_has_root(""));
	assert_false(user_map_has_root("no map\n"));
}

#define NOTHING "00000000000000000000000000000000 00 "

static void default_routes(void **state)
{
	(void)state;
	assert_true(user_routes_have_default(
		"20010db8000000000000000000000000 40 " NOTHING
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001     up0\n"
		NOTHING NOTHING
		"20010db8000000000000000000000002 00000400 00000001 00000000 00000003     up0\n"));
	/* how the kernel says "none" */
	assert_false(user_routes_have_default(
		NOTHING NOTHING
		"00000000000000000000000000000000 ffffffff 00000001 00000000 00200200      lo\n"));
	assert_false(user_routes_have_default(""));
	assert_false(user_routes_have_default(NOTHING NOTHING "torn"));
}

static void global_addresses(void **state)
{
	(void)state;
	assert_true(user_addresses_have_global(
		"fe8000000000000000000000000000fe 02 40 20 80 eth0\n"
		"fd000000000000000000000000000001 02 40 00 00 eth0\n"));
	assert_false(user_addresses_have_global(
		"00000000000000000000000000000001 01 80 10 80       lo\n"
		"fe8000000000000000000000000000fe 02 40 20 80     eth0\n"));
	/* tentative, failed */
	assert_false(user_addresses_have_global(
		"fd000000000000000000000000000001 02 40 00 40     eth0\n"
		"fd000000000000000000000000000002 02 40 00 c8     eth0\n"));
	assert_false(user_addresses_have_global("fd00\n"));
}

static void says(const char *text, const char *wanted)
{
	char buffer[USER_SAYS_MAX];

	snprintf(buffer, sizeof(buffer), "%s", text);
	user_says_tidy(buffer);
	assert_string_equal(buffer, wanted);
}

static void last_words_are_one_line(void **state)
{
	(void)state;
	says("sent tapfd=5 for eth0\nreceived tapfd=5\nWARNING: Support for IPv6 is experimental\n"
	     "cannot bind\ncreate_sandbox failed\ndo_slirp is exiting\n",
	     "cannot bind; create_sandbox failed");
	says("red \033[31m alert\a\n", "red  [31m alert ");
	says("", "");
	says("\n\n", "");
}

static void long_last_words_stay_in_bounds(void **state)
{
	char buffer[USER_SAYS_MAX];

	(void)state;
	memset(buffer, '\n', sizeof(buffer));
	for (size_t i = 0; i < sizeof(buffer); i += 2)
		buffer[i] = 'x';
	buffer[sizeof(buffer) - 1] = '\0';
	user_says_tidy(buffer);
	assert_true(strlen(buffer) < sizeof(buffer));
	assert_null(strchr(buffer, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slirp4netns_is_closed_to_the_hosts_loopback),
		cmocka_unit_test(slirp4netns_has_no_api_without_ports),
		cmocka_unit_test(slirp4netns_has_an_api_for_ports),
		cmocka_unit_test(slirp4netns_confines_itself_only_where_it_can),
		cmocka_unit_test(without_ipv6_none_is_asked_for),
		cmocka_unit_test(name_servers_of_the_callers_close_the_programs_own),
		cmocka_unit_test(pasta_is_closed_to_the_host_and_publishes_nothing_by_itself),
		cmocka_unit_test(pasta_publishes_what_is_asked_for),
		cmocka_unit_test(as_root_pasta_stays_who_it_is),
		cmocka_unit_test(the_most_ports_fit),
		cmocka_unit_test(a_request_is_one_json_object),
		cmocka_unit_test(a_request_without_an_address_is_for_all),
		cmocka_unit_test(ipv6_is_not_for_the_api),
		cmocka_unit_test(an_answer_with_a_return_is_success),
		cmocka_unit_test(an_error_is_told_with_its_port),
		cmocka_unit_test(nonsense_is_no_answer),
		cmocka_unit_test(an_answer_without_a_nul_is_read_to_its_end_only),
		cmocka_unit_test(versions_of_pasta),
		cmocka_unit_test(a_map_with_root),
		cmocka_unit_test(default_routes),
		cmocka_unit_test(global_addresses),
		cmocka_unit_test(last_words_are_one_line),
		cmocka_unit_test(long_last_words_stay_in_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
