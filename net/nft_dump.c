/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps of nf_tables, used to find out which sandboxes there are and whether the tables of
 * others would block them. */
#include "nft_dump.h"

#include "nft_chains.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../init/contract.h"

#define IDS_MAX (1u << 20) /* bound; there can't be more sandboxes */

/* ---- dumps ---- */

struct set_dump {
	enum nft_set_id set;
	nft_each_element *each;
	void *arg;
};

static int tell_element(const struct nft_reply_element *element, void *arg)
{
	const struct set_dump *dump = arg;

	return dump->each(dump->set, element, dump->arg);
}

static int take_elements(const struct nlmsghdr *message, void *arg)
{
	return nft_reply_elements(message, tell_element, arg);
}

static int ignore_missing(int result, const struct fault *fault)
{
	return result < 0 && fault->err == ENOENT ? 0 : result;
}

int nft_dump_set(struct rtnl *nft, enum nft_set_id set, nft_each_element *each, void *arg,
		 struct fault *fault)
{
	struct set_dump dump = { set, each, arg };
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];
	struct nlmsghdr *request = nft_request(bytes, NFT_MSG_GETSETELEM, NLM_F_DUMP);

	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_SET, nft_set_name(set));
	return ignore_missing(rtnl_get(nft, request, take_elements, NULL, &dump, fault), fault);
}

int nft_dump_sets(struct rtnl *nft, nft_each_element *each, void *arg, struct fault *fault)
{
	for (int set = 0; set < SET_OF_SANDBOXES; set++)
		if (nft_dump_set(nft, (enum nft_set_id)set, each, arg, fault) < 0)
			return -1;
	return 0;
}

struct chain_dump {
	nft_each_chain *each;
	void *arg;
};

/* Before Linux 5.11 the kernel ignored the name of the table and returned all chains. */
static int take_chain(const struct nlmsghdr *message, void *arg)
{
	const struct chain_dump *dump = arg;
	struct nft_reply_chain chain;

	if (nft_reply_chain(message, &chain) < 0)
		return -1;
	if (chain.family != NFPROTO_INET || strcmp(chain.table, NFT_TABLE) != 0)
		return 0;
	return dump->each(&chain, dump->arg);
}

int nft_dump_chains(struct rtnl *nft, nft_each_chain *each, void *arg, struct fault *fault)
{
	struct chain_dump dump = { each, arg };
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];
	struct nlmsghdr *request = nft_request(bytes, NFT_MSG_GETCHAIN, NLM_F_DUMP);

	mnl_attr_put_strz(request, NFTA_CHAIN_TABLE, NFT_TABLE);
	return ignore_missing(rtnl_get(nft, request, take_chain, NULL, &dump, fault), fault);
}

/* ---- which sandboxes there are ---- */

struct id_list {
	char (*ids)[NFT_ID_MAX + 1];
	size_t count, size;
};

static int add_id(struct id_list *list, const char *id)
{
	size_t len = strlen(id);

	if (len == 0 || len > NFT_ID_MAX || strspn(id, NFT_ID_CHARS) != len)
		return 0; /* not made by nidus */
	if (list->count == list->size) {
		size_t size = list->size > 0 ? list->size * 2 : 256;
		void *ids = NULL;

		if (size <= IDS_MAX)
			ids = realloc(list->ids, size * sizeof(*list->ids));
		if (!ids) {
			errno = ENOMEM;
			return -1;
		}
		list->ids = ids;
		list->size = size;
	}
	memcpy(list->ids[list->count++], id, len + 1);
	return 0;
}

static int list_element(enum nft_set_id set, const struct nft_reply_element *element, void *arg)
{
	(void)set;
	return add_id(arg, element->comment);
}

static int list_chain(const struct nft_reply_chain *chain, void *arg)
{
	size_t skip = strlen(NFT_POLICY_PREFIX);

	return strncmp(chain->name, NFT_POLICY_PREFIX, skip) == 0 ? add_id(arg, chain->name + skip)
								  : 0;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

int nft_list(struct rtnl *nft, nft_each *each, void *arg, struct fault *fault)
{
	struct id_list list = { 0 };
	int result = -1;

	if (nft_dump_sets(nft, list_element, &list, fault) < 0 ||
	    nft_dump_chains(nft, list_chain, &list, fault) < 0)
		goto out;
	if (list.count > 0)
		qsort(list.ids, list.count, sizeof(*list.ids), compare_ids);
	for (size_t i = 0; i < list.count; i++) {
		if (i > 0 && strcmp(list.ids[i], list.ids[i - 1]) == 0)
			continue;
		if (each(list.ids[i], arg) < 0) {
			fault_set(fault, STEP_NETWORK, errno, list.ids[i]);
			goto out;
		}
	}
	result = 0;
out:
	free(list.ids);
	return result;
}
