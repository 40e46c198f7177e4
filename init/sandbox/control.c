/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages from the spawner. Every wait here ends when the spawner dies, and has a
 * deadline, except for a hold, which only the spawner ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../core/start.h"
#include "../fd.h"
#include "sandbox.h"

int control_next(struct init *in, struct control *message)
{
	ssize_t n = recv(in->control_fd, message, sizeof(*message), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		return -1;
	/* A malformed message is handled like one of an unknown kind. */
	if (n != sizeof(*message) || message->magic != CONTROL_MAGIC || message->reserved != 0)
		message->kind = CONTROL_KIND_END;
	return 1;
}

/*
 * STOP or KILL before READY is not a fault but the requested end, reported like that of a
 * workload that got the signal at its first instruction.
 */
static void __attribute__((noreturn)) end_early(struct init *in, const struct control *message)
{
	bool is_kill = message->kind == CONTROL_KILL;
	struct report report = {
		.u.exited = {
			.code = CLD_KILLED,
			.status = is_kill ? SIGKILL : SIGTERM,
			.limit = is_kill && message->arg < LIMIT_KIND_END ? message->arg : 0,
			.by_stop = 1,
		},
	};

	report_send(in, &report, REPORT_EXITED);
	_exit(0); /* PID 1: the kernel also kills a child that has not reached its exec */
}

/* Before READY the death of the spawner ends the sandbox, whatever the plan says for later. */
static int peer_gone(struct fault *fault)
{
	return fault_set(fault, STEP_HANDSHAKE, EPIPE, "the spawner is gone");
}

/*
 * Waits for a message of kind `wanted`. Signals for a workload that does not run yet are
 * kept until it does.
 */
static int await(struct init *in, uint32_t wanted, uint64_t deadline_us, struct fault *fault)
{
	struct pollfd control = {.fd = in->control_fd, .events = POLLIN};
	struct control message;
	int n;

	for (;;) {
		n = clock_poll(&control, 1, deadline_us);
		if (n < 0)
			return fault_errno(fault, STEP_HANDSHAKE, "poll");
		if (n == 0)
			return fault_set(fault, STEP_HANDSHAKE, ETIMEDOUT, "go");
		n = control_next(in, &message);
		if (n < 0)
			return peer_gone(fault);
		if (n == 0)
			continue;
		if (message.kind == wanted)
			return 0;
		if (message.kind == CONTROL_STOP || message.kind == CONTROL_KILL)
			end_early(in, &message);
		if (message.kind == CONTROL_SIGNAL && message.arg >= 1 && message.arg <= 64)
			in->early_signals |= 1ull << (message.arg - 1);
		else if (wanted == CONTROL_GO)
			return fault_set(fault, STEP_HANDSHAKE, EPROTO, "go");
	}
}

int control_await_go(struct init *in, struct fault *fault)
{
	return await(in, CONTROL_GO, clock_now_us() + HANDSHAKE_US, fault);
}

int control_hold(struct init *in, uint32_t step, struct fault *fault)
{
	if (in->plan.header->hold_step != step)
		return 0;
	if (in->is_workload) { /* init asks on behalf of it */
		start_hold(&in->job, step);
		return 0;
	}
	report_held(in, step);
	return await(in, CONTROL_RELEASE, UINT64_MAX, fault);
}

/* Handles messages that arrive between the fork and the exec of the workload. */
int control_obey_early(struct init *in, struct fault *fault)
{
	struct control message;
	int n;

	while ((n = control_next(in, &message)) > 0) {
		if (message.kind == CONTROL_STOP || message.kind == CONTROL_KILL)
			end_early(in, &message);
		if (message.kind == CONTROL_SIGNAL && message.arg >= 1 && message.arg <= 64)
			in->early_signals |= 1ull << (message.arg - 1);
	}
	return n < 0 ? peer_gone(fault) : 0;
}

/* Waits until `fd` is readable: 0, or -1 with errno; EPIPE if the spawner goes away. */
int control_await_input(struct init *in, int fd, uint64_t deadline_us)
{
	struct pollfd fds[2] = {
		{.fd = fd, .events = POLLIN},
		{.fd = in->control_fd, .events = 0}, /* POLLHUP only */
	};
	int n = clock_poll(fds, 2, deadline_us);

	if (n < 0)
		return -1;
	if (fds[0].revents)
		return 0;
	errno = fds[1].revents ? EPIPE : ETIMEDOUT;
	return -1;
}

/*
 * Passes a descriptor to the spawner, with a struct control of kind CONTROL_RESUME and
 * arg 0: in this direction that kind has no other meaning.
 */
int control_send_fd(struct init *in, int fd)
{
	struct control message = {.magic = CONTROL_MAGIC, .kind = CONTROL_RESUME};
	struct iovec iov = {&message, sizeof(message)};
	union {
		struct cmsghdr header; /* for its alignment */
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	/* The queue is empty this early; if it is not, EAGAIN is a fault, not a wait. */
	return sendmsg(in->control_fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}
