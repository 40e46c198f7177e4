/* SPDX-License-Identifier: Apache-2.0 */
#include "unix_sockets.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "attr.h"
#include "rtnl.h"

/*
 * Streams that listen; datagram sockets, which are "established" once somebody connected to
 * them. A stream that is established has the name of the one that accepted it.
 */
#define REACHABLE (1u << TCP_LISTEN | 1u << TCP_CLOSE | 1u << TCP_ESTABLISHED)

#define PROC_LISTENS 0x10000 /* __SO_ACCEPTCON, as /proc/net/unix has it */

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

/* "Num: RefCount Protocol Flags Type St Inode Path" */
static const char *path_in(const char *line)
{
	unsigned flags, type, state;
	int at = 0;

	if (sscanf(line, "%*s %*x %*x %x %x %x %*u %n", &flags, &type, &state, &at) < 3 ||
	    at == 0 || line[at] == '@' || line[at] == '\0')
		return NULL;
	return flags & PROC_LISTENS || type == SOCK_DGRAM ? line + at : NULL;
}

static int list_from_proc(struct list *list, struct fault *fault)
{
	FILE *file = fopen("/proc/thread-self/net/unix", "re");
	char *line = NULL;
	size_t size = 0;
	int result = 0;

	if (!file)
		return fault_set(fault, STEP_NETWORK, errno, "/proc/net/unix");
	while (result == 0 && getline(&line, &size, file) > 0) {
		const char *path;

		line[strcspn(line, "\n")] = '\0';
		path = path_in(line);
		if (path && list->take(path, list->arg) != 0)
			result = fault_set(fault, STEP_NETWORK, errno, "/proc/net/unix");
	}
	free(line);
	fclose(file);
	return result;
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
	if (result < 0 && fault->err == ENOENT)
		return list_from_proc(&list, fault);
	return result;
}
