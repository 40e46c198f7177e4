/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of nf_tables: headers and attributes; bounds are checked first. */
#include "nft_reply.h"

#include <arpa/inet.h> /* before the kernel headers, which then omit their own definitions */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "attr.h"

static int nonsense(void)
{
	errno = EBADMSG;
	return -1;
}

static int parse(const struct nlmsghdr *message, uint8_t type, const struct nlattr **table,
		 size_t count)
{
	if (message->nlmsg_len < NLMSG_HDRLEN + sizeof(struct nfgenmsg) ||
	    message->nlmsg_type != ((NFNL_SUBSYS_NFTABLES << 8) | type))
		return nonsense();
	return attr_parse_message(message, sizeof(struct nfgenmsg), table, count);
}

static uint8_t family_of(const struct nlmsghdr *message)
{
	return ((const struct nfgenmsg *)((const uint8_t *)message + NLMSG_HDRLEN))->nfgen_family;
}

static size_t payload_of(const struct nlattr *attr, const uint8_t **bytes)
{
	*bytes = (const uint8_t *)attr + MNL_ATTR_HDRLEN;
	return attr->nla_len - MNL_ATTR_HDRLEN;
}

/* User data is a sequence of type, length, value; the value of a comment ends in a NUL. */
static void find_comment(const struct nlattr *attr, uint8_t type, char comment[NFT_COMMENT_BYTES])
{
	const uint8_t *bytes;
	size_t left;

	comment[0] = '\0';
	if (!attr)
		return;
	left = payload_of(attr, &bytes);
	while (left >= 2 && bytes[1] <= left - 2) {
		size_t len = bytes[1], text_len = strnlen((const char *)bytes + 2, len);

		if (bytes[0] == type && text_len < NFT_COMMENT_BYTES) {
			memcpy(comment, bytes + 2, text_len);
			comment[text_len] = '\0';
			return;
		}
		bytes += 2 + len;
		left -= 2 + len;
	}
}

static bool get_u32(const struct nlattr *attr, uint32_t *value)
{
	if (!attr_u32(attr, value))
		return false;
	*value = ntohl(*value);
	return true;
}

/* The chain of a verdict; "": it names none. */
static int parse_jump(const struct nlattr *attr, char jump[NFT_NAME_BYTES])
{
	const struct nlattr *table[NFTA_VERDICT_MAX + 1];

	if (attr_parse_nested(attr, table, NFTA_VERDICT_MAX + 1) < 0 ||
	    (table[NFTA_VERDICT_CHAIN] &&
	     !attr_text(table[NFTA_VERDICT_CHAIN], jump, NFT_NAME_BYTES)))
		return nonsense();
	return 0;
}

/* The bytes in NFTA_DATA_VALUE; 0: none or too many. `jump` may be NULL: a key has no verdict. */
static int parse_value(const struct nlattr *attr, uint8_t *to, size_t size, uint8_t *len,
		       char *jump)
{
	const struct nlattr *table[NFTA_DATA_MAX + 1];
	const uint8_t *bytes;
	size_t n;

	*len = 0;
	if (!attr)
		return 0;
	if (attr_parse_nested(attr, table, NFTA_DATA_MAX + 1) < 0)
		return nonsense();
	if (jump && table[NFTA_DATA_VERDICT])
		return parse_jump(table[NFTA_DATA_VERDICT], jump);
	if (!table[NFTA_DATA_VALUE])
		return 0;
	n = payload_of(table[NFTA_DATA_VALUE], &bytes);
	if (n > size)
		return 0;
	memcpy(to, bytes, n);
	*len = (uint8_t)n;
	return 0;
}

static int parse_element(const struct nlattr *attr, struct nft_reply_element *found)
{
	const struct nlattr *table[NFTA_SET_ELEM_MAX + 1];
	uint32_t flags;

	memset(found, 0, sizeof(*found));
	if (attr_parse_nested(attr, table, NFTA_SET_ELEM_MAX + 1) < 0 ||
	    parse_value(table[NFTA_SET_ELEM_KEY], found->element.key, NFT_KEY_MAX,
			&found->element.key_len, NULL) < 0 ||
	    parse_value(table[NFTA_SET_ELEM_DATA], found->element.data, NFT_DATA_MAX,
			&found->element.data_len, found->jump) < 0)
		return nonsense();
	if (get_u32(table[NFTA_SET_ELEM_FLAGS], &flags))
		found->element.is_interval_end = flags & NFT_SET_ELEM_INTERVAL_END;
	find_comment(table[NFTA_SET_ELEM_USERDATA], NFTNL_UDATA_SET_ELEM_COMMENT, found->comment);
	return 0;
}

int nft_reply_elements(const struct nlmsghdr *message, nft_take_element *take, void *arg)
{
	const struct nlattr *table[NFTA_SET_ELEM_LIST_MAX + 1];
	const uint8_t *at;
	size_t left;

	if (parse(message, NFT_MSG_NEWSETELEM, table, NFTA_SET_ELEM_LIST_MAX + 1) < 0)
		return nonsense();
	if (!table[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	left = payload_of(table[NFTA_SET_ELEM_LIST_ELEMENTS], &at);
	/* attr_parse keeps one attribute of each type; here all have the same type. */
	while (left > 0) {
		const struct nlattr *attr = (const struct nlattr *)at;
		struct nft_reply_element found;
		size_t step;

		if (left < MNL_ATTR_HDRLEN || attr->nla_len < MNL_ATTR_HDRLEN ||
		    attr->nla_len > left || parse_element(attr, &found) < 0)
			return nonsense();
		if (take(&found, arg) < 0)
			return -1;
		step = MNL_ALIGN((size_t)attr->nla_len);
		if (step > left)
			step = left;
		at += step;
		left -= step;
	}
	return 0;
}

int nft_reply_chain(const struct nlmsghdr *message, struct nft_reply_chain *chain)
{
	const struct nlattr *table[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];

	memset(chain, 0, sizeof(*chain));
	if (parse(message, NFT_MSG_NEWCHAIN, table, NFTA_CHAIN_MAX + 1) < 0 ||
	    !attr_text(table[NFTA_CHAIN_TABLE], chain->table, sizeof(chain->table)) ||
	    !attr_text(table[NFTA_CHAIN_NAME], chain->name, sizeof(chain->name)))
		return nonsense();
	chain->family = family_of(message);
	find_comment(table[NFTA_CHAIN_USERDATA], NFTNL_UDATA_CHAIN_COMMENT, chain->comment);
	get_u32(table[NFTA_CHAIN_USE], &chain->uses);
	if (!table[NFTA_CHAIN_HOOK])
		return 0;
	if (attr_parse_nested(table[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX + 1) < 0)
		return nonsense();
	chain->is_base = get_u32(hook[NFTA_HOOK_HOOKNUM], &chain->hook) &&
			 get_u32(table[NFTA_CHAIN_POLICY], &chain->policy);
	return 0;
}

int nft_reply_table(const struct nlmsghdr *message, struct nft_reply_table *found)
{
	const struct nlattr *table[NFTA_TABLE_MAX + 1];

	memset(found, 0, sizeof(*found));
	if (parse(message, NFT_MSG_NEWTABLE, table, NFTA_TABLE_MAX + 1) < 0 ||
	    !attr_text(table[NFTA_TABLE_NAME], found->name, sizeof(found->name)))
		return nonsense();
	find_comment(table[NFTA_TABLE_USERDATA], NFTNL_UDATA_TABLE_COMMENT, found->comment);
	return 0;
}

int nft_reply_genid(const struct nlmsghdr *message, uint32_t *genid)
{
	const struct nlattr *table[NFTA_GEN_MAX + 1];

	if (parse(message, NFT_MSG_NEWGEN, table, NFTA_GEN_MAX + 1) < 0 ||
	    !get_u32(table[NFTA_GEN_ID], genid))
		return nonsense();
	return 0;
}
