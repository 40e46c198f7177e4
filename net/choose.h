/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a sandbox: leased, in nobody's use, and others where those are taken. */
#ifndef NIDUS_NET_CHOOSE_H
#define NIDUS_NET_CHOOSE_H

#include "ip.h"
#include "lease.h"
#include "rtnl.h"

#define CHOOSE_TRIES 8 /* of addresses that turn out to be another state root's */

/* What to choose from, and what not any more. */
struct choice {
	struct rtnl *host;
	struct ip_prefix pool4, pool6; /* family 0: no address of it */
	struct ip_addr avoided[2 * CHOOSE_TRIES];
	size_t avoided_count;
};

/* Chooses one address of each pool where there is none yet, asking the host about it. */
int choose_addresses(struct choice *choice, const struct lease_lock *lock, const char *id,
		     struct ip_addr *addr4, struct ip_addr *addr6, struct fault *fault);
/* Of both, releases what has elements already, and leaves it out from now on: for at most
 * CHOOSE_TRIES times, each after an nft_add_sandbox with EEXIST. */
int choose_avoid(struct choice *choice, struct rtnl *nft, int state_fd, const char *id,
		 struct ip_addr *addr4, struct ip_addr *addr6, struct fault *fault);

#endif
