/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of net.h: a "host" with a state root, processes that stand in for sandboxes,
 * and a count of what is there.
 */
#ifndef NIDUS_TEST_SANDBOX_LIVE_H
#define NIDUS_TEST_SANDBOX_LIVE_H

#include "netns_live.h"

#include <dirent.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "../../net/net.h"
#include "../../net/nft.h"
#include "claims_live.h"
#include "lease_files.h"

#define GONE_MS 10000L

static const struct net_options options = { .has_forward = true, .forward = true };
static struct fault fault;
static int state_fd;

/* ---- what is there ---- */

struct census {
	size_t links, ids, leases;
};

static inline int count_link(const struct link_info *info, void *arg)
{
	(void)info;
	++*(size_t *)arg;
	return 0;
}

static inline int count_id(const char *id, void *arg)
{
	(void)id;
	++*(size_t *)arg;
	return 0;
}

static inline int count_lease(const struct ip_addr *addr, const char *id, void *arg)
{
	(void)addr;
	return count_id(id, arg);
}

static inline struct census count(void)
{
	struct census census = { 0 };
	struct rtnl route, nft;

	check_ok(rtnl_open(&route, NETLINK_ROUTE, &fault));
	check_ok(rtnl_open(&nft, NETLINK_NETFILTER, &fault));
	check_ok(link_list(&route, NET_LINK_GROUP, count_link, &census.links, &fault));
	check(nft_list(&nft, count_id, &census.ids, &fault) == 0 || fault.err == ENOENT, "%s: %s",
	      fault.what, strerror(fault.err));
	check(lease_files_each(state_fd, count_lease, &census.leases) == 0, "%s", strerror(errno));
	rtnl_close(&route);
	rtnl_close(&nft);
	return census;
}

static inline void check_nothing_left(const char *when)
{
	struct census census = { 0 };

	/* a link goes with its namespace, some 30 ms later */
	for (int64_t end = netns_now_us() + GONE_MS * 1000; netns_now_us() < end;) {
		struct timespec pause = { 0, 2000000 };

		census = count();
		if (census.links == 0)
			break;
		nanosleep(&pause, NULL);
	}
	check(census.links == 0 && census.ids == 0 && census.leases == 0,
	      "%s: %zu links, %zu ids with elements, %zu leases", when, census.links, census.ids,
	      census.leases);
}

static inline size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t fds = 0;

	check(dir != NULL);
	while (readdir(dir))
		fds++;
	closedir(dir);
	return fds;
}

/* ---- a host, and what stands in for a sandbox ---- */

static inline void make_host(void)
{
	struct rtnl_batch batch;
	struct rtnl rtnl;

	if (unshare(CLONE_NEWNS) < 0)
		_exit(CHILD_SKIPPED);
	check(mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0, "%s", strerror(errno));
	check(mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0, "%s", strerror(errno));
	state_fd = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(state_fd >= 0 && setenv("NIDUS_CONFIG", "/dev/null", 1) == 0);
	check_ok(rtnl_open(&rtnl, NETLINK_ROUTE, &fault));
	rtnl_batch_init(&batch);
	link_set_up(&batch, 0, "lo");
	check_ok(rtnl_send(&rtnl, &batch, &fault));
	rtnl_close(&rtnl);
}

static inline pid_t start_process(void)
{
	int ends[2];
	char byte = 0;
	pid_t pid;

	check(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	check(pid >= 0, "%s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	check(read(ends[0], &byte, 1) == 1, "no namespace");
	close(ends[0]);
	return pid;
}

static inline void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define LIVE(name, body)                                                                           \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		netns_run(body);                                                                   \
	}

#endif
