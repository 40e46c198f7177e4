/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the clone to the death of PID 1: one step per ready descriptor, never a blocking wait.
 * Init speaks through its reports; that it is gone is known only from its pidfd.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "network.h"
#include "phases.h"

int watch_begin(struct nidus_sandbox *sandbox, struct fault *fault)
{
	sandbox->channels.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	sandbox->channels.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (sandbox->channels.epoll_fd < 0 || sandbox->channels.timer_fd < 0) {
		fault_set(fault, STEP_WATCH, errno, "epoll, timerfd");
		fd_close(&sandbox->channels.epoll_fd); /* without a timer it is of no use */
		return -1;
	}
	if (sandbox_watch_fd(sandbox, sandbox->channels.timer_fd, EPOLLIN, fault) < 0)
		return -1;
	return sandbox->resources.cg_wanted & (1u << CG_MEMORY) ? oom_watch(sandbox, fault) : 0;
}

int watch_init(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (sandbox_watch_fd(sandbox, sandbox->channels.pid_fd, EPOLLIN, fault) < 0 ||
	    sandbox_watch_fd(sandbox, sandbox->channels.report_fd, EPOLLIN, fault) < 0 ||
	    sandbox_watch_fd(sandbox, sandbox->channels.control_fd, EPOLLIN, fault) < 0)
		return -1;
	sandbox_arm(sandbox, SANDBOX_HANDSHAKE_MS);
	return 0;
}

int watch_block(struct nidus_sandbox *sandbox, struct fault *fault)
{
	int block_fd = sandbox->spec->block_fd;

	if (block_fd < 0 || sandbox->channels.block_done)
		return 0;
	if (sandbox_watch_fd(sandbox, block_fd, EPOLLIN, fault) == 0 || fault->err == EEXIST)
		return 1;
	/* a regular file can't be waited for: it is always readable */
	return fault->err == EPERM ? 0 : -1;
}

static enum verdict on_timer(struct nidus_sandbox *sandbox)
{
	uint64_t count;

	/* re-armed since, or a removal is due, which is tried anyway */
	if (read(sandbox->channels.timer_fd, &count, sizeof(count)) != sizeof(count) ||
	    sandbox->phase == NIDUS_ENDING)
		return VERDICT_WAIT;
	if (sandbox->phase == NIDUS_STARTING)
		sandbox->evidence.handshake_timeout = true;
	return VERDICT_KILL;
}

static enum verdict on_block_fd(struct nidus_sandbox *sandbox)
{
	epoll_ctl(sandbox->channels.epoll_fd, EPOLL_CTL_DEL, sandbox->spec->block_fd, NULL);
	sandbox->channels.block_done = true;
	return VERDICT_GO;
}

enum verdict watch_event(struct nidus_sandbox *sandbox, int fd)
{
	if (fd == sandbox->channels.timer_fd)
		return on_timer(sandbox);
	if (fd == sandbox->channels.oom_fd)
		return oom_told(sandbox);
	if (fd == sandbox->channels.oom_timer_fd)
		return oom_look_again(sandbox);
	if (fd == sandbox->channels.pid_fd)
		return VERDICT_DEAD;
	if (fd == sandbox->spec->block_fd)
		return on_block_fd(sandbox);
	if (fd == sandbox->channels.control_fd)
		reports_read_control(sandbox);
	else if (sandbox->resources.net_user && fd == net_user_fd(sandbox->resources.net_user))
		network_on_helper_end(sandbox);
	return VERDICT_WAIT;
}
