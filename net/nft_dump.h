/* SPDX-License-Identifier: Apache-2.0 */
/* Everything in the table's sets, and every chain. */
#ifndef NIDUS_NET_NFT_DUMP_H
#define NIDUS_NET_NFT_DUMP_H

#include "nft_reply.h"

/*
 * A dump that a change interrupted starts again, so `each` may get an element more than
 * once. Without the table it gets none.
 */
typedef int nft_each_element(enum nft_set_id set, const struct nft_reply_element *element,
			     void *arg);
int nft_dump_set(struct rtnl *nft, enum nft_set_id set, nft_each_element *each, void *arg,
		 struct fault *fault);
/* Of all sets that hold elements of sandboxes. */
int nft_dump_sets(struct rtnl *nft, nft_each_element *each, void *arg, struct fault *fault);

typedef int nft_each_chain(const struct nft_reply_chain *chain, void *arg);
/* Of our table. */
int nft_dump_chains(struct rtnl *nft, nft_each_chain *each, void *arg, struct fault *fault);

#endif
