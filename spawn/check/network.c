/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: what a sandbox with more than loopback would need. */
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../net/config.h"
#include "../../net/usermode.h"
#include "../host/config.h"
#include "probe.h"

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

/* ---- forwarding ---- */

void check_say_forwarding(struct check_item *item, long on4, long on6, bool may_turn_on)
{
	if (on4 < 0)
		check_found(item, CHECK_MISSING, "this network namespace has no IPv4");
	else if (on4 == 0 && may_turn_on)
		check_found(item, CHECK_OK, "off; nidus.conf allows it: a nat network turns it on");
	else if (on4 == 0)
		check_found(item, CHECK_LIMITED, "IPv4 off: a nat network is refused, "
			    "unless net-forward yes allows turning it on");
	else if (on6 > 0)
		check_found(item, CHECK_OK, "IPv4 and IPv6 on");
	else if (on6 < 0)
		check_found(item, CHECK_OK, "IPv4 on; there is no IPv6 here");
	else if (may_turn_on)
		check_found(item, CHECK_OK, "IPv4 on, IPv6 off; nidus.conf allows it: a nat network "
			    "turns it on");
	else
		check_found(item, CHECK_LIMITED,
			    "IPv4 on, IPv6 off: a nat network gets no IPv6 address");
}

static void check_forwarding(struct check *check)
{
	struct check_item *item = check_add(check, "net-forward", false,
		"nat networks: this host forwards the packets of sandboxes like a router",
		"net-forward yes, or forward = yes in " CONFIG_PATH ", or net.ipv4.ip_forward=1 and "
		"net.ipv6.conf.all.forwarding=1 by sysctl (a host whose own IPv6 comes from router "
		"advertisements needs accept_ra=2 then)");
	struct net_config config;
	struct fault fault;

	if (host_config_read(&config, &fault) < 0) {
		check_found(item, CHECK_LIMITED, "a nat network is refused: %.180s: %s", fault.what,
			    strerror(fault.err));
		return;
	}
	check_say_forwarding(item, check_read_number("/proc/sys/net/ipv4/ip_forward"),
			     check_read_number("/proc/sys/net/ipv6/conf/all/forwarding"),
			     config.has_forward && config.forward);
}

/* ---- tables of other programs ---- */

static void append_names(char *text, size_t size, const char *hook, const char *names)
{
	size_t len = strlen(text);

	if (names[0])
		snprintf(text + len, size - len, "%sat %s %s", len > 0 ? "; " : "", hook, names);
}

void check_say_firewall(struct check_item *item, int result, const struct net_survey *survey)
{
	char drops[CHECK_DETAIL_MAX] = "";
	const char *whose;
	bool stops;

	if (result == EPERM) {
		check_found(item, CHECK_LIMITED, "not looked at: only root reads the host's tables");
		return;
	}
	if (result != 0) {
		check_found_probe(item, result, "");
		return;
	}
	append_names(drops, sizeof(drops), "forward", survey->forward);
	append_names(drops, sizeof(drops), "prerouting", survey->prerouting);
	stops = drops[0] || survey->has_firewalld;
	append_names(drops, sizeof(drops), "input", survey->input);
	whose = survey->has_firewalld ? "firewalld's table inet firewalld rejects what none of its "
					"policies allows" :
		survey->has_docker    ? "Docker's tables are here" :
		survey->has_legacy    ? "there are rules of iptables-legacy, not looked at" : "";
	if (drops[0])
		check_found(item, stops ? CHECK_LIMITED : CHECK_OK, "policy drop %.160s%s%s", drops,
			    whose[0] ? "; " : "", whose);
	else if (whose[0])
		check_found(item, stops || survey->has_legacy ? CHECK_LIMITED : CHECK_OK,
			    "no policy drop; %s", whose);
	else
		check_found(item, CHECK_OK, "no other table's policy drops");
}

/* What probes find, in memory shared with their child. */
struct network_found {
	struct net_survey survey;
	struct net_user_program program;
	struct fault fault;
};

static int probe_survey(void *arg)
{
	struct network_found *found = arg;

	return net_survey_read(&found->survey, &found->fault) < 0 ? found->fault.err : 0;
}

static void check_firewall(struct check *check, struct network_found *found)
{
	struct check_item *item = check_add(
		check, "net-firewall", false,
		"nat networks: packets of sandboxes have to pass all tables of this host",
		"accept packets from links nd* there, and to them those that are established or "
		"have "
		"ct status dnat (Docker: in DOCKER-USER; firewalld: a zone and a policy): "
		"nidus-net(7) has the lines");

	check_say_firewall(item, check_probe(probe_survey, found), &found->survey);
}

/* ---- --net user ---- */

/* How to make the device usable, by the error of opening it. */
static const char *how_tun(int err)
{
	if (err == EACCES || err == EPERM)
		return "a " NET_USER_TUN
		       " that everybody may open: mode 0666, permanently by a udev rule";
	return "a kernel with CONFIG_TUN (modprobe tun), and " NET_USER_TUN " for it";
}

static int probe_user_network(void *arg)
{
	static const struct net_options none;
	struct network_found *found = arg;

	return net_user_find(&none, &found->program, &found->fault) < 0 ? found->fault.err : 0;
}

void check_say_user_network(struct check_item *item, int result,
			    const struct net_user_program *program, const struct fault *fault)
{
	if (result <= 0 || fault->err != result) {
		check_found_probe(item, result, program->path);
		return;
	}
	/* the program is there: it is looked for first */
	if (strcmp(fault->what, NET_USER_TUN) == 0)
		item->how = how_tun(result);
	check_found(item, CHECK_MISSING, "%.200s: %s", fault->what, strerror(result));
}

static void check_user_network(struct check *check, struct network_found *found)
{
	struct check_item *item = check_add(check, "net-user", false,
		"user networks: network for ordinary users, without root",
		"install slirp4netns (or passt, of 2025-09-11 or newer)");

	check_say_user_network(item, check_probe(probe_user_network, found), &found->program,
			       &found->fault);
}

/* Opening it makes only a descriptor, no link. */
static void check_tun(struct check *check)
{
	cleanup_fd int fd = open(NET_USER_TUN, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int result = fd < 0 ? errno : 0;
	struct check_item *item = check_add(check, "net-tun", false,
		"user networks: the link that its program makes inside", how_tun(result));

	check_found_probe(item, result, NET_USER_TUN " opens");
}

void check_network(struct check *check)
{
	struct check_item *item = check_add(check, "nftables", false,
		"nat networks, published ports and rules for networks",
		"a kernel with CONFIG_NF_TABLES (modprobe nf_tables)");
	struct network_found *found = mmap(NULL, sizeof(*found), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check_found_probe(item, check_probe(probe_nftables, NULL), "answers");
	check_forwarding(check);
	/* Without memory for a few bytes the rest of the list doesn't matter. */
	if (found != MAP_FAILED) {
		check_firewall(check, found);
		check_user_network(check, found);
		munmap(found, sizeof(*found));
	}
	check_tun(check);
}
