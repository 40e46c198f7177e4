/* SPDX-License-Identifier: Apache-2.0 */
#include "net_host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../unit/lease_files.h"
#include "../../net/link.h"
#include "../../net/nft.h"

#define STATE "/run/nidus-bench"
#define GONE_MS 10000
#define UPLINK 100 /* its index */

static const struct net_options options = { .has_forward = true, .forward = true };

double host_now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void nap(void)
{
	const struct timespec ms = { 0, 1000000 };

	nanosleep(&ms, NULL);
}

static int say(const char *what, const struct fault *fault)
{
	fprintf(stderr, "net: %s: %s: %s\n", what, fault->what, strerror(fault->err));
	return -1;
}

/*
 * lo, and an uplink with addresses, as every host has one: without, the kernel looks for
 * an address on each link there is for each route that is added.
 */
static int add_uplink(struct rtnl *rtnl, struct fault *fault)
{
	cleanup_fd int netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct link_veth veth = {
		.name = "up0",
		.peer_name = "up1",
		.peer_netns_fd = netns_fd,
		.mac = { 2, 0, 0, 0, 1, 1 },
		.peer_mac = { 2, 0, 0, 0, 1, 2 },
		.index = UPLINK,
	};
	struct rtnl_batch batch;
	struct ip_prefix addr;

	rtnl_batch_init(&batch);
	link_set_up(&batch, 0, "lo");
	link_add_veth(&batch, &veth);
	link_set_up(&batch, UPLINK, "up0");
	link_set_up(&batch, 0, "up1");
	ip_prefix_parse("192.0.2.1", &addr);
	addr_add(&batch, UPLINK, &addr, 0);
	return rtnl_send(rtnl, &batch, fault);
}

int host_make(void)
{
	struct fault fault;
	struct rtnl rtnl;
	int result;

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0 || mkdir(STATE, 0700) < 0) {
		fprintf(stderr, "net: a host of its own: %s\n", strerror(errno));
		return -1;
	}
	/* the administrator's pools are none of the bench's */
	setenv("NIDUS_CONFIG", "/dev/null", 1);
	if (rtnl_open(&rtnl, NETLINK_ROUTE, &fault) < 0)
		return say("uplink", &fault);
	result = add_uplink(&rtnl, &fault);
	rtnl_close(&rtnl);
	return result < 0 ? say("uplink", &fault) : 0;
}

int host_state_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

/* ---- what stands in for a sandbox ---- */

static void wait_inside(int ready_fd)
{
	char byte = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) < 0 || write(ready_fd, &byte, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

pid_t host_process_start(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		wait_inside(ends[1]);
	close(ends[1]);
	if (pid > 0 && read(ends[0], &byte, 1) != 1) {
		host_process_end(pid);
		errno = EIO;
		pid = -1;
	}
	close(ends[0]);
	return pid;
}

void host_process_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int host_add(struct host_sandbox *sandbox, unsigned int number)
{
	double start;
	struct fault fault;

	memset(sandbox, 0, sizeof(*sandbox));
	snprintf(sandbox->id, sizeof(sandbox->id), "%012x", number);
	sandbox->pid = host_process_start();
	if (sandbox->pid < 0) {
		fprintf(stderr, "net: a process: %s\n", strerror(errno));
		return -1;
	}
	start = host_now_us();
	if (claims_make(&sandbox->claims, &options, host_state_fd(), sandbox->id, &sandbox->net,
			&fault) < 0)
		return say("net_open, net_take", &fault);
	if (net_attach(sandbox->net, sandbox->pid, &fault) < 0)
		return say("net_attach", &fault);
	sandbox->add_us = host_now_us() - start;
	return 0;
}

int host_remove(struct host_sandbox *sandbox)
{
	double start;
	struct fault fault;
	int result;

	host_process_end(sandbox->pid);
	sandbox->pid = 0;
	start = host_now_us();
	result = claims_remove(&sandbox->claims, sandbox->net, &fault);
	sandbox->detach_us = host_now_us() - start;
	net_free(sandbox->net);
	sandbox->remove_us = host_now_us() - start;
	sandbox->net = NULL;
	return result < 0 ? say("net_remove", &fault) : 0;
}

/* ---- what is left ---- */

bool host_wait_gone(const char *link)
{
	double deadline = host_now_us() + GONE_MS * 1000.0;
	struct link_info info;
	struct fault fault;
	struct rtnl rtnl;
	bool is_gone = false;

	if (rtnl_open(&rtnl, NETLINK_ROUTE, &fault) < 0)
		return false;
	while (!is_gone && host_now_us() < deadline) {
		is_gone = link_get(&rtnl, link, &info, &fault) < 0 && fault.err == ENODEV;
		if (!is_gone)
			nap();
	}
	rtnl_close(&rtnl);
	return is_gone;
}

static int count_link(const struct link_info *info, void *arg)
{
	size_t *links = arg;

	(void)info;
	++*links;
	return 0;
}

static int count_id(const char *id, void *arg)
{
	size_t *ids = arg;

	(void)id;
	++*ids;
	return 0;
}

static int count_lease(const struct ip_addr *addr, const char *id, void *arg)
{
	(void)addr;
	return count_id(id, arg);
}

int host_count(struct host_census *census)
{
	struct rtnl route = { .is_open = false }, nft = { .is_open = false };
	struct fault fault;
	int result;

	memset(census, 0, sizeof(*census));
	result = rtnl_open(&route, NETLINK_ROUTE, &fault);
	if (result == 0)
		result = rtnl_open(&nft, NETLINK_NETFILTER, &fault);
	if (result == 0)
		result = link_list(&route, NET_LINK_GROUP, count_link, &census->links, &fault);
	if (result == 0)
		result = nft_list(&nft, count_id, &census->element_ids, &fault);
	if (result == 0)
		result = lease_files_each(host_state_fd(), count_lease, &census->leases);
	rtnl_close(&route);
	rtnl_close(&nft);
	return result < 0 ? say("census", &fault) : 0;
}
