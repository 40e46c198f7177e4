/* SPDX-License-Identifier: Apache-2.0 */
/* A job is started when its exec has succeeded, whatever else closes its pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <stdlib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../init/clock.c"
#include "../../init/core/signals.c"
#include "../../init/core/start.c"

#define SECONDS 1000000ull

static struct job job;
static struct fault fault;

static enum start_verdict await(void)
{
	return start_await(&job, -1, clock_now_us() + 20 * SECONDS, &fault);
}

/* Reaps it, and says how it ended. */
static siginfo_t end_of(void)
{
	siginfo_t info = {0};

	assert_int_equal(waitid(P_PID, (id_t)job.pid, &info, WEXITED | __WALL), 0);
	return info;
}

static void execute(const char *path)
{
	char *argv[] = {(char *)(uintptr_t)path, NULL}, *envp[] = {NULL};

	start_executing(&job);
	execve(path, argv, envp);
}

static void assert_killed(void)
{
	assert_int_equal(await(), START_KILLED);
	assert_int_equal(fault.step, STEP_EXEC);
	assert_string_equal(fault.what, "killed before its exec");
	assert_int_equal(job.start_fd, -1);
	assert_null(job.note);
}

static void test_exec_is_a_start(void **state)
{
	(void)state;
	if (start_fork(&job, &fault) == 0) {
		execute("/bin/true");
		_exit(1);
	}
	assert_int_equal(await(), START_DONE);
	assert_int_equal(end_of().si_code, CLD_EXITED);
}

/* With RLIMIT_NOFILE so low that poll(2) fails; `run`: of the child. */
static enum start_verdict await_unpolled(void (*run)(void))
{
	struct rlimit before, low;
	enum start_verdict verdict;

	if (start_fork(&job, &fault) == 0)
		run();
	usleep(300000);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = (struct rlimit){1, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	verdict = await();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(job.start_fd, -1);
	return verdict;
}

static void run_true(void)
{
	execute("/bin/true");
	_exit(1);
}

static void run_nothing(void)
{
	for (;;)
		pause();
}

static void test_a_start_that_cannot_be_waited_for_is_looked_at(void **state)
{
	(void)state;
	assert_int_equal(await_unpolled(run_true), START_DONE);
	assert_int_equal(end_of().si_code, CLD_EXITED);
	assert_int_equal(await_unpolled(run_nothing), START_FAILED);
	assert_string_equal(fault.what, "poll");
	assert_int_equal(end_of().si_status, SIGKILL);
}

/* Its zombie still says that it was. */
static void test_death_right_after_the_exec_is_a_start(void **state)
{
	siginfo_t info;

	(void)state;
	if (start_fork(&job, &fault) == 0)
		execute("/bin/true");
	assert_int_equal(waitid(P_PID, (id_t)job.pid, &info, WEXITED | WNOWAIT | __WALL), 0);
	assert_int_equal(start_look(&job, &fault), START_DONE);
	assert_int_equal(end_of().si_status, 0);
}

static void test_killed_before_the_exec(void **state)
{
	(void)state;
	if (start_fork(&job, &fault) == 0)
		pause();
	assert_int_equal(start_look(&job, &fault), START_PENDING);
	kill(job.pid, SIGKILL);
	assert_killed();
	assert_int_equal(end_of().si_status, SIGKILL);
}

/* The child's own word that the exec comes next proves nothing. */
static void test_killed_between_the_word_and_the_exec(void **state)
{
	(void)state;
	if (start_fork(&job, &fault) == 0) {
		job.note->executing = 1;
		kill(getpid(), SIGKILL);
	}
	assert_killed();
	end_of();
}

/* Where a fork with another exit signal is refused, that word has to do. */
static void test_without_proof_the_word_counts(void **state)
{
	(void)state;
	for (uint32_t said = 0; said < 2; said++) {
		if (start_fork(&job, &fault) == 0) {
			job.note->executing = said;
			kill(getpid(), SIGKILL);
		}
		job.provable = false;
		assert_int_equal(await(), said ? START_DONE : START_KILLED);
		end_of();
	}
}

static void test_a_fault_is_told(void **state)
{
	(void)state;
	if (start_fork(&job, &fault) == 0) {
		execute("/nonexistent");
		start_refuse(&job, STEP_EXEC, "/nonexistent");
	}
	assert_int_equal(await(), START_FAILED);
	assert_int_equal(fault.err, ENOENT);
	assert_string_equal(fault.what, "/nonexistent");
	end_of();
}

/* A filter that allows nothing but the exec, and has it fail: not even the end can be asked for. */
static void test_a_fault_is_told_past_a_filter_that_denies_all(void **state)
{
	static struct sock_filter deny[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog filter = {.len = 4, .filter = deny};

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* whose runtime makes calls of its own */
#endif
	if (start_fork(&job, &fault) == 0) {
		signal(SIGILL, SIG_DFL); /* cmocka's */
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
		execute("/nonexistent");
		start_refuse(&job, STEP_EXEC, "/nonexistent");
	}
	assert_int_equal(await(), START_FAILED);
	assert_int_equal(fault.err, ENOENT);
	end_of();
}

static void test_a_filter_that_kills_the_exec(void **state)
{
	static struct sock_filter deny[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {.len = 4, .filter = deny};

	(void)state;
	if (start_fork(&job, &fault) == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
		execute("/bin/true");
		_exit(0);
	}
	assert_killed();
	assert_int_equal(end_of().si_status, SIGSYS);
}

/* Past the point of no return there is nobody who could be told an errno. */
static void test_a_file_that_the_kernel_gives_up_on_was_started_and_killed(void **state)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr segment;
	} broken = {
		.head = {
			.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		/* where no process has memory */
		.segment = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 1ull << 56,
			    .p_filesz = 4096, .p_memsz = 4096, .p_align = 4096},
	};
	char path[] = "/tmp/nidus-start-XXXXXX", end = 0;
	siginfo_t info;
	int fd = mkstemp(path);

	(void)state;
#ifdef __x86_64__
	broken.head.e_machine = EM_X86_64;
#else
	close(fd);
	unlink(path);
	skip(); /* another machine's number */
#endif
	assert_int_equal(write(fd, &broken, sizeof(broken)), sizeof(broken));
	assert_int_equal(pwrite(fd, &end, 1, 8191), 1);
	fchmod(fd, 0755);
	close(fd);
	if (start_fork(&job, &fault) == 0) {
		execute(path);
		start_refuse(&job, STEP_EXEC, path);
	}
	assert_int_equal(await(), START_DONE);
	info = end_of();
	assert_int_equal(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED, 1);
	unlink(path);
}

static void test_stopped_on_its_way_goes_on_and_stops_there(void **state)
{
	siginfo_t info = {0};
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	if (start_fork(&job, &fault) == 0) {
		dup2(ends[0], STDIN_FILENO); /* no end to read: it has the other end, too */
		kill(getpid(), SIGSTOP);
		execute("/bin/cat");
		_exit(1);
	}
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(await(), START_DONE);
	assert_int_equal(job.stop_signal, SIGSTOP);
	assert_int_equal(waitid(P_PID, (id_t)job.pid, &info, WSTOPPED), 0);
	assert_int_equal(info.si_status, SIGSTOP);
	kill(job.pid, SIGKILL);
	end_of();
}

static void test_held_until_it_is_released(void **state)
{
	(void)state;
	if (start_fork(&job, &fault) == 0) {
		start_hold(&job, STEP_USER);
		start_hold(&job, STEP_EXEC);
		execute("/bin/true");
	}
	assert_int_equal(await(), START_HELD);
	assert_int_equal(job.note->held_step, STEP_USER);
	assert_int_equal(start_await(&job, -1, clock_now_us() + 50000, &fault), START_LATE);
	start_release(&job);
	assert_int_equal(await(), START_HELD);
	assert_int_equal(job.note->held_step, STEP_EXEC);
	start_release(&job);
	assert_int_equal(await(), START_DONE);
	end_of();
}

static void test_killed_while_held(void **state)
{
	(void)state;
	if (start_fork(&job, &fault) == 0)
		start_hold(&job, STEP_USER);
	assert_int_equal(await(), START_HELD);
	kill(job.pid, SIGKILL);
	assert_killed();
	end_of();
}

/* Whoever has taken the child's end of the pipe keeps nobody from knowing. */
static void test_its_end_decides_where_the_pipe_does_not(void **state)
{
	siginfo_t info;
	int ends[2];
	pid_t holder;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	if (start_fork(&job, &fault) == 0) {
		holder = sys_fork();
		if (holder == 0)
			pause();
		assert_int_equal(write(ends[1], &holder, sizeof(holder)), sizeof(holder));
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(read(ends[0], &holder, sizeof(holder)), sizeof(holder));
	assert_int_equal(waitid(P_PID, (id_t)job.pid, &info, WEXITED | WNOWAIT | __WALL), 0);
	assert_int_equal(start_look(&job, &fault), START_PENDING);
	assert_int_equal(start_decide(&job, &fault), START_KILLED);
	kill(holder, SIGKILL);
	close(ends[0]);
	close(ends[1]);
	end_of();
}

static void test_two_at_once(void **state)
{
	struct job other = {0};

	(void)state;
	if (start_fork(&other, &fault) == 0)
		pause();
	if (start_fork(&job, &fault) == 0)
		execute("/bin/true");
	assert_int_equal(await(), START_DONE);
	end_of();
	assert_int_equal(start_look(&other, &fault), START_PENDING);
	kill(other.pid, SIGKILL);
	job = other;
	assert_killed();
	end_of();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec_is_a_start),
		cmocka_unit_test(test_a_start_that_cannot_be_waited_for_is_looked_at),
		cmocka_unit_test(test_death_right_after_the_exec_is_a_start),
		cmocka_unit_test(test_killed_before_the_exec),
		cmocka_unit_test(test_killed_between_the_word_and_the_exec),
		cmocka_unit_test(test_without_proof_the_word_counts),
		cmocka_unit_test(test_a_fault_is_told),
		cmocka_unit_test(test_a_fault_is_told_past_a_filter_that_denies_all),
		cmocka_unit_test(test_a_filter_that_kills_the_exec),
		cmocka_unit_test(test_a_file_that_the_kernel_gives_up_on_was_started_and_killed),
		cmocka_unit_test(test_stopped_on_its_way_goes_on_and_stops_there),
		cmocka_unit_test(test_held_until_it_is_released),
		cmocka_unit_test(test_killed_while_held),
		cmocka_unit_test(test_its_end_decides_where_the_pipe_does_not),
		cmocka_unit_test(test_two_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
