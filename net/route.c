/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that make and remove routes. Queries are in route_get.c. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "link.h"

static struct nlmsghdr *begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
			      const struct rtmsg *header, const struct ip_prefix *dst,
			      uint32_t index)
{
	const char *verb = type == RTM_NEWROUTE ? "add" : "delete";
	char text[IP_TEXT_MAX], what[96];
	struct nlmsghdr *message;

	if (ip_addr_len(&dst->addr) == 0) {
		rtnl_batch_refuse(batch, EINVAL);
		return NULL;
	}
	snprintf(what, sizeof(what), "%s route %s", verb, ip_prefix_text(dst, text));
	message = rtnl_batch_begin(batch, type, flags, sizeof(*header), what);
	if (!message)
		return NULL;
	memcpy(mnl_nlmsg_get_payload(message), header, sizeof(*header));
	if (dst->len > 0)
		mnl_attr_put(message, RTA_DST, ip_addr_len(&dst->addr), dst->addr.bytes);
	if (index != 0)
		mnl_attr_put_u32(message, RTA_OIF, index);
	return message;
}

void route_add(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst,
	       const struct ip_addr *via, bool onlink, const struct ip_addr *src)
{
	bool has_via = via && ip_addr_len(via) > 0;
	struct rtmsg header = {
		.rtm_family = dst->addr.family,
		.rtm_dst_len = dst->len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = has_via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = has_via && onlink ? RTNH_F_ONLINK : 0,
	};
	struct nlmsghdr *message = begin(batch, RTM_NEWROUTE, NLM_F_CREATE, &header, dst, index);

	if (!message)
		return;
	/* It is the same route over the same link. */
	rtnl_batch_may_exist(batch);
	if (has_via)
		mnl_attr_put(message, RTA_GATEWAY, ip_addr_len(via), via->bytes);
	if (src && ip_addr_len(src) > 0)
		mnl_attr_put(message, RTA_PREFSRC, ip_addr_len(src), src->bytes);
	rtnl_batch_end(batch, message);
}

static struct rtmsg refusal(const struct ip_prefix *dst)
{
	return (struct rtmsg){
		.rtm_family = dst->addr.family,
		.rtm_dst_len = dst->len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = ROUTE_PROTO_REFUSAL,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNREACHABLE,
	};
}

void route_refuse(struct rtnl_batch *batch, const struct ip_prefix *dst)
{
	struct rtmsg header = refusal(dst);
	struct nlmsghdr *message = begin(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header,
					 dst, 0);

	if (!message)
		return;
	rtnl_batch_may_exist(batch);
	rtnl_batch_end(batch, message);
}

void route_refuse_no_more(struct rtnl_batch *batch, const struct ip_prefix *dst)
{
	struct rtmsg header = refusal(dst);
	struct nlmsghdr *message = begin(batch, RTM_DELROUTE, 0, &header, dst, 0);

	if (!message)
		return;
	rtnl_batch_may_miss(batch);
	rtnl_batch_end(batch, message);
}

static void delete_from(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst,
			uint8_t table)
{
	struct rtmsg header = {
		.rtm_family = dst->addr.family,
		.rtm_dst_len = dst->len,
		.rtm_table = table,
		.rtm_scope = RT_SCOPE_NOWHERE, /* any */
	};
	struct nlmsghdr *message = begin(batch, RTM_DELROUTE, 0, &header, dst, index);

	if (!message)
		return;
	rtnl_batch_may_miss(batch);
	rtnl_batch_end(batch, message);
}

void route_delete(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst)
{
	delete_from(batch, index, dst, RT_TABLE_MAIN);
}

void route_delete_local(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst)
{
	delete_from(batch, index, dst, RT_TABLE_LOCAL);
}
