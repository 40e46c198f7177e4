/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a job. It counts as started when its execve can't fail any more, and the
 * proof of that is the kernel's.
 *
 * The end of the close-on-exec pipe alone proves nothing: a death closes it as well. Nor
 * does a word of the child's right before its execve, as it may die in between. So the
 * child is made with another exit signal than SIGCHLD: to waitid(2) it is a "clone child",
 * seen with __WALL alone, until execve(2) passes its point of no return, which sets the
 * exit signal to SIGCHLD, for good, and before it closes descriptors. Once the pipe has
 * ended the answer is therefore final, and it stays in a zombie: no order of exec, death
 * and look is left to chance. A program that dies right after its exec was started; one
 * that the kernel kills past that point (a broken ELF file) was, too, and was killed.
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

#define STOPPED_LOOK_US 20000u /* how long a start may stand still before it is looked at */
#define EXIT_NOT_STARTED 125   /* nobody reads it: the note has told, or nobody is left */

static void forget(struct job *job)
{
	fd_close(&job->start_fd);
	munmap(job->note, sizeof(*job->note));
	job->note = NULL;
}

/*
 * Emulators of user programs know no exit signal but SIGCHLD: there the child's word has to
 * do. Not where there is only no room for it at the moment.
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
	(void)!write(job->start_fd, "", 1); /* an empty pipe has room for it */
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
 * A ^Z that came while all was blocked takes effect between the unblocking and the exec.
 * The program is to have it, and this process to get there: it goes on, and the signal is
 * sent again.
 */
static void revive_stopped(struct job *job)
{
	siginfo_t info;

	info.si_pid = 0; /* where it has not stopped it may stay as it is */
	waitid(P_PID, (id_t)job->pid, &info, WSTOPPED | WNOHANG | __WALL);
	if (info.si_pid == 0)
		return;
	job->stop_signal = info.si_status;
	kill(job->pid, SIGCONT);
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

		if (clock_poll(fds, 2, look < deadline_us ? look : deadline_us) == 0) {
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
