/* SPDX-License-Identifier: Apache-2.0 */
#include "orphan.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "rtnl.h"

#define REQUEST_BYTES 128

/* TIME_WAIT is no socket any more, and is purged with the namespace. */
#define STATES_THAT_KEEP (~(1u << TCP_TIME_WAIT))

/* One is enough: the dump ends here. */
static int take_one(const struct nlmsghdr *message, void *arg)
{
	bool *any = arg;

	(void)message;
	*any = true;
	return 0;
}

static bool has_any(struct rtnl *diag, uint8_t family)
{
	_Alignas(8) uint8_t bytes[REQUEST_BYTES] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req_v2 *wanted;
	struct fault ignored; /* whoever can't look assumes the worst */
	bool any = false;

	request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	wanted = mnl_nlmsg_put_extra_header(request, sizeof(*wanted));
	wanted->sdiag_family = family;
	wanted->sdiag_protocol = IPPROTO_TCP;
	wanted->idiag_states = STATES_THAT_KEEP;
	if (rtnl_get(diag, request, take_one, NULL, &any, &ignored) < 0)
		return true;
	return any;
}

bool orphan_keeps(int netns_fd)
{
	struct rtnl diag = { .socket = NULL };
	struct fault ignored; /* likewise */
	bool keeps;

	if (rtnl_open_in(&diag, NETLINK_SOCK_DIAG, netns_fd, &ignored) < 0)
		return true;
	keeps = has_any(&diag, AF_INET) || has_any(&diag, AF_INET6);
	rtnl_close(&diag);
	return keeps;
}
