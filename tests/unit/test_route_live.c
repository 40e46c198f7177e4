/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, neighbours and routes: usable at once, and seen where they are in the way. */
#include "veth_live.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int socket_inside(int family, int type)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	check(own >= 0 && setns(inside_fd, CLONE_NEWNET) == 0);
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	check(fd >= 0, "%s", strerror(errno));
	check(setns(own, CLONE_NEWNET) == 0);
	close(own);
	return fd;
}

/* From inside to a listener of the host, at once: nothing is lost at the start. */
static void connect_to(int listener, const struct sockaddr *addr, socklen_t len)
{
	int fd = socket_inside(addr->sa_family, SOCK_STREAM);
	struct timeval limit = { 2, 0 };
	int64_t start_us = netns_now_us(), took_us;

	check(bind(listener, addr, len) == 0 && listen(listener, 1) == 0, "%s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	check(connect(fd, addr, len) == 0, "%s", strerror(errno));
	took_us = netns_now_us() - start_us;
	check(took_us < 200000, "%lld us", (long long)took_us);
	close(fd);
	close(listener);
}

static void body_connect4(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(4711) };

	make_topology();
	inet_pton(AF_INET, "192.0.2.1", &addr.sin_addr);
	connect_to(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&addr,
		   sizeof(addr));
	close_both();
}

static void body_connect6(void)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(4711) };
	struct ip_prefix host6 = prefix_of("2001:db8::1");

	make_topology();
	if (!has_inet6)
		_exit(CHILD_SKIPPED);
	addr_add(&batch, index_of(&host, "lo"), &host6, IFA_F_NODAD);
	send_to(&host);
	check_ok(addr_wait(&host, &host6.addr, WAIT_MS, &fault));
	inet_pton(AF_INET6, "2001:db8::1", &addr.sin6_addr);
	connect_to(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&addr,
		   sizeof(addr));
	close_both();
}

static void body_twice(void)
{
	struct ip_prefix own = prefix_of("10.213.0.5"), own6 = prefix_of("fd6e::5");
	uint32_t nd0;

	make_topology();
	nd0 = index_of(&host, "nd0");
	neigh_add_permanent(&batch, nd0, &own.addr, peer_mac);
	send_to(&host);
	addr_add(&batch, index_of(&inside, "eth0"), &own, 0);
	if (has_inet6)
		addr_add(&batch, index_of(&inside, "eth0"), &own6, IFA_F_NODAD);
	send_to(&inside);
	for (int i = 0; i < 2; i++) {
		route_delete(&batch, nd0, &own);
		if (has_inet6)
			route_delete(&batch, nd0, &own6);
		send_to(&host);
	}
	close_both();
}

static void expect_used(const char *text, bool expected)
{
	struct ip_addr addr = addr_of(text);
	bool used;

	check_ok(route_is_used(&host, &addr, &used, &fault));
	check(used == expected, "%s: used %d", text, used);
}

/* A foreign link "lan" with these. */
static void add_foreign(const char *address, const char *const *routes, size_t count)
{
	struct link_veth veth = veth_named("lan", "lanpeer");
	struct ip_prefix prefix = { 0 };
	uint32_t lan;

	veth.group = 0;
	link_add_veth(&batch, &veth);
	send_to(&host);
	set_up_end(&host, "lan");
	lan = index_of(&host, "lan");
	prefix.addr = addr_of(address);
	prefix.len = prefix.addr.family == AF_INET ? 24 : 64;
	addr_add(&batch, lan, &prefix, IFA_F_NODAD);
	for (size_t i = 0; i < count; i++) {
		struct ip_prefix dst = prefix_of(routes[i]);

		route_add(&batch, lan, &dst, NULL, false, NULL);
	}
	send_to(&host);
	check_ok(addr_wait(&host, &prefix.addr, WAIT_MS, &fault));
}

static void body_used4(void)
{
	/* A default, and one in two halves as VPNs make it. */
	static const char *const routes[] = { "0.0.0.0/0", "0.0.0.0/1", "10.212.0.0/16",
					      "10.213.7.7/32" };

	open_both();
	expect_used("10.213.0.5", false);
	add_foreign("10.213.9.1", routes, 4);
	expect_used("10.213.9.1", true);   /* its own */
	expect_used("10.213.9.77", true);  /* of its network */
	expect_used("10.213.9.255", true); /* broadcast */
	expect_used("10.212.1.1", true);
	expect_used("10.213.7.7", true);
	expect_used("10.213.7.8", false);
	expect_used("127.0.0.1", true);
	close_both();
}

static void body_used6(void)
{
	static const char *const routes[] = { "::/0", "fc00::/7", "fd12::/16" };

	open_both();
	if (!has_inet6)
		_exit(CHILD_SKIPPED);
	expect_used("fd6e::5", false);
	add_foreign("fd6e:1::1", routes, 3);
	expect_used("fd6e:1::1", true);
	expect_used("fd6e:1::2", true);
	expect_used("fd12::1", true);
	expect_used("fd6e::5", false);
	expect_used("::1", true);
	close_both();
}

static void body_own_routes(void)
{
	make_topology();
	expect_used("10.213.0.5", true);
	if (has_inet6)
		expect_used("fd6e::5", true);
	close_both();
}

/* Routes that refuse: made by hand, as the library has no use for them. */
static void add_refusal(const char *text, uint8_t type)
{
	struct ip_prefix dst = prefix_of(text);
	struct rtmsg header = {
		.rtm_family = dst.addr.family,
		.rtm_dst_len = dst.len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_type = type,
	};
	struct nlmsghdr *message = rtnl_batch_begin(&batch, RTM_NEWROUTE, NLM_F_CREATE,
						    sizeof(header), "refusal");

	memcpy(mnl_nlmsg_get_payload(message), &header, sizeof(header));
	if (dst.len > 0)
		mnl_attr_put(message, RTA_DST, ip_addr_len(&dst.addr), dst.addr.bytes);
	rtnl_batch_end(&batch, message);
	send_to(&host);
}

static void body_own_refusal(void)
{
	static const char *const pools[] = { "10.213.0.0/16", "fd6e::/64" };
	static const char *const inside_it[] = { "10.213.0.5", "fd6e::5" };
	struct ip_prefix pool;

	open_both();
	for (size_t i = 0; i < (has_inet6 ? 2 : 1); i++) {
		check(ip_prefix_parse(pools[i], &pool), "%s", pools[i]);
		for (int again = 0; again < 2; again++) {
			rtnl_batch_init(&batch);
			route_refuse(&batch, &pool);
			check_ok(rtnl_send(&host, &batch, &fault));
		}
		expect_used(inside_it[i], false);
		for (int again = 0; again < 2; again++) {
			rtnl_batch_init(&batch);
			route_refuse_no_more(&batch, &pool);
			check_ok(rtnl_send(&host, &batch, &fault));
		}
		/* somebody else's: respected, and not deleted */
		add_refusal(pools[i], RTN_UNREACHABLE);
		rtnl_batch_init(&batch);
		route_refuse(&batch, &pool);
		route_refuse_no_more(&batch, &pool);
		check_ok(rtnl_send(&host, &batch, &fault));
		expect_used(inside_it[i], true);
	}
	close_both();
}

static void body_refusals(void)
{
	static const uint8_t types[] = { RTN_UNREACHABLE, RTN_PROHIBIT, RTN_BLACKHOLE };

	open_both();
	add_refusal("0.0.0.0/0", RTN_UNREACHABLE);
	expect_used("10.213.0.5", false);
	for (size_t i = 0; i < 3; i++) {
		char prefix[IP_TEXT_MAX], inside_it[IP_TEXT_MAX];

		snprintf(prefix, sizeof(prefix), "10.%zu.0.0/16", i);
		snprintf(inside_it, sizeof(inside_it), "10.%zu.1.1", i);
		add_refusal(prefix, types[i]);
		expect_used(inside_it, true);
		if (!has_inet6)
			continue;
		snprintf(prefix, sizeof(prefix), "fd0%zu::/16", i);
		snprintf(inside_it, sizeof(inside_it), "fd0%zu::1", i);
		add_refusal(prefix, types[i]);
		expect_used(inside_it, true);
	}
	expect_used("10.213.0.5", false);
	if (has_inet6)
		expect_used("fd6e::5", false);
	close_both();
}

LIVE(the_first_connection_is_quick_over_ipv4, body_connect4)
LIVE(the_first_connection_is_quick_over_ipv6, body_connect6)
LIVE(what_is_there_or_gone_is_no_error, body_twice)
LIVE(used_ipv4_addresses_are_seen, body_used4)
LIVE(used_ipv6_addresses_are_seen, body_used6)
LIVE(the_addresses_of_a_sandbox_are_used, body_own_routes)
LIVE(routes_that_refuse_are_used, body_refusals)
LIVE(a_refusing_route_of_ours_does_not_count, body_own_refusal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_connection_is_quick_over_ipv4),
		cmocka_unit_test(the_first_connection_is_quick_over_ipv6),
		cmocka_unit_test(what_is_there_or_gone_is_no_error),
		cmocka_unit_test(used_ipv4_addresses_are_seen),
		cmocka_unit_test(used_ipv6_addresses_are_seen),
		cmocka_unit_test(the_addresses_of_a_sandbox_are_used),
		cmocka_unit_test(routes_that_refuse_are_used),
		cmocka_unit_test(a_refusing_route_of_ours_does_not_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
