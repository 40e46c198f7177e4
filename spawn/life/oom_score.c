/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A minimum of oom_score_adj for everything inside. When memory runs out, the kernel kills
 * what scores highest; the workload scores more than PID 1 and the rest of the machine, and
 * must not be able to change that.
 *
 * The kernel raises the minimum of a process to what somebody with CAP_SYS_RESOURCE on the
 * machine writes, and children inherit it. So the spawner, which may have that, writes the
 * workload's value into PID 1's file before GO, and what was there before once the workload has
 * been started. Without the capability init sets both by itself (init/sandbox/launch.c), and
 * the workload may lower its own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/fd.h"
#include "../../init/small_file.h"
#include "phases.h"

#define LOWEST (-1000) /* OOM_SCORE_ADJ_MIN */

static int write_score(int fd, int score)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", score);
	return fd_write_whole(fd, text, strlen(text));
}

/* Only whoever may raise the minimum may go below it. */
static bool may_raise_minimum(int fd)
{
	return write_score(fd, LOWEST) == 0;
}

static int open_score(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	return open(path, O_RDWR | O_CLOEXEC);
}

void oom_score_pin(struct nidus_sandbox *sandbox)
{
	cleanup_fd int fd = -1;
	char text[16];

	if (sandbox->spec->as_pid_1)
		return;
	fd = open_score(sandbox->channels.pid);
	if (fd >= 0 && small_file_read_fd(fd, text, sizeof(text)) > 0 && may_raise_minimum(fd) &&
	    write_score(fd, PLAN_OOM_SCORE_ADJ) == 0) {
		sandbox->prepared.oom_score = atoi(text);
		fd_close(&sandbox->channels.oom_score_fd);
		sandbox->channels.oom_score_fd = fd_take(&fd);
		return;
	}
	/* with a cgroup the kernel kills inside of it, whatever the values are */
	if (sandbox->prepared.monitor_bytes)
		sandbox_degrade(sandbox, "oom_score_adj",
				"no cgroup, and no CAP_SYS_RESOURCE: the workload may lower it");
}

void oom_score_release(struct nidus_sandbox *sandbox)
{
	/* if that fails PID 1 just keeps the workload's value: it is smaller than any of that */
	if (sandbox->channels.oom_score_fd >= 0)
		write_score(sandbox->channels.oom_score_fd, sandbox->prepared.oom_score);
	fd_close(&sandbox->channels.oom_score_fd);
}
