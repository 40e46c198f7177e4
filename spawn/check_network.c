/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: what a sandbox with more than loopback would need. */
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../init/fd.h"
#include "check_probe.h"

#define REPLY_TIMEOUT_US 100000

/* Asks nf_tables for its generation, in a network namespace of its own. */
static int probe_nftables(void *arg)
{
	struct {
		struct nlmsghdr header;
		struct nfgenmsg body;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN,
			    .nlmsg_flags = NLM_F_REQUEST },
	};
	union {
		struct nlmsghdr header;
		char bytes[1024];
	} reply;
	struct timeval timeout = { .tv_usec = REPLY_TIMEOUT_US };
	int err = check_enter_userns();
	cleanup_fd int fd = -1;
	ssize_t n;

	(void)arg;
	if (err)
		return err;
	if (unshare(CLONE_NEWNET) < 0)
		return errno;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    send(fd, &request, sizeof(request), 0) < 0)
		return errno;
	n = recv(fd, &reply, sizeof(reply), 0);
	if (n < (ssize_t)sizeof(reply.header))
		return n < 0 ? errno : EPROTO;
	if (reply.header.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN))
		return 0;
	if (reply.header.nlmsg_type == NLMSG_ERROR &&
	    n >= (ssize_t)(sizeof(reply.header) + sizeof(struct nlmsgerr)))
		return -((struct nlmsgerr *)(void *)(reply.bytes + NLMSG_HDRLEN))->error;
	return EPROTO;
}

static void check_user_network(struct check *check)
{
	struct check_item *item = check_add(check, "pasta", false,
		"--net user: network for ordinary users, without root",
		"install passt (or slirp4netns)");
	char pasta[64], slirp[64];
	const char *found = check_find_program("pasta", pasta, sizeof(pasta));

	if (!found)
		found = check_find_program("slirp4netns", slirp, sizeof(slirp));
	if (found)
		check_found(item, CHECK_OK, "%s", found);
	else
		check_found(item, CHECK_MISSING, "neither pasta nor slirp4netns is installed");
}

void check_network(struct check *check)
{
	struct check_item *item = check_add(check, "nftables", false,
		"--net nat, --publish and rules for networks",
		"a kernel with CONFIG_NF_TABLES (modprobe nf_tables)");

	check_found_probe(item, check_probe(probe_nftables, NULL), "answers");
	check_user_network(check);
}
