/* SPDX-License-Identifier: Apache-2.0 */
/* What a dead spawner left, one resource of its journal at a time: net_recover. */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "../init/contract.h"
#include "lease.h"
#include "link.h"
#include "net.h"
#include "nft.h"
#include "rtnl.h"

static int recover_link(const char *name, struct fault *fault)
{
	struct rtnl host = { .socket = NULL };
	struct rtnl_batch batch;
	int result;

	if (rtnl_open(&host, NETLINK_ROUTE, fault) < 0)
		return -1;
	rtnl_batch_init(&batch);
	link_delete(&batch, name);
	result = rtnl_send(&host, &batch, fault);
	rtnl_close(&host);
	return result;
}

static int recover_elements(const char *id, struct fault *fault)
{
	struct rtnl nft = { .socket = NULL };
	int result;

	if (rtnl_open(&nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	result = nft_delete_by_id(&nft, id, fault);
	rtnl_close(&nft);
	return result;
}

/* The journal is ours, but whoever wrote to it must not make us remove a stranger's. */
static bool is_own_link(const char *name, const char *id)
{
	char own[LINK_NAME_MAX];

	snprintf(own, sizeof(own), NFT_LINK_PREFIX "%.12s", id);
	return strcmp(own, name) == 0;
}

int net_recover(enum net_resource resource, const char *text, int state_fd, const char *id,
		struct fault *fault)
{
	struct ip_addr addr;

	switch (resource) {
	case NET_LEASE:
		if (!ip_addr_parse(text, &addr))
			return fault_set(fault, STEP_CLEANUP, EINVAL, text);
		return lease_release(state_fd, id, &addr, fault);
	case NET_LINK:
		if (!is_own_link(text, id))
			return fault_set(fault, STEP_CLEANUP, EINVAL, text);
		return recover_link(text, fault);
	case NET_ELEMENTS:
		if (strcmp(text, id) != 0)
			return fault_set(fault, STEP_CLEANUP, EINVAL, text);
		return recover_elements(id, fault);
	}
	return fault_set(fault, STEP_CLEANUP, EINVAL, text);
}
