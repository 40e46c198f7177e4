/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of nf_tables, as bytes: read as elements, chain, table and generation. The
 * first byte says which type the header is given; 4 leaves it as it is.
 */
#include <stdlib.h>

#include "../../net/nft_reply.c"
#include "../../net/attr.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	if (strnlen(text, size) == size)
		abort();
}

static int take(const struct nft_reply_element *found, void *arg)
{
	size_t *left = arg;

	if (found->element.key_len > NFT_KEY_MAX || found->element.data_len > NFT_DATA_MAX)
		abort();
	check_text(found->comment, sizeof(found->comment));
	if (*left == 0) {
		errno = ECANCELED;
		return -1;
	}
	--*left;
	return 0;
}

static void check_result(int result)
{
	if (result < 0 && errno != EBADMSG && errno != ECANCELED)
		abort();
}

static void read_all(const struct nlmsghdr *message, size_t left)
{
	struct nft_reply_chain chain;
	struct nft_reply_table table;
	uint32_t genid;

	check_result(nft_reply_elements(message, take, &left));
	check_result(nft_reply_chain(message, &chain));
	check_text(chain.table, sizeof(chain.table));
	check_text(chain.name, sizeof(chain.name));
	check_text(chain.comment, sizeof(chain.comment));
	check_result(nft_reply_table(message, &table));
	check_text(table.name, sizeof(table.name));
	check_text(table.comment, sizeof(table.comment));
	check_result(nft_reply_genid(message, &genid));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t types[] = { NFT_MSG_NEWSETELEM, NFT_MSG_NEWCHAIN, NFT_MSG_NEWTABLE,
					 NFT_MSG_NEWGEN };
	struct nlmsghdr *message;
	size_t len;

	if (size < 1 + sizeof(*message))
		return 0;
	len = size - 1;
	/* an allocation of exactly this size, so that one byte too far is seen */
	message = malloc(len);
	if (!message)
		return 0;
	memcpy(message, data + 1, len);
	/* the transport has seen to this much */
	message->nlmsg_len = (uint32_t)len;
	if (data[0] % 5 < 4)
		message->nlmsg_type =
			(uint16_t)((NFNL_SUBSYS_NFTABLES << 8) | types[data[0] % 5]);
	read_all(message, data[0] >> 4);
	free(message);
	return 0;
}
