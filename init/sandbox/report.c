/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records to the spawner. The pipe holds 128; init sends fewer, unless the spawner asks for
 * more (watch.c), so none waits for room even if the spawner is stopped. If one had to, it
 * would wait a bounded time, and then be dropped (the reader sees the end of the pipe instead).
 */
#include <errno.h>
#include <poll.h>

#include "../fd.h"
#include "sandbox.h"

#define REPORT_WAIT_US 5000000u

void report_send(struct init *in, struct report *report, uint32_t kind)
{
	struct pollfd room = {.fd = in->report_fd, .events = POLLOUT};

	if (in->report_fd < 0)
		return;
	report->magic = REPORT_MAGIC;
	report->version = CONTRACT_VERSION;
	report->kind = (uint16_t)kind;
	report->at_us = clock_now_us();
	/*
	 * The descriptor doesn't block. The write comes first: with RLIMIT_NOFILE lowered from
	 * inside PID 1 can't poll, but still say so. SIGPIPE is blocked.
	 */
	while (fd_write_whole(in->report_fd, report, sizeof(*report)) < 0) {
		if (errno != EAGAIN) {
			fd_close(&in->report_fd); /* the reader is gone */
			return;
		}
		if (clock_poll(&room, 1, report->at_us + REPORT_WAIT_US) != 1)
			return;
	}
}

void report_fault(struct init *in, uint32_t kind, const struct fault *fault)
{
	struct report report = {.u.fault = *fault};

	report_send(in, &report, kind);
}

void report_held(struct init *in, uint32_t step)
{
	struct report report = {.u.held.step = step};

	report_send(in, &report, REPORT_HELD);
}

void report_ready(struct init *in)
{
	struct report report = {.u.ready.pid = (uint32_t)in->job.pid};

	report_send(in, &report, REPORT_READY);
}

void report_stopped(struct init *in, uint32_t signal)
{
	struct report report = {.u.stopped.signal = signal};

	report_send(in, &report, REPORT_STOPPED);
}

void report_limit(struct init *in, uint32_t kind, uint64_t used, uint64_t limit)
{
	struct report report = {.u.limit = {kind, 0, used, limit}};

	report_send(in, &report, REPORT_LIMIT);
}

void init_fail(struct init *in, const struct fault *fault)
{
	report_fault(in, REPORT_FAULT, fault);
	_exit(EXIT_FAULT); /* PID 1: the kernel kills everything inside along with it */
}
