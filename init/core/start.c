/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a job. It counts as started when its execve can't fail any more, and the
 * kernel proves it.
 *
 * The end of the close-on-exec pipe alone proves nothing: death closes it as well. Neither
 * does a note written by the child right before its execve, as it may die in between. So
 * the child is made with an exit signal other than SIGCHLD: to waitid(2) it is a "clone
 * child", visible only with __WALL, until execve(2) passes its point of no return. There
 * the kernel sets the exit signal to SIGCHLD, for good, and before it closes descriptors.
 * So once the pipe has ended the answer is final, and a zombie keeps it: the order of exec,
 * death and look does not matter. A program that dies right after its exec was started; so
 * was one that the kernel kills past that point (a broken ELF file).
 */
#include "start.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../clock.h"
#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "signals.h"

#define STOPPED_LOOK_US 20000u /* how long to wait before checking whether the child was stopped */
#define EXIT_NOT_STARTED 125   /* not read: the fault is in the note */

static void forget(struct job *job)
{
	fd_close(&job->start_fd);
	munmap(job->note, sizeof(*job->note));
	job->note = NULL;
}

/*
 * User-mode emulators allow no exit signal but SIGCHLD: there note->executing has to do.
 * Not after an error that may only be a lack of processes or memory at the moment.
 */
static pid_t fork_provable(struct job *job)
{
	pid_t pid = sys_fork_signal(SIGNAL_UNSTARTED);

	job->provable = pid >= 0;
	return job->provable || errno == EAGAIN || errno == ENOMEM ? pid : sys_fork();
}

int start_fork(struct job *job, struct fault *fault)
{
	int ends[2];

	job->pid = 0;
	job->stop_signal = 0;
	job->start_fd = -1;
	job->note = mmap(NULL, sizeof(*job->note), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job->note == MAP_FAILED)
		return fault_errno(fault, STEP_FORK, "mmap");
	if (syscall(SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		fault_errno(fault, STEP_FORK, "pipe");
		forget(job);
		return -1;
	}
	job->parent = getpid();
	job->pid = fork_provable(job);
	if (job->pid == 0) {
		close(ends[0]);
		job->start_fd = ends[1];
		return 0;
	}
	job->start_fd = ends[0];
	close(ends[1]);
	if (job->pid > 0)
		return 1;
	fault_errno(fault, STEP_FORK, "fork");
	forget(job);
	job->pid = 0;
	return -1;
}

/* ---- the child ---- */

void start_fail(struct job *job, const struct fault *fault)
{
	job->note->fault = *fault;
	syscall(SYS_exit_group, EXIT_NOT_STARTED);
	__builtin_trap(); /* the filter denies even that */
}

void start_refuse(struct job *job, uint32_t step, const char *what)
{
	struct fault fault;

	fault_errno(&fault, step, what);
	start_fail(job, &fault);
}

void start_executing(struct job *job)
{
	if (!job->provable)
		job->note->executing = 1;
}

/* The parent is a PID 1 here: its death ends the wait. */
void start_hold(struct job *job, uint32_t step)
{
	volatile uint32_t *held = &job->note->held_step;

	*held = step;
	/* can't block: the pipe is empty */
	if (write(job->start_fd, "", 1) != 1)
		start_refuse(job, STEP_EXEC, "pipe");
	while (*held == step)
		syscall(SYS_futex, held, FUTEX_WAIT, step, NULL, NULL, 0);
}

/* ---- the parent ---- */

void start_release(struct job *job)
{
	job->note->held_step = 0;
	syscall(SYS_futex, &job->note->held_step, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static bool has_executed(const struct job *job)
{
	siginfo_t info;

	if (!job->provable)
		return job->note->executing && job->note->fault.step == STEP_NONE;
	return waitid(P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

enum start_verdict start_decide(struct job *job, struct fault *fault)
{
	enum start_verdict verdict = START_DONE;

	if (!has_executed(job)) {
		verdict = START_KILLED;
		fault_set(fault, STEP_EXEC, 0, "killed before its exec");
		if (job->note->fault.step != STEP_NONE) {
			verdict = START_FAILED;
			*fault = job->note->fault;
		}
	}
	forget(job);
	if (verdict == START_DONE && job->stop_signal)
		kill(job->pid, job->stop_signal);
	return verdict;
}

enum start_verdict start_look(struct job *job, struct fault *fault)
{
	char held;
	ssize_t n = read(job->start_fd, &held, 1);

	if (n > 0)
		return START_HELD;
	return n < 0 && errno == EAGAIN ? START_PENDING : start_decide(job, fault);
}

/*
 * A ^Z that came while signals were blocked takes effect when they are unblocked, before
 * the exec. It is meant for the program: so the process is continued, and the signal sent
 * again after the exec.
 */
void start_stopped(struct job *job, int signal)
{
	job->stop_signal = signal;
	kill(job->pid, SIGCONT);
}

static void revive_stopped(struct job *job)
{
	siginfo_t info;

	info.si_pid = 0; /* stays 0 if it has not stopped */
	waitid(P_PID, (id_t)job->pid, &info, WSTOPPED | WNOHANG | __WALL);
	if (info.si_pid != 0)
		start_stopped(job, info.si_status);
}

/*
 * poll(2) fails if RLIMIT_NOFILE is below the number of descriptors: the program that has just
 * been executed may have lowered ours. One that has not is not waited for any longer.
 */
static enum start_verdict look_unpolled(struct job *job, struct fault *fault)
{
	int err = errno;
	enum start_verdict verdict = start_look(job, fault);

	if (verdict != START_PENDING)
		return verdict;
	kill(job->pid, SIGKILL);
	forget(job);
	fault_set(fault, STEP_EXEC, err, "poll");
	return START_FAILED;
}

enum start_verdict start_await(struct job *job, int other_fd, uint64_t deadline_us,
			       struct fault *fault)
{
	struct pollfd fds[2] = {
		{.fd = job->start_fd, .events = POLLIN},
		{.fd = other_fd, .events = POLLIN},
	};
	enum start_verdict verdict = START_PENDING;

	while (verdict == START_PENDING) {
		uint64_t look = clock_now_us() + STOPPED_LOOK_US;
		int n = clock_poll(fds, 2, look < deadline_us ? look : deadline_us);

		if (n < 0)
			return look_unpolled(job, fault);
		if (n == 0) {
			if (look >= deadline_us)
				return START_LATE;
			revive_stopped(job);
		}
		if (fds[1].revents)
			return START_OTHER;
		if (fds[0].revents)
			verdict = start_look(job, fault);
	}
	return verdict;
}
