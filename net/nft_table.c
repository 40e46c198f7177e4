/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and removing the table.
 *
 * Two transactions: sets, which may exist already; then chains and rules, of which the
 * marker chain must not exist. A process that comes second with the marker has nothing left
 * to do, so any number of makers agree; if one dies between the two transactions, the next
 * one completes the table.
 */
#include "nft_chains.h"
#include "nft_reply.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#include "../init/contract.h"

#define COMMENT_START "nidus "
#define TABLE_COMMENT COMMENT_START "makes this, and adds and removes what its sandboxes need"
#define LAYOUT_COMMENT COMMENT_START "layout 3" /* must be incremented with any change of layout */
#define MAKE_TRIES 16

/* ---- the current state ---- */

struct state {
	bool has_table, has_marker;
	char table_comment[NFT_COMMENT_BYTES], marker_comment[NFT_COMMENT_BYTES];
	uint32_t genid;
};

static int take_marker(const struct nlmsghdr *message, void *arg)
{
	struct state *state = arg;
	struct nft_reply_chain chain;

	if (nft_reply_chain(message, &chain) < 0)
		return -1;
	state->has_marker = true;
	memcpy(state->marker_comment, chain.comment, sizeof(chain.comment));
	return 0;
}

static int take_table(const struct nlmsghdr *message, void *arg)
{
	struct state *state = arg;
	struct nft_reply_table table;

	if (nft_reply_table(message, &table) < 0)
		return -1;
	state->has_table = true;
	memcpy(state->table_comment, table.comment, sizeof(table.comment));
	return 0;
}

static int take_genid(const struct nlmsghdr *message, void *arg)
{
	return nft_reply_genid(message, &((struct state *)arg)->genid);
}

/* ENOENT: no object of that name. */
static int get(struct rtnl *nft, struct nlmsghdr *request, rtnl_take *take, struct state *state,
	       struct fault *fault)
{
	if (rtnl_get(nft, request, take, NULL, state, fault) == 0 || fault->err == ENOENT)
		return 0;
	return -1;
}

static int get_marker(struct rtnl *nft, struct state *state, struct fault *fault)
{
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];
	struct nlmsghdr *request = nft_request(bytes, NFT_MSG_GETCHAIN, 0);

	mnl_attr_put_strz(request, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(request, NFTA_CHAIN_NAME, NFT_MARKER_CHAIN);
	return get(nft, request, take_marker, state, fault);
}

static int get_table(struct rtnl *nft, struct state *state, struct fault *fault)
{
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];
	struct nlmsghdr *request = nft_request(bytes, NFT_MSG_GETTABLE, 0);

	mnl_attr_put_strz(request, NFTA_TABLE_NAME, NFT_TABLE);
	return get(nft, request, take_table, state, fault);
}

static int get_genid(struct rtnl *nft, struct state *state, struct fault *fault)
{
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];

	return get(nft, nft_request(bytes, NFT_MSG_GETGEN, 0), take_genid, state, fault);
}

/* ---- making it ---- */

static bool fill_table(struct nftnl_table *table)
{
	struct nftnl_udata_buf *buf = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	bool is_full = buf && nftnl_udata_put_strz(buf, NFTNL_UDATA_TABLE_COMMENT, TABLE_COMMENT) &&
		       nftnl_table_set_data(table, NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(buf),
					    nftnl_udata_buf_len(buf)) == 0 &&
		       nftnl_table_set_str(table, NFTNL_TABLE_NAME, NFT_TABLE) == 0;

	if (buf)
		nftnl_udata_buf_free(buf);
	return is_full;
}

void nft_add_table(struct nft_batch *batch)
{
	struct nlmsghdr *message = nft_batch_begin(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE,
						   "table inet " NFT_TABLE);
	struct nftnl_table *table = nftnl_table_alloc();

	if (!table || !fill_table(table))
		rtnl_batch_refuse(&batch->rtnl, ENOMEM);
	else if (message)
		nftnl_table_nlmsg_build_payload(message, table);
	nft_batch_end(batch, message);
	if (table)
		nftnl_table_free(table);
}

static int make(struct rtnl *nft, struct fault *fault)
{
	struct nft_elements elements;
	struct nft_batch batch;

	nft_batch_init(&batch, 0);
	nft_add_table(&batch);
	nft_add_sets(&batch);
	if (nft_batch_commit(nft, &batch, fault) < 0)
		return -1;
	nft_batch_init(&batch, 0);
	nft_add_chains(&batch, LAYOUT_COMMENT);
	nft_closed_elements(&elements);
	nft_put_elements(&batch, NFT_MSG_NEWSETELEM, &elements, NULL);
	nft_add_rules(&batch);
	return nft_batch_commit(nft, &batch, fault);
}

/* genid 0: in any state. */
static int delete_table(struct rtnl *nft, uint32_t genid, struct fault *fault)
{
	struct nlmsghdr *message;
	struct nft_batch batch;

	nft_batch_init(&batch, genid);
	message = nft_batch_begin(&batch, NFT_MSG_DELTABLE, 0, "table inet " NFT_TABLE);
	if (message)
		mnl_attr_put_strz(message, NFTA_TABLE_NAME, NFT_TABLE);
	nft_batch_end(&batch, message);
	if (nft_batch_commit(nft, &batch, fault) == 0 || fault->err == ENOENT)
		return 0;
	return -1;
}

static int mark_used(const char *id, void *arg)
{
	(void)id;
	*(bool *)arg = true;
	return 0;
}

/*
 * A table of another layout is replaced if no sandbox has anything in it. The transaction
 * contains the generation that was read, so it fails if a sandbox added something meanwhile.
 */
static int replace(struct rtnl *nft, const struct state *state, struct fault *fault)
{
	bool is_used = false;
	char what[FAULT_WHAT_MAX];

	if (strncmp(state->table_comment, COMMENT_START, strlen(COMMENT_START)) != 0)
		return fault_set(fault, STEP_NETWORK, EEXIST,
				 "table inet " NFT_TABLE " was not made by nidus");
	if (nft_list(nft, mark_used, &is_used, fault) < 0)
		return -1;
	snprintf(what, sizeof(what), "table inet " NFT_TABLE " of another version (%s) has sandboxes",
		 state->marker_comment);
	if (is_used)
		return fault_set(fault, STEP_NETWORK, EBUSY, what);
	return delete_table(nft, state->genid, fault);
}

/* One step towards the table; 1 when it is complete. */
static int approach(struct rtnl *nft, struct fault *fault)
{
	struct state state = { 0 };

	if (get_marker(nft, &state, fault) < 0)
		return -1;
	if (state.has_marker && strcmp(state.marker_comment, LAYOUT_COMMENT) == 0)
		return 1;
	/* The generation first: if the state read after it is newer, the transaction fails. */
	if (get_genid(nft, &state, fault) < 0 || get_table(nft, &state, fault) < 0)
		return -1;
	state.has_marker = false;
	if (state.has_table && get_marker(nft, &state, fault) < 0)
		return -1;
	if (state.has_marker && strcmp(state.marker_comment, LAYOUT_COMMENT) == 0)
		return 1;
	if (state.has_table &&
	    (state.has_marker || strcmp(state.table_comment, TABLE_COMMENT) != 0))
		return replace(nft, &state, fault);
	return make(nft, fault);
}

int nft_ensure_table(struct rtnl *nft, struct fault *fault)
{
	for (int i = 0; i < MAKE_TRIES; i++) {
		int result = approach(nft, fault);

		if (result > 0)
			return 0;
		/* Another process was faster, or removed the table: look again. */
		if (result < 0 && fault->err != ERESTART && fault->err != ENOENT &&
		    (fault->err != EEXIST ||
		     strncmp(fault->what, NFT_MARKER_CHAIN, strlen(NFT_MARKER_CHAIN)) != 0))
			return -1;
	}
	return fault_set(fault, STEP_NETWORK, EAGAIN, "table inet " NFT_TABLE);
}

int nft_delete_table(struct rtnl *nft, struct fault *fault)
{
	return delete_table(nft, 0, fault);
}
