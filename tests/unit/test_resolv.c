/* SPDX-License-Identifier: Apache-2.0 */
/* The files about names: from the host's words to a sandbox's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../net/resolv.h"

static struct resolv_host host;
static char text[RESOLV_TEXT_MAX];

static void is_made(const char *conf, const char *upstreams, size_t count, const char *expected)
{
	strcpy(host.conf, conf);
	strcpy(host.upstreams, upstreams);
	assert_int_equal(resolv_conf(&host, NULL, 0, text), count);
	assert_string_equal(text, expected);
}

static struct ip_addr address(const char *words)
{
	struct ip_addr addr;

	assert_true(ip_addr_parse(words, &addr));
	return addr;
}

static void servers_search_and_options_are_kept(void **state)
{
	(void)state;
	is_made("# by hand\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\n"
		"search example.org lan\noptions ndots:2 edns0\n", "", 2,
		"nameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch example.org lan\n"
		"options ndots:2 edns0\n");
}

static void a_file_without_a_last_newline(void **state)
{
	(void)state;
	is_made("nameserver 192.0.2.1", "", 1, "nameserver 192.0.2.1\n");
}

static void a_stub_is_replaced_by_its_upstreams(void **state)
{
	(void)state;
	is_made("nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n",
		"nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch other\n", 2,
		"nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch lan\noptions edns0\n");
}

static void trust_is_for_the_stub_alone(void **state)
{
	(void)state;
	is_made("nameserver 127.0.0.53\noptions trust-ad trust-ad trust-adx ndots:1 trust-ad\n",
		"nameserver 192.0.2.1\n", 1, "nameserver 192.0.2.1\noptions trust-adx ndots:1\n");
	is_made("nameserver 192.0.2.1\noptions trust-ad\n", "", 1,
		"nameserver 192.0.2.1\noptions trust-ad\n");
}

static void upstreams_search_where_the_stub_says_nothing(void **state)
{
	(void)state;
	is_made("nameserver 127.0.0.53\n", "nameserver 192.0.2.1\nsearch other\n", 1,
		"nameserver 192.0.2.1\nsearch other\n");
}

static void what_a_sandbox_cannot_reach_is_left_out(void **state)
{
	(void)state;
	is_made("nameserver 127.0.0.1\nnameserver ::1\nnameserver 0.0.0.0\nnameserver ::\n"
		"nameserver 169.254.169.254\nnameserver fe80::1\nnameserver fe80::1%eth0\n"
		"nameserver 192.0.2.1\n", "nameserver 192.0.2.9\n", 1, "nameserver 192.0.2.1\n");
}

static void none_at_all_is_told(void **state)
{
	static const char none[] =
		"# The host names no server that can be reached from here: see "
		"nidus-run(1), dns.\n";

	(void)state;
	is_made("", "", 0, none);
	is_made("nameserver 127.0.0.1\n", "", 0, none);
	is_made("nameserver 127.0.0.53\n", "nameserver 127.0.0.1\n", 0, none);
}

static void servers_asked_for_replace_the_hosts(void **state)
{
	const struct ip_addr dns[] = { address("198.51.100.1"), address("127.0.0.1") };

	(void)state;
	strcpy(host.conf, "nameserver 192.0.2.1\nsearch lan\noptions trust-ad\n");
	host.upstreams[0] = '\0';
	assert_int_equal(resolv_conf(&host, dns, 2, text), 2);
	assert_string_equal(text, "nameserver 198.51.100.1\nnameserver 127.0.0.1\nsearch lan\n");
}

static void the_last_search_counts_and_options_add_up(void **state)
{
	(void)state;
	is_made("nameserver 192.0.2.1\nsearch a b\noptions ndots:1\ndomain c\noptions rotate\n", "", 1,
		"nameserver 192.0.2.1\nsearch c\noptions ndots:1 rotate\n");
}

static void a_server_twice_is_one(void **state)
{
	(void)state;
	is_made("nameserver 192.0.2.1\nnameserver 192.0.2.1\n", "", 1, "nameserver 192.0.2.1\n");
}

static void nonsense_is_left_out(void **state)
{
	(void)state;
	is_made("nameserver\nnameserver x\nnameserver 1.2.3\nfrobnicate yes\nsearch\noptions \n"
		"nameserver 192.0.2.1 trailing words\nsearch a\x1b[2J b\xc3\xa4 c\r\n", "", 1,
		"nameserver 192.0.2.1\nsearch c\n");
}

static void the_largest_fits(void **state)
{
	char *at = host.conf;

	(void)state;
	for (int i = 1; i <= 20; i++)
		at += sprintf(at, "nameserver 2001:db8:1111:2222:3333:4444:5555:%d\n", 6000 + i);
	for (int i = 0; i < 150; i++)
		at += sprintf(at, "options option%d\n", i);
	at += sprintf(at, "search");
	for (int i = 0; i < 100; i++)
		at += sprintf(at, " d%d.lan", i);
	host.upstreams[0] = '\0';
	assert_int_equal(resolv_conf(&host, NULL, 0, text), RESOLV_SERVERS_MAX);
	assert_true(strlen(text) < RESOLV_TEXT_MAX - 1);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_non_null(strstr(text, "search d0.lan"));
}

static void an_endless_line_is_nobodys(void **state)
{
	(void)state;
	strcpy(host.conf, "search ");
	memset(host.conf + 7, 'a', 5000);
	strcpy(host.conf + 5007, "\nnameserver 192.0.2.1\n");
	host.upstreams[0] = '\0';
	assert_int_equal(resolv_conf(&host, NULL, 0, text), 1);
	assert_string_equal(text, "nameserver 192.0.2.1\n");
}

/* ---- hosts and hostname ---- */

#define LOCAL "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"

static void hosts_names_the_sandbox_at_its_addresses(void **state)
{
	struct ip_addr addr4 = address("10.213.0.7"), addr6 = address("fd00::7");

	(void)state;
	resolv_hosts("box", &addr4, &addr6, text);
	assert_string_equal(text, LOCAL "10.213.0.7\tbox\nfd00::7\tbox\n");
}

static void hosts_names_it_without_addresses(void **state)
{
	struct ip_addr none = { 0 };

	(void)state;
	resolv_hosts("box", &none, NULL, text);
	assert_string_equal(text, LOCAL "127.0.1.1\tbox\n");
	resolv_hosts(NULL, NULL, NULL, text);
	assert_string_equal(text, LOCAL);
}

static void hostname_is_a_line(void **state)
{
	(void)state;
	resolv_hostname("box", text);
	assert_string_equal(text, "box\n");
}

/* ---- the host's files ---- */

static char tree[40];
static int tree_fd;

static int make_tree(void **state)
{
	(void)state;
	strcpy(tree, "/tmp/nidus-resolv-XXXXXX");
	if (!mkdtemp(tree))
		return -1;
	tree_fd = open(tree, O_RDONLY | O_DIRECTORY);
	return tree_fd < 0 ? -1 : 0;
}

/* Makes the directories above, too. */
static void put(const char *path, const char *content)
{
	char dir[128];
	int fd;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
		mkdirat(tree_fd, dir, 0755);
	}
	fd = openat(tree_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

static int remove_tree(void **state)
{
	static const char *const entries[] = {
		"etc/resolv.conf", "etc", "run/systemd/resolve/resolv.conf", "run/systemd/resolve",
		"run/systemd", "run/NetworkManager/no-stub-resolv.conf", "run/NetworkManager",
		"run/resolvconf/interface/eth0.dhclient", "run/resolvconf/interface/lo.dnsmasq",
		"run/resolvconf/interface", "run/resolvconf", "run",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		if (unlinkat(tree_fd, entries[i], 0) < 0)
			unlinkat(tree_fd, entries[i], AT_REMOVEDIR);
	close(tree_fd);
	return rmdir(tree);
}

static void read_makes(const char *expected)
{
	struct fault fault;

	if (resolv_read(tree_fd, &host, &fault) < 0)
		fail_msg("errno %d: %s", fault.err, fault.what);
	resolv_conf(&host, NULL, 0, text);
	assert_string_equal(text, expected);
}

static void a_host_without_files(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(resolv_read(tree_fd, &host, &fault), 0);
	assert_string_equal(host.conf, "");
	assert_string_equal(host.upstreams, "");
}

static void upstreams_are_read_only_where_they_are_needed(void **state)
{
	(void)state;
	put("etc/resolv.conf", "nameserver 192.0.2.1\n");
	put("run/systemd/resolve/resolv.conf", "nameserver 192.0.2.2\n");
	read_makes("nameserver 192.0.2.1\n");
	assert_string_equal(host.upstreams, "");
}

static void systemd_tells_its_upstreams(void **state)
{
	(void)state;
	put("etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n");
	put("run/systemd/resolve/resolv.conf", "nameserver 192.0.2.2\nsearch .\n");
	read_makes("nameserver 192.0.2.2\nsearch .\noptions edns0\n");
}

static void network_manager_tells_its_upstreams(void **state)
{
	(void)state;
	put("etc/resolv.conf", "nameserver 127.0.0.1\n");
	put("run/systemd/resolve/resolv.conf", "# nothing here\n");
	put("run/NetworkManager/no-stub-resolv.conf", "nameserver 192.0.2.3\n");
	read_makes("nameserver 192.0.2.3\n");
}

static void resolvconf_tells_them_by_interface(void **state)
{
	(void)state;
	put("etc/resolv.conf", "nameserver 127.0.0.1\n");
	put("run/resolvconf/interface/lo.dnsmasq", "nameserver 127.0.0.1\n");
	put("run/resolvconf/interface/eth0.dhclient", "search lan\nnameserver 192.0.2.4");
	read_makes("nameserver 192.0.2.4\nsearch lan\n");
}

static void too_long_is_a_fault(void **state)
{
	static char content[RESOLV_HOST_MAX + 1];
	struct fault fault;

	(void)state;
	memset(content, '#', RESOLV_HOST_MAX);
	put("etc/resolv.conf", content);
	assert_int_equal(resolv_read(tree_fd, &host, &fault), -1);
	assert_int_equal(fault.step, STEP_NETWORK);
	assert_int_equal(fault.err, EFBIG);
	assert_string_equal(fault.what, "/etc/resolv.conf");
}

#define FILES(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_search_and_options_are_kept),
		cmocka_unit_test(a_file_without_a_last_newline),
		cmocka_unit_test(a_stub_is_replaced_by_its_upstreams),
		cmocka_unit_test(trust_is_for_the_stub_alone),
		cmocka_unit_test(upstreams_search_where_the_stub_says_nothing),
		cmocka_unit_test(what_a_sandbox_cannot_reach_is_left_out),
		cmocka_unit_test(none_at_all_is_told),
		cmocka_unit_test(servers_asked_for_replace_the_hosts),
		cmocka_unit_test(the_last_search_counts_and_options_add_up),
		cmocka_unit_test(a_server_twice_is_one),
		cmocka_unit_test(nonsense_is_left_out),
		cmocka_unit_test(the_largest_fits),
		cmocka_unit_test(an_endless_line_is_nobodys),
		cmocka_unit_test(hosts_names_the_sandbox_at_its_addresses),
		cmocka_unit_test(hosts_names_it_without_addresses),
		cmocka_unit_test(hostname_is_a_line),
		FILES(a_host_without_files),
		FILES(upstreams_are_read_only_where_they_are_needed),
		FILES(systemd_tells_its_upstreams),
		FILES(network_manager_tells_its_upstreams),
		FILES(resolvconf_tells_them_by_interface),
		FILES(too_long_is_a_fault),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
