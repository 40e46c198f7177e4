/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing the resources of the network of a sandbox, one of its record at a time. The
 * spawner and the recovery after its death call the same functions: descriptors that the
 * spawner still has open only make them faster.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "closing_sockets.h"
#include "conntrack.h"
#include "network.h"

static int need(struct rtnl *rtnl, int bus, struct fault *fault)
{
	return rtnl->is_open ? 0 : rtnl_open(rtnl, bus, fault);
}

int network_delete_link(struct net *net, struct fault *fault)
{
	struct rtnl_batch batch;

	rtnl_batch_init(&batch);
	link_delete(&batch, net->link);
	return rtnl_send(&net->host, &batch, fault);
}

static int drop_routes(struct net *net, struct fault *fault)
{
	struct rtnl_batch batch;
	struct ip_prefix prefix;

	rtnl_batch_init(&batch);
	prefix = network_host_prefix(&net->addr4);
	route_delete(&batch, net->index, &prefix);
	if (net->addr6.family) {
		prefix = network_host_prefix(&net->addr6);
		route_delete(&batch, net->index, &prefix);
	}
	return rtnl_send(&net->host, &batch, fault);
}

/*
 * Deleting a link takes 30 ms; with its namespace it goes for free, a moment later. Then
 * its routes must be deleted first, since their addresses are released next. If something
 * keeps the namespace alive, or it is not known any more, the link has to be deleted.
 */
static int remove_link(struct net *net, struct fault *fault)
{
	int kept = net->netns_fd < 0 ? 1 : closing_sockets_keep(net->netns_fd, fault);

	if (kept < 0 || need(&net->host, NETLINK_ROUTE, fault) < 0)
		return -1;
	if ((kept ? network_delete_link(net, fault) : drop_routes(net, fault)) < 0)
		return -1;
	fd_close(&net->netns_fd);
	return 0;
}

/* Their maker knows their keys; otherwise the whole table is searched for the id. */
static int remove_elements(struct net *net, struct fault *fault)
{
	struct nft_sandbox sandbox;

	if (need(&net->nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	if (!net->has_elements)
		return nft_delete_by_id(&net->nft, net->id, fault);
	network_describe(net, &sandbox);
	if (nft_delete_sandbox(&net->nft, &sandbox, fault) < 0)
		return -1;
	net->has_elements = false;
	return 0;
}

/*
 * Whether any other sandbox has an address of the pool, its own being released: by a lease, which
 * comes before its elements, or, below another state root, by elements alone.
 */
static int is_pool_used(struct net *net, const struct ip_prefix *pool, bool *used,
			struct fault *fault)
{
	if (lease_is_any(&net->lock, pool, used, fault) < 0)
		return -1;
	if (*used)
		return 0;
	if (need(&net->nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	return nft_has_address(&net->nft, pool, used, fault);
}

/* Both under the lock of the leases. */
static int remove_pool(struct net *net, const struct ip_prefix *pool, struct fault *fault)
{
	struct rtnl_batch batch;
	bool used;

	if (is_pool_used(net, pool, &used, fault) < 0)
		return -1;
	if (used)
		return 0;
	if (need(&net->host, NETLINK_ROUTE, fault) < 0)
		return -1;
	rtnl_batch_init(&batch);
	route_refuse_no_more(&batch, pool);
	return rtnl_send(&net->host, &batch, fault);
}

static int undo_forward(struct net *net, const char *text, struct fault *fault)
{
	static const struct ip_prefix any4 = { .addr.family = AF_INET };
	bool used;

	/* every sandbox has an IPv4 address */
	if (is_pool_used(net, &any4, &used, fault) < 0)
		return -1;
	return used ? 0 : forward_undo(text, fault);
}

static int remove_shared(struct net *net, enum net_resource resource, const char *text,
			 struct fault *fault)
{
	struct ip_prefix pool;
	int ret;

	if (lease_lock(&net->lock, net->state_fd, fault) < 0)
		return -1;
	if (resource == NET_FORWARD)
		ret = undo_forward(net, text, fault);
	else if (ip_prefix_parse(text, &pool))
		ret = remove_pool(net, &pool, fault);
	else
		ret = fault_set(fault, STEP_CLEANUP, EINVAL, text);
	lease_unlock(&net->lock);
	return ret;
}

/* What still goes to the address must not reach its next holder. */
static int remove_lease(struct net *net, const struct ip_addr *addr, struct fault *fault)
{
	if (need(&net->nft, NETLINK_NETFILTER, fault) < 0 ||
	    conntrack_forget_address(&net->nft, addr, fault) < 0)
		return -1;
	return lease_release(net->state_fd, net->id, addr, fault);
}

/* A forged record must not make us remove resources that are not ours. */
int net_remove(struct net *net, enum net_resource resource, const char *text, struct fault *fault)
{
	struct ip_addr addr;

	lease_unlock(&net->lock); /* held by an unfinished choice: the release below would wait for it */
	switch (resource) {
	case NET_LEASE:
		if (!ip_addr_parse(text, &addr))
			break;
		return remove_lease(net, &addr, fault);
	case NET_POOL:
	case NET_FORWARD:
		return remove_shared(net, resource, text, fault);
	case NET_LINK:
		if (strcmp(text, net->link) != 0)
			break;
		return remove_link(net, fault);
	case NET_ELEMENTS:
		if (strcmp(text, net->id) != 0)
			break;
		return remove_elements(net, fault);
	}
	return fault_set(fault, STEP_CLEANUP, EINVAL, text);
}
