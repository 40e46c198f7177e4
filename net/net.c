/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources of the network of a sandbox, acquired before the link exists: the elements
 * are put in the table first, so that no packet of the sandbox ever passes unfiltered.
 * attach.c makes the link, remove.c removes everything.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "conntrack.h"
#include "network.h"

/* FNV-1a over the id: locally administered, unicast. Two links of a host may have the same. */
static void make_mac(const char *id, uint8_t first, uint8_t mac[6])
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (const char *p = id; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 0x100000001b3ull;
	mac[0] = first;
	for (int i = 1; i < 6; i++)
		mac[i] = (uint8_t)(hash >> (8 * i));
}

/* FNV-1a */
uint32_t network_hash(const char *id)
{
	uint32_t hash = 2166136261u;

	for (const char *p = id; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	return hash;
}

struct ip_prefix network_host_prefix(const struct ip_addr *addr)
{
	return (struct ip_prefix){ .addr = *addr, .len = (uint8_t)(ip_addr_len(addr) * 8) };
}

void network_describe(const struct net *net, struct nft_sandbox *sandbox)
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
		.peer = options->peer,
		.host_ports = options->host_ports,
		.host_port_count = options->host_port_count,
	};
	for (size_t i = 0; i < options->rule_count; i++)
		sandbox->default_deny |= options->rules[i].allow;
}

static int open_all(struct net *net, struct fault *fault)
{
	const struct net_options *options = net->options;

	if ((options->dns_count == 0 &&
	     config_check_dns(&net->config, options->rules, options->rule_count, fault) < 0) ||
	    rtnl_open(&net->host, NETLINK_ROUTE, fault) < 0 ||
	    rtnl_open(&net->nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	net->may_forward = options->has_forward ? options->forward : net->config.forward;
	return nft_ensure_table(&net->nft, fault);
}

int net_find(int state_fd, const char *id, struct net **out, struct fault *fault)
{
	struct net *net = calloc(1, sizeof(*net));

	*out = net;
	if (!net)
		return fault_set(fault, STEP_NETWORK, ENOMEM, NULL);
	snprintf(net->id, sizeof(net->id), "%s", id);
	snprintf(net->link, sizeof(net->link), NFT_LINK_PREFIX "%.12s", id);
	net->state_fd = state_fd;
	net->netns_fd = -1;
	lease_lock_init(&net->lock);
	return 0;
}

int net_open(const struct net_options *options, const struct net_config *config, int state_fd,
	     const char *id, struct net **out, struct fault *fault)
{
	struct net *net;

	if (net_find(state_fd, id, out, fault) < 0)
		return -1;
	net = *out;
	net->options = options;
	net->config = *config;
	make_mac(id, 0x02, net->mac);
	make_mac(id, 0x06, net->peer_mac);
	net->choice.host = &net->host;
	if (open_all(net, fault) == 0)
		return 0;
	net_free(net);
	*out = NULL;
	return -1;
}

static void claim(struct net_claim *claims, size_t *count, enum net_resource resource,
		  const char *text)
{
	claims[*count].resource = resource;
	snprintf(claims[(*count)++].text, sizeof(claims->text), "%s", text);
}

/* Under the lock, so that nobody who counts on forwarding misses that it is turned off again. */
static int look_at_host(struct net *net, struct fault *fault)
{
	const struct net_options *options = net->options;
	struct choice *choice = &net->choice;

	if (forward_look(net->may_forward, &net->forward, fault) < 0)
		return -1;
	choice->pool4 = options->pool4.addr.family ? options->pool4 : net->config.pool4;
	if (net->forward.has6)
		choice->pool6 = options->pool6.addr.family ? options->pool6 : net->config.pool6;
	return 0;
}

int net_choose(struct net *net, struct net_claim claims[NET_CLAIMS_MAX], size_t *count,
	       struct fault *fault)
{
	bool is_new4 = !net->addr4.family, is_new6 = !net->addr6.family;
	char text[IP_TEXT_MAX];

	*count = 0;
	if (lease_lock(&net->lock, net->state_fd, fault) < 0)
		return -1;
	if ((net->tries == 0 && look_at_host(net, fault) < 0) ||
	    choose_addresses(&net->choice, &net->lock, net->id, &net->addr4, &net->addr6, fault) <
		    0) {
		lease_unlock(&net->lock);
		return -1;
	}
	if (is_new4 && net->addr4.family)
		claim(claims, count, NET_LEASE, ip_addr_text(&net->addr4, text));
	if (is_new6 && net->addr6.family)
		claim(claims, count, NET_LEASE, ip_addr_text(&net->addr6, text));
	net->make4 = is_new4 && net->addr4.family;
	net->make6 = is_new6 && net->addr6.family;
	if (net->tries > 0)
		return 0;
	if (net->forward.text[0] != '\0')
		claim(claims, count, NET_FORWARD, net->forward.text);
	claim(claims, count, NET_POOL, ip_prefix_text(&net->choice.pool4, text));
	if (net->addr6.family)
		claim(claims, count, NET_POOL, ip_prefix_text(&net->choice.pool6, text));
	claim(claims, count, NET_ELEMENTS, net->id);
	claim(claims, count, NET_LINK, net->link);
	return 0;
}

static int make_leases(const struct net *net, struct fault *fault)
{
	if (net->make4 && lease_make(&net->lock, net->id, &net->addr4, fault) < 0)
		return -1;
	return net->make6 ? lease_make(&net->lock, net->id, &net->addr6, fault) : 0;
}

/* So that what goes to an address that nobody has does not leave by the default route. */
static int refuse_pools(struct net *net, struct fault *fault)
{
	struct rtnl_batch batch;

	rtnl_batch_init(&batch);
	route_refuse(&batch, &net->choice.pool4);
	if (net->addr6.family)
		route_refuse(&batch, &net->choice.pool6);
	return rtnl_send(&net->host, &batch, fault);
}

static int take_shared(struct net *net, struct fault *fault)
{
	if (net->tries == 0 &&
	    (forward_apply(&net->forward, fault) < 0 || refuse_pools(net, fault) < 0))
		return -1;
	return make_leases(net, fault);
}

/* UDP clients that came before the port was published are let in from now on. */
static int forget_published(struct net *net, struct fault *fault)
{
	const struct net_options *options = net->options;

	for (size_t i = 0; i < options->publish_count; i++) {
		const struct net_publish *publish = &options->publish[i];
		uint8_t family = publish->addr.family;

		if (publish->proto != IPPROTO_UDP)
			continue;
		if (family != AF_INET6 &&
		    conntrack_forget_published(&net->nft, &net->host, publish, AF_INET, fault) < 0)
			return -1;
		if (family != AF_INET && net->addr6.family &&
		    conntrack_forget_published(&net->nft, &net->host, publish, AF_INET6, fault) < 0)
			return -1;
	}
	return 0;
}

int net_take(struct net *net, struct fault *fault)
{
	struct nft_sandbox sandbox;
	int made = take_shared(net, fault);

	lease_unlock(&net->lock);
	if (made < 0)
		return -1;
	network_describe(net, &sandbox);
	net->has_elements = true;
	if (nft_add_sandbox(&net->nft, &sandbox, fault) == 0)
		return forget_published(net, fault);
	/* EEXIST: a sandbox of another state root has the addresses */
	if (fault->err != EEXIST || ++net->tries == CHOOSE_TRIES ||
	    choose_avoid(&net->choice, &net->nft, net->state_fd, net->id, &net->addr4, &net->addr6,
			 fault) < 0)
		return -1;
	return 1;
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

/* Received and sent are swapped: the counters are those of the end on the host. */
void net_read(const struct net *net, struct net_usage *usage)
{
	struct rtnl host = net->host;
	struct link_info info;
	struct fault ignored; /* a link that is gone has no counters: they stay unknown */

	usage->rx_bytes = usage->tx_bytes = UINT64_MAX;
	if (net->netns_fd < 0 || link_get(&host, net->link, &info, &ignored) < 0)
		return;
	usage->rx_bytes = info.stats.tx_bytes;
	usage->tx_bytes = info.stats.rx_bytes;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	lease_unlock(&net->lock);
	fd_close(&net->netns_fd);
	rtnl_close(&net->host);
	rtnl_close(&net->nft);
	free(net);
}
