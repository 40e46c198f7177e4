/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sets and maps of the table, and their elements. Keys have the layout of
 * registers: each part padded to a multiple of 4 bytes, addresses and ports in
 * network order, names padded with zeros.
 */
#ifndef NIDUS_NET_NFT_SETS_H
#define NIDUS_NET_NFT_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nft.h"
#include "nft_batch.h"

#define NFT_KEY_MAX 36
#define NFT_DATA_MAX 20
#define NFT_POLICY_PREFIX "pol_" /* a sandbox's own chain: the prefix and the id */
#define NFT_CHAIN_NAME_MAX (sizeof(NFT_POLICY_PREFIX) + NFT_ID_MAX)
#define NFT_LABEL_PREFIX "peer_" /* chain and set of a peer label: the prefix and the label */
#define NFT_LABEL_NAME_MAX (sizeof(NFT_LABEL_PREFIX) + NET_PEER_MAX)
/* What one sandbox can have at most. */
#define NFT_ELEMENTS_MAX (16 + 2 * (NET_HOST_PORTS_MAX + NET_PUBLISH_MAX + NET_RULES_MAX))

enum nft_set_id {
	SET_OWN4,       /* the addresses of a link: allowed as sources of what it sends */
	SET_OWN6,
	SET_SRC4,       /* addresses of all sandboxes */
	SET_SRC6,
	SET_POLICIES,   /* link : jump to its chain */
	SET_PEERS,      /* link : jump to the chain of its peer label */
	SET_HOST_PORTS, /* link . protocol . port */
	SET_OPEN4,      /* link . address . protocol . port: in @closed4, but named by an --net-allow */
	SET_PUB4,       /* protocol . address . port : address . port */
	SET_PUB6,
	SET_PUB_ANY4,   /* protocol . port : address . port */
	SET_PUB_ANY6,
	SET_OF_SANDBOXES, /* how many hold elements of sandboxes; the constant ones follow */
	SET_CLOSED4 = SET_OF_SANDBOXES,
	SET_CLOSED6,
	SET_COUNT,
	SET_OF_LABEL = SET_COUNT, /* one for each peer label, named as its chain: its links */
};

struct nft_element {
	uint8_t set; /* enum nft_set_id */
	uint8_t key_len, data_len;
	bool is_interval_end;
	uint8_t key[NFT_KEY_MAX];
	uint8_t data[NFT_DATA_MAX]; /* none in sets, and where data is a jump */
};

struct nft_elements {
	size_t count;
	char peers[NFT_LABEL_NAME_MAX]; /* chain and set of the peer label; "": none */
	struct nft_element elements[NFT_ELEMENTS_MAX];
};

const char *nft_set_name(enum nft_set_id set);
/* Does the key begin with the name of a link? */
bool nft_set_has_ifname(enum nft_set_id set);

/* NFT_MSG_NEWSET for every set and map; those that exist already stay as they are. */
void nft_add_sets(struct nft_batch *batch);
/* The set of a peer label, which may exist. No rule may use it any more when it is deleted. */
void nft_add_label_set(struct nft_batch *batch, const char *name);
void nft_delete_label_set(struct nft_batch *batch, const char *name);

/* An element with an empty key. NULL: no room. */
struct nft_element *nft_element_begin(struct nft_elements *elements, enum nft_set_id set);
void nft_key_bytes(struct nft_element *element, const void *bytes, size_t len); /* pads */
void nft_key_ifname(struct nft_element *element, const char *ifname);
void nft_key_port(struct nft_element *element, uint16_t port); /* host byte order */
void nft_data_bytes(struct nft_element *element, const void *bytes, size_t len);

/*
 * NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM for all of them, several per message. id goes into
 * the comments and names the chain in @policies; NULL: none. A new element that exists fails.
 */
void nft_put_elements(struct nft_batch *batch, uint16_t type, const struct nft_elements *elements,
		      const char *id);

/*
 * The elements of one sandbox. Pure. Fault: a --publish that is not possible, EAFNOSUPPORT (no
 * address of that family) or EOPNOTSUPP ([::1]); EINVAL for an invalid id or link name.
 */
int nft_sandbox_elements(const struct nft_sandbox *sandbox, struct nft_elements *elements,
			 struct fault *fault);
bool nft_has_policy(const struct nft_sandbox *sandbox);
/* The elements of @closed4 and @closed6. */
void nft_closed_elements(struct nft_elements *elements);

#endif
