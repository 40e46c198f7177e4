/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the host already uses an address. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "attr.h"
#include "link_request.h"

/*
 * Prefixes that count as a default route: VPNs cover IPv4 by two halves, and IPv6 by parts
 * such as 2000::/3 and fc00::/7, to keep the real default route.
 */
#define DEFAULT_LEN4 1
#define DEFAULT_LEN6 7

int route_parse(const struct nlmsghdr *message, struct route_info *info)
{
	const struct nlattr *table[RTA_DST + 1];
	struct rtmsg header;
	size_t len;

	memset(info, 0, sizeof(*info));
	if (message->nlmsg_type != RTM_NEWROUTE ||
	    attr_parse_message(message, sizeof(header), table, RTA_DST + 1) < 0)
		goto nonsense;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof(header));
	info->type = header.rtm_type;
	info->protocol = header.rtm_protocol;
	info->dst.addr.family = header.rtm_family;
	info->dst.len = header.rtm_dst_len;
	len = ip_addr_len(&info->dst.addr);
	if (len == 0 || header.rtm_dst_len > len * 8)
		goto nonsense;
	if (header.rtm_dst_len > 0 && !attr_bytes(table[RTA_DST], info->dst.addr.bytes, len))
		goto nonsense;
	return 0;
nonsense:
	errno = EBADMSG;
	return -1;
}

/* ---- the route that the kernel takes ---- */

struct lookup {
	struct route_info *info;
	bool found;
};

static int take_route(const struct nlmsghdr *message, void *arg)
{
	struct lookup *lookup = arg;

	if (route_parse(message, lookup->info) < 0)
		return -1;
	lookup->found = true;
	return 0;
}

static struct nlmsghdr *begin_route_query(struct link_query *query, uint16_t flags,
					  const struct rtmsg *header)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(query->bytes);

	message->nlmsg_type = RTM_GETROUTE;
	message->nlmsg_flags = flags;
	memcpy(mnl_nlmsg_put_extra_header(message, sizeof(*header)), header, sizeof(*header));
	return message;
}

int route_lookup(struct rtnl *rtnl, const struct ip_addr *addr, struct route_info *info,
		 bool *found, int *err, struct fault *fault)
{
	size_t len = ip_addr_len(addr);
	/* FIB_MATCH (4.13): returns the table entry, not the result for this address. */
	struct rtmsg header = {
		.rtm_family = addr->family,
		.rtm_dst_len = (uint8_t)(len * 8),
		.rtm_flags = RTM_F_FIB_MATCH,
	};
	struct lookup lookup = { .info = info };
	struct nlmsghdr *message;
	struct link_query query = { 0 };
	char text[IP_TEXT_MAX];

	*found = false;
	*err = 0;
	if (len == 0)
		return fault_set(fault, STEP_NETWORK, EAFNOSUPPORT, "route");
	message = begin_route_query(&query, 0, &header);
	mnl_attr_put(message, RTA_DST, len, addr->bytes);
	if (rtnl_get(rtnl, message, take_route, NULL, &lookup, fault) == 0) {
		*found = lookup.found;
		return 0;
	}
	switch (rtnl->is_open ? fault->err : 0) {
	case ENETUNREACH: /* no route */
		return 0;
	case EHOSTUNREACH: /* of type unreachable, prohibit, blackhole */
	case EACCES:
	case EINVAL:
		*err = fault->err;
		return 0;
	default:
		return fault_set(fault, STEP_NETWORK, fault->err, ip_addr_text(addr, text));
	}
}

/* ---- does it matter ---- */

static bool is_default(const struct ip_prefix *dst)
{
	return dst->len <= (dst->addr.family == AF_INET ? DEFAULT_LEN4 : DEFAULT_LEN6);
}

struct search {
	const struct ip_addr *addr;
	uint8_t type;
	bool found;
};

static int take_refusal(const struct nlmsghdr *message, void *arg)
{
	struct search *search = arg;
	struct route_info route;

	if (route_parse(message, &route) < 0)
		return -1;
	if (route.type == search->type && route.protocol != ROUTE_PROTO_REFUSAL &&
	    !is_default(&route.dst) && ip_prefix_contains(&route.dst, search->addr))
		search->found = true;
	return 0;
}

static void restart_search(void *arg)
{
	struct search *search = arg;

	search->found = false;
}

/* What kind of route refuses with this errno (fib_props of the kernel). */
static uint8_t refusal_of(int err)
{
	switch (err) {
	case EHOSTUNREACH:
		return RTN_UNREACHABLE;
	case EACCES:
		return RTN_PROHIBIT;
	default:
		return RTN_BLACKHOLE;
	}
}

/*
 * The kernel does not return the route that refuses an address, which may be ours, or
 * `unreachable default`: it is asked for those of the kind in all tables, a handful.
 */
static int search_refusal(struct rtnl *rtnl, const struct ip_addr *addr, int err, bool *used,
			  struct fault *fault)
{
	struct rtmsg header = { .rtm_family = addr->family, .rtm_type = refusal_of(err) };
	struct search search = { .addr = addr, .type = header.rtm_type };
	struct link_query query = { 0 };

	if (rtnl_get(rtnl, begin_route_query(&query, NLM_F_DUMP, &header), take_refusal,
		     restart_search, &search, fault) < 0)
		return -1;
	*used = search.found;
	return 0;
}

int route_is_used(struct rtnl *rtnl, const struct ip_addr *addr, bool *used, struct fault *fault)
{
	struct route_info route;
	bool found;
	int err;

	if (route_lookup(rtnl, addr, &route, &found, &err, fault) < 0)
		return -1;
	if (err != 0)
		return search_refusal(rtnl, addr, err, used, fault);
	*used = found && (route.type == RTN_LOCAL || !is_default(&route.dst));
	return 0;
}
