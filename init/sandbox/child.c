/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the workload: the fork, and init's side of it until the exec. What the
 * new process does to itself is start.c's part.
 *
 * Between the two stand a socket pair that is close-on-exec in the child, so
 * that its end tells of the exec (or of a death), and a shared page that says
 * which: the child can write to it even where its own filter denies all calls.
 */
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"
#include "start.h"
#include "../text.h"

#define STOPPED_LOOK_US 20000u /* how long a start may stand still before it is looked at */

static int share_note(struct init *in, int *child_fd, struct fault *fault)
{
	int pair[2];

	in->note = mmap(NULL, sizeof(*in->note), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (in->note == MAP_FAILED)
		return fault_errno(fault, STEP_FORK, "mmap");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fault_errno(fault, STEP_FORK, "socketpair");
	in->start_fd = pair[0];
	*child_fd = pair[1];
	return 0;
}

static int write_oom_score(int fd, const char *text, size_t len)
{
	return pwrite(fd, text, len, 0) == (ssize_t)len ? 0 : -1;
}

/*
 * The workload's oom_score_adj is inherited: init takes it on for the moment of
 * the fork. Where it can't be had the sandbox is no less confined, but PID 1 may
 * be chosen before the hog: degraded, and told.
 */
static pid_t fork_with_oom_score(struct init *in)
{
	char before[16], number[TEXT_NUMBER_MAX];
	const char *text =
		text_number(number, (uint64_t)in->plan.header->oom_score_adj, 10);
	ssize_t len = in->oom_fd >= 0 ? pread(in->oom_fd, before, sizeof(before), 0) : -1;
	struct fault fault;
	pid_t pid;
	int err;

	if (len <= 0 || write_oom_score(in->oom_fd, text, strlen(text)) < 0) {
		fault_errno(&fault, STEP_FORK, "oom_score_adj");
		report_fault(in, REPORT_DEGRADED, &fault);
		return sys_fork();
	}
	pid = sys_fork();
	if (pid == 0)
		return 0;
	err = errno;
	/* Back to a value that it had: only one below the inherited minimum would be refused. */
	if (write_oom_score(in->oom_fd, before, (size_t)len) < 0) {
		fault_errno(&fault, STEP_FORK, "oom_score_adj of init");
		report_fault(in, REPORT_DEGRADED, &fault);
	}
	errno = err;
	return pid;
}

static void __attribute__((noreturn)) run_child(struct init *in, int child_fd)
{
	fd_close(&in->start_fd);
	in->start_fd = child_fd;
	start_workload(in, &in->note->fault);
	_exit(EXIT_FAULT); /* the note tells why */
}

/*
 * Needs: everything that init does for the sandbox done; init non-dumpable.
 * From the fork on PID 1 must not exit before the end is reported: init_fail
 * and reap_watch are its only ways out.
 */
int child_start(struct init *in, struct fault *fault)
{
	cleanup_fd int child_fd = -1;

	if (plan_has(&in->plan, PLAN_AS_PID_1))
		return start_workload(in, fault);
	if (share_note(in, &child_fd, fault) < 0)
		return -1;
	in->signal_fd = sys_signalfd(ALL_SIGNALS);
	if (in->signal_fd < 0 || signals_own_children(&in->ignores_children) < 0)
		return fault_errno(fault, STEP_FORK, "signalfd");
	/*
	 * A group of init's own in the same session: the workload's group then has a
	 * parent outside of it, is no orphan, and can be stopped from the terminal.
	 * EPERM: init leads a session already, which does as well.
	 */
	if (setpgid(0, 0) < 0 && errno != EPERM)
		return fault_errno(fault, STEP_FORK, "process group");
	in->pid = in->plan.header->oom_score_adj > 0 ? fork_with_oom_score(in) : sys_fork();
	if (in->pid == 0)
		run_child(in, fd_take(&child_fd));
	if (in->pid < 0)
		return fault_errno(fault, STEP_FORK, "fork");
	fd_close(&child_fd);
	return harden_watcher(in, fault);
}

static int answer_hold(struct init *in, uint32_t step, struct fault *fault)
{
	if (control_hold(in, step, fault) < 0)
		return -1;
	if (send(in->start_fd, "", 1, MSG_NOSIGNAL) != 1)
		return fault_errno(fault, step, "release");
	return 0;
}

static int read_note(const struct init *in, struct fault *fault)
{
	if (in->note->fault.step != STEP_NONE) {
		*fault = in->note->fault;
		return -1;
	}
	if (!in->note->executing)
		return fault_set(fault, STEP_EXEC, ECHILD, "killed before its exec");
	return 0;
}

/*
 * A ^Z that came while all was blocked takes effect between the unblocking and
 * the exec. The workload is to have it, and this process to get there: it goes on,
 * and the signal is sent again at READY.
 */
static void revive_stopped(struct init *in)
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)in->pid, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	if (info.si_status != SIGSTOP)
		in->early_signals |= 1ull << (info.si_status - 1);
	kill(in->pid, SIGCONT);
}

/*
 * Waits until the exec has succeeded. Signals stay where they are meanwhile,
 * pending in init, which forwards them once there is a workload to get them: so
 * none is lost between fork and exec, in a group that is not made yet or in a
 * process that is not the workload yet.
 */
int child_await_exec(struct init *in, struct fault *fault)
{
	uint64_t deadline = clock_now_us() + HANDSHAKE_US;
	struct pollfd fds[2] = {
		{.fd = in->start_fd, .events = POLLIN},
		{.fd = in->control_fd, .events = POLLIN},
	};

	for (;;) {
		uint64_t look = clock_now_us() + STOPPED_LOOK_US;
		int n = clock_poll(fds, 2, look < deadline ? look : deadline);
		char request;

		if (n < 0)
			return fault_errno(fault, STEP_EXEC, "exec");
		if (n == 0 && look >= deadline)
			return fault_set(fault, STEP_EXEC, ETIMEDOUT, "exec");
		if (n == 0)
			revive_stopped(in);
		if (fds[1].revents && control_obey_early(in, fault) < 0)
			return -1;
		if (!fds[0].revents)
			continue;
		if (recv(in->start_fd, &request, 1, MSG_DONTWAIT) <= 0)
			break;
		if (answer_hold(in, in->note->held_step, fault) < 0)
			return -1;
		deadline = clock_now_us() + HANDSHAKE_US;
	}
	fd_close(&in->start_fd);
	return read_note(in, fault);
}
