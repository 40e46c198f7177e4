/* SPDX-License-Identifier: Apache-2.0 */
#include "unix_sockets.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "attr.h"
#include "rtnl.h"

/*
 * Streams that listen; datagram sockets, which are "established" once somebody connected to
 * them. A stream that is established has the name of the one that accepted it.
 */
#define REACHABLE (1u << TCP_LISTEN | 1u << TCP_CLOSE | 1u << TCP_ESTABLISHED)

struct list {
	unix_sockets_take *take;
	void (*restart)(void *arg);
	void *arg;
};

static void restart(void *arg)
{
	const struct list *list = arg;

	list->restart(list->arg);
}

/* One without a VFS inode has an abstract name, or none. */
static int take_one(const struct nlmsghdr *message, void *arg)
{
	const struct list *list = arg;
	const struct nlattr *table[UNIX_DIAG_VFS + 1];
	char path[UNIX_SOCKETS_PATH_MAX];
	struct unix_diag_msg found;
	size_t len;

	if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    attr_parse_message(message, sizeof(struct unix_diag_msg), table, UNIX_DIAG_VFS + 1) <
		    0) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(&found, (const char *)message + NLMSG_HDRLEN, sizeof(found));
	if (!table[UNIX_DIAG_NAME] || !table[UNIX_DIAG_VFS] ||
	    (found.udiag_state == TCP_ESTABLISHED && found.udiag_type != SOCK_DGRAM))
		return 0;
	len = table[UNIX_DIAG_NAME]->nla_len - NLA_HDRLEN;
	if (len >= sizeof(path))
		len = sizeof(path) - 1;
	memcpy(path, (const char *)table[UNIX_DIAG_NAME] + NLA_HDRLEN, len);
	path[len] = '\0';
	return path[0] ? list->take(path, list->arg) : 0;
}

int unix_sockets_list(unix_sockets_take *take, void (*begin_again)(void *arg), void *arg,
		      struct fault *fault)
{
	struct list list = { take, begin_again, arg };
	struct {
		struct nlmsghdr header;
		struct unix_diag_req body;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			    .nlmsg_flags = NLM_F_DUMP },
		.body = { .sdiag_family = AF_UNIX,
			  .udiag_states = REACHABLE,
			  .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS },
	};
	struct rtnl rtnl;
	int result;

	if (rtnl_open(&rtnl, NETLINK_SOCK_DIAG, fault) < 0)
		return -1;
	result = rtnl_get(&rtnl, &request.header, take_one, restart, &list, fault);
	rtnl_close(&rtnl);
	return result;
}
