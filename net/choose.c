/* SPDX-License-Identifier: Apache-2.0 */
#include "choose.h"

#include <errno.h>

#include "../init/contract.h"
#include "link.h"
#include "nft.h"

static int is_used(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault)
{
	struct choice *choice = arg;

	*used = true;
	for (size_t i = 0; i < choice->avoided_count; i++)
		if (ip_addr_equal(&choice->avoided[i], addr))
			return 0;
	/*
	 * A route over one of our links counts too: it belongs to another state root, as this
	 * one removes routes before it releases their lease.
	 */
	return route_is_used(choice->host, addr, used, fault);
}

static int choose_one(struct choice *choice, const struct lease_lock *lock,
		      const struct ip_prefix *pool, const char *id, struct ip_addr *addr,
		      struct fault *fault)
{
	struct ip_addr found;

	if (addr->family || !pool->addr.family)
		return 0;
	if (lease_choose(lock, pool, id, is_used, choice, &found, fault) < 0)
		return -1;
	*addr = found;
	return 0;
}

int choose_addresses(struct choice *choice, const struct lease_lock *lock, const char *id,
		     struct ip_addr *addr4, struct ip_addr *addr6, struct fault *fault)
{
	if (choose_one(choice, lock, &choice->pool4, id, addr4, fault) < 0)
		return -1;
	return choose_one(choice, lock, &choice->pool6, id, addr6, fault);
}

static int avoid_one(struct choice *choice, struct rtnl *nft, int state_fd, const char *id,
		     struct ip_addr *addr, struct fault *fault)
{
	struct ip_prefix alone = { *addr, (uint8_t)(ip_addr_len(addr) * 8) };
	bool has = false;

	if (!addr->family)
		return 0;
	if (nft_has_address(nft, &alone, &has, fault) < 0)
		return -1;
	if (!has)
		return 0;
	if (choice->avoided_count == sizeof(choice->avoided) / sizeof(choice->avoided[0]))
		return fault_set(fault, STEP_NETWORK, EOVERFLOW, "addresses to avoid");
	choice->avoided[choice->avoided_count++] = *addr;
	if (lease_release(state_fd, id, addr, fault) < 0)
		return -1;
	addr->family = 0;
	return 0;
}

int choose_avoid(struct choice *choice, struct rtnl *nft, int state_fd, const char *id,
		 struct ip_addr *addr4, struct ip_addr *addr6, struct fault *fault)
{
	if (avoid_one(choice, nft, state_fd, id, addr4, fault) < 0)
		return -1;
	return avoid_one(choice, nft, state_fd, id, addr6, fault);
}
