/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the addresses of a sandbox: leased, unused on the host, and others if those are taken. */
#ifndef NIDUS_NET_CHOOSE_H
#define NIDUS_NET_CHOOSE_H

#include "ip.h"
#include "lease.h"
#include "rtnl.h"

#define CHOOSE_TRIES 8 /* of addresses that turn out to belong to another state root */

/* What to choose from, and which addresses to avoid. */
struct choice {
	struct rtnl *host;
	struct ip_prefix pool4, pool6; /* family 0: no address of it */
	struct ip_addr avoided[2 * CHOOSE_TRIES];
	size_t avoided_count;
};

/* Chooses one address of each pool for which there is none yet, after asking the host. */
int choose_addresses(struct choice *choice, const struct lease_lock *lock, const char *id,
		     struct ip_addr *addr4, struct ip_addr *addr6, struct fault *fault);
/* After nft_add_sandbox failed with EEXIST: releases those of the two addresses that have
 * elements already, and avoids them from now on. At most CHOOSE_TRIES times. */
int choose_avoid(struct choice *choice, struct rtnl *nft, int state_fd, const char *id,
		 struct ip_addr *addr4, struct ip_addr *addr6, struct fault *fault);

#endif
