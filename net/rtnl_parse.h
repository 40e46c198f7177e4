/* SPDX-License-Identifier: Apache-2.0 */
/* rtnl_parse for callers that have requests but no batch. */
#ifndef NIDUS_NET_RTNL_PARSE_H
#define NIDUS_NET_RTNL_PARSE_H

#include "rtnl.h"

/* What an answer must match, and the results. */
struct rtnl_answer {
	uint32_t portid;
	const struct rtnl_request *requests;
	size_t count;
	rtnl_take *take;  /* NULL: messages are ignored */
	void *arg;
	size_t acks;      /* from here: results, accumulated with every datagram */
	uint64_t acked;   /* bit n: requests[n] */
	bool cut_short;   /* a request without an ack failed: others may get no ack */
	bool done;        /* end of a dump */
	bool interrupted; /* the dump is not consistent */
	bool failed;      /* `fault` holds the first error of a request, or take's */
	struct fault fault;
};

_Static_assert(RTNL_BATCH_MAX <= 64, "a bit of `acked` for each request");

/* 0, also if a request failed; -1 with the fault, EBADMSG, for a malformed datagram. */
int rtnl_parse_datagram(struct rtnl_answer *answer, const void *datagram, size_t len,
			struct fault *fault);

#endif
