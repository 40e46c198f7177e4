/* SPDX-License-Identifier: Apache-2.0 */
/* The chains of the table and their rules. */
#ifndef NIDUS_NET_NFT_CHAINS_H
#define NIDUS_NET_NFT_CHAINS_H

#include "nft_batch.h"
#include "nft_sets.h"

/* Its comment has the layout number. It is created with the rules: if it exists, they do. */
#define NFT_MARKER_CHAIN "guard"

#define CHAIN_GUARD NFT_MARKER_CHAIN
#define CHAIN_PUBLISH "publish"
#define CHAIN_PUBLISH_OWN "publish_own"
#define CHAIN_TO_HOST "to_host"
#define CHAIN_PASS "pass"
#define CHAIN_FROM "from_sandbox"
#define CHAIN_TO "to_sandbox"
#define CHAIN_LEAVE "leave"

/* The table itself; it may exist. */
void nft_add_table(struct nft_batch *batch);
/* The marker chain fails with EEXIST if somebody else was faster: rules are never added twice. */
void nft_add_chains(struct nft_batch *batch, const char *layout_comment);
void nft_add_rules(struct nft_batch *batch);

/* At a hook, with the priority of filters; what no rule drops is accepted. EEXIST if it exists. */
void nft_add_filter_chain(struct nft_batch *batch, const char *name, uint32_t hook);
/* A chain without a hook. EEXIST if it exists. */
void nft_add_plain_chain(struct nft_batch *batch, const char *name);
/* The same, but it may exist. */
void nft_join_plain_chain(struct nft_batch *batch, const char *name);
/* Deletes its rules. */
void nft_flush_chain(struct nft_batch *batch, const char *name);
/* With its rules; nothing may jump to it any more. */
void nft_delete_chain(struct nft_batch *batch, const char *name);

/* Chain and set of a peer label; they may exist. EBUSY if a link still has the deleted one. */
void nft_add_label(struct nft_batch *batch, const char *name);
void nft_delete_label(struct nft_batch *batch, const char *name);

/* What an egress policy needs: see nft_policy.c. */
int nft_add_policy(struct rtnl *nft, struct nft_batch *batch, const struct nft_sandbox *sandbox,
		   struct fault *fault);
void nft_policy_chain(const char *id, char name[NFT_CHAIN_NAME_MAX]);

#endif
