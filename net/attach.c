/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link, with its addresses and routes. READY means usable: before the sandbox goes
 * on, both ends are operational, all neighbours are permanent, and IPv6 addresses skip
 * duplicate detection.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "network.h"

#define GATEWAY4 "169.254.1.1" /* link-local: conflicts with nothing, the same in every sandbox */
#define GATEWAY6 "fe80::1"
#define PEER_NAME "eth0"
#define PEER_INDEX 0x6e64      /* inside; above those of links that every new namespace has */
#define INDEX_MIN 0x40000000u  /* of our links on the host: chosen here, so known in advance */
#define INDEX_MASK 0x3fffffffu
#define INDEX_TRIES 8

static struct ip_prefix default_prefix(uint8_t family)
{
	return (struct ip_prefix){ .addr = { .family = family } };
}

/*
 * The end on the host: up, with routes to the addresses of the sandbox and no address of
 * its own. An fe80::1 here would be the same on every link, and each new one slower to add.
 */
static void set_up_host(const struct net *net, struct rtnl_batch *batch)
{
	struct ip_prefix prefix;

	link_set_no_autoconf(batch, net->index, net->link);
	link_set_devconf4(batch, net->index, net->link, IPV4_DEVCONF_FORWARDING, 1);
	/* for ports published on 127.0.0.1; the raw chain keeps the sandbox away from it */
	if (net->options->publish_count > 0)
		link_set_devconf4(batch, net->index, net->link, IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	link_set_up(batch, net->index, net->link);
	prefix = network_host_prefix(&net->addr4);
	neigh_add_permanent(batch, net->index, &net->addr4, net->peer_mac);
	route_add(batch, net->index, &prefix, NULL, false, NULL);
	if (!net->addr6.family)
		return;
	prefix = network_host_prefix(&net->addr6);
	neigh_add_permanent(batch, net->index, &net->addr6, net->peer_mac);
	route_add(batch, net->index, &prefix, NULL, false, NULL);
}

/* One family inside: address, gateway with a permanent neighbour, and the default route. */
static void set_up_family(struct rtnl_batch *batch, const struct ip_addr *addr,
			  const char *gateway_text, const uint8_t gateway_mac[6])
{
	struct ip_prefix own = network_host_prefix(addr), all = default_prefix(addr->family);
	struct ip_addr gateway;

	ip_addr_parse(gateway_text, &gateway);
	addr_add(batch, PEER_INDEX, &own, addr->family == AF_INET6 ? IFA_F_NODAD : 0);
	neigh_add_permanent(batch, PEER_INDEX, &gateway, gateway_mac);
	route_add(batch, PEER_INDEX, &all, &gateway, true, addr);
}

static int set_up_inside(struct net *net, struct rtnl *inside, struct fault *fault)
{
	struct rtnl_batch batch;

	rtnl_batch_init(&batch);
	link_set_no_autoconf(&batch, PEER_INDEX, PEER_NAME);
	link_set_up(&batch, PEER_INDEX, PEER_NAME);
	set_up_family(&batch, &net->addr4, GATEWAY4, net->mac);
	if (net->addr6.family)
		set_up_family(&batch, &net->addr6, GATEWAY6, net->mac);
	return rtnl_send(inside, &batch, fault);
}

static int make_link(struct net *net, uint32_t index, struct fault *fault)
{
	struct rtnl_batch batch;
	struct link_veth veth = {
		.name = net->link,
		.peer_name = PEER_NAME,
		.peer_netns_fd = net->netns_fd,
		.mtu = net->config.mtu,
		.group = NET_LINK_GROUP,
		.index = index,
		.peer_index = PEER_INDEX,
	};

	memcpy(veth.mac, net->mac, sizeof(veth.mac));
	memcpy(veth.peer_mac, net->peer_mac, sizeof(veth.peer_mac));
	rtnl_batch_init(&batch);
	link_add_veth(&batch, &veth);
	net->index = index;
	set_up_host(net, &batch);
	return rtnl_send(&net->host, &batch, fault);
}

/* The index is random, in a range that only nidus uses: one in use belongs to another sandbox. */
static int make_any_link(struct net *net, struct fault *fault)
{
	uint32_t hash = network_hash(net->id);

	for (uint32_t try = 0; try < INDEX_TRIES; try++) {
		if (make_link(net, INDEX_MIN | ((hash + try) & INDEX_MASK), fault) == 0)
			return 0;
		if (fault->err != EEXIST && fault->err != EBUSY)
			return -1;
	}
	return -1;
}

/*
 * The kernel gives each link a route for all IPv6 multicast, all under one key, so adding
 * one walks past all others. Nothing needs them, as the neighbours are permanent.
 */
static int forget_multicast(struct net *net, struct fault *fault)
{
	struct ip_prefix all = { .addr = { .family = AF_INET6, .bytes = { 0xff } }, .len = 8 };
	struct rtnl_batch batch;

	if (!net->addr6.family)
		return 0;
	rtnl_batch_init(&batch);
	route_delete_local(&batch, net->index, &all);
	return rtnl_send(&net->host, &batch, fault);
}

/* Needs: the elements in place. Must not have happened yet: GO. */
int net_attach(struct net *net, pid_t pid, struct fault *fault)
{
	char path[64];
	struct rtnl inside = { .is_open = false };
	int result = -1;

	/* an earlier PID 1 was killed at its start: its link may still exist */
	if (net->netns_fd >= 0 && network_delete_link(net, fault) < 0)
		return -1;
	fd_close(&net->netns_fd);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	net->netns_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (net->netns_fd < 0)
		return fault_set(fault, STEP_NETWORK, errno, path);
	if (make_any_link(net, fault) < 0 ||
	    rtnl_open_in(&inside, NETLINK_ROUTE, net->netns_fd, fault) < 0)
		return -1;
	/* an end is operational once both are up, and the inside came second; only then does
	 * the multicast route appear */
	if (set_up_inside(net, &inside, fault) == 0 &&
	    link_wait_up(&inside, PEER_NAME, NET_UP_MS, fault) == 0 &&
	    link_wait_up(&net->host, net->link, NET_UP_MS, fault) == 0 &&
	    (!net->addr6.family || addr_wait(&inside, &net->addr6, NET_UP_MS, fault) == 0))
		result = forget_multicast(net, fault);
	rtnl_close(&inside);
	return result;
}
