/* SPDX-License-Identifier: Apache-2.0 */
/* Queries: which links there are, and whether they are usable. Changes are in link.c. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <string.h>
#include <time.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "attr.h"
#include "link_request.h"

#define POLL_FIRST_US 50
#define POLL_LAST_US 5000

int link_parse(const struct nlmsghdr *message, struct link_info *info)
{
	const struct nlattr *table[IFLA_GROUP + 1]; /* the highest of those below */
	struct rtnl_link_stats64 stats = { 0 };
	struct ifinfomsg header;

	memset(info, 0, sizeof(*info));
	if (message->nlmsg_type != RTM_NEWLINK ||
	    attr_parse_message(message, sizeof(header), table, IFLA_GROUP + 1) < 0)
		goto nonsense;
	memcpy(&header, (const uint8_t *)message + NLMSG_HDRLEN, sizeof(header));
	if (header.ifi_index <= 0 || !attr_text(table[IFLA_IFNAME], info->name, LINK_NAME_MAX))
		goto nonsense;
	info->index = (uint32_t)header.ifi_index;
	info->up = header.ifi_flags & IFF_UP;
	attr_u32(table[IFLA_GROUP], &info->group);
	attr_u32(table[IFLA_MTU], &info->mtu);
	attr_u8(table[IFLA_OPERSTATE], &info->operstate);
	/* Newer kernels append fields; Linux 4.6 had the first 24. */
	if (table[IFLA_STATS64]) {
		size_t len = table[IFLA_STATS64]->nla_len - NLA_HDRLEN;

		memcpy(&stats, (const uint8_t *)table[IFLA_STATS64] + NLA_HDRLEN,
		       len < sizeof(stats) ? len : sizeof(stats));
	}
	info->stats = (struct link_stats){ stats.rx_bytes, stats.tx_bytes, stats.rx_packets,
					   stats.tx_packets };
	return 0;
nonsense:
	errno = EBADMSG;
	return -1;
}

/* ---- one link ---- */

struct one {
	struct link_info *info;
	bool found;
};

static int take_one(const struct nlmsghdr *message, void *arg)
{
	struct one *one = arg;

	if (link_parse(message, one->info) < 0)
		return -1;
	one->found = true;
	return 0;
}

static struct nlmsghdr *begin_query(struct link_query *query, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(query->bytes);

	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = flags;
	return message;
}

int link_get(struct rtnl *rtnl, const char *name, struct link_info *info, struct fault *fault)
{
	struct one one = { .info = info };
	struct nlmsghdr *message;
	struct link_query query = { 0 };

	if (!link_name_is_valid(name))
		return fault_set(fault, STEP_NETWORK, EINVAL, name);
	message = begin_query(&query, 0);
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	if (rtnl_get(rtnl, message, take_one, NULL, &one, fault) < 0)
		return fault_set(fault, STEP_NETWORK, fault->err, name);
	if (!one.found)
		return fault_set(fault, STEP_NETWORK, ENODEV, name);
	return 0;
}

/* ---- all of them ---- */

struct list {
	uint32_t group;
	link_take *take;
	void *arg;
};

static int take_listed(const struct nlmsghdr *message, void *arg)
{
	const struct list *list = arg;
	struct link_info info;

	if (link_parse(message, &info) < 0)
		return -1;
	if (list->group != 0 && info.group != list->group)
		return 0;
	return list->take(&info, list->arg);
}

int link_list(struct rtnl *rtnl, uint32_t group, link_take *take, void *arg, struct fault *fault)
{
	struct list list = { .group = group, .take = take, .arg = arg };
	struct link_query query = { 0 };

	return rtnl_get(rtnl, begin_query(&query, NLM_F_DUMP), take_listed, NULL, &list, fault);
}

/* ---- waiting ---- */

int link_poll(struct rtnl *rtnl, link_look *look, const void *what, int timeout_ms, bool *there,
	      struct fault *fault)
{
	int64_t end_us = (int64_t)clock_now_us() + (int64_t)timeout_ms * 1000;
	long pause_us = POLL_FIRST_US;

	for (;;) {
		/* Read first, so that the last look comes after the deadline. */
		bool is_last = (int64_t)clock_now_us() >= end_us;
		struct timespec pause;

		if (look(rtnl, what, there, fault) < 0)
			return -1;
		if (*there || is_last)
			return 0;
		pause = (struct timespec){ 0, pause_us * 1000 };
		nanosleep(&pause, NULL);
		pause_us = pause_us * 2 < POLL_LAST_US ? pause_us * 2 : POLL_LAST_US;
	}
}

static int look_up(struct rtnl *rtnl, const void *what, bool *there, struct fault *fault)
{
	struct link_info info;

	if (link_get(rtnl, what, &info, fault) < 0)
		return -1;
	*there = info.operstate == IF_OPER_UP;
	return 0;
}

int link_wait_up(struct rtnl *rtnl, const char *name, int timeout_ms, struct fault *fault)
{
	bool there = false;

	if (link_poll(rtnl, look_up, name, timeout_ms, &there, fault) < 0)
		return -1;
	return there ? 0 : fault_set(fault, STEP_NETWORK, ETIMEDOUT, name);
}
