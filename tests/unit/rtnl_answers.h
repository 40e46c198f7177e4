/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as a kernel, or something worse, would give them. */
#ifndef NIDUS_TEST_RTNL_ANSWERS_H
#define NIDUS_TEST_RTNL_ANSWERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "../../net/rtnl.h"

#define PORTID 4711u

struct datagram {
	_Alignas(8) uint8_t bytes[4096];
	size_t len;
};

static inline struct nlmsghdr *add_message(struct datagram *datagram, uint16_t type,
					   uint16_t flags, uint32_t seq, const void *payload,
					   size_t len)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(datagram->bytes + datagram->len);

	memset(message, 0, NLMSG_SPACE(len));
	message->nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	message->nlmsg_seq = seq;
	message->nlmsg_pid = PORTID;
	if (len > 0)
		memcpy(NLMSG_DATA(message), payload, len);
	datagram->len += NLMSG_SPACE(len);
	return message;
}

/* What an ack has after the header of the request: none, or one attribute. */
static inline struct nlmsghdr *add_ack(struct datagram *datagram, uint32_t seq, int err,
				       const char *text)
{
	struct {
		struct nlmsgerr error;
		struct nlattr attr;
		char text[128];
	} ack = { .error = { .error = -err,
			     .msg = { .nlmsg_len = 500, .nlmsg_seq = seq, .nlmsg_pid = PORTID } } };
	size_t len = sizeof(ack.error);
	uint16_t flags = NLM_F_CAPPED;

	if (text) {
		ack.attr.nla_type = NLMSGERR_ATTR_MSG;
		ack.attr.nla_len = (uint16_t)(NLA_HDRLEN + strlen(text) + 1);
		memcpy(ack.text, text, strlen(text));
		len += NLA_ALIGN(ack.attr.nla_len);
		flags |= NLM_F_ACK_TLVS;
	}
	return add_message(datagram, NLMSG_ERROR, flags, seq, &ack, len);
}

static inline struct nlmsghdr *add_done(struct datagram *datagram, uint32_t seq, int err)
{
	int32_t status = -err;

	return add_message(datagram, NLMSG_DONE, NLM_F_MULTI, seq, &status, sizeof(status));
}

/* A link as a dump has it: index and name. */
static inline struct nlmsghdr *add_link(struct datagram *datagram, uint32_t seq, int index,
					const char *name)
{
	struct {
		struct ifinfomsg header;
		struct nlattr attr;
		char name[16];
	} link = { .header = { .ifi_index = index },
		   .attr = { (uint16_t)(NLA_HDRLEN + strlen(name) + 1), IFLA_IFNAME } };

	memcpy(link.name, name, strlen(name));
	return add_message(datagram, RTM_NEWLINK, NLM_F_MULTI, seq, &link,
			   sizeof(link.header) + NLA_ALIGN(link.attr.nla_len));
}

#endif
