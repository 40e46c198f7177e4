/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../net/publish.h"
#include "../../net/resolv.h"
#include "../host/config.h"
#include "../spec/refuse.h"
#include "../spec/root.h"
#include "hosts.h"
#include "memfd.h"

static int intend_claim(struct nidus_sandbox *sandbox, const struct net_claim *claim,
			struct fault *fault)
{
	static const enum journal_kind kinds[] = {
		[NET_LEASE] = JOURNAL_LEASE,	 [NET_LINK] = JOURNAL_LINK,
		[NET_ELEMENTS] = JOURNAL_NFT,	 [NET_POOL] = JOURNAL_POOL,
		[NET_FORWARD] = JOURNAL_FORWARD,
	};

	return sandbox_intend(sandbox, kinds[claim->resource], claim->text, fault);
}

/* An address of another state root shows only when it is taken: then others are chosen. */
static int take_nat(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct net_claim claims[NET_CLAIMS_MAX];
	size_t count;
	int ret;

	do {
		if (net_choose(sandbox->resources.net, claims, &count, fault) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (intend_claim(sandbox, &claims[i], fault) < 0)
				return -1;
		ret = net_take(sandbox->resources.net, fault);
	} while (ret > 0);
	if (ret < 0 && fault->err == EADDRINUSE)
		spec_about(sandbox->spec, NIDUS_OPTION_PUBLISH, fault);
	return ret;
}

bool network_may_nat(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	return syscall(SYS_capget, &header, data) == 0 &&
	       data[CAP_NET_ADMIN / 32].effective & 1u << (CAP_NET_ADMIN % 32) &&
	       data[CAP_SYS_ADMIN / 32].effective & 1u << (CAP_SYS_ADMIN % 32);
}

static int put_file(const char *name, const char *text, int *fd, struct fault *fault)
{
	*fd = memfd_text(name, text, fault);
	return *fd < 0 ? -1 : 0;
}

static int put_resolv(struct nidus_sandbox *sandbox, const struct ip_addr *dns, size_t dns_count,
		      struct fault *fault)
{
	struct resolv_host *host = malloc(sizeof(*host));
	cleanup_fd int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char text[RESOLV_TEXT_MAX], why[FAULT_WHY_MAX];
	int result = -1;

	if (!host || root_fd < 0) {
		fault_set(fault, STEP_NETWORK, host ? errno : ENOMEM, "/");
		goto out;
	}
	if (resolv_read(root_fd, host, fault) < 0)
		goto out;
	if (resolv_conf(host, dns, dns_count, text) == 0) {
		snprintf(why, sizeof(why),
			 "the host has no name server that a sandbox can reach: see %s",
			 spec_word(sandbox->spec, NIDUS_OPTION_DNS));
		sandbox_degrade(sandbox, "dns", why);
	}
	result = put_file("resolv.conf", text, &sandbox->prepared.resolv_fd, fault);
out:
	free(host);
	return result;
}

/* The files that resolve names: the host's own may name servers that can't be reached inside. */
static int put_files(struct nidus_sandbox *sandbox, const struct ip_addr *dns, size_t dns_count,
		     const struct ip_addr *addr4, const struct ip_addr *addr6, struct fault *fault)
{
	const char *hostname = plan_hostname(sandbox->spec);
	char text[RESOLV_TEXT_MAX];

	if (put_resolv(sandbox, dns, dns_count, fault) < 0)
		return -1;
	if (sandbox->spec->net_options.dns_count > 0 &&
	    (spec_leaves_root(sandbox->spec) || spec_covers(sandbox->spec, 0, "/etc/resolv.conf")))
		sandbox_degrade(sandbox, spec_word(sandbox->spec, NIDUS_OPTION_DNS),
				"/etc/resolv.conf is not nidus's here: its name servers are used");
	resolv_hosts(hostname, addr4, addr6, text);
	if (put_file("hosts", text, &sandbox->prepared.hosts_fd, fault) < 0)
		return -1;
	if (!hostname)
		return 0;
	resolv_hostname(hostname, text);
	return put_file("hostname", text, &sandbox->prepared.hostname_fd, fault);
}

static int prepare_nat(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct ip_addr *dns;
	struct net_config config;
	size_t dns_count;

	if (!network_may_nat())
		return spec_fault(spec_about_value(sandbox->spec, NIDUS_OPTION_NET, fault, "nat"),
				  STEP_NETWORK, EPERM,
				  "needs CAP_NET_ADMIN and CAP_SYS_ADMIN here; ordinary users can "
				  "use %s user",
				  spec_word(sandbox->spec, NIDUS_OPTION_NET));
	if (publish_check_free(&sandbox->spec->net_options, fault) < 0) {
		spec_about_publish(sandbox->spec, fault->index, fault);
		return -1;
	}
	if (host_config_read(&config, fault) < 0 ||
	    net_open(&sandbox->spec->net_options, &config, sandbox->resources.state.root_fd,
		     sandbox->resources.state.id, &sandbox->resources.net, fault) < 0 ||
	    take_nat(sandbox, fault) < 0)
		return -1;
	net_addresses(sandbox->resources.net, &sandbox->prepared.addr4, &sandbox->prepared.addr6);
	dns_count = net_dns(sandbox->resources.net, &dns);
	return put_files(sandbox, dns, dns_count, &sandbox->prepared.addr4,
			 &sandbox->prepared.addr6, fault);
}

static int prepare_user(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct net_options *options = &sandbox->spec->net_options;

	struct ip_addr own;

	if (net_user_find(options, &sandbox->prepared.net_program, fault) < 0)
		return -1;
	/* the program's resolver asks the host's, wherever that listens */
	if (options->dns_count == 0 && ip_addr_parse(NET_USER_DNS, &own))
		return put_files(sandbox, &own, 1, NULL, NULL, fault);
	return put_files(sandbox, options->dns, options->dns_count, NULL, NULL, fault);
}

/* In a network that is not made for the sandbox, names are resolved as its root says. */
static int prepare_other(struct nidus_sandbox *sandbox, struct fault *fault)
{
	char *text = hosts_with_own_name(sandbox->spec);
	int *fd = &sandbox->prepared.hosts_fd; /* open if PID 1 has it already */
	int ret = 0;

	if (!text)
		fd_close(fd);
	else if (*fd >= 0)
		ret = memfd_fill(*fd, "hosts", text, fault);
	else
		ret = put_file("hosts", text, fd, fault);
	free(text);
	return ret;
}

int network_prepare(struct nidus_sandbox *sandbox, struct fault *fault)
{
	switch (sandbox->spec->net) {
	case NIDUS_NET_NAT:
		return prepare_nat(sandbox, fault);
	case NIDUS_NET_USER:
		return prepare_user(sandbox, fault);
	case NIDUS_NET_NONE:
	case NIDUS_NET_HOST:
	case NIDUS_NET_PATH: /* join.c joins the existing namespace */
		return prepare_other(sandbox, fault);
	}
	return fault_set(fault, STEP_NETWORK, EINVAL, "kind of network");
}

/* A protection that nobody asked for by name: the sandbox starts without it, and says so. */
static void report_no_filter(struct nidus_sandbox *sandbox)
{
	const struct fault *fault = net_user_no_filter(sandbox->resources.net_user);
	char why[FAULT_WHY_MAX];

	if (!fault)
		return;
	snprintf(why, sizeof(why),
		 "metadata addresses are closed by routes alone, which a program can walk around: "
		 "no filter inside: %s",
		 strerror(fault->err));
	sandbox_degrade(sandbox, "network", why);
}

static int attach_user(struct nidus_sandbox *sandbox, struct fault *fault)
{
	/* left from an earlier PID 1 */
	if (net_user_stop(&sandbox->resources.net_user, NET_USER_STOP_MS, fault) < 0)
		return -1;
	if (net_user_start(&sandbox->prepared.net_program, &sandbox->spec->net_options,
			   sandbox->channels.pid, sandbox->resources.state.dir_fd,
			   &sandbox->resources.net_user, fault) < 0)
		return -1;
	report_no_filter(sandbox);
	if (sandbox_intend_process(sandbox, JOURNAL_HELPER,
				   net_user_pid(sandbox->resources.net_user), fault) < 0 ||
	    net_user_go(sandbox->resources.net_user, fault) < 0)
		return -1;
	net_user_address(sandbox->resources.net_user, &sandbox->prepared.addr4);
	return sandbox_watch_fd(sandbox, net_user_fd(sandbox->resources.net_user), EPOLLIN, fault);
}

int network_attach(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (sandbox->resources.net)
		return net_attach(sandbox->resources.net, sandbox->channels.pid, fault);
	if (sandbox->spec->net == NIDUS_NET_USER)
		return attach_user(sandbox, fault);
	return 0;
}

void network_read(struct nidus_sandbox *sandbox)
{
	struct net_usage usage;

	if (!sandbox->resources.net)
		return;
	net_read(sandbox->resources.net, &usage);
	sandbox->result.net_rx_bytes = usage.rx_bytes;
	sandbox->result.net_tx_bytes = usage.tx_bytes;
}

void network_on_helper_end(struct nidus_sandbox *sandbox)
{
	char text[NET_USER_EPITAPH_MAX];

	epoll_ctl(sandbox->channels.epoll_fd, EPOLL_CTL_DEL,
		  net_user_fd(sandbox->resources.net_user), NULL);
	if (sandbox->phase >= NIDUS_ENDING)
		return;
	sandbox_degrade(sandbox, "network", net_user_epitaph(sandbox->resources.net_user, text));
}

void network_begin_end(struct nidus_sandbox *sandbox)
{
	net_user_kill(sandbox->resources.net_user);
}

void network_reap(struct nidus_sandbox *sandbox)
{
	struct fault not_yet; /* the removal tries it again */

	/* its pidfd is watched, so there will be a next try */
	if (sandbox->resources.net_user &&
	    net_user_stop(&sandbox->resources.net_user, 0, &not_yet) == 0)
		sandbox->resources.removed +=
			(uint32_t)trail_strike(&sandbox->resources.trail, JOURNAL_HELPER);
}
