/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of links, and permanent neighbours, which need no discovery. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "link_request.h"

static bool is_link_local4(const struct ip_addr *addr)
{
	return addr->family == AF_INET && addr->bytes[0] == 169 && addr->bytes[1] == 254;
}

void addr_add(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *prefix,
	      uint32_t flags)
{
	struct ifaddrmsg header = {
		.ifa_family = prefix->addr.family,
		.ifa_prefixlen = prefix->len,
		.ifa_flags = (uint8_t)flags,
		.ifa_scope = is_link_local4(&prefix->addr) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
		.ifa_index = index,
	};
	size_t len = ip_addr_len(&prefix->addr);
	char text[IP_TEXT_MAX], what[96];
	struct nlmsghdr *message;

	if (len == 0 || index == 0) {
		rtnl_batch_refuse(batch, EINVAL);
		return;
	}
	snprintf(what, sizeof(what), "add address %s", ip_prefix_text(prefix, text));
	message = rtnl_batch_begin(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(header),
				   what);
	if (!message)
		return;
	rtnl_batch_may_exist(batch);
	memcpy(mnl_nlmsg_get_payload(message), &header, sizeof(header));
	mnl_attr_put(message, IFA_LOCAL, len, prefix->addr.bytes);
	mnl_attr_put(message, IFA_ADDRESS, len, prefix->addr.bytes);
	mnl_attr_put_u32(message, IFA_FLAGS, flags);
	rtnl_batch_end(batch, message);
}

void neigh_add_permanent(struct rtnl_batch *batch, uint32_t index, const struct ip_addr *addr,
			 const uint8_t mac[6])
{
	struct ndmsg header = {
		.ndm_family = addr->family,
		.ndm_ifindex = (int)index,
		.ndm_state = NUD_PERMANENT,
	};
	size_t len = ip_addr_len(addr);
	char text[IP_TEXT_MAX], what[96];
	struct nlmsghdr *message;

	if (len == 0 || index == 0) {
		rtnl_batch_refuse(batch, EINVAL);
		return;
	}
	snprintf(what, sizeof(what), "add neighbour %s", ip_addr_text(addr, text));
	message = rtnl_batch_begin(batch, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
				   sizeof(header), what);
	if (!message)
		return;
	memcpy(mnl_nlmsg_get_payload(message), &header, sizeof(header));
	mnl_attr_put(message, NDA_DST, len, addr->bytes);
	mnl_attr_put(message, NDA_LLADDR, 6, mac);
	rtnl_batch_end(batch, message);
}

static int look_local(struct rtnl *rtnl, const void *what, bool *there, struct fault *fault)
{
	struct route_info route;
	bool found;
	int err;

	if (route_lookup(rtnl, what, &route, &found, &err, fault) < 0)
		return -1;
	*there = found && route.type == RTN_LOCAL;
	return 0;
}

int addr_wait(struct rtnl *rtnl, const struct ip_addr *addr, int timeout_ms, struct fault *fault)
{
	char text[IP_TEXT_MAX];
	bool there = false;

	if (link_poll(rtnl, look_local, addr, timeout_ms, &there, fault) < 0)
		return -1;
	return there ? 0 : fault_set(fault, STEP_NETWORK, ETIMEDOUT, ip_addr_text(addr, text));
}
