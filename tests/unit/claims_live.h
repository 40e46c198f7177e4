/* SPDX-License-Identifier: Apache-2.0 */
/* A network's claims, kept as a caller's record keeps them: for tests and the bench of net.h. */
#ifndef NIDUS_TEST_CLAIMS_LIVE_H
#define NIDUS_TEST_CLAIMS_LIVE_H

#include <string.h>

#include "../../net/net.h"
#include "../../spawn/host/config.h"

#define CLAIMS_MAX 32

struct claims {
	struct net_claim all[CLAIMS_MAX];
	size_t count;
	/* called with each claim: the record's moment; NULL */
	void (*point)(const struct net_claim *claim, void *arg);
	void *arg;
};

/* Removes what is claimed: links, elements, leases, of each the newest first. */
static inline int claims_remove(const struct claims *claims, struct net *net, struct fault *fault)
{
	static const enum net_resource order[] = { NET_LINK, NET_ELEMENTS, NET_LEASE, NET_POOL,
						     NET_FORWARD };

	for (size_t kind = 0; kind < sizeof(order) / sizeof(order[0]); kind++)
		for (size_t i = claims->count; i-- > 0;)
			if (claims->all[i].resource == order[kind] &&
			    net_remove(net, order[kind], claims->all[i].text, fault) < 0)
				return -1;
	return 0;
}

static inline int claims_take(struct claims *claims, struct net *net, struct fault *fault)
{
	struct net_claim some[NET_CLAIMS_MAX] = { 0 }; /* a record is written whole */
	size_t count;
	int ret;

	do {
		if (net_choose(net, some, &count, fault) < 0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			claims->all[claims->count++] = some[i];
			if (claims->point)
				claims->point(&some[i], claims->arg);
		}
		ret = net_take(net, fault);
	} while (ret > 0);
	return ret;
}

/* From net_open to net_take. Nothing is left on failure. */
static inline int claims_make(struct claims *claims, const struct net_options *options,
			      int state_fd, const char *id, struct net **net, struct fault *fault)
{
	struct fault ignored; /* the first is the one to tell */
	struct net_config config;

	claims->count = 0;
	if (host_config_read(&config, fault) < 0 ||
	    net_open(options, &config, state_fd, id, net, fault) < 0)
		return -1;
	if (claims_take(claims, *net, fault) == 0)
		return 0;
	claims_remove(claims, *net, &ignored);
	net_free(*net);
	*net = NULL;
	return -1;
}

#endif
