/* SPDX-License-Identifier: Apache-2.0 */
/* Chains as messages, built with libnftnl. */
#include "nft_chains.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

struct chain_layout {
	const char *name, *type; /* type NULL: no hook */
	uint32_t hook;
	int32_t priority;
};

static const struct chain_layout chains[] = {
	{ CHAIN_GUARD, "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW },
	{ CHAIN_FROM, NULL, 0, 0 },
	{ CHAIN_TO, NULL, 0, 0 },
	{ CHAIN_PUBLISH, "nat", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST },
	{ CHAIN_PUBLISH_OWN, "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST },
	{ CHAIN_TO_HOST, "filter", NF_INET_LOCAL_IN, NF_IP_PRI_FILTER },
	{ CHAIN_PASS, "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER },
	{ CHAIN_LEAVE, "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC },
};

static bool set_chain_comment(struct nftnl_chain *chain, const char *text)
{
	struct nftnl_udata_buf *buf = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	bool is_set = buf && nftnl_udata_put_strz(buf, NFTNL_UDATA_CHAIN_COMMENT, text) &&
		      nftnl_chain_set_data(chain, NFTNL_CHAIN_USERDATA, nftnl_udata_buf_data(buf),
					   nftnl_udata_buf_len(buf)) == 0;

	if (buf)
		nftnl_udata_buf_free(buf);
	return is_set;
}

static bool fill_chain(struct nftnl_chain *chain, const struct chain_layout *layout,
		       const char *comment)
{
	if (nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, NFT_TABLE) < 0 ||
	    nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, layout->name) < 0 ||
	    (comment && !set_chain_comment(chain, comment)))
		return false;
	if (!layout->type)
		return true;
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, layout->hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, layout->priority);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	return nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, layout->type) == 0;
}

static void put_chain(struct nft_batch *batch, uint16_t type, uint16_t flags,
		      const struct chain_layout *layout, const char *comment)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *message = nft_batch_begin(batch, type, flags, layout->name);

	if (!chain || !fill_chain(chain, layout, comment))
		rtnl_batch_refuse(&batch->rtnl, ENOMEM);
	else if (message)
		nftnl_chain_nlmsg_build_payload(message, chain);
	nft_batch_end(batch, message);
	if (chain)
		nftnl_chain_free(chain);
}

void nft_add_chains(struct nft_batch *batch, const char *layout_comment)
{
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		put_chain(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, &chains[i],
			  i == 0 ? layout_comment : NULL);
}

void nft_add_filter_chain(struct nft_batch *batch, const char *name, uint32_t hook)
{
	const struct chain_layout layout = { name, "filter", hook, NF_IP_PRI_FILTER };

	put_chain(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, &layout, NULL);
}

void nft_add_plain_chain(struct nft_batch *batch, const char *name)
{
	const struct chain_layout layout = { name, NULL, 0, 0 };

	put_chain(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, &layout, NULL);
}

void nft_join_plain_chain(struct nft_batch *batch, const char *name)
{
	const struct chain_layout layout = { name, NULL, 0, 0 };

	put_chain(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE, &layout, NULL);
}

void nft_flush_chain(struct nft_batch *batch, const char *name)
{
	struct nlmsghdr *message = nft_batch_begin(batch, NFT_MSG_DELRULE, 0, name);

	if (message) {
		mnl_attr_put_strz(message, NFTA_RULE_TABLE, NFT_TABLE);
		mnl_attr_put_strz(message, NFTA_RULE_CHAIN, name);
	}
	nft_batch_end(batch, message);
}

void nft_delete_chain(struct nft_batch *batch, const char *name)
{
	const struct chain_layout layout = { name, NULL, 0, 0 };

	put_chain(batch, NFT_MSG_DELCHAIN, 0, &layout, NULL);
}
