/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, one after the other in the bytes of one send. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "rtnl.h"

void rtnl_batch_init(struct rtnl_batch *batch)
{
	batch->count = 0;
	batch->used = 0;
	batch->err = 0;
	/* libmnl 1.0.4 does not clear the padding of attributes. */
	memset(batch->bytes, 0, sizeof(batch->bytes));
}

void rtnl_batch_refuse(struct rtnl_batch *batch, int err)
{
	if (batch->err == 0)
		batch->err = err;
}

size_t rtnl_batch_room(const struct rtnl_batch *batch)
{
	return RTNL_BATCH_BYTES - batch->used;
}

struct nlmsghdr *rtnl_batch_begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
				  size_t extra, const char *what)
{
	struct rtnl_request *request;
	struct nlmsghdr *message;

	if (batch->err != 0)
		return NULL;
	if (batch->count == RTNL_BATCH_MAX || rtnl_batch_room(batch) < RTNL_REQUEST_BYTES ||
	    extra > RTNL_REQUEST_BYTES / 2) {
		rtnl_batch_refuse(batch, ENOBUFS);
		return NULL;
	}
	request = &batch->requests[batch->count++];
	memset(request, 0, sizeof(*request));
	request->type = type;
	if (what)
		memcpy(request->what, what, strnlen(what, sizeof(request->what) - 1));
	message = mnl_nlmsg_put_header(batch->bytes + batch->used);
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	if (extra > 0)
		mnl_nlmsg_put_extra_header(message, extra);
	return message;
}

void rtnl_batch_end(struct rtnl_batch *batch, struct nlmsghdr *message)
{
	size_t len;

	if (!message || batch->count == 0)
		return;
	len = NLMSG_ALIGN((size_t)message->nlmsg_len);
	if ((uint8_t *)message != batch->bytes + batch->used || len > rtnl_batch_room(batch)) {
		rtnl_batch_refuse(batch, ENOBUFS);
		return;
	}
	batch->requests[batch->count - 1].has_ack = message->nlmsg_flags & NLM_F_ACK;
	batch->used += len;
}

void rtnl_batch_may_exist(struct rtnl_batch *batch)
{
	if (batch->count > 0 && batch->err == 0)
		batch->requests[batch->count - 1].may_exist = true;
}

void rtnl_batch_may_miss(struct rtnl_batch *batch)
{
	if (batch->count > 0 && batch->err == 0)
		batch->requests[batch->count - 1].may_miss = true;
}
