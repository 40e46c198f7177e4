/* SPDX-License-Identifier: Apache-2.0 */
/* Links, addresses, neighbours, routes: requests that go into a batch, and queries. */
#ifndef NIDUS_NET_LINK_H
#define NIDUS_NET_LINK_H

#include "ip.h"
#include "rtnl.h"

#define LINK_NAME_MAX 16 /* IFNAMSIZ */

struct link_veth {
	const char *name;      /* host side */
	const char *peer_name; /* inside: "eth0" */
	int peer_netns_fd;
	uint8_t mac[6], peer_mac[6];
	uint32_t mtu;          /* 0: the kernel's */
	uint32_t group;        /* IFLA_GROUP of the host side: gc removes by it */
	uint32_t index;        /* of the host side; 0: the kernel's choice */
	uint32_t peer_index;   /* 0: the kernel's choice; veth respects it only with `index` */
};

struct link_stats {
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};

struct link_info {
	uint32_t index, group, mtu;
	uint8_t operstate;     /* IF_OPER_UP */
	bool up;
	char name[LINK_NAME_MAX];
	struct link_stats stats;
};

/*
 * Requests. Each appends to the batch; malformed arguments, such as a name that is too
 * long, make rtnl_send fail. Either index or name is enough (index 0: by name).
 */
void link_add_veth(struct rtnl_batch *batch, const struct link_veth *veth);
void link_set_up(struct rtnl_batch *batch, uint32_t index, const char *name);
/* inet6 without automatic link-local addresses, so without duplicate detection. To be done
 * before the link goes up, because that creates the address. */
void link_set_no_autoconf(struct rtnl_batch *batch, uint32_t index, const char *name);
/* IPv4 per-interface settings over netlink: forwarding, route_localnet, rp_filter ...
 * (IPV4_DEVCONF_* of linux/ip.h). IPv6 has only sysctls. */
void link_set_devconf4(struct rtnl_batch *batch, uint32_t index, const char *name, uint32_t conf,
		       uint32_t value);
/* A missing link is not an error. Returns when the link is gone, after 30 ms for a veth:
 * closing the last descriptor of the peer's namespace is the cheap way. */
void link_delete(struct rtnl_batch *batch, const char *name);
/* flags: IFA_F_NODAD and others. An address that exists is not an error. */
void addr_add(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *prefix,
	      uint32_t flags);
/* Replaces an entry of this neighbour. */
void neigh_add_permanent(struct rtnl_batch *batch, uint32_t index, const struct ip_addr *addr,
			 const uint8_t mac[6]);
/*
 * dst over index; via family 0 or NULL: directly (scope link); with `onlink` the gateway
 * need not be on a connected prefix. src family 0 or NULL: the kernel's choice.
 * Nothing is replaced: if another link has a route of the same prefix, both exist; with
 * IPv4 the new one counts, with IPv6 the old one while its link is up. So delete the routes
 * of a link that is about to go (route_delete) before its address can be leased again.
 */
void route_add(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst,
	       const struct ip_addr *via, bool onlink, const struct ip_addr *src);
/* Only the route to dst over this link; a missing one is not an error. */
void route_delete(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst);
/* The same in the table `local`, which the kernel fills. */
void route_delete_local(struct rtnl_batch *batch, uint32_t index, const struct ip_prefix *dst);

/*
 * An unreachable route to dst, recognized as ours by its protocol. One that exists, also
 * somebody else's, is not an error, and neither is a missing one; only ours is deleted.
 */
#define ROUTE_PROTO_REFUSAL 110 /* of those that no routing daemon uses */
void route_refuse(struct rtnl_batch *batch, const struct ip_prefix *dst);
void route_refuse_no_more(struct rtnl_batch *batch, const struct ip_prefix *dst);

/* Queries. */
int link_get(struct rtnl *rtnl, const char *name, struct link_info *info, struct fault *fault);
/* Waits until IFLA_OPERSTATE is up, at most timeout_ms, by bounded polls. */
int link_wait_up(struct rtnl *rtnl, const char *name, int timeout_ms, struct fault *fault);
/*
 * Waits until the address is usable: even with IFA_F_NODAD, the kernel creates the route
 * that accepts packets for an IPv6 address in a work queue, after the ack of the request.
 */
int addr_wait(struct rtnl *rtnl, const struct ip_addr *addr, int timeout_ms, struct fault *fault);
/* Calls take for each link of the group; for all with group 0. take: 0, or -1 with errno. An
 * interrupted dump starts again, so a link may come more than once. */
typedef int link_take(const struct link_info *info, void *arg);
int link_list(struct rtnl *rtnl, uint32_t group, link_take *take, void *arg, struct fault *fault);
/*
 * Sets *used if the host has the address, or a route other than a default route that covers
 * it; unreachable routes of ours (route_refuse) don't count. Asks the kernel for the route that
 * it would take, and for unreachable ones if there is one: what is returned does not grow with
 * the number of routes.
 */
int route_is_used(struct rtnl *rtnl, const struct ip_addr *addr, bool *used, struct fault *fault);

/* The pure parts, for tests and fuzzers: 0, or -1 with EBADMSG. */
int link_parse(const struct nlmsghdr *message, struct link_info *info);

#endif
