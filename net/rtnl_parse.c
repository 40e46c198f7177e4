/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pure half of the transport: parses the answers of the kernel, one datagram at a
 * time. Checks bounds first, then sequence number and port id, then the contents.
 */
#include "rtnl_parse.h"

#include <errno.h>
#include <stdio.h>

#include "../init/contract.h"
#include "attr.h"

#define ERRNO_MAX 4095 /* MAX_ERRNO in the kernel */

static int nonsense(struct fault *fault, const char *why)
{
	return fault_set(fault, STEP_NETWORK, EBADMSG, why);
}

static const struct rtnl_request *find_request(const struct rtnl_answer *answer, uint32_t seq)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->requests[i].seq == seq)
			return &answer->requests[i];
	return NULL;
}

static bool is_tolerated(const struct rtnl_request *request, int err)
{
	switch (err) {
	case EEXIST:
		return request->may_exist;
	case ENOENT:
	case ENODEV:
	case ESRCH:
	case EADDRNOTAVAIL:
		return request->may_miss;
	default:
		return false;
	}
}

static void fail(struct rtnl_answer *answer, const struct rtnl_request *request, int err,
		 const char *text)
{
	char what[FAULT_WHAT_MAX];

	if (answer->failed)
		return;
	answer->failed = true;
	snprintf(what, sizeof(what), "%.*s%s%s", (int)sizeof(request->what) - 1, request->what,
		 text[0] != '\0' && request->what[0] != '\0' ? ": " : "", text);
	fault_set(&answer->fault, STEP_NETWORK, err, what);
}

/*
 * An int: 0 or a negated errno. Then, in an ack, the header of the request and,
 * unless NLM_F_CAPPED, all of it; then, with NLM_F_ACK_TLVS, attributes.
 */
static int parse_status(struct rtnl_answer *answer, const struct rtnl_request *request,
			const struct nlmsghdr *message, struct fault *fault)
{
	const struct nlattr *table[NLMSGERR_ATTR_MSG + 1];
	size_t before = sizeof(int32_t);
	char text[FAULT_WHAT_MAX / 2] = "";
	int32_t status;

	if (message->nlmsg_len < NLMSG_HDRLEN + before)
		return nonsense(fault, "netlink: status cut off");
	memcpy(&status, (const uint8_t *)message + NLMSG_HDRLEN, sizeof(status));
	if (status > 0 || status < -ERRNO_MAX)
		return nonsense(fault, "netlink: status out of range");
	if (message->nlmsg_type == NLMSG_ERROR) {
		struct nlmsghdr inner;

		before = sizeof(struct nlmsgerr);
		if (message->nlmsg_len < NLMSG_HDRLEN + before)
			return nonsense(fault, "netlink: ack cut off");
		memcpy(&inner, (const uint8_t *)message + NLMSG_HDRLEN + sizeof(status),
		       sizeof(inner));
		if (inner.nlmsg_seq != request->seq)
			return nonsense(fault, "netlink: ack of another request");
		/* For a successful request always just the header comes back. */
		if (status != 0 && !(message->nlmsg_flags & NLM_F_CAPPED)) {
			if (inner.nlmsg_len < sizeof(inner) ||
			    inner.nlmsg_len > message->nlmsg_len - NLMSG_HDRLEN - sizeof(status))
				return nonsense(fault, "netlink: request in ack cut off");
			before = sizeof(status) + inner.nlmsg_len;
		}
	}
	if (message->nlmsg_flags & NLM_F_ACK_TLVS) {
		if (attr_parse_message(message, before, table, NLMSGERR_ATTR_MSG + 1) < 0)
			return nonsense(fault, "netlink: extended ack");
		attr_text(table[NLMSGERR_ATTR_MSG], text, sizeof(text));
	}
	if (status != 0 && !is_tolerated(request, -status))
		fail(answer, request, -status, text);
	return 0;
}

/* The kernel acks a failed request even without NLM_F_ACK. */
static int parse_ack(struct rtnl_answer *answer, const struct rtnl_request *request,
		     const struct nlmsghdr *message, struct fault *fault)
{
	uint64_t bit = UINT64_C(1) << (request - answer->requests);

	if (request->has_ack) {
		if (answer->acked & bit)
			return nonsense(fault, "netlink: a second ack");
		answer->acked |= bit;
		answer->acks++;
	} else {
		answer->cut_short = true;
	}
	return parse_status(answer, request, message, fault);
}

static int parse_message(struct rtnl_answer *answer, const struct nlmsghdr *message,
			 struct fault *fault)
{
	const struct rtnl_request *request = find_request(answer, message->nlmsg_seq);

	if (!request)
		return nonsense(fault, "netlink: unknown sequence number");
	if (message->nlmsg_pid != answer->portid)
		return nonsense(fault, "netlink: port id of another socket");
	if (answer->done)
		return nonsense(fault, "netlink: message after the end");
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	switch (message->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		return parse_ack(answer, request, message, fault);
	case NLMSG_DONE:
		answer->done = true;
		return parse_status(answer, request, message, fault);
	default:
		break;
	}
	if (message->nlmsg_type < NLMSG_MIN_TYPE)
		return nonsense(fault, "netlink: unknown control message");
	/* Once take has failed the rest is skipped, so that the socket is empty afterwards. */
	if (answer->take && !answer->failed && answer->take(message, answer->arg) < 0)
		fail(answer, request, errno, "");
	return 0;
}

int rtnl_parse_datagram(struct rtnl_answer *answer, const void *datagram, size_t len,
			struct fault *fault)
{
	const uint8_t *at = datagram;

	if (len == 0)
		return nonsense(fault, "netlink: empty datagram");
	while (len > 0) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)at;
		size_t step;

		if (len < sizeof(*message) || message->nlmsg_len < sizeof(*message) ||
		    message->nlmsg_len > len)
			return nonsense(fault, "netlink: message cut off");
		if (parse_message(answer, message, fault) < 0)
			return -1;
		step = NLMSG_ALIGN((size_t)message->nlmsg_len);
		if (step > len)
			step = len;
		at += step;
		len -= step;
	}
	return 0;
}

int rtnl_parse(const void *datagram, size_t len, uint32_t portid, const struct rtnl_batch *batch,
	       rtnl_take *take, void *arg, bool *done, bool *interrupted, struct fault *fault)
{
	struct rtnl_answer answer = {
		.portid = portid,
		.requests = batch->requests,
		.count = batch->count,
		.take = take,
		.arg = arg,
		.done = *done,
		.interrupted = *interrupted,
	};

	if (rtnl_parse_datagram(&answer, datagram, len, fault) < 0)
		return -1;
	*done = answer.done;
	*interrupted = answer.interrupted;
	if (answer.failed) {
		*fault = answer.fault;
		return -1;
	}
	return (int)answer.acks;
}
