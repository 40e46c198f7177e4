/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that make, change and remove links. Queries are in link_get.c. */
#include "link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>

#include "link_request.h"

_Static_assert(LINK_NAME_MAX == IFNAMSIZ, "the length of a name in the kernel");

bool link_name_is_valid(const char *name)
{
	return name && name[0] != '\0' && strnlen(name, LINK_NAME_MAX) < LINK_NAME_MAX;
}

static struct nlmsghdr *begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
			      const struct ifinfomsg *header, const char *verb, const char *name)
{
	char what[sizeof(batch->requests[0].what)];
	struct nlmsghdr *message;

	if (name)
		snprintf(what, sizeof(what), "%s %s", verb, name);
	else
		snprintf(what, sizeof(what), "%s link %d", verb, header->ifi_index);
	message = rtnl_batch_begin(batch, type, flags, sizeof(*header), what);
	if (message)
		memcpy(mnl_nlmsg_get_payload(message), header, sizeof(*header));
	return message;
}

/* RTM_NEWLINK of an existing link, found by index or name. */
static struct nlmsghdr *begin_change(struct rtnl_batch *batch, uint32_t index, const char *name,
				     uint32_t flags, const char *verb)
{
	struct ifinfomsg header = {
		.ifi_index = (int)index,
		.ifi_flags = flags,
		.ifi_change = flags,
	};
	struct nlmsghdr *message;

	if (index == 0 && !link_name_is_valid(name)) {
		rtnl_batch_refuse(batch, EINVAL);
		return NULL;
	}
	message = begin(batch, RTM_NEWLINK, 0, &header, verb, name);
	/* With an index the name would be a rename. */
	if (message && index == 0)
		mnl_attr_put_strz(message, IFLA_IFNAME, name);
	return message;
}

static void put_end(struct nlmsghdr *message, const char *name, const uint8_t mac[6], uint32_t mtu)
{
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put(message, IFLA_ADDRESS, 6, mac);
	if (mtu != 0)
		mnl_attr_put_u32(message, IFLA_MTU, mtu);
}

void link_add_veth(struct rtnl_batch *batch, const struct link_veth *veth)
{
	struct ifinfomsg header = { .ifi_index = (int)veth->index };
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *peer_header;
	struct nlmsghdr *message;

	if (!link_name_is_valid(veth->name) || !link_name_is_valid(veth->peer_name) ||
	    veth->peer_netns_fd < 0) {
		rtnl_batch_refuse(batch, EINVAL);
		return;
	}
	message = begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, "add veth",
			veth->name);
	if (!message)
		return;
	put_end(message, veth->name, veth->mac, veth->mtu);
	if (veth->group != 0)
		mnl_attr_put_u32(message, IFLA_GROUP, veth->group);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
	peer_header = mnl_nlmsg_put_extra_header(message, sizeof(*peer_header));
	peer_header->ifi_index = (int)veth->peer_index;
	put_end(message, veth->peer_name, veth->peer_mac, veth->mtu);
	mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)veth->peer_netns_fd);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	rtnl_batch_end(batch, message);
}

void link_set_up(struct rtnl_batch *batch, uint32_t index, const char *name)
{
	rtnl_batch_end(batch, begin_change(batch, index, name, IFF_UP, "bring up"));
}

void link_set_no_autoconf(struct rtnl_batch *batch, uint32_t index, const char *name)
{
	struct nlmsghdr *message = begin_change(batch, index, name, 0, "inet6 settings of");
	struct nlattr *spec, *inet6;

	if (!message)
		return;
	spec = mnl_attr_nest_start(message, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(message, AF_INET6);
	mnl_attr_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(message, inet6);
	mnl_attr_nest_end(message, spec);
	rtnl_batch_end(batch, message);
}

void link_set_devconf4(struct rtnl_batch *batch, uint32_t index, const char *name, uint32_t conf,
		       uint32_t value)
{
	struct nlmsghdr *message = begin_change(batch, index, name, 0, "inet settings of");
	struct nlattr *spec, *inet, *settings;

	if (!message)
		return;
	spec = mnl_attr_nest_start(message, IFLA_AF_SPEC);
	inet = mnl_attr_nest_start(message, AF_INET);
	settings = mnl_attr_nest_start(message, IFLA_INET_CONF);
	mnl_attr_put_u32(message, (uint16_t)conf, value);
	mnl_attr_nest_end(message, settings);
	mnl_attr_nest_end(message, inet);
	mnl_attr_nest_end(message, spec);
	rtnl_batch_end(batch, message);
}

void link_delete(struct rtnl_batch *batch, const char *name)
{
	struct ifinfomsg header = { 0 };
	struct nlmsghdr *message;

	if (!link_name_is_valid(name)) {
		rtnl_batch_refuse(batch, EINVAL);
		return;
	}
	message = begin(batch, RTM_DELLINK, 0, &header, "delete", name);
	if (!message)
		return;
	rtnl_batch_may_miss(batch);
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	rtnl_batch_end(batch, message);
}
