/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport: the socket, one send for a batch (rtnl_batch.c), and the wait for the answers,
 * which rtnl_parse.c reads. Without libmnl, so that what asks a question only needs no library.
 */
#include "rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

	if (setsockopt(rtnl->fd, SOL_NETLINK, option, &on, sizeof(on)) == 0)
		return 0;
	return fault_set(fault, STEP_NETWORK, errno, what);
}

int rtnl_open(struct rtnl *rtnl, int bus, struct fault *fault)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(own);

	memset(rtnl, 0, sizeof(*rtnl));
	rtnl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
	if (rtnl->fd < 0)
		return fault_set(fault, STEP_NETWORK, errno, "netlink socket");
	rtnl->is_open = true;
	/* the kernel chooses the port */
	if (bind(rtnl->fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    getsockname(rtnl->fd, (struct sockaddr *)&own, &len) < 0) {
		fault_set(fault, STEP_NETWORK, errno, "netlink bind");
		goto fail;
	}
	/* Linux 4.3, 4.12, 4.20: below the floor. */
	if (set_option(rtnl, NETLINK_CAP_ACK, fault, "NETLINK_CAP_ACK") < 0 ||
	    set_option(rtnl, NETLINK_EXT_ACK, fault, "NETLINK_EXT_ACK") < 0 ||
	    set_option(rtnl, NETLINK_GET_STRICT_CHK, fault, "NETLINK_GET_STRICT_CHK") < 0)
		goto fail;
	rtnl->portid = own.nl_pid;
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
	if (rtnl->is_open)
		close(rtnl->fd);
	rtnl->is_open = false;
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

static int take_slots(struct rtnl_answer *answer, const struct slots *slots, int count, size_t size,
		      struct fault *fault)
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
	int64_t deadline_ms = clock_now_ms() + RTNL_WAIT_MS;
	size_t datagrams = 0;
	struct slots slots;

	while (acks > 0 ? answer->acks < acks : !(answer->done || answer->cut_short)) {
		int got = receive_now(rtnl->fd, &slots, size);

		if (got < 0)
			return fault_set(fault, STEP_NETWORK, errno, "netlink receive");
		/* The kernel answers before the send returns: a missing answer will not come. */
		if (got == 0 && answer->cut_short)
			return 0;
		if (got == 0 && wait_readable(rtnl->fd, deadline_ms) < 0)
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
	const struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	ssize_t sent;

	do
		sent = sendto(rtnl->fd, bytes, len, 0, (const struct sockaddr *)&to,
			      sizeof(to));
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
	if (!rtnl->is_open)
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

	if (!rtnl->is_open)
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
