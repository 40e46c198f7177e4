/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a sandbox: leased, in nobody's use, and others where those are taken. */
#ifndef NIDUS_NET_CHOOSE_H
#define NIDUS_NET_CHOOSE_H

#include "ip.h"
#include "net.h"
#include "rtnl.h"

#define CHOOSE_TRIES 8 /* of addresses that turn out to be another state root's */

/* What to choose from, filled in by the caller, whose it all is. */
struct choice {
	struct rtnl *host;
	int state_fd;
	const char *id;
	struct ip_prefix pool4, pool6; /* family 0: no address of it */
	net_intend *intend;
	void *arg;
	struct ip_addr avoided[2 * CHOOSE_TRIES];
	size_t avoided_count;
};

/*
 * Leases one address of each pool where there is none yet, asking the host and `intend`
 * about it. After a failure what was leased stands in addr4 and addr6, for choose_release.
 */
int choose_take(struct choice *choice, struct ip_addr *addr4, struct ip_addr *addr6,
		struct fault *fault);
/* Of both, releases what has elements already, and leaves it out from now on: for at most
 * CHOOSE_TRIES times, each after an nft_add_sandbox with EEXIST. */
int choose_avoid(struct choice *choice, struct rtnl *nft, struct ip_addr *addr4,
		 struct ip_addr *addr6, struct fault *fault);
/* family 0: nothing to release; afterwards it is 0. */
int choose_release(int state_fd, const char *id, struct ip_addr *addr, struct fault *fault);

#endif
