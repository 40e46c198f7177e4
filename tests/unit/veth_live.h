/* SPDX-License-Identifier: Apache-2.0 */
/* Two namespaces, "host", in which a test's child runs, and "inside", with a veth between. */
#ifndef NIDUS_TEST_VETH_LIVE_H
#define NIDUS_TEST_VETH_LIVE_H

#include "netns_live.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#define GROUP 0x6e64
#define WAIT_MS 2000

static const uint8_t host_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

static struct fault fault;
static struct rtnl host, inside;
static struct rtnl_batch batch;
static int inside_fd;
static bool has_inet6;

static inline struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	check(ip_addr_parse(text, &addr), "%s", text);
	return addr;
}

static inline struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;

	check(ip_prefix_parse(text, &prefix), "%s", text);
	return prefix;
}

static inline void send_to(struct rtnl *rtnl)
{
	check_ok(rtnl_send(rtnl, &batch, &fault));
	rtnl_batch_init(&batch);
}

static inline void open_both(void)
{
	has_inet6 = access("/proc/self/net/if_inet6", F_OK) == 0;
	inside_fd = netns_make();
	check_ok(rtnl_open(&host, NETLINK_ROUTE, &fault));
	check_ok(rtnl_open_in(&inside, NETLINK_ROUTE, inside_fd, &fault));
	rtnl_batch_init(&batch);
	link_set_up(&batch, 0, "lo");
	send_to(&host);
	link_set_up(&batch, 0, "lo");
	send_to(&inside);
}

static inline void close_both(void)
{
	rtnl_close(&host);
	rtnl_close(&inside);
	close(inside_fd);
}

static inline struct link_veth veth_named(const char *name, const char *peer_name)
{
	struct link_veth veth = {
		.name = name,
		.peer_name = peer_name,
		.peer_netns_fd = inside_fd,
		.mtu = 1400,
		.group = GROUP,
	};

	memcpy(veth.mac, host_mac, 6);
	memcpy(veth.peer_mac, peer_mac, 6);
	return veth;
}

static inline uint32_t index_of(struct rtnl *rtnl, const char *name)
{
	struct link_info info;

	check_ok(link_get(rtnl, name, &info, &fault));
	return info.index;
}

static inline void add_veth(const char *name, const char *peer_name)
{
	struct link_veth veth = veth_named(name, peer_name);

	link_add_veth(&batch, &veth);
	send_to(&host);
}

static inline void set_up_end(struct rtnl *rtnl, const char *name)
{
	if (has_inet6)
		link_set_no_autoconf(&batch, 0, name);
	link_set_up(&batch, 0, name);
	send_to(rtnl);
}

static inline void make_veth(void)
{
	open_both();
	add_veth("nd0", "eth0");
	set_up_end(&host, "nd0");
	set_up_end(&inside, "eth0");
	check_ok(link_wait_up(&host, "nd0", WAIT_MS, &fault));
	check_ok(link_wait_up(&inside, "eth0", WAIT_MS, &fault));
}

/* Both ends with addresses, neighbours and routes, as a sandbox has them. */
static inline void make_topology(void)
{
	struct ip_prefix own4 = prefix_of("10.213.0.5"), own6 = prefix_of("fd6e::5");
	struct ip_prefix all4 = prefix_of("0.0.0.0/0"), all6 = prefix_of("::/0");
	struct ip_prefix gateway6 = prefix_of("fe80::1"), host4 = prefix_of("192.0.2.1");
	struct ip_addr via4 = addr_of("169.254.1.1");
	uint32_t nd0, eth0, lo;

	make_veth();
	nd0 = index_of(&host, "nd0");
	eth0 = index_of(&inside, "eth0");
	lo = index_of(&host, "lo");
	addr_add(&batch, eth0, &own4, 0);
	neigh_add_permanent(&batch, eth0, &via4, host_mac);
	route_add(&batch, eth0, &all4, &via4, true, &own4.addr);
	if (has_inet6) {
		addr_add(&batch, eth0, &own6, IFA_F_NODAD);
		neigh_add_permanent(&batch, eth0, &gateway6.addr, host_mac);
		route_add(&batch, eth0, &all6, &gateway6.addr, true, &own6.addr);
	}
	send_to(&inside);
	addr_add(&batch, lo, &host4, 0);
	neigh_add_permanent(&batch, nd0, &own4.addr, peer_mac);
	route_add(&batch, nd0, &own4, NULL, false, &host4.addr);
	if (has_inet6) {
		addr_add(&batch, nd0, &gateway6, IFA_F_NODAD);
		neigh_add_permanent(&batch, nd0, &own6.addr, peer_mac);
		route_add(&batch, nd0, &own6, NULL, false, NULL);
	}
	send_to(&host);
	check_ok(addr_wait(&inside, &own4.addr, WAIT_MS, &fault));
	if (has_inet6)
		check_ok(addr_wait(&inside, &own6.addr, WAIT_MS, &fault));
}

#define LIVE(name, body)                                                                           \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		netns_run(body);                                                                   \
	}

#endif
