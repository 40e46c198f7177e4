/* SPDX-License-Identifier: Apache-2.0 */
/* Sets and maps as messages, built with libnftnl. */
#include "nft_sets.h"

#include <arpa/inet.h> /* before the kernel headers, which then omit their own definitions */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Types as numbered by the nft program, six bits each in a concatenation. */
#define T_VERDICT 0xffffff00u /* NFT_DATA_VERDICT */
#define T_ADDR4 7u
#define T_ADDR6 8u
#define T_PROTO 12u
#define T_PORT 13u
#define T_IFNAME 41u
#define T2(a, b) ((a) << 6 | (b))
#define T3(a, b, c) (T2(a, b) << 6 | (c))
#define T4(a, b, c, d) (T3(a, b, c) << 6 | (d))
/* Byte orders as numbered by the nft program: host order, and network order. */
#define HOST_ORDER 1u
#define NET_ORDER 2u

#define ELEMENTS_A_MESSAGE 24 /* at most 132 bytes each: stays below RTNL_REQUEST_BYTES */

struct set_layout {
	const char *name;
	uint32_t key_type, key_len;
	uint32_t data_type, data_len; /* 0: a set */
	uint32_t flags;
	uint32_t key_order;
};

static const struct set_layout layouts[SET_COUNT] = {
	[SET_OWN4] = { "own4", T2(T_IFNAME, T_ADDR4), 20, 0, 0, 0, HOST_ORDER },
	[SET_OWN6] = { "own6", T2(T_IFNAME, T_ADDR6), 32, 0, 0, 0, HOST_ORDER },
	[SET_SRC4] = { "src4", T_ADDR4, 4, 0, 0, 0, NET_ORDER },
	[SET_SRC6] = { "src6", T_ADDR6, 16, 0, 0, 0, NET_ORDER },
	[SET_POLICIES] = { "policies", T_IFNAME, 16, T_VERDICT, 0, NFT_SET_MAP, HOST_ORDER },
	[SET_PEERS] = { "peers", T_IFNAME, 16, T_VERDICT, 0, NFT_SET_MAP, HOST_ORDER },
	[SET_HOST_PORTS] = { "host_ports", T3(T_IFNAME, T_PROTO, T_PORT), 24, 0, 0, 0, HOST_ORDER },
	[SET_OPEN4] = { "open4", T4(T_IFNAME, T_ADDR4, T_PROTO, T_PORT), 28, 0, 0, 0, HOST_ORDER },
	[SET_PUB4] = { "pub4", T3(T_PROTO, T_ADDR4, T_PORT), 12, T2(T_ADDR4, T_PORT), 8,
		       NFT_SET_MAP, NET_ORDER },
	[SET_PUB6] = { "pub6", T3(T_PROTO, T_ADDR6, T_PORT), 24, T2(T_ADDR6, T_PORT), 20,
		       NFT_SET_MAP, NET_ORDER },
	[SET_PUB_ANY4] = { "pub_any4", T2(T_PROTO, T_PORT), 8, T2(T_ADDR4, T_PORT), 8, NFT_SET_MAP,
			   NET_ORDER },
	[SET_PUB_ANY6] = { "pub_any6", T2(T_PROTO, T_PORT), 8, T2(T_ADDR6, T_PORT), 20,
			   NFT_SET_MAP, NET_ORDER },
	[SET_CLOSED4] = { "closed4", T_ADDR4, 4, 0, 0, NFT_SET_INTERVAL, NET_ORDER },
	[SET_CLOSED6] = { "closed6", T_ADDR6, 16, 0, 0, NFT_SET_INTERVAL, NET_ORDER },
};

const char *nft_set_name(enum nft_set_id set)
{
	return layouts[set].name;
}

bool nft_set_has_ifname(enum nft_set_id set)
{
	uint32_t type = layouts[set].key_type;

	while (type > 63)
		type >>= 6;
	return type == T_IFNAME;
}

/* ---- sets ---- */

/* Tells the nft program how to print the set. */
static int describe(struct nftnl_set *set, const struct set_layout *layout)
{
	struct nftnl_udata_buf *buf = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	int result = -1;

	if (!buf)
		return -1;
	if (nftnl_udata_put_u32(buf, NFTNL_UDATA_SET_KEYBYTEORDER, layout->key_order) &&
	    (!(layout->flags & NFT_SET_MAP) ||
	     nftnl_udata_put_u32(buf, NFTNL_UDATA_SET_DATABYTEORDER, NET_ORDER)))
		result = nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(buf),
					    nftnl_udata_buf_len(buf));
	nftnl_udata_buf_free(buf);
	return result;
}

static struct nftnl_set *make_set(const struct set_layout *layout, uint32_t number)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return NULL;
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, NFPROTO_INET);
	nftnl_set_set_u32(set, NFTNL_SET_ID, number);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, layout->flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, layout->key_type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, layout->key_len);
	if (layout->flags & NFT_SET_MAP)
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, layout->data_type);
	if (layout->data_len > 0)
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, layout->data_len);
	if (nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE) < 0 ||
	    nftnl_set_set_str(set, NFTNL_SET_NAME, layout->name) < 0 || describe(set, layout) < 0) {
		nftnl_set_free(set);
		return NULL;
	}
	return set;
}

static void put_set(struct nft_batch *batch, const struct set_layout *layout, uint32_t number)
{
	struct nlmsghdr *message = nft_batch_begin(batch, NFT_MSG_NEWSET, NLM_F_CREATE,
						   layout->name);
	struct nftnl_set *set = make_set(layout, number);

	if (!set)
		rtnl_batch_refuse(&batch->rtnl, ENOMEM);
	else if (message)
		nftnl_set_nlmsg_build_payload(message, set);
	nft_batch_end(batch, message);
	if (set)
		nftnl_set_free(set);
}

void nft_add_sets(struct nft_batch *batch)
{
	for (uint32_t i = 0; i < SET_COUNT; i++)
		put_set(batch, &layouts[i], i + 1);
}

void nft_add_label_set(struct nft_batch *batch, const char *name)
{
	const struct set_layout layout = { name, T_IFNAME, 16, 0, 0, 0, HOST_ORDER };

	put_set(batch, &layout, SET_OF_LABEL + 1);
}

void nft_delete_label_set(struct nft_batch *batch, const char *name)
{
	struct nlmsghdr *message = nft_batch_begin(batch, NFT_MSG_DELSET, 0, name);

	if (message) {
		mnl_attr_put_strz(message, NFTA_SET_TABLE, NFT_TABLE);
		mnl_attr_put_strz(message, NFTA_SET_NAME, name);
	}
	nft_batch_end(batch, message);
}

/* ---- elements, as bytes ---- */

struct nft_element *nft_element_begin(struct nft_elements *elements, enum nft_set_id set)
{
	struct nft_element *element;

	if (elements->count == NFT_ELEMENTS_MAX)
		return NULL;
	element = &elements->elements[elements->count++];
	memset(element, 0, sizeof(*element));
	element->set = (uint8_t)set;
	return element;
}

static uint8_t append(uint8_t *to, uint8_t at, size_t size, const void *bytes, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;

	if (padded > size - at)
		return at;
	memcpy(to + at, bytes, len);
	memset(to + at + len, 0, padded - len);
	return (uint8_t)(at + padded);
}

void nft_key_bytes(struct nft_element *element, const void *bytes, size_t len)
{
	if (element)
		element->key_len =
			append(element->key, element->key_len, sizeof(element->key), bytes, len);
}

void nft_data_bytes(struct nft_element *element, const void *bytes, size_t len)
{
	if (element)
		element->data_len =
			append(element->data, element->data_len, sizeof(element->data), bytes, len);
}

void nft_key_ifname(struct nft_element *element, const char *ifname)
{
	char name[IFNAMSIZ] = "";

	memcpy(name, ifname, strnlen(ifname, sizeof(name) - 1));
	nft_key_bytes(element, name, sizeof(name));
}

void nft_key_port(struct nft_element *element, uint16_t port)
{
	uint16_t wire = htons(port);

	nft_key_bytes(element, &wire, sizeof(wire));
}

/* ---- elements, as messages ---- */

static int set_comment(struct nftnl_set_elem *elem, const char *text)
{
	struct nftnl_udata_buf *buf = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	int result = -1;

	if (!buf)
		return -1;
	if (nftnl_udata_put_strz(buf, NFTNL_UDATA_SET_ELEM_COMMENT, text))
		result = nftnl_set_elem_set(elem, NFTNL_SET_ELEM_USERDATA,
					    nftnl_udata_buf_data(buf), nftnl_udata_buf_len(buf));
	nftnl_udata_buf_free(buf);
	return result;
}

static int set_jump(struct nftnl_set_elem *elem, const char *chain)
{
	nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_VERDICT, (uint32_t)NFT_JUMP);
	return nftnl_set_elem_set_str(elem, NFTNL_SET_ELEM_CHAIN, chain);
}

static int set_content(struct nftnl_set_elem *elem, const struct nft_element *element,
		       const char *id, const char *peers)
{
	char chain[NFT_CHAIN_NAME_MAX];

	if (element->data_len > 0 && nftnl_set_elem_set(elem, NFTNL_SET_ELEM_DATA, element->data,
							element->data_len) < 0)
		return -1;
	if (element->set == SET_POLICIES && id) {
		snprintf(chain, sizeof(chain), NFT_POLICY_PREFIX "%s", id);
		if (set_jump(elem, chain) < 0)
			return -1;
	}
	if (element->set == SET_PEERS && set_jump(elem, peers) < 0)
		return -1;
	return id ? set_comment(elem, id) : 0;
}

static int append_element(struct nftnl_set *set, uint16_t type, const struct nft_element *element,
			  const char *id, const char *peers)
{
	struct nftnl_set_elem *elem = nftnl_set_elem_alloc();

	if (!elem)
		return -1;
	if (element->is_interval_end)
		nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	if (nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, element->key, element->key_len) < 0 ||
	    (type == NFT_MSG_NEWSETELEM && set_content(elem, element, id, peers) < 0)) {
		nftnl_set_elem_free(elem);
		return -1;
	}
	nftnl_set_elem_add(set, elem);
	return 0;
}

/* Puts the elements from `at` on that are of one set and fit one message; returns how many. */
static size_t put_some(struct nft_batch *batch, uint16_t type, const struct nft_elements *elements,
		       size_t at, const char *id)
{
	uint8_t id_of_set = elements->elements[at].set;
	const char *name = id_of_set == SET_OF_LABEL ? elements->peers : layouts[id_of_set].name;
	uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct nlmsghdr *message = nft_batch_begin(batch, type, flags, name);
	struct nftnl_set *set = nftnl_set_alloc();
	bool failed = !set || nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE) < 0 ||
		      nftnl_set_set_str(set, NFTNL_SET_NAME, name) < 0;
	size_t n = 0;

	while (!failed && n < ELEMENTS_A_MESSAGE && at + n < elements->count &&
	       elements->elements[at + n].set == id_of_set) {
		failed = append_element(set, type, &elements->elements[at + n], id,
					elements->peers) < 0;
		n++;
	}
	if (failed)
		rtnl_batch_refuse(&batch->rtnl, ENOMEM);
	else if (message)
		nftnl_set_elems_nlmsg_build_payload(message, set);
	nft_batch_end(batch, message);
	if (set)
		nftnl_set_free(set);
	return failed ? elements->count - at : n;
}

void nft_put_elements(struct nft_batch *batch, uint16_t type, const struct nft_elements *elements,
		      const char *id)
{
	size_t at = 0;

	while (at < elements->count)
		at += put_some(batch, type, elements, at, id);
}
