/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind link.h share. */
#ifndef NIDUS_NET_LINK_REQUEST_H
#define NIDUS_NET_LINK_REQUEST_H

#include <linux/rtnetlink.h>

#include "link.h"

bool link_name_is_valid(const char *name);

/* Room for one get with a header and few attributes. */
struct link_query {
	_Alignas(8) uint8_t bytes[256];
};

/*
 * Polls until `look` sets *there. The work queues of the kernel need 20 to 200 us; with a
 * group of notifications, those of every other link would come as well.
 */
typedef int link_look(struct rtnl *rtnl, const void *what, bool *there, struct fault *fault);
int link_poll(struct rtnl *rtnl, link_look *look, const void *what, int timeout_ms, bool *there,
	      struct fault *fault);

/* As much of a route as says whether it covers an address. */
struct route_info {
	uint8_t type;        /* RTN_* */
	uint8_t protocol;    /* RTPROT_* */
	struct ip_prefix dst;
};

/* 0, or -1 with EBADMSG. */
int route_parse(const struct nlmsghdr *message, struct route_info *info);
/* The route that the kernel takes to addr. *found is false if it takes none; *err is the errno
 * if a route refuses (unreachable, prohibit, blackhole). */
int route_lookup(struct rtnl *rtnl, const struct ip_addr *addr, struct route_info *info,
		 bool *found, int *err, struct fault *fault);

#endif
