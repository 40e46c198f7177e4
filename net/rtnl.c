/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport: the socket, one send for a batch, and the wait for the answers, which
 * rtnl_parse.c reads.
 */
#include "rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "rtnl_parse.h"

#define ACK_BYTES 1024 /* for one ack: capped to the header (NETLINK_CAP_ACK), with text */
#define SLOTS_MAX (RTNL_RECEIVE_BYTES / ACK_BYTES)

/* ---- the socket ---- */

static int set_option(struct rtnl *rtnl, int option, struct fault *fault, const char *what)
{
	int on = 1;

	if (mnl_socket_setsockopt(rtnl->socket, option, &on, sizeof(on)) == 0)
		return 0;
	return fault_set(fault, STEP_NETWORK, errno, what);
}

int rtnl_open(struct rtnl *rtnl, int bus, struct fault *fault)
{
	memset(rtnl, 0, sizeof(*rtnl));
	rtnl->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!rtnl->socket)
		return fault_set(fault, STEP_NETWORK, errno, "netlink socket");
	if (mnl_socket_bind(rtnl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		fault_set(fault, STEP_NETWORK, errno, "netlink bind");
		goto fail;
	}
	/* Linux 4.3, 4.12, 4.20: below the floor. */
	if (set_option(rtnl, NETLINK_CAP_ACK, fault, "NETLINK_CAP_ACK") < 0 ||
	    set_option(rtnl, NETLINK_EXT_ACK, fault, "NETLINK_EXT_ACK") < 0 ||
	    set_option(rtnl, NETLINK_GET_STRICT_CHK, fault, "NETLINK_GET_STRICT_CHK") < 0)
		goto fail;
	rtnl->portid = mnl_socket_get_portid(rtnl->socket);
	return 0;
fail:
	rtnl_close(rtnl);
	return -1;
}

int rtnl_open_in(struct rtnl *rtnl, int bus, int netns_fd, struct fault *fault)
{
	cleanup_fd int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int result;

	memset(rtnl, 0, sizeof(*rtnl));
	if (own < 0)
		return fault_set(fault, STEP_NETWORK, errno, "/proc/thread-self/ns/net");
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return fault_set(fault, STEP_NETWORK, errno, "enter network namespace");
	result = rtnl_open(rtnl, bus, fault);
	if (setns(own, CLONE_NEWNET) < 0) {
		rtnl_close(rtnl);
		return fault_set(fault, STEP_NETWORK, errno, "return to network namespace");
	}
	return result;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (rtnl->socket)
		mnl_socket_close(rtnl->socket);
	rtnl->socket = NULL;
}

/* ---- the batch ---- */

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

/* ---- receiving ---- */

struct slots {
	struct mmsghdr headers[SLOTS_MAX];
	struct iovec vectors[SLOTS_MAX];
	struct sockaddr_nl senders[SLOTS_MAX];
	_Alignas(8) uint8_t bytes[RTNL_RECEIVE_BYTES];
};

/* Returns how many datagrams came, each of at most `size` bytes; 0: none yet; -1 with errno. */
static int receive_now(int fd, struct slots *slots, size_t size)
{
	unsigned int count = (unsigned int)(RTNL_RECEIVE_BYTES / size);
	int got;

	memset(slots->headers, 0, count * sizeof(slots->headers[0]));
	for (unsigned int i = 0; i < count; i++) {
		slots->vectors[i] = (struct iovec){ slots->bytes + i * size, size };
		slots->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &slots->senders[i],
			.msg_namelen = sizeof(slots->senders[i]),
			.msg_iov = &slots->vectors[i],
			.msg_iovlen = 1,
		};
	}
	got = recvmmsg(fd, slots->headers, count, MSG_DONTWAIT, NULL);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return got;
}

/* Waits until the deadline: 0 if there may be a datagram, -1 with errno. */
static int wait_readable(int fd, int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_now_ms();
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int ready;

	if (left <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	ready = poll(&poller, 1, (int)left);
	if (ready < 0 && errno != EINTR)
		return -1;
	return 0;
}

static int take_slots(struct rtnl_answer *answer, const struct slots *slots, int count,
		      size_t size, struct fault *fault)
{
	for (int i = 0; i < count; i++) {
		const struct msghdr *header = &slots->headers[i].msg_hdr;

		/*
		 * A process with CAP_NET_ADMIN over the network namespace of the socket may send
		 * to it; in the namespace of a sandbox that may be the workload. Ignore it.
		 */
		if (header->msg_namelen != sizeof(struct sockaddr_nl) ||
		    slots->senders[i].nl_pid != 0)
			continue;
		if (header->msg_flags & MSG_TRUNC)
			return fault_set(fault, STEP_NETWORK, EMSGSIZE, "netlink answer");
		if (rtnl_parse_datagram(answer, slots->bytes + (size_t)i * size,
					slots->headers[i].msg_len, fault) < 0)
			return -1;
	}
	return 0;
}

/* Receives `acks` acks, or up to the end of a dump if acks is 0. */
static int receive(struct rtnl *rtnl, struct rtnl_answer *answer, size_t acks, size_t size,
		   struct fault *fault)
{
	int fd = mnl_socket_get_fd(rtnl->socket);
	int64_t deadline_ms = clock_now_ms() + RTNL_WAIT_MS;
	size_t datagrams = 0;
	struct slots slots;

	while (acks > 0 ? answer->acks < acks : !(answer->done || answer->cut_short)) {
		int got = receive_now(fd, &slots, size);

		if (got < 0)
			return fault_set(fault, STEP_NETWORK, errno, "netlink receive");
		/* The kernel answers before the send returns: a missing answer will not come. */
		if (got == 0 && answer->cut_short)
			return 0;
		if (got == 0 && wait_readable(fd, deadline_ms) < 0)
			return fault_set(fault, STEP_NETWORK, errno, "netlink: no answer");
		if (take_slots(answer, &slots, got, size, fault) < 0)
			return -1;
		datagrams += (size_t)got;
		if (datagrams > RTNL_DATAGRAMS_MAX || (got > 0 && clock_now_ms() > deadline_ms))
			return fault_set(fault, STEP_NETWORK, EOVERFLOW, "netlink answer");
	}
	return 0;
}

/* One exchange. After any failure the state of the socket is unknown, so it is closed. */
static int exchange(struct rtnl *rtnl, const void *bytes, size_t len, struct rtnl_answer *answer,
		    size_t acks, size_t size, struct fault *fault)
{
	ssize_t sent;

	do
		sent = mnl_socket_sendto(rtnl->socket, bytes, len);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return fault_set(fault, STEP_NETWORK, errno, "netlink send");
	if ((size_t)sent != len) {
		fault_set(fault, STEP_NETWORK, EIO, "netlink send");
	} else if (receive(rtnl, answer, acks, size, fault) == 0) {
		if (!answer->failed)
			return 0;
		*fault = answer->fault;
		return -1;
	}
	rtnl_close(rtnl);
	return -1;
}

/* Numbers the requests at each send, as a batch may be sent more than once. */
static size_t number_requests(struct rtnl *rtnl, struct rtnl_batch *batch)
{
	size_t at = 0, acks = 0;

	for (size_t i = 0; i < batch->count; i++) {
		struct nlmsghdr *message = (struct nlmsghdr *)(batch->bytes + at);

		message->nlmsg_seq = ++rtnl->seq;
		batch->requests[i].seq = rtnl->seq;
		acks += batch->requests[i].has_ack;
		at += NLMSG_ALIGN((size_t)message->nlmsg_len);
	}
	return acks;
}

int rtnl_send(struct rtnl *rtnl, struct rtnl_batch *batch, struct fault *fault)
{
	struct rtnl_answer answer = { .portid = rtnl->portid };
	size_t acks;

	if (batch->err != 0)
		return fault_set(fault, STEP_NETWORK, batch->err, "netlink batch");
	if (!rtnl->socket)
		return fault_set(fault, STEP_NETWORK, EBADF, "netlink socket");
	if (batch->count == 0)
		return 0;
	acks = number_requests(rtnl, batch);
	if (acks == 0)
		return fault_set(fault, STEP_NETWORK, EINVAL, "netlink batch without acks");
	answer.requests = batch->requests;
	answer.count = batch->count;
	return exchange(rtnl, batch->bytes, batch->used, &answer, acks, ACK_BYTES, fault);
}

int rtnl_get(struct rtnl *rtnl, struct nlmsghdr *request, rtnl_take *take,
	     void (*restart)(void *arg), void *arg, struct fault *fault)
{
	bool is_dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;

	if (!rtnl->socket)
		return fault_set(fault, STEP_NETWORK, EBADF, "netlink socket");
	request->nlmsg_flags |= NLM_F_REQUEST;
	if (!is_dump)
		request->nlmsg_flags |= NLM_F_ACK;
	for (int i = 0; i < RTNL_DUMP_TRIES; i++) {
		struct rtnl_request only = { .type = request->nlmsg_type, .has_ack = !is_dump };
		struct rtnl_answer answer = {
			.portid = rtnl->portid,
			.requests = &only,
			.count = 1,
			.take = take,
			.arg = arg,
		};

		if (i > 0 && restart)
			restart(arg);
		request->nlmsg_seq = only.seq = ++rtnl->seq;
		if (exchange(rtnl, request, request->nlmsg_len, &answer, is_dump ? 0 : 1,
			     RTNL_RECEIVE_BYTES, fault) < 0)
			return -1;
		if (!answer.interrupted)
			return 0;
	}
	return fault_set(fault, STEP_NETWORK, EAGAIN, "netlink: dump keeps changing");
}
