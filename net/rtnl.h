/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport: one rtnetlink (or nfnetlink) socket; requests are batched into few sends, and
 * each is acknowledged. Answers of the kernel are treated as hostile: every header and
 * attribute is checked against its bounds before it is read, every wait and retry has a
 * limit, nothing asserts. Link, address and route requests (link.h) append to a
 * batch; rtnl_send sends it and waits for all acks.
 *
 * libmnl writes headers and attributes; what only asks a fixed question needs no library.
 */
#ifndef NIDUS_NET_RTNL_H
#define NIDUS_NET_RTNL_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../init/fault.h"

#define RTNL_BATCH_BYTES 32768 /* room for all requests of one batch */
#define RTNL_BATCH_MAX 64      /* requests in it */
#define RTNL_REQUEST_BYTES 4096 /* at least this many are free when a request begins */
#define RTNL_WAIT_MS 5000      /* for the acks of one batch */
#define RTNL_DUMP_TRIES 8      /* of a dump that a change interrupted: NLM_F_DUMP_INTR */
#define RTNL_RECEIVE_BYTES 32768 /* the kernel makes no larger datagram of a dump */
#define RTNL_DATAGRAMS_MAX 65536 /* of one answer: a multipart message without end is an error */

struct rtnl {
	bool is_open;              /* only then is there an fd */
	int fd;
	uint32_t portid;
	uint32_t seq;              /* of the latest request */
};

/* One request of a batch, to say which one failed. */
struct rtnl_request {
	uint32_t seq;
	uint16_t type;
	bool has_ack;     /* NLM_F_ACK was still set at rtnl_batch_end */
	bool may_exist;   /* EEXIST is not a failure */
	bool may_miss;    /* ENOENT, ENODEV, ESRCH, EADDRNOTAVAIL are not failures */
	char what[96];    /* the object, for a fault */
};

struct rtnl_batch {
	struct rtnl_request requests[RTNL_BATCH_MAX];
	size_t count;
	size_t used;      /* bytes */
	int err;          /* ENOBUFS once something did not fit: rtnl_send then fails */
	_Alignas(8) uint8_t bytes[RTNL_BATCH_BYTES];
};

/* bus: NETLINK_ROUTE or NETLINK_NETFILTER. Extended acks and strict checking on. */
int rtnl_open(struct rtnl *rtnl, int bus, struct fault *fault);
/*
 * The same in the network namespace open at netns_fd: the calling thread enters it to create
 * the socket, and returns. -1 also if it can't return. The caller closes the socket; after
 * -1 it is closed already.
 */
int rtnl_open_in(struct rtnl *rtnl, int bus, int netns_fd, struct fault *fault);
/* Idempotent. A malformed or late answer closes the socket as well, because what it still
 * holds could be mistaken for the answer to the next request. EBADF from then on. */
void rtnl_close(struct rtnl *rtnl);

void rtnl_batch_init(struct rtnl_batch *batch);
/*
 * Begins a request (NLM_F_REQUEST|NLM_F_ACK|flags) with `extra` zeroed bytes of
 * protocol header; append attributes with libmnl, then rtnl_batch_end. NULL if it
 * doesn't fit (the batch remembers that). libmnl's plain putters don't check the room:
 * RTNL_REQUEST_BYTES are there; for more, use those named _check with rtnl_batch_room as
 * buflen. Clear NLM_F_ACK in the header of messages that are not acked (nfnetlink's batch
 * begin and end).
 */
struct nlmsghdr *rtnl_batch_begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
				  size_t extra, const char *what);
void rtnl_batch_end(struct rtnl_batch *batch, struct nlmsghdr *message);
/* How many bytes a message begun now, or the one being written, may have. */
size_t rtnl_batch_room(const struct rtnl_batch *batch);
/* For the latest request: it is not a failure if the object exists, or is gone, already. */
void rtnl_batch_may_exist(struct rtnl_batch *batch);
void rtnl_batch_may_miss(struct rtnl_batch *batch);
/* For appending functions: remembers why the batch can't be sent. */
void rtnl_batch_refuse(struct rtnl_batch *batch, int err);

/* Sends and waits for every ack. The first error is the fault: STEP_NETWORK,
 * errno, the object with the kernel's extended-ack text. */
int rtnl_send(struct rtnl *rtnl, struct rtnl_batch *batch, struct fault *fault);

/*
 * A dump, or one get with an answer: calls `take` for each message of the answer. take
 * returns 0, or -1 with errno, and is then not called again. An interrupted dump starts
 * again (after `restart`, may be NULL) at most RTNL_DUMP_TRIES times; then EAGAIN.
 * `request` is complete except for its sequence number; NLM_F_DUMP makes it a dump,
 * anything else gets NLM_F_ACK.
 */
typedef int rtnl_take(const struct nlmsghdr *message, void *arg);
int rtnl_get(struct rtnl *rtnl, struct nlmsghdr *request, rtnl_take *take,
	     void (*restart)(void *arg), void *arg, struct fault *fault);

/*
 * The pure half, for tests and fuzzers: parses one datagram as received, aligned to 4 bytes.
 * Returns how many acks it held and sets *done at the end of a dump; -1 with the fault for
 * an error of a request, EBADMSG for a malformed datagram. An error that the request allows
 * counts as an ack. `what` of a fault is that of the request and the kernel's extended-ack
 * text. If a datagram has several errors, the first is returned.
 */
int rtnl_parse(const void *datagram, size_t len, uint32_t portid, const struct rtnl_batch *batch,
	       rtnl_take *take, void *arg, bool *done, bool *interrupted, struct fault *fault);

#endif
