/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding and removing the elements of a sandbox, in one transaction, and the chain of its
 * egress policy. Then finding the holder of an element, and removal by id only.
 */
#include "nft_chains.h"
#include "nft_reply.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "nft_dump.h"

#define ELEMENT_BYTES 140 /* maximum for one element in a message */
#define HEADER_BYTES 128  /* of the message around them */
#define DELETE_ROUNDS 8
#define LABEL_MESSAGES 4

static bool has_room(const struct nft_batch *batch, const struct nft_elements *elements)
{
	size_t messages = (size_t)SET_OF_SANDBOXES + elements->count / 16 + LABEL_MESSAGES;

	return rtnl_batch_room(&batch->rtnl) > elements->count * ELEMENT_BYTES +
						       messages * HEADER_BYTES +
						       2 * (size_t)RTNL_REQUEST_BYTES &&
	       batch->rtnl.count + messages < NFT_BATCH_MESSAGES;
}

/* ---- adding ---- */

struct holder {
	const struct nft_elements *wanted;
	char id[NFT_ID_MAX + 1];
	uint16_t port;
};

/* Whether this element is the one that conflicts. */
static int look_for_holder(enum nft_set_id set, const struct nft_reply_element *found, void *arg)
{
	struct holder *holder = arg;

	for (size_t i = 0; i < holder->wanted->count && holder->id[0] == '\0'; i++) {
		const struct nft_element *element = &holder->wanted->elements[i];

		if (element->set != set || element->key_len != found->element.key_len ||
		    memcmp(element->key, found->element.key, element->key_len) != 0)
			continue;
		snprintf(holder->id, sizeof(holder->id), "%.*s", NFT_ID_MAX, found->comment);
		holder->port = (uint16_t)(element->key[element->key_len - 4] << 8 |
					  element->key[element->key_len - 3]);
	}
	return 0;
}

/* For a published port that another sandbox has, the fault names it; others stay unchanged. */
static int explain(struct rtnl *nft, const struct nft_elements *elements, struct fault *fault)
{
	struct holder holder = { .wanted = elements };
	char why[FAULT_WHY_MAX];
	struct fault unused;

	if (fault->err != EEXIST && fault->err != EBUSY)
		return -1;
	for (int set = SET_PUB4; set <= SET_PUB_ANY6 && holder.id[0] == '\0'; set++)
		if (nft_dump_set(nft, (enum nft_set_id)set, look_for_holder, &holder, &unused) < 0)
			return -1;
	if (holder.id[0] == '\0')
		return -1;
	snprintf(why, sizeof(why), "port %u belongs to sandbox %s", holder.port, holder.id);
	fault_set(fault, STEP_NETWORK, EADDRINUSE, "publish");
	return fault_because(fault, why);
}

static void remove_chain(struct rtnl *nft, const char *id)
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct nft_batch batch;
	struct fault unused;

	nft_policy_chain(id, chain);
	nft_batch_init(&batch, 0);
	nft_delete_chain(&batch, chain);
	nft_batch_commit(nft, &batch, &unused); /* the first fault is the one to report */
}

int nft_add_sandbox(struct rtnl *nft, const struct nft_sandbox *sandbox, struct fault *fault)
{
	struct nft_elements elements;
	struct nft_batch batch;

	if (nft_sandbox_elements(sandbox, &elements, fault) < 0)
		return -1;
	nft_batch_init(&batch, 0);
	if (nft_has_policy(sandbox)) {
		if (nft_add_policy(nft, &batch, sandbox, fault) < 0)
			goto fail;
		if (!has_room(&batch, &elements)) {
			if (nft_batch_commit(nft, &batch, fault) < 0)
				goto fail;
			nft_batch_init(&batch, 0);
		}
	}
	/* together, so that no other sandbox can remove the label in between */
	if (elements.peers[0] != '\0')
		nft_add_label(&batch, elements.peers);
	nft_put_elements(&batch, NFT_MSG_NEWSETELEM, &elements, sandbox->id);
	if (nft_batch_commit(nft, &batch, fault) == 0)
		return 0;
	explain(nft, &elements, fault);
fail:
	if (nft_has_policy(sandbox))
		remove_chain(nft, sandbox->id);
	return -1;
}

struct owner {
	const struct ip_prefix *prefix;
	bool *has;
};

static int look_for_address(enum nft_set_id set, const struct nft_reply_element *found, void *arg)
{
	const struct owner *owner = arg;
	struct ip_addr addr = { .family = owner->prefix->addr.family };

	(void)set;
	if (found->element.key_len != ip_addr_len(&addr))
		return 0;
	memcpy(addr.bytes, found->element.key, found->element.key_len);
	*owner->has |= ip_prefix_contains(owner->prefix, &addr);
	return 0;
}

int nft_has_address(struct rtnl *nft, const struct ip_prefix *prefix, bool *has,
		    struct fault *fault)
{
	struct owner owner = { .prefix = prefix, .has = has };

	*has = false;
	return nft_dump_set(nft, prefix->addr.family == AF_INET ? SET_SRC4 : SET_SRC6,
			    look_for_address, &owner, fault);
}

/* ---- removing ---- */

/* With the last link that has it. EBUSY: another sandbox has it; ENOENT: removed meanwhile. */
static int drop_label(struct rtnl *nft, const char *name, struct fault *fault)
{
	struct nft_batch batch;

	nft_batch_init(&batch, 0);
	nft_delete_label(&batch, name);
	if (nft_batch_commit(nft, &batch, fault) == 0 || fault->err == EBUSY || fault->err == ENOENT)
		return 0;
	return -1;
}

/* All or nothing: ENOENT if any element is missing. */
static int delete_all(struct rtnl *nft, const struct nft_elements *elements, const char *chain,
		      struct fault *fault)
{
	struct nft_batch batch;

	nft_batch_init(&batch, 0);
	nft_put_elements(&batch, NFT_MSG_DELSETELEM, elements, NULL);
	if (chain)
		nft_delete_chain(&batch, chain);
	return nft_batch_commit(nft, &batch, fault);
}

int nft_delete_sandbox(struct rtnl *nft, const struct nft_sandbox *sandbox, struct fault *fault)
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct nft_elements elements;

	if (nft_sandbox_elements(sandbox, &elements, fault) < 0)
		return -1;
	nft_policy_chain(sandbox->id, chain);
	if (delete_all(nft, &elements, nft_has_policy(sandbox) ? chain : NULL, fault) == 0)
		return elements.peers[0] != '\0' ? drop_label(nft, elements.peers, fault) : 0;
	/*
	 * Some or all elements are missing, and an element with such a key may belong to
	 * another sandbox: the first element of every transaction names the link.
	 */
	if (fault->err != ENOENT)
		return -1;
	return nft_delete_by_id(nft, sandbox->id, fault);
}

struct search {
	const char *id;
	char ifname[16];
	struct nft_elements found;
	bool is_cut;    /* there is more */
	bool has_chain;
};

static int collect_element(enum nft_set_id set, const struct nft_reply_element *found, void *arg)
{
	struct search *search = arg;
	struct nft_element *element;

	if (strcmp(found->comment, search->id) != 0 &&
	    !(nft_set_has_ifname(set) && found->element.key_len >= sizeof(search->ifname) &&
	      memcmp(found->element.key, search->ifname, sizeof(search->ifname)) == 0))
		return 0;
	/* A dump that was restarted returns some twice. */
	for (size_t i = 0; i < search->found.count; i++)
		if (search->found.elements[i].set == set &&
		    search->found.elements[i].key_len == found->element.key_len &&
		    memcmp(search->found.elements[i].key, found->element.key,
			   found->element.key_len) == 0)
			return 0;
	element = nft_element_begin(&search->found, set);
	search->is_cut |= !element;
	nft_key_bytes(element, found->element.key, found->element.key_len);
	if (set == SET_PEERS && strlen(found->jump) < sizeof(search->found.peers)) {
		strcpy(search->found.peers, found->jump);
		nft_key_ifname(nft_element_begin(&search->found, SET_OF_LABEL), search->ifname);
	}
	return 0;
}

static int look_for_chain(const struct nft_reply_chain *chain, void *arg)
{
	struct search *search = arg;
	char name[NFT_CHAIN_NAME_MAX];

	nft_policy_chain(search->id, name);
	search->has_chain |= strcmp(chain->name, name) == 0;
	return 0;
}

/* 1: nothing is left. */
static int delete_what_is_found(struct rtnl *nft, struct search *search, struct fault *fault)
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct fault deleted;

	search->found.count = 0;
	search->found.peers[0] = '\0';
	search->is_cut = search->has_chain = false;
	if (nft_dump_sets(nft, collect_element, search, fault) < 0 ||
	    nft_dump_chains(nft, look_for_chain, search, fault) < 0)
		return -1;
	if (search->found.count == 0 && !search->has_chain)
		return 1;
	nft_policy_chain(search->id, chain);
	if (delete_all(nft, &search->found, search->has_chain && !search->is_cut ? chain : NULL,
		       &deleted) == 0 &&
	    !search->is_cut)
		return 1;
	*fault = deleted;
	return 0;
}

static int look_for_unused_label(const struct nft_reply_chain *chain, void *arg)
{
	bool is_unused = chain->uses <= 1; /* its rule: nothing jumps to it */

	if (is_unused && strncmp(chain->name, NFT_LABEL_PREFIX, strlen(NFT_LABEL_PREFIX)) == 0 &&
	    strlen(chain->name) < NFT_LABEL_NAME_MAX)
		strcpy(arg, chain->name);
	return 0;
}

/* Left by spawners that died after removing their elements, and before the label. */
static int drop_unused_labels(struct rtnl *nft, struct fault *fault)
{
	for (int i = 0; i < DELETE_ROUNDS; i++) {
		char name[NFT_LABEL_NAME_MAX] = "";

		if (nft_dump_chains(nft, look_for_unused_label, name, fault) < 0)
			return -1;
		if (name[0] == '\0')
			return 0;
		if (drop_label(nft, name, fault) < 0)
			return -1;
	}
	return 0; /* the next recovery goes on */
}

int nft_delete_by_id(struct rtnl *nft, const char *id, struct fault *fault)
{
	struct search search = { .id = id };

	if (id[0] == '\0' || strlen(id) > NFT_ID_MAX || strspn(id, NFT_ID_CHARS) != strlen(id))
		return fault_set(fault, STEP_NETWORK, EINVAL, id);
	snprintf(search.ifname, sizeof(search.ifname), NFT_LINK_PREFIX "%.*s",
		 (int)(sizeof(search.ifname) - sizeof(NFT_LINK_PREFIX)), id);
	for (int i = 0; i < DELETE_ROUNDS; i++) {
		int result = delete_what_is_found(nft, &search, fault);

		if (result > 0)
			return drop_unused_labels(nft, fault);
		/* Another process removes it too, or the table keeps changing: try again. */
		if (!search.is_cut && fault->err != ENOENT && fault->err != EAGAIN)
			return -1;
	}
	return -1;
}
