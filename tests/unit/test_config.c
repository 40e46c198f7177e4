/* SPDX-License-Identifier: Apache-2.0 */
/* The administrator's file: what it sets, and in which words it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../spawn/host/config.h"
#include "values_table.h"

static struct net_config config;
static struct fault fault;

static int set_up(void **state)
{
	(void)state;
	config_init(&config);
	return 0;
}

static int parse_bytes(const char *text, size_t len)
{
	/* An allocation of just that size: a read past it is seen. */
	char *copy = malloc(len ? len : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, len);
	rc = config_parse(copy, len, "/etc/x.conf", &config, &fault);
	free(copy);
	return rc;
}

static void taken(const char *text)
{
	if (parse_bytes(text, strlen(text)) < 0)
		fail_msg("refused: %s", fault.what);
}

static void refused(const char *text, const char *what)
{
	config_init(&config);
	assert_int_equal(parse_bytes(text, strlen(text)), -1);
	assert_int_equal(fault.step, STEP_NETWORK);
	assert_int_equal(fault.err, EINVAL);
	assert_string_equal(fault.what, what);
}

static void is_prefix(const struct ip_prefix *prefix, const char *text)
{
	char found[IP_TEXT_MAX];

	assert_string_equal(ip_prefix_text(prefix, found), text);
}

static void an_empty_file_means_the_defaults(void **state)
{
	(void)state;
	taken("");
	taken("\n\n# only words\n   \t\n");
	is_prefix(&config.pool4, NET_POOL4);
	is_prefix(&config.pool6, NET_POOL6);
	assert_false(config.has_forward);
	assert_int_equal(config.dns_count, 0);
	assert_int_equal(config.mtu, 0);
}

static void every_key_is_taken(void **state)
{
	char text[IP_TEXT_MAX];

	(void)state;
	taken("pool4 = 10.1.0.0/24 # comment\r\n"
	      "  pool6=fd00:1::/112\n"
	      "forward = yes\n"
	      "\tdns\t=\t192.0.2.53, 2001:db8::53\n"
	      "mtu = 1400"); /* the last line needs no end */
	is_prefix(&config.pool4, "10.1.0.0/24");
	is_prefix(&config.pool6, "fd00:1::/112");
	assert_true(config.has_forward && config.forward);
	assert_int_equal(config.dns_count, 2);
	assert_string_equal(ip_addr_text(&config.dns[1], text), "2001:db8::53");
	assert_int_equal(config.mtu, 1400);
}

static void no_is_said_too(void **state)
{
	(void)state;
	taken("forward = no\n");
	assert_true(config.has_forward);
	assert_false(config.forward);
}

static void the_line_is_told(void **state)
{
	(void)state;
	refused("\n# x\npools = 1\n",
		"/etc/x.conf:3: pools: unknown key: it must be pool4, pool6, forward, dns or mtu");
	refused("mtu = 1400\nmtu = 1500\n", "/etc/x.conf:2: mtu: given twice");
	refused("forward\n", "/etc/x.conf:1: forward: expected KEY = VALUE");
	refused("forward =\n", "/etc/x.conf:1: forward: a value is missing");
	refused("forward = # yes\n", "/etc/x.conf:1: forward: a value is missing");
	refused("forward = maybe\n", "/etc/x.conf:1: maybe: must be yes or no");
}

static void numbers_are_numbers(void **state)
{
	static const char *const bad[] = { "1279", "65536", "-1", "1400k", "0x600", "99999999999", "1 400" };
	char line[64], what[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), "mtu = %s\n", bad[i]);
		snprintf(what, sizeof(what), "/etc/x.conf:1: %s: must be 1280 to 65535", bad[i]);
		refused(line, what);
	}
}

static void pools_are_of_their_family(void **state)
{
	static const char four[] = "an IPv4 prefix without host bits, as in 10.213.0.0/16";
	char what[160];

	(void)state;
	snprintf(what, sizeof(what), "/etc/x.conf:1: fd00::/64: %s", four);
	refused("pool4 = fd00::/64\n", what);
	snprintf(what, sizeof(what), "/etc/x.conf:1: 10.0.0.1/8: %s", four);
	refused("pool4 = 10.0.0.1/8\n", what);
	snprintf(what, sizeof(what), "/etc/x.conf:1: 10.0.0.1: %s", four);
	refused("pool4 = 10.0.0.1\n", what);
	refused("pool6 = 10.0.0.0/8\n", "/etc/x.conf:1: 10.0.0.0/8: an IPv6 prefix without host "
		"bits, as in fd6e:6964:7573::/64");
}

static void some_addresses_are_nobodys_to_lease(void **state)
{
	static const char *const closed[] = {
		"0.0.0.0/8", "127.0.1.0/24", "169.254.0.0/16", "224.0.0.0/8", "240.0.0.0/8",
		"::/64", "fe80::/64", "ff02::/16", "::ffff:10.0.0.0/104",
	};
	static const char *const open[] = { "10.0.0.0/8", "192.0.2.0/24", "100.64.0.0/10", "fd00::/8",
					    "2001:db8::/32", "10.0.0.1/32", "fd00::1/128" };
	struct ip_prefix pool;

	(void)state;
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++) {
		assert_true(ip_prefix_parse(closed[i], &pool));
		if (!config_pool_refused(&pool))
			fail_msg("%s is taken", closed[i]);
	}
	for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++) {
		assert_true(ip_prefix_parse(open[i], &pool));
		if (config_pool_refused(&pool))
			fail_msg("%s: %s", open[i], config_pool_refused(&pool));
	}
	assert_true(ip_prefix_parse("10.0.0.0/7", &pool));
	assert_string_equal(config_pool_refused(&pool), "a pool is a /8 or smaller");
}

static void name_servers_are_bounded(void **state)
{
	(void)state;
	taken("dns = 1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5 1.0.0.6 1.0.0.7 1.0.0.8\n");
	assert_int_equal(config.dns_count, 8);
	refused("dns = 1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5 1.0.0.6 1.0.0.7 1.0.0.8 1.0.0.9\n",
		"/etc/x.conf:1: 1.0.0.9: too many name servers: at most 8");
	refused("dns = resolver1\n",
		"/etc/x.conf:1: resolver1: an IPv4 or IPv6 address, as in 192.0.2.53");
	refused("dns = 192.0.2.53 127.0.0.53\n",
		"/etc/x.conf:1: 127.0.0.53: loopback, link-local and metadata addresses are closed "
		"inside");
	taken("dns = 169.254.169.253\n"); /* a rule may open it */
}

static void lines_are_bounded_and_text(void **state)
{
	char line[2000];

	(void)state;
	memset(line, '#', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	refused(line, "/etc/x.conf:1: line too long: at most 1023 bytes are allowed");
	assert_int_equal(parse_bytes("mtu\0= 1400\n", 11), -1);
	assert_string_equal(fault.what, "/etc/x.conf:1: a NUL byte");
	refused("\x1b[2J = 1\n", "/etc/x.conf:1: ?[2J: unknown key: it must be pool4, pool6, "
		"forward, dns or mtu");
}

/* ---- the file ---- */

static void write_file(char path[32], const char *text, size_t count)
{
	FILE *file;
	int fd;

	strcpy(path, "/tmp/nidus-conf-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	for (size_t i = 0; i < count; i++)
		fputs(text, file);
	assert_int_equal(fclose(file), 0);
	setenv(CONFIG_PATH_ENV, path, 1);
}

static void a_named_file_is_read(void **state)
{
	char path[32];

	(void)state;
	write_file(path, "mtu = 1400\n", 1);
	assert_int_equal(host_config_read(&config, &fault), 0);
	unlink(path);
	assert_int_equal(config.mtu, 1400);
	is_prefix(&config.pool4, NET_POOL4);
}

static void a_named_file_must_exist(void **state)
{
	(void)state;
	setenv(CONFIG_PATH_ENV, "/nonexistent/nidus.conf", 1);
	assert_int_equal(host_config_read(&config, &fault), -1);
	assert_int_equal(fault.err, ENOENT);
	assert_string_equal(fault.what, "/nonexistent/nidus.conf");
}

static void a_file_is_bounded(void **state)
{
	char path[32];

	(void)state;
	write_file(path, "# sixteen bytes\n", CONFIG_BYTES_MAX / 16);
	assert_int_equal(host_config_read(&config, &fault), 0);
	unlink(path);
	write_file(path, "# sixteen bytes\n", CONFIG_BYTES_MAX / 16 + 1);
	assert_int_equal(host_config_read(&config, &fault), -1);
	unlink(path);
	assert_int_equal(fault.err, EFBIG);
}

static void a_fifo_does_not_hold_up(void **state)
{
	char path[] = "/tmp/nidus-conf-fifo";

	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	setenv(CONFIG_PATH_ENV, path, 1);
	assert_int_equal(host_config_read(&config, &fault), 0);
	unlink(path);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static bool read_value(enum value_kind kind, const char *text, uint64_t *value)
{
	char line[200];
	int rc;

	*value = REFUSED;
	if (kind != A_COUNT) /* no key takes a duration or a size */
		return false;
	config_init(&config);
	snprintf(line, sizeof(line), "mtu = %s\n", text);
	rc = parse_bytes(line, strlen(line));
	*value = config.mtu;
	return rc == 0;
}

static void values_are_read_as_everywhere(void **state)
{
	(void)state;
	try_values(read_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_as_everywhere),
		TEST(an_empty_file_means_the_defaults),
		TEST(every_key_is_taken),
		TEST(no_is_said_too),
		TEST(the_line_is_told),
		TEST(numbers_are_numbers),
		TEST(pools_are_of_their_family),
		TEST(some_addresses_are_nobodys_to_lease),
		TEST(name_servers_are_bounded),
		TEST(lines_are_bounded_and_text),
		TEST(a_named_file_is_read),
		TEST(a_named_file_must_exist),
		TEST(a_file_is_bounded),
		TEST(a_fifo_does_not_hold_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
