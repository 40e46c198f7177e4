/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions on the table: messages of nf_tables between nfnetlink's batch
 * begin and end, sent in one piece. Either everything happens or nothing.
 */
#ifndef NIDUS_NET_NFT_BATCH_H
#define NIDUS_NET_NFT_BATCH_H

#include <stdint.h>

#include "rtnl.h"

#define NFT_BATCH_MESSAGES (RTNL_BATCH_MAX - 2) /* without begin and end */

struct nft_batch {
	struct rtnl_batch rtnl;
	struct nlmsghdr *last; /* the one message that is acked */
};

/* genid: fails with ERESTART if the ruleset has another generation; 0: any. */
void nft_batch_init(struct nft_batch *batch, uint32_t genid);
/* How many messages can still be begun. */
size_t nft_batch_room(const struct nft_batch *batch);
/* NFT_MSG_… for the inet family; NULL if it doesn't fit, which the batch remembers. */
struct nlmsghdr *nft_batch_begin(struct nft_batch *batch, uint16_t type, uint16_t flags,
				 const char *what);
void nft_batch_end(struct nft_batch *batch, struct nlmsghdr *message);
/* One exchange, however many messages. An empty batch is 0 as well. */
int nft_batch_commit(struct rtnl *nft, struct nft_batch *batch, struct fault *fault);

#define NFT_REQUEST_BYTES 512

/* A request outside of transactions, for rtnl_get; `bytes` is NFT_REQUEST_BYTES long. */
struct nlmsghdr *nft_request(void *bytes, uint16_t type, uint16_t flags);

#endif
