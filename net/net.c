/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sandbox's network, from lease to removal. Order matters twice:
 *
 * The elements stand in the table before the link exists, so that there is no
 * moment in which a packet of the sandbox passes unfiltered. And READY means
 * usable: both ends are operational, all neighbours permanent, IPv6 addresses
 * without duplicate detection, before the sandbox is told to go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "choose.h"
#include "config.h"
#include "forward.h"
#include "link.h"
#include "net.h"
#include "nft.h"
#include "closing_sockets.h"
#include "rtnl.h"

#define GATEWAY4 "169.254.1.1" /* link-local: in nobody's way, the same in every sandbox */
#define GATEWAY6 "fe80::1"
#define PEER_NAME "eth0"
#define PEER_INDEX 0x6e64      /* inside; out of the way of links that a new namespace is born with */
#define INDEX_MIN 0x40000000u  /* our links' on the host: chosen here, to be known before they exist */
#define INDEX_MASK 0x3fffffffu
#define INDEX_TRIES 8
#define ID_MAX 32

struct net {
	char id[ID_MAX];
	char link[LINK_NAME_MAX];
	const struct net_options *options;
	struct net_config config;
	struct rtnl host, nft;
	int state_fd;             /* the caller's */
	int netns_fd;             /* keeps the link for net_read */
	struct ip_addr addr4, addr6;
	uint32_t index;           /* of the host's end; 0 before there is one */
	uint8_t mac[6], peer_mac[6];
	bool has_elements;
};

/* FNV-1a over the id: locally administered, unicast. Two links of a host may share one. */
static void make_mac(const char *id, uint8_t first, uint8_t mac[6])
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (const char *p = id; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 0x100000001b3ull;
	mac[0] = first;
	for (int i = 1; i < 6; i++)
		mac[i] = (uint8_t)(hash >> (8 * i));
}

/* FNV-1a; 0 means no label. */
static uint32_t hash_label(const char *label)
{
	uint32_t hash = 2166136261u;

	for (const char *p = label; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	return hash ? hash : 1;
}

static void describe(const struct net *net, struct nft_sandbox *sandbox)
{
	const struct net_options *options = net->options;

	*sandbox = (struct nft_sandbox){
		.id = net->id,
		.ifname = net->link,
		.addr4 = net->addr4,
		.addr6 = net->addr6,
		.publish = options->publish,
		.publish_count = options->publish_count,
		.rules = options->rules,
		.rule_count = options->rule_count,
		.host_ports = options->host_ports,
		.host_port_count = options->host_port_count,
	};
	for (size_t i = 0; i < options->rule_count; i++)
		sandbox->default_deny |= options->rules[i].allow;
	if (options->peer)
		sandbox->peer = hash_label(options->peer);
}

static int open_all(struct net *net, struct choice *choice, struct fault *fault)
{
	const struct net_options *options = net->options;
	bool may_forward, has6;

	if (config_read(&net->config, fault) < 0 ||
	    (options->dns_count == 0 &&
	     config_check_dns(&net->config, options->rules, options->rule_count, fault) < 0) ||
	    rtnl_open(&net->host, NETLINK_ROUTE, fault) < 0 ||
	    rtnl_open(&net->nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	may_forward = options->has_forward ? options->forward : net->config.forward;
	if (forward_ensure(may_forward, &has6, fault) < 0)
		return -1;
	choice->pool4 = options->pool4.addr.family ? options->pool4 : net->config.pool4;
	if (has6)
		choice->pool6 = options->pool6.addr.family ? options->pool6 : net->config.pool6;
	return nft_ensure_table(&net->nft, fault);
}

/* EEXIST: somebody has the addresses that this state root knows nothing of. */
static int take_place(struct net *net, struct choice *choice, struct fault *fault)
{
	struct nft_sandbox sandbox;

	if (choose_take(choice, &net->addr4, &net->addr6, fault) < 0 ||
	    choice->intend(NET_ELEMENTS, net->id, choice->arg, fault) < 0)
		return -1;
	describe(net, &sandbox);
	net->has_elements = true;
	return nft_add_sandbox(&net->nft, &sandbox, fault);
}

static int prepare(struct net *net, struct choice *choice, struct fault *fault)
{
	if (open_all(net, choice, fault) < 0)
		return -1;
	for (int try = 1; take_place(net, choice, fault) < 0; try++)
		if (fault->err != EEXIST || try == CHOOSE_TRIES ||
		    choose_avoid(choice, &net->nft, &net->addr4, &net->addr6, fault) < 0)
			return -1;
	return choice->intend(NET_LINK, net->link, choice->arg, fault);
}

int net_prepare(const struct net_options *options, int state_fd, const char *id,
		net_intend *intend, void *arg, struct net **out, struct fault *fault)
{
	struct net *net = calloc(1, sizeof(*net));
	struct choice choice = { .state_fd = state_fd, .id = id, .intend = intend, .arg = arg };
	struct fault ignored;

	*out = NULL;
	if (!net)
		return fault_set(fault, STEP_NETWORK, ENOMEM, NULL);
	snprintf(net->id, sizeof(net->id), "%s", id);
	snprintf(net->link, sizeof(net->link), NFT_LINK_PREFIX "%.12s", id);
	net->options = options;
	net->state_fd = state_fd;
	net->netns_fd = -1;
	make_mac(id, 0x02, net->mac);
	make_mac(id, 0x06, net->peer_mac);
	choice.host = &net->host;
	if (prepare(net, &choice, fault) < 0) {
		net_detach(net, &ignored); /* the fault above is what counts */
		net_free(net);
		return -1;
	}
	*out = net;
	return 0;
}

static struct ip_prefix host_prefix(const struct ip_addr *addr)
{
	return (struct ip_prefix){ .addr = *addr, .len = (uint8_t)(ip_addr_len(addr) * 8) };
}

static struct ip_prefix default_prefix(uint8_t family)
{
	return (struct ip_prefix){ .addr = { .family = family } };
}

/*
 * The host's end: up, with the sandbox's addresses behind it, and none of its own. An
 * fe80::1 here would be the same on every link, and adding one slower with each of them.
 */
static void set_up_host(const struct net *net, struct rtnl_batch *batch)
{
	struct ip_prefix prefix;

	link_set_no_autoconf(batch, net->index, net->link);
	link_set_devconf4(batch, net->index, net->link, IPV4_DEVCONF_FORWARDING, 1);
	/* for what is published on 127.0.0.1; the raw chain keeps the sandbox out of it */
	if (net->options->publish_count > 0)
		link_set_devconf4(batch, net->index, net->link, IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	link_set_up(batch, net->index, net->link);
	prefix = host_prefix(&net->addr4);
	neigh_add_permanent(batch, net->index, &net->addr4, net->peer_mac);
	route_add(batch, net->index, &prefix, NULL, false, NULL);
	if (!net->addr6.family)
		return;
	prefix = host_prefix(&net->addr6);
	neigh_add_permanent(batch, net->index, &net->addr6, net->peer_mac);
	route_add(batch, net->index, &prefix, NULL, false, NULL);
}

/* One family inside: address, gateway with a known neighbour, everything else by it. */
static void set_up_family(struct rtnl_batch *batch, const struct ip_addr *addr,
			  const char *gateway_text, const uint8_t gateway_mac[6])
{
	struct ip_prefix own = host_prefix(addr), all = default_prefix(addr->family);
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

/* The index is a guess, in a range that nobody else takes from: a taken one is another's of ours. */
static int make_any_link(struct net *net, struct fault *fault)
{
	uint32_t hash = hash_label(net->id);

	for (uint32_t try = 0; try < INDEX_TRIES; try++) {
		if (make_link(net, INDEX_MIN | ((hash + try) & INDEX_MASK), fault) == 0)
			return 0;
		if (fault->err != EEXIST && fault->err != EBUSY)
			return -1;
	}
	return -1;
}

/*
 * The kernel gives each link a route for all IPv6 multicast, under one key: every next one
 * walks past all of them. Nothing needs it, as the neighbours are known.
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
	struct rtnl inside = { .socket = NULL };
	int result = -1;

	/* of a PID 1 before this one, killed at birth: its link may not be gone yet */
	if (net->netns_fd >= 0 &&
	    net_recover(NET_LINK, net->link, net->state_fd, net->id, fault) < 0)
		return -1;
	fd_close(&net->netns_fd);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	net->netns_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (net->netns_fd < 0)
		return fault_set(fault, STEP_NETWORK, errno, path);
	if (make_any_link(net, fault) < 0 ||
	    rtnl_open_in(&inside, NETLINK_ROUTE, net->netns_fd, fault) < 0)
		return -1;
	/* an end is operational once both are up: the inside was second; the multicast
	 * route comes with that */
	if (set_up_inside(net, &inside, fault) == 0 &&
	    link_wait_up(&inside, PEER_NAME, NET_UP_MS, fault) == 0 &&
	    link_wait_up(&net->host, net->link, NET_UP_MS, fault) == 0 &&
	    (!net->addr6.family || addr_wait(&inside, &net->addr6, NET_UP_MS, fault) == 0))
		result = forget_multicast(net, fault);
	rtnl_close(&inside);
	return result;
}

void net_addresses(const struct net *net, struct ip_addr *addr4, struct ip_addr *addr6)
{
	*addr4 = net->addr4;
	*addr6 = net->addr6;
}

size_t net_dns(const struct net *net, const struct ip_addr **servers)
{
	const struct net_options *options = net->options;

	*servers = options->dns_count ? options->dns : net->config.dns;
	return options->dns_count ? options->dns_count : net->config.dns_count;
}

/* What the host's end received is what the sandbox sent. */
void net_read(const struct net *net, struct net_usage *usage)
{
	struct rtnl host = net->host;
	struct link_info info;
	struct fault ignored; /* a link that is gone has no counters: unknown */

	usage->rx_bytes = usage->tx_bytes = UINT64_MAX;
	if (net->netns_fd < 0 || link_get(&host, net->link, &info, &ignored) < 0)
		return;
	usage->rx_bytes = info.stats.tx_bytes;
	usage->tx_bytes = info.stats.rx_bytes;
}

/*
 * Deleting a link takes 30 ms; it goes with its namespace for nothing, a moment
 * later. Then its routes must go first, for their addresses are free next. Where
 * something keeps the namespace the link has to be deleted all the same.
 */
static int drop_link(struct net *net, struct fault *fault)
{
	struct rtnl_batch batch;
	struct ip_prefix prefix;
	int kept;

	if (net->netns_fd < 0)
		return 0;
	kept = closing_sockets_keep(net->netns_fd, fault);
	if (kept < 0)
		return -1;
	rtnl_batch_init(&batch);
	if (kept) {
		link_delete(&batch, net->link);
		return rtnl_send(&net->host, &batch, fault);
	}
	prefix = host_prefix(&net->addr4);
	route_delete(&batch, net->index, &prefix);
	if (net->addr6.family) {
		prefix = host_prefix(&net->addr6);
		route_delete(&batch, net->index, &prefix);
	}
	return rtnl_send(&net->host, &batch, fault);
}

int net_detach(struct net *net, struct fault *fault)
{
	struct nft_sandbox sandbox;

	if (drop_link(net, fault) < 0)
		return -1;
	fd_close(&net->netns_fd);
	if (net->has_elements) {
		describe(net, &sandbox);
		if (nft_delete_sandbox(&net->nft, &sandbox, fault) < 0)
			return -1;
		net->has_elements = false;
	}
	if (choose_release(net->state_fd, net->id, &net->addr4, fault) < 0)
		return -1;
	return choose_release(net->state_fd, net->id, &net->addr6, fault);
}

void net_free(struct net *net)
{
	if (!net)
		return;
	fd_close(&net->netns_fd);
	rtnl_close(&net->host);
	rtnl_close(&net->nft);
	free(net);
}
