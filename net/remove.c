/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing the resources of the network of a sandbox, one of its record at a time. The
 * spawner and the recovery after its death call the same functions: descriptors that the
 * spawner still has open only make them faster.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "closing_sockets.h"
#include "network.h"

static int need(struct rtnl *rtnl, int bus, struct fault *fault)
{
	return rtnl->socket ? 0 : rtnl_open(rtnl, bus, fault);
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

/* A forged record must not make us remove resources that are not ours. */
int net_remove(struct net *net, enum net_resource resource, const char *text, struct fault *fault)
{
	struct ip_addr addr;

	lease_unlock(&net->lock); /* held by an unfinished choice: the release below would wait for it */
	switch (resource) {
	case NET_LEASE:
		if (!ip_addr_parse(text, &addr))
			break;
		return lease_release(net->state_fd, net->id, &addr, fault);
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
