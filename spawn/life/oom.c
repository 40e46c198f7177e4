/* SPDX-License-Identifier: Apache-2.0 */
/* Watches what the kernel reports about a group's memory. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "phases.h"

#define OOM_LOOK_MS 5 /* v1 notifies before it kills: polls until the counter changes */
#define OOM_LOOKS 400

int oom_watch(struct nidus_sandbox *sandbox, struct fault *fault)
{
	short events = 0;

	sandbox->channels.oom_fd = cg_oom_fd(&sandbox->resources.cg, &events);
	if (sandbox->channels.oom_fd < 0)
		return 0; /* then init ends by itself, and the counter is read at the end */
	sandbox->channels.oom_timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (sandbox->channels.oom_timer_fd < 0)
		return fault_set(fault, STEP_WATCH, errno, "timerfd");
	if (sandbox_watch_fd(sandbox, sandbox->channels.oom_timer_fd, EPOLLIN, fault) < 0)
		return -1;
	/* poll(2) and epoll(7) share their event bits */
	return sandbox_watch_fd(sandbox, sandbox->channels.oom_fd, (uint32_t)events, fault);
}

/*
 * Only the counter shows whether there was a kill. v1 sends its notification before the
 * kernel has killed, and none afterwards: then the counter is polled.
 */
static enum verdict look(struct nidus_sandbox *sandbox)
{
	struct cg_usage usage;
	struct fault ignored;

	if (sandbox->evidence.oom_reported)
		return VERDICT_WAIT;
	cg_read(&sandbox->resources.cg, &usage);
	if (usage.oom_kills == CG_UNKNOWN || usage.oom_kills == 0) {
		if (sandbox->evidence.oom_looks++ < OOM_LOOKS)
			sandbox_arm_timer(sandbox->channels.oom_timer_fd, OOM_LOOK_MS);
		return VERDICT_WAIT;
	}
	sandbox->evidence.oom_reported = true;
	events_limit(&sandbox->events, "memory", usage.memory_peak, sandbox->spec->memory_bytes);
	sandbox_arm(sandbox, SANDBOX_SLACK_MS);
	/* the kernel killed one process: end the rest of the sandbox too */
	return sandbox_control(sandbox, CONTROL_KILL, LIMIT_MEMORY, &ignored) < 0 ? VERDICT_KILL
										  : VERDICT_WAIT;
}

enum verdict oom_told(struct nidus_sandbox *sandbox)
{
	char drain[512];

	/* reading re-arms kernfs; for an eventfd the seek does nothing */
	lseek(sandbox->channels.oom_fd, 0, SEEK_SET);
	if (read(sandbox->channels.oom_fd, drain, sizeof(drain)) < 0)
		fd_close(&sandbox->channels.oom_fd);
	sandbox->evidence.oom_looks = 0;
	return look(sandbox);
}

enum verdict oom_look_again(struct nidus_sandbox *sandbox)
{
	uint64_t count;

	if (read(sandbox->channels.oom_timer_fd, &count, sizeof(count)) != sizeof(count))
		return VERDICT_WAIT;
	return look(sandbox);
}
