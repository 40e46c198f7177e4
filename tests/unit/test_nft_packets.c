/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets through the nftables table: two sandboxes, a host, somebody outside, each a
 * network namespace that the test makes. As root.
 */
#include "nft_live.h"

#include <arpa/inet.h>
#include <linux/ip.h>
#include <poll.h>
#include <sys/socket.h>

static int host_fd, outside_fd, box_fd[3];
static struct rtnl host_route;

static void enter(int netns_fd)
{
	check(setns(netns_fd, CLONE_NEWNET) == 0, "%s", strerror(errno));
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;

	check(ip_prefix_parse(text, &parsed), "%s", text);
	return parsed;
}

static void set_proc(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd >= 0 && write(fd, value, strlen(value)) > 0, "%s: %s", path, strerror(errno));
	close(fd);
}

static void finish_end(int netns_fd, const char *name, const char *addr4, uint8_t len,
		       const char *gateway)
{
	struct ip_prefix all = prefix("0.0.0.0/0"), via = prefix(gateway), addr = prefix(addr4);
	struct rtnl_batch batch;
	struct link_info link;
	struct rtnl rtnl;

	check_ok(rtnl_open_in(&rtnl, NETLINK_ROUTE, netns_fd, &fault));
	check_ok(link_get(&rtnl, name, &link, &fault));
	rtnl_batch_init(&batch);
	if (netns_fd == host_fd)
		link_set_up(&batch, 0, "lo");
	link_set_up(&batch, link.index, name);
	addr.len = len;
	addr_add(&batch, link.index, &addr, 0);
	route_add(&batch, link.index, &all, &via.addr, true, NULL);
	check_ok(rtnl_send(&rtnl, &batch, &fault));
	rtnl_close(&rtnl);
}

static void connect_end(int netns_fd, const char *name, uint8_t number, uint32_t group)
{
	struct link_veth veth = {
		.name = name,
		.peer_name = "eth0",
		.peer_netns_fd = netns_fd,
		.mac = { 2, 0, 0, 0, 0, number },
		.peer_mac = { 2, 0, 0, 0, 1, number },
		.group = group,
	};
	struct rtnl_batch batch;

	rtnl_batch_init(&batch);
	link_add_veth(&batch, &veth);
	link_set_up(&batch, 0, name);
	check_ok(rtnl_send(&host_route, &batch, &fault));
}

/* A neighbour that nobody is: its packets go to the host's end. */
static void add_gateway(int netns_fd, uint8_t number)
{
	uint8_t mac[6] = { 2, 0, 0, 0, 0, number };
	struct ip_prefix gateway = prefix("169.254.1.1");
	struct rtnl_batch batch;
	struct link_info link;
	struct rtnl rtnl;

	check_ok(rtnl_open_in(&rtnl, NETLINK_ROUTE, netns_fd, &fault));
	check_ok(link_get(&rtnl, "eth0", &link, &fault));
	rtnl_batch_init(&batch);
	neigh_add_permanent(&batch, link.index, &gateway.addr, mac);
	check_ok(rtnl_send(&rtnl, &batch, &fault));
	rtnl_close(&rtnl);
}

static void connect_box(int n, const struct nft_sandbox *sandbox)
{
	uint8_t mac[6] = { 2, 0, 0, 0, 1, (uint8_t)n };
	struct ip_prefix addr = { sandbox->addr4, 32 };
	struct rtnl_batch batch;
	struct link_info link;
	char text[IP_TEXT_MAX];

	box_fd[n] = netns_make();
	connect_end(box_fd[n], sandbox->ifname, (uint8_t)n, NET_LINK_GROUP);
	finish_end(box_fd[n], "eth0", ip_addr_text(&sandbox->addr4, text), 32, "169.254.1.1");
	check_ok(link_get(&host_route, sandbox->ifname, &link, &fault));
	rtnl_batch_init(&batch);
	link_set_devconf4(&batch, link.index, sandbox->ifname, IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	route_add(&batch, link.index, &addr, NULL, false, NULL);
	neigh_add_permanent(&batch, link.index, &sandbox->addr4, mac);
	check_ok(rtnl_send(&host_route, &batch, &fault));
	add_gateway(box_fd[n], (uint8_t)n);
}

/* 198.51.100.2 outside, .1 the host's; sandboxes 1 and 2. */
static void make_network(void)
{
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);

	open_nft();
	check_ok(rtnl_open(&host_route, NETLINK_ROUTE, &fault));
	host_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	outside_fd = netns_make();
	connect_end(outside_fd, "up0", 9, 0);
	finish_end(host_fd, "up0", "198.51.100.1", 24, "198.51.100.2");
	finish_end(outside_fd, "eth0", "198.51.100.2", 24, "198.51.100.1");
	set_proc("/proc/sys/net/ipv4/ip_forward", "1");
	check_ok(nft_ensure_table(&nft, &fault));
	connect_box(1, &one);
	connect_box(2, &two);
}

static struct sockaddr_in address(const char *text, uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };

	check(inet_pton(AF_INET, text, &sa.sin_addr) == 1, "%s", text);
	return sa;
}

static int make_socket(int netns_fd)
{
	int fd;

	enter(netns_fd);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	enter(host_fd);
	check(fd >= 0, "%s", strerror(errno));
	return fd;
}

static int serve(int netns_fd, const char *addr, uint16_t port)
{
	struct sockaddr_in sa = address(addr, port);
	int fd = make_socket(netns_fd);

	check(bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0, "%s", strerror(errno));
	return fd;
}

/* A datagram there and back: the address that the server saw, "" when it got none. */
static const char *ask_from(int netns_fd, const char *source, const char *to, uint16_t port,
			    int server)
{
	static char seen[INET_ADDRSTRLEN];
	struct sockaddr_in sa = address(to, port), from;
	struct pollfd poller = { .fd = server, .events = POLLIN };
	socklen_t len = sizeof(from);
	int fd = make_socket(netns_fd), on = 1;
	char byte = 'x';

	seen[0] = '\0';
	if (source) {
		struct sockaddr_in own = address(source, 0);

		check(setsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, sizeof(on)) == 0 &&
			      bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0,
		      "%s", strerror(errno));
	}
	if (sendto(fd, &byte, 1, 0, (struct sockaddr *)&sa, sizeof(sa)) == 1 &&
	    poll(&poller, 1, 300) == 1 &&
	    recvfrom(server, &byte, 1, 0, (struct sockaddr *)&from, &len) == 1) {
		inet_ntop(AF_INET, &from.sin_addr, seen, sizeof(seen));
		poller.fd = fd;
		check(source || (sendto(server, &byte, 1, 0, (struct sockaddr *)&from, len) == 1 &&
				 poll(&poller, 1, 2000) == 1),
		      "no answer to %s", seen);
	}
	close(fd);
	return seen;
}

static const char *ask(int netns_fd, const char *to, uint16_t port, int server)
{
	return ask_from(netns_fd, NULL, to, port, server);
}

#define check_seen(call, wanted)                                                                   \
	do {                                                                                       \
		const char *seen_ = (call);                                                        \
		check(strcmp(seen_, wanted) == 0, "seen '%s', not '%s'", seen_, wanted);           \
	} while (0)

static void packets_out(void)
{
	struct nft_sandbox one = make_sandbox(1);
	int server;

	make_network();
	server = serve(outside_fd, "198.51.100.2", 7000);
	check_seen(ask(box_fd[1], "198.51.100.2", 7000, server), "");
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_seen(ask(box_fd[1], "198.51.100.2", 7000, server), "198.51.100.1");
	check_seen(ask_from(box_fd[1], "10.213.0.1", "198.51.100.2", 7000, server), "198.51.100.1");
	check_seen(ask_from(box_fd[1], "10.213.0.2", "198.51.100.2", 7000, server), "");
	check_seen(ask_from(box_fd[1], "192.0.2.7", "198.51.100.2", 7000, server), "");
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	check_seen(ask(box_fd[1], "198.51.100.2", 7000, server), "");
}

static void packets_published(void)
{
	struct net_publish publish[2] = {
		{ .proto = IPPROTO_UDP, .host_port = 5353, .port = 53 },
		{ .proto = IPPROTO_UDP, .host_port = 5354, .port = 53 },
	};
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);
	int server;

	make_network();
	check(ip_addr_parse("127.0.0.1", &publish[1].addr), "address");
	one.publish = publish;
	one.publish_count = 2;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	server = serve(box_fd[1], "10.213.0.1", 53);
	check_seen(ask(outside_fd, "198.51.100.1", 5353, server), "198.51.100.2");
	check_seen(ask(host_fd, "198.51.100.1", 5353, server), "198.51.100.1");
	check_seen(ask(host_fd, "127.0.0.1", 5353, server), "198.51.100.1");
	check_seen(ask(box_fd[2], "198.51.100.1", 5353, server), "198.51.100.1");
	check_seen(ask(box_fd[1], "198.51.100.1", 5353, server), "198.51.100.1");
	check_seen(ask(host_fd, "127.0.0.1", 5354, server), "198.51.100.1");
	check_seen(ask(outside_fd, "198.51.100.1", 5354, server), "");
	check_seen(ask(outside_fd, "10.213.0.1", 53, server), "");
}

static void packets_between(void)
{
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);
	int server;

	make_network();
	server = serve(box_fd[2], "10.213.0.2", 53);
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	check_seen(ask(box_fd[1], "10.213.0.2", 53, server), "");
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	check_ok(nft_delete_sandbox(&nft, &two, &fault));
	one.peer = "costarring"; /* FNV-1a of 32 bits can't tell these two apart */
	two.peer = "liquid";
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	check_seen(ask(box_fd[1], "10.213.0.2", 53, server), "");
	check_ok(nft_delete_sandbox(&nft, &two, &fault));
	two.peer = "costarring";
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	check_seen(ask(box_fd[1], "10.213.0.2", 53, server), "10.213.0.1");
}

static void packets_to_host(void)
{
	struct nft_sandbox one = make_sandbox(1);
	static const uint16_t port = 53;
	int open_server, loopback_server;

	make_network();
	open_server = serve(host_fd, "0.0.0.0", 53);
	loopback_server = serve(host_fd, "127.0.0.1", 54);
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_seen(ask(box_fd[1], "198.51.100.1", 53, open_server), "");
	/* The link has route_localnet: only the table keeps 127/8 closed. */
	check_seen(ask_from(box_fd[1], "10.213.0.1", "127.0.0.1", 54, loopback_server), "");
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	one.host_ports = &port;
	one.host_port_count = 1;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_seen(ask(box_fd[1], "198.51.100.1", 53, open_server), "10.213.0.1");
}

/* Inside, lo is down and 127/8 a route to the host; without the table the hole is open. */
static void packets_to_loopback(void)
{
	struct ip_prefix loopback = prefix("127.0.0.0/8"), gateway = prefix("169.254.1.1");
	struct nft_sandbox one = make_sandbox(1);
	struct rtnl_batch batch;
	struct link_info link;
	struct rtnl rtnl;
	int server;

	make_network();
	server = serve(host_fd, "127.0.0.1", 54);
	enter(box_fd[1]);
	set_proc("/proc/sys/net/ipv4/conf/all/route_localnet", "1");
	enter(host_fd);
	check_ok(rtnl_open_in(&rtnl, NETLINK_ROUTE, box_fd[1], &fault));
	check_ok(link_get(&rtnl, "eth0", &link, &fault));
	rtnl_batch_init(&batch);
	route_add(&batch, link.index, &loopback, &gateway.addr, true, NULL);
	check_ok(rtnl_send(&rtnl, &batch, &fault));
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_seen(ask_from(box_fd[1], "10.213.0.1", "127.0.0.1", 54, server), "");
	check_ok(nft_delete_table(&nft, &fault));
	check_seen(ask_from(box_fd[1], "10.213.0.1", "127.0.0.1", 54, server), "10.213.0.1");
}

static void packets_by_policy(void)
{
	struct net_rule rules[2] = {
		{ .allow = true, .proto = IPPROTO_UDP, .port = 7000 },
		{ .allow = false },
	};
	struct nft_sandbox one = make_sandbox(1);
	int allowed, other;

	make_network();
	allowed = serve(outside_fd, "198.51.100.2", 7000);
	other = serve(outside_fd, "198.51.100.2", 7001);
	rules[0].dst = prefix("198.51.100.0/24");
	rules[1].dst = prefix("0.0.0.0/0");
	one.rules = rules;
	one.rule_count = 2;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_seen(ask(box_fd[1], "198.51.100.2", 7000, allowed), "198.51.100.1");
	check_seen(ask(box_fd[1], "198.51.100.2", 7001, other), "");
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	one.rule_count = 1;
	one.default_deny = true;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_seen(ask(box_fd[1], "198.51.100.2", 7000, allowed), "198.51.100.1");
	check_seen(ask(box_fd[1], "198.51.100.2", 7001, other), "");
}

static void a_sandbox_gets_out_under_its_own_address(void **state)
{
	(void)state;
	netns_run(packets_out);
}

static void a_published_port_answers_from_everywhere(void **state)
{
	(void)state;
	netns_run(packets_published);
}

static void only_peers_reach_each_other(void **state)
{
	(void)state;
	netns_run(packets_between);
}

static void the_host_is_closed_but_for_its_named_ports(void **state)
{
	(void)state;
	netns_run(packets_to_host);
}

static void the_hosts_loopback_is_closed(void **state)
{
	(void)state;
	netns_run(packets_to_loopback);
}

static void the_egress_policy_holds(void **state)
{
	(void)state;
	netns_run(packets_by_policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sandbox_gets_out_under_its_own_address),
		cmocka_unit_test(a_published_port_answers_from_everywhere),
		cmocka_unit_test(only_peers_reach_each_other),
		cmocka_unit_test(the_host_is_closed_but_for_its_named_ports),
		cmocka_unit_test(the_hosts_loopback_is_closed),
		cmocka_unit_test(the_egress_policy_holds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
