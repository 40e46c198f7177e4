/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the network namespace of a sandbox, for --net user. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "closed.h"
#include "link.h"
#include "nft_inside.h"
#include "rtnl.h"
#include "usermode_inside.h"

#define IPV6_WAIT_MS 1000 /* the router answers at once; otherwise IPv4 must do */
#define PROC_TABLE_MAX 16384
#define WHAT "network namespace of the sandbox"

/* What the child has to say. */
struct user_inside_result {
	struct fault fault, no_filter; /* STEP_NONE: none */
};

_Static_assert(sizeof(struct user_inside_result) <= PIPE_BUF, "written and read whole");

/* What a program inside notices: connecting to a closed address fails at once. */
static int add_routes(bool has_ipv6, struct fault *fault)
{
	struct ip_prefix closed[CLOSED_MAX];
	size_t count = closed_list_all(closed);
	struct rtnl_batch batch;
	struct rtnl rtnl;
	int ret;

	rtnl_batch_init(&batch);
	for (size_t i = 0; i < count; i++)
		if (closed[i].addr.family == AF_INET || has_ipv6)
			route_refuse(&batch, &closed[i]);
	if (rtnl_open(&rtnl, NETLINK_ROUTE, fault) < 0)
		return -1;
	ret = rtnl_send(&rtnl, &batch, fault);
	rtnl_close(&rtnl);
	return ret;
}

/* What a program inside can't walk around. */
static int add_filter(struct fault *fault)
{
	struct rtnl nft;
	int ret;

	if (rtnl_open(&nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	ret = nft_close_inside(&nft, fault);
	rtnl_close(&nft);
	return ret;
}

/* For links made from now on. Sysctl files show the namespace of the process that opens them. */
static int set_default(const char *name, const char *value, struct fault *fault)
{
	cleanup_fd int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/default/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && fd_write_whole(fd, value, 1) == 0)
		return 0;
	/* /proc in a container may be read-only: then IPv6 is up two seconds later */
	if (errno == EROFS || errno == EACCES)
		return 0;
	return fault_set(fault, STEP_NETWORK, errno, path);
}

/* Not the user namespace if it is ours: a process can't enter the one it is in. */
static int namespaces_of(pid_t pid)
{
	struct stat ours, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	if (stat("/proc/self/ns/user", &ours) < 0 || stat(path, &its) < 0)
		return -1;
	return ours.st_ino == its.st_ino ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
}

static int enter(pid_t init_pid, struct user_inside_result *result)
{
	struct fault *fault = &result->fault;
	cleanup_fd int pidfd = pidfd_open(init_pid, 0);
	int namespaces = namespaces_of(init_pid);
	bool has_ipv6;

	if (pidfd < 0 || namespaces < 0 || setns(pidfd, namespaces) < 0)
		return fault_set(fault, STEP_NETWORK, errno, WHAT);
	has_ipv6 = access("/proc/net/if_inet6", F_OK) == 0;
	if (has_ipv6 && (set_default("accept_dad", "0", fault) < 0 ||
			 set_default("router_solicitation_delay", "0", fault) < 0))
		return -1;
	add_filter(&result->no_filter);
	return add_routes(has_ipv6, fault);
}

static bool is_ipv6_up(void)
{
	char routes[PROC_TABLE_MAX], addresses[PROC_TABLE_MAX];

	small_file_read(AT_FDCWD, "/proc/net/ipv6_route", routes, sizeof(routes));
	small_file_read(AT_FDCWD, "/proc/net/if_inet6", addresses, sizeof(addresses));
	return user_routes_have_default(routes) && user_addresses_have_global(addresses);
}

/* Checks again whenever an address or a route appears. */
static void wait_ipv6(int events_fd)
{
	int64_t until_ms = clock_now_ms() + IPV6_WAIT_MS, left;

	while (!is_ipv6_up() && (left = until_ms - clock_now_ms()) > 0) {
		struct pollfd ready = { .fd = events_fd, .events = POLLIN };
		char event[4096];

		/* an overrun (ENOBUFS) is an event, too */
		if (poll(&ready, 1, (int)left) > 0 && read(events_fd, event, sizeof(event)) < 0 &&
		    errno != ENOBUFS && errno != EINTR)
			return;
	}
}

static int open_events(void)
{
	const struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
					  .nl_groups = RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE };
	cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return fd_take(&fd);
}

__attribute__((noreturn)) static void run(pid_t init_pid, int go_fd, int result_fd)
{
	struct user_inside_result result = { .fault.step = STEP_NONE };
	int events_fd = -1;
	char go;

	/* closes the copies of locks and pipes of the caller */
	if (dup2(go_fd, 0) < 0 || dup2(result_fd, 1) < 0 ||
	    syscall(SYS_close_range, 2, ~0U, 0) < 0)
		_exit(1);
	if (enter(init_pid, &result) == 0) {
		events_fd = open_events();
		if (events_fd < 0)
			fault_set(&result.fault, STEP_NETWORK, errno, WHAT);
	}
	/* below PIPE_BUF: written whole. EOF instead of GO: the caller is gone. */
	if (fd_write_whole(1, &result, sizeof(result)) < 0 || result.fault.step != STEP_NONE ||
	    read(0, &go, 1) != 1)
		_exit(1);
	wait_ipv6(events_fd);
	_exit(fd_write_whole(1, &result, sizeof(result)) < 0);
}

static int hear_result(struct user_inside *inside, int64_t until_ms, struct fault *fault)
{
	struct pollfd ready = { .fd = inside->result_fd, .events = POLLIN };
	int64_t left = until_ms - clock_now_ms();
	struct user_inside_result result;

	if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
		return fault_set(fault, STEP_NETWORK, ETIMEDOUT, WHAT);
	if (read(inside->result_fd, &result, sizeof(result)) != sizeof(result))
		return fault_set(fault, STEP_NETWORK, EPIPE, WHAT);
	inside->no_filter = result.no_filter;
	if (result.fault.step == STEP_NONE)
		return 0;
	*fault = result.fault;
	return -1;
}

void user_inside_init(struct user_inside *inside)
{
	user_child_init(&inside->child);
	inside->go_fd = inside->result_fd = -1;
	inside->no_filter.step = STEP_NONE;
}

int user_inside_enter(struct user_inside *inside, pid_t init_pid, int64_t until_ms,
		      struct fault *fault)
{
	cleanup_fd int go_read = -1, result_write = -1;
	uint64_t all = UINT64_MAX, before;

	user_inside_init(inside);
	if (user_pipe(&go_read, &inside->go_fd) < 0 ||
	    user_pipe(&inside->result_fd, &result_write) < 0)
		return fault_set(fault, STEP_NETWORK, errno, "pipe");
	/* signal handlers of the caller must not run in the child: it keeps them blocked */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
	inside->child.pid = fork();
	if (inside->child.pid == 0)
		run(init_pid, go_read, result_write);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	if (inside->child.pid < 0) {
		inside->child.pid = 0;
		return fault_set(fault, STEP_NETWORK, errno, "fork");
	}
	inside->child.pidfd = pidfd_open(inside->child.pid, 0);
	return hear_result(inside, until_ms, fault);
}

int user_inside_wait_ipv6(struct user_inside *inside, int64_t until_ms, struct fault *fault)
{
	/* it waits for this; but if it is dead, the caller must not get SIGPIPE */
	if (poll(&(struct pollfd){ .fd = inside->result_fd, .events = POLLIN }, 1, 0) != 0)
		return fault_set(fault, STEP_NETWORK, EPIPE, WHAT);
	if (fd_write_whole(inside->go_fd, "", 1) < 0)
		return fault_set(fault, STEP_NETWORK, errno, WHAT);
	return hear_result(inside, until_ms, fault);
}

void user_inside_leave(struct user_inside *inside)
{
	/* killed but not gone in time: it holds nothing, and init reaps it after our exit */
	if (user_child_end(&inside->child, NET_USER_STOP_MS) < 0) {
		fd_close(&inside->child.pidfd);
		user_child_init(&inside->child);
	}
	fd_close(&inside->go_fd);
	fd_close(&inside->result_fd);
}
