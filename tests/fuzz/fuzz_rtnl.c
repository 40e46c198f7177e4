/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the kernel, as bytes. The first byte says how many requests there were,
 * what they tolerate, and whether sequence numbers and port ids are put right, so that
 * the fuzzer gets behind those checks. What is accepted is read as links and as routes.
 */
#include <stdlib.h>
#include <string.h>

#include "../../init/contract.h"
#include "../../net/attr.c"
#include "../../net/link_get.c"
#include "../../net/route_get.c"
#include "../../net/rtnl_parse.c"

#define PORTID 4711u
#define FIRST_SEQ 101u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rtnl_batch batch;

static int take_any(const struct nlmsghdr *message, void *arg)
{
	struct nlmsghdr *copy = malloc(message->nlmsg_len);
	struct route_info route;
	struct link_info link;

	(void)arg;
	if (!copy)
		return 0;
	memcpy(copy, message, message->nlmsg_len);
	copy->nlmsg_type = RTM_NEWLINK;
	if (link_parse(copy, &link) == 0 && strnlen(link.name, LINK_NAME_MAX) == LINK_NAME_MAX)
		abort();
	copy->nlmsg_type = RTM_NEWROUTE;
	if (route_parse(copy, &route) == 0 && route.dst.len > ip_addr_len(&route.dst.addr) * 8)
		abort();
	free(copy);
	return message->nlmsg_flags & NLM_F_ECHO ? -1 : 0;
}

static void put_right(uint8_t *bytes, size_t len)
{
	size_t at = 0;

	for (uint32_t i = 0; at + sizeof(struct nlmsghdr) <= len; i++) {
		struct nlmsghdr *message = (struct nlmsghdr *)(bytes + at);
		struct nlmsgerr *error = NLMSG_DATA(message);
		size_t step = NLMSG_ALIGN((size_t)message->nlmsg_len);

		message->nlmsg_seq = FIRST_SEQ + i % (uint32_t)batch.count;
		message->nlmsg_pid = PORTID;
		if (message->nlmsg_type == NLMSG_ERROR && at + NLMSG_LENGTH(sizeof(*error)) <= len)
			error->msg.nlmsg_seq = message->nlmsg_seq;
		if (step < sizeof(*message) || step > len - at)
			break;
		at += step;
	}
}

static void set_up(uint8_t how)
{
	batch.count = 1 + how % 4;
	for (uint32_t i = 0; i < batch.count; i++)
		batch.requests[i] = (struct rtnl_request){
			.seq = FIRST_SEQ + i,
			.has_ack = how & 0x08,
			.may_exist = how & 0x10,
			.may_miss = how & 0x20,
			.what = "request",
		};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool done = false, interrupted = false;
	struct fault fault = { 0 };
	uint8_t *copy;
	int result;

	if (size < 1)
		return 0;
	set_up(data[0]);
	/* Of just that size, so that a byte too many is seen. */
	copy = malloc(size > 1 ? size - 1 : 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 0x40)
		put_right(copy, size - 1);
	result = rtnl_parse(copy, size - 1, PORTID, &batch, take_any, NULL, &done, &interrupted,
			    &fault);
	if (result > (int)batch.count || (result < 0 && fault.step != STEP_NETWORK) ||
	    memchr(fault.what, '\0', sizeof(fault.what)) == NULL)
		abort();
	free(copy);
	return 0;
}
