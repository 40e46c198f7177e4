/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of one nf_tables transaction, and its commit. */
#include "nft_batch.h"

#include <arpa/inet.h> /* before the kernel headers, which then omit their own definitions */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

static void fill_header(struct nlmsghdr *message, uint8_t family, uint16_t res_id)
{
	struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	header->res_id = htons(res_id);
}

/* Begin and end are not acked before Linux 6.10. */
static struct nlmsghdr *begin_control(struct nft_batch *batch, uint16_t type)
{
	struct nlmsghdr *message = rtnl_batch_begin(&batch->rtnl, type, 0, sizeof(struct nfgenmsg),
						    "nftables transaction");

	if (!message)
		return NULL;
	message->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
	fill_header(message, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	return message;
}

void nft_batch_init(struct nft_batch *batch, uint32_t genid)
{
	struct nlmsghdr *message;

	rtnl_batch_init(&batch->rtnl);
	batch->last = NULL;
	message = begin_control(batch, NFNL_MSG_BATCH_BEGIN);
	if (message && genid != 0)
		mnl_attr_put_u32(message, NFNL_BATCH_GENID, htonl(genid));
	rtnl_batch_end(&batch->rtnl, message);
}

size_t nft_batch_room(const struct nft_batch *batch)
{
	size_t room = rtnl_batch_room(&batch->rtnl);
	size_t by_bytes = room / RTNL_REQUEST_BYTES;
	size_t by_count = RTNL_BATCH_MAX - batch->rtnl.count;
	size_t least = by_bytes < by_count ? by_bytes : by_count;

	return least > 0 ? least - 1 : 0; /* one for the end */
}

struct nlmsghdr *nft_batch_begin(struct nft_batch *batch, uint16_t type, uint16_t flags,
				 const char *what)
{
	struct nlmsghdr *message = rtnl_batch_begin(&batch->rtnl,
						    (NFNL_SUBSYS_NFTABLES << 8) | type, flags,
						    sizeof(struct nfgenmsg), what);

	if (message)
		fill_header(message, NFPROTO_INET, 0);
	return message;
}

void nft_batch_end(struct nft_batch *batch, struct nlmsghdr *message)
{
	if (!message)
		return;
	message->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
	rtnl_batch_end(&batch->rtnl, message);
	batch->last = message;
}

int nft_batch_commit(struct rtnl *nft, struct nft_batch *batch, struct fault *fault)
{
	if (!batch->last && batch->rtnl.err == 0)
		return 0;
	/* The kernel reports errors of all messages, in order, before this ack. */
	if (batch->last && batch->rtnl.err == 0) {
		batch->last->nlmsg_flags |= NLM_F_ACK;
		batch->rtnl.requests[batch->rtnl.count - 1].has_ack = true;
	}
	rtnl_batch_end(&batch->rtnl, begin_control(batch, NFNL_MSG_BATCH_END));
	return rtnl_send(nft, &batch->rtnl, fault);
}

struct nlmsghdr *nft_request(void *bytes, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(bytes, 0, NFT_REQUEST_BYTES);
	message = mnl_nlmsg_put_header(bytes);
	message->nlmsg_type = (uint16_t)((NFNL_SUBSYS_NFTABLES << 8) | type);
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	mnl_nlmsg_put_extra_header(message, sizeof(struct nfgenmsg));
	fill_header(message, NFPROTO_INET, 0);
	return message;
}
