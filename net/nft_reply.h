/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the answers of nf_tables with bounds. Pure. libnftnl's own readers abort the process
 * if the kernel's answer isn't what they expect; these return EBADMSG.
 */
#ifndef NIDUS_NET_NFT_REPLY_H
#define NIDUS_NET_NFT_REPLY_H

#include "nft_sets.h"

#define NFT_NAME_BYTES 256 /* NFT_NAME_MAXLEN of the kernel */
#define NFT_COMMENT_BYTES 129

struct nft_reply_element {
	struct nft_element element;      /* key and data as far as they fit; `set` is not filled in */
	char comment[NFT_COMMENT_BYTES]; /* "": none */
	char jump[NFT_NAME_BYTES];       /* the chain that a verdict leads to; "": none */
};

struct nft_reply_chain {
	uint8_t family;
	char table[NFT_NAME_BYTES], name[NFT_NAME_BYTES];
	char comment[NFT_COMMENT_BYTES];
	uint32_t uses; /* rules in it, and jumps to it */
	bool is_base;
	uint32_t hook, policy;
};

struct nft_reply_table {
	char name[NFT_NAME_BYTES];
	char comment[NFT_COMMENT_BYTES];
};

/* -1 with errno: EBADMSG; or what `take` returned -1 with. */
typedef int nft_take_element(const struct nft_reply_element *element, void *arg);
int nft_reply_elements(const struct nlmsghdr *message, nft_take_element *take, void *arg);
int nft_reply_chain(const struct nlmsghdr *message, struct nft_reply_chain *chain);
int nft_reply_table(const struct nlmsghdr *message, struct nft_reply_table *table);
int nft_reply_genid(const struct nlmsghdr *message, uint32_t *genid);

#endif
