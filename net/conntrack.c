/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctnetlink. The kernel deletes what matches a filter; older ones only return it (Linux 5.8), and
 * each connection is then deleted by its tuple and its id. To return them takes 6 ms and more,
 * because every bucket of the machine's table is locked; to delete them, next to nothing.
 */
#include "conntrack.h"

#include <arpa/inet.h> /* before the kernel headers, which then omit their own definitions */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>

#include "../init/contract.h"
#include "attr.h"
#include "link_request.h"

/* Which parts of a tuple count: bits of CTA_FILTER_*_FLAGS, not in the kernel's headers. */
#define PART_IP_SRC (1u << 0)
#define PART_IP_DST (1u << 1)
#define PART_PROTO (1u << 3)
#define PART_PORT_DST (1u << 5)

#define REQUEST_BYTES 512
#define TUPLE_BYTES 96           /* of IPv6 with a zone: 92 */
#define CONNECTIONS_MAX (1u << 20) /* in one go */

struct connection {
	uint32_t id;     /* in network order, as all below */
	uint16_t zone;
	uint8_t tuple_len;
	_Alignas(4) uint8_t tuple[TUPLE_BYTES]; /* what CTA_TUPLE_ORIG contains */
};

struct search {
	uint8_t family;
	bool untranslated; /* those alone */
	struct connection *found;
	size_t count, room;
};

/* ---- what to look for ---- */

struct filter {
	uint16_t tuple, flags_type; /* CTA_TUPLE_ORIG, CTA_FILTER_ORIG_FLAGS; or of the reply */
	uint32_t parts;
	const struct ip_addr *src, *dst;
	uint8_t proto;
	uint16_t port;
};

static struct nlmsghdr *begin(void *bytes, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct nfgenmsg *header;

	message->nlmsg_type = (uint16_t)((NFNL_SUBSYS_CTNETLINK << 8) | type);
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	return message;
}

static void put_addr(struct nlmsghdr *message, const struct ip_addr *addr, uint16_t type4,
		     uint16_t type6)
{
	if (addr)
		mnl_attr_put(message, addr->family == AF_INET ? type4 : type6, ip_addr_len(addr),
			     addr->bytes);
}

static void put_filter(struct nlmsghdr *message, const struct filter *filter)
{
	struct nlattr *tuple = mnl_attr_nest_start(message, filter->tuple), *part;

	if (filter->src || filter->dst) {
		part = mnl_attr_nest_start(message, CTA_TUPLE_IP);
		put_addr(message, filter->src, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
		put_addr(message, filter->dst, CTA_IP_V4_DST, CTA_IP_V6_DST);
		mnl_attr_nest_end(message, part);
	}
	if (filter->parts & PART_PROTO) {
		part = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
		mnl_attr_put_u8(message, CTA_PROTO_NUM, filter->proto);
		mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(filter->port));
		mnl_attr_nest_end(message, part);
	}
	mnl_attr_nest_end(message, tuple);
	part = mnl_attr_nest_start(message, CTA_FILTER);
	mnl_attr_put_u32(message, filter->flags_type, filter->parts);
	mnl_attr_nest_end(message, part);
}

/* ---- what there is ---- */

static int keep(struct search *search, const struct connection *connection)
{
	if (search->count == CONNECTIONS_MAX)
		return 0;
	if (search->count == search->room) {
		size_t room = search->room ? search->room * 2 : 64;
		struct connection *more = realloc(search->found, room * sizeof(*more));

		if (!more) {
			errno = ENOMEM;
			return -1;
		}
		search->found = more;
		search->room = room;
	}
	search->found[search->count++] = *connection;
	return 0;
}

static int take_connection(const struct nlmsghdr *message, void *arg)
{
	const struct nlattr *table[CTA_MAX + 1];
	struct connection connection = { .zone = 0 };
	struct search *search = arg;
	uint32_t status = 0;
	size_t len;

	if (message->nlmsg_len < NLMSG_HDRLEN + sizeof(struct nfgenmsg) ||
	    attr_parse_message(message, sizeof(struct nfgenmsg), table, CTA_MAX + 1) < 0)
		goto nonsense;
	if (!table[CTA_TUPLE_ORIG] || !attr_u32(table[CTA_ID], &connection.id))
		goto nonsense;
	len = table[CTA_TUPLE_ORIG]->nla_len - MNL_ATTR_HDRLEN;
	if (len > sizeof(connection.tuple))
		goto nonsense;
	memcpy(connection.tuple, (const uint8_t *)table[CTA_TUPLE_ORIG] + MNL_ATTR_HDRLEN, len);
	connection.tuple_len = (uint8_t)len;
	attr_bytes(table[CTA_ZONE], &connection.zone, sizeof(connection.zone));
	attr_u32(table[CTA_STATUS], &status);
	if (search->untranslated && ntohl(status) & IPS_DST_NAT)
		return 0;
	return keep(search, &connection);
nonsense:
	errno = EBADMSG;
	return -1;
}

static void restart(void *arg)
{
	((struct search *)arg)->count = 0;
}

/* No nfnetlink subsystem of this number. */
static bool is_missing(const struct fault *fault)
{
	return fault->err == EINVAL || fault->err == EOPNOTSUPP;
}

static int look(struct rtnl *nft, const struct filter *filter, struct search *search,
		struct fault *fault)
{
	_Alignas(8) uint8_t bytes[REQUEST_BYTES] = { 0 };
	struct nlmsghdr *message = begin(bytes, IPCTNL_MSG_CT_GET, NLM_F_DUMP, search->family);

	put_filter(message, filter);
	if (rtnl_get(nft, message, take_connection, restart, search, fault) == 0)
		return 0;
	search->count = 0;
	return nft->is_open && is_missing(fault) ? 0 : -1;
}

/* ---- forgetting it ---- */

static void put_deletion(struct rtnl_batch *batch, uint8_t family,
			 const struct connection *connection)
{
	struct nlmsghdr *message = rtnl_batch_begin(
		batch, (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE, 0,
		sizeof(struct nfgenmsg), "tracked connection");

	if (!message)
		return;
	((struct nfgenmsg *)mnl_nlmsg_get_payload(message))->nfgen_family = family;
	mnl_attr_put(message, CTA_TUPLE_ORIG | NLA_F_NESTED, connection->tuple_len,
		     connection->tuple);
	mnl_attr_put(message, CTA_ID, sizeof(connection->id), &connection->id);
	if (connection->zone != 0)
		mnl_attr_put(message, CTA_ZONE, sizeof(connection->zone), &connection->zone);
	rtnl_batch_end(batch, message);
	rtnl_batch_may_miss(batch); /* it has ended meanwhile */
}

static int forget_all(struct rtnl *nft, const struct search *search, struct fault *fault)
{
	struct rtnl_batch batch;

	for (size_t at = 0; at < search->count;) {
		rtnl_batch_init(&batch);
		while (at < search->count && batch.count < RTNL_BATCH_MAX &&
		       rtnl_batch_room(&batch) >= RTNL_REQUEST_BYTES)
			put_deletion(&batch, search->family, &search->found[at++]);
		if (rtnl_send(nft, &batch, fault) < 0)
			return -1;
	}
	return 0;
}

static int look_and_forget(struct rtnl *nft, const struct filter *filter, uint8_t family,
			   struct fault *fault)
{
	struct search search = { .family = family };
	int ret = look(nft, filter, &search, fault);

	if (ret == 0)
		ret = forget_all(nft, &search, fault);
	free(search.found);
	return ret;
}

static int forget(struct rtnl *nft, const struct filter *filter, uint8_t family,
		  struct fault *fault)
{
	struct rtnl_batch batch;
	struct nlmsghdr *message;
	struct nfgenmsg *header;

	rtnl_batch_init(&batch);
	message = rtnl_batch_begin(&batch, (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE, 0,
				   sizeof(*header), "tracked connections");
	if (message) {
		header = mnl_nlmsg_get_payload(message);
		header->nfgen_family = family;
		header->version = 1; /* otherwise the family does not count */
		put_filter(message, filter);
	}
	rtnl_batch_end(&batch, message);
	rtnl_batch_may_miss(&batch);
	if (rtnl_send(nft, &batch, fault) == 0)
		return 0;
	if (!nft->is_open)
		return -1;
	if (fault->err == EOPNOTSUPP)
		return look_and_forget(nft, filter, family, fault);
	return is_missing(fault) ? 0 : -1;
}

int conntrack_forget_address(struct rtnl *nft, const struct ip_addr *addr, struct fault *fault)
{
	/* what it began, and what was translated to it */
	const struct filter filters[] = {
		{ CTA_TUPLE_ORIG, CTA_FILTER_ORIG_FLAGS, PART_IP_SRC, addr, NULL, 0, 0 },
		{ CTA_TUPLE_REPLY, CTA_FILTER_REPLY_FLAGS, PART_IP_SRC, addr, NULL, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (forget(nft, &filters[i], addr->family, fault) < 0)
			return -1;
	return 0;
}

/* ---- published ports ---- */

/* The destination in a tuple. */
static bool get_destination(const struct connection *connection, struct ip_addr *addr)
{
	const struct nlattr *tuple[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1];

	return attr_parse(connection->tuple, connection->tuple_len, tuple, CTA_TUPLE_MAX + 1) == 0 &&
	       attr_parse_nested(tuple[CTA_TUPLE_IP], ip, CTA_IP_MAX + 1) == 0 &&
	       attr_bytes(ip[addr->family == AF_INET ? CTA_IP_V4_DST : CTA_IP_V6_DST], addr->bytes,
			  ip_addr_len(addr));
}

/* Leaves those to the host's own addresses: connections to the port of others pass by here. */
static int keep_local(struct rtnl *host, struct search *search, struct fault *fault)
{
	struct ip_addr before = { .family = 0 };
	bool is_local = false;
	size_t kept = 0;

	for (size_t i = 0; i < search->count; i++) {
		struct ip_addr addr = { .family = search->family };
		struct route_info route;
		bool found;
		int err;

		if (!get_destination(&search->found[i], &addr))
			continue;
		if (!ip_addr_equal(&addr, &before)) {
			if (route_lookup(host, &addr, &route, &found, &err, fault) < 0)
				return -1;
			is_local = found && route.type == RTN_LOCAL;
			before = addr;
		}
		if (is_local)
			search->found[kept++] = search->found[i];
	}
	search->count = kept;
	return 0;
}

int conntrack_forget_published(struct rtnl *nft, struct rtnl *host,
			       const struct net_publish *publish, uint8_t family,
			       struct fault *fault)
{
	struct filter filter = { CTA_TUPLE_ORIG, CTA_FILTER_ORIG_FLAGS, PART_PROTO | PART_PORT_DST,
				 NULL, NULL, publish->proto, publish->host_port };
	struct search search = { .family = family, .untranslated = true };
	int ret;

	if (publish->addr.family == family) {
		filter.dst = &publish->addr;
		filter.parts |= PART_IP_DST;
	}
	ret = look(nft, &filter, &search, fault);
	if (ret == 0)
		ret = keep_local(host, &search, fault);
	if (ret == 0)
		ret = forget_all(nft, &search, fault);
	free(search.found);
	return ret;
}
