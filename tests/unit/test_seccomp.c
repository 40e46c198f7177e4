/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in seccomp filters: what they answer to which call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../spawn/plan/plan.h"
#include "../../spawn/confine/seccomp.h"
#include "../../spawn/confine/seccomp_names.h"
#include "../../spawn/confine/seccomp_prologue.h"
#include "../../spawn/confine/seccomp_table.h"
#include "bpf_eval.h"

#define HIGH 0xdead00000000ull /* bits that the kernel ignores in an int argument */
#define REFUSED(err) (SECCOMP_RET_ERRNO | (err))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint32_t answer_on(uint32_t arch, unsigned variant, int nr, uint64_t a0, uint64_t a1,
			  uint64_t a2, uint64_t a3)
{
	struct seccomp_data data = { .nr = nr, .arch = arch, .args = { a0, a1, a2, a3 } };
	struct seccomp_filter filter;

	seccomp_default(variant, &filter);
	return bpf_eval(filter.code, filter.count, &data);
}

static uint32_t answer(int nr, uint64_t a0, uint64_t a1)
{
	return answer_on(SECCOMP_NATIVE_ARCH, SECCOMP_PLAIN, nr, a0, a1, 0, 0);
}

/* The filter without set-id files; calls that this architecture lacks pass the test. */
static void setid_answers(uint32_t wanted, const char *name, uint64_t a0, uint64_t a1, uint64_t a2,
			  uint64_t a3)
{
	int nr = seccomp_number(name);
	uint32_t got = nr < 0 ? wanted : answer_on(SECCOMP_NATIVE_ARCH, SECCOMP_NO_SETID, nr, a0, a1, a2, a3);

	if (got != wanted)
		fail_msg("%s(%#llx, %#llx, %#llx, %#llx): %#x, not %#x", name, (long long)a0,
			 (long long)a1, (long long)a2, (long long)a3, got, wanted);
}

static void every_row_without_a_condition_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(seccomp_rows); i++) {
		const struct seccomp_row *row = &seccomp_rows[i];
		int nr = seccomp_number(row->name);

		if (nr < 0 || row->tests[0].kind != SECCOMP_ALWAYS)
			continue;
		if (answer(nr, 0, 0) != REFUSED((uint32_t)row->err))
			fail_msg("%s: answered %#x", row->name, answer(nr, 0, 0));
	}
}

/* Written out a second time on purpose: a row that gets lost must not take its test along. */
static void what_must_be_refused_is_refused(void **state)
{
	static const char *const names[] = {
		"setns", "mount", "umount2", "pivot_root", "fsopen", "fsconfig", "fsmount", "fspick",
		"move_mount", "open_tree", "open_tree_attr", "mount_setattr", "clone3",
		"io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open",
		"userfaultfd", "add_key", "request_key", "keyctl", "open_by_handle_at",
		"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
		"reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog",
		"settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm",
		"modify_ldt", "memfd_secret", "remap_file_pages", "vhangup", "migrate_pages",
		"move_pages", "mbind", "set_mempolicy", "nfsservctl", "lookup_dcookie",
		"fanotify_init", "uselib", "cachestat",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		int nr = seccomp_number(names[i]);

		assert_int_not_equal(nr, __NR_SCMP_ERROR);
		if (nr >= 0 && answer(nr, 0, 0) == SECCOMP_RET_ALLOW)
			fail_msg("%s is allowed", names[i]);
	}
}

static void every_row_has_a_known_call_and_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(seccomp_rows); i++) {
		assert_int_not_equal(seccomp_number(seccomp_rows[i].name), __NR_SCMP_ERROR);
		assert_true(strlen(seccomp_rows[i].why) > 3);
	}
	for (size_t i = 0; i < COUNT(seccomp_namespace_rows); i++)
		assert_int_not_equal(seccomp_number(seccomp_namespace_rows[i].name), __NR_SCMP_ERROR);
}

static uint32_t answer_with(unsigned options, int nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct seccomp_data data = { .nr = nr, .arch = SECCOMP_NATIVE_ARCH, .args = { a0, a1, a2 } };
	struct seccomp_filter filter;

	seccomp_default(options, &filter);
	return bpf_eval(filter.code, filter.count, &data);
}

static void the_limit_of_core_dumps_stays(void **state)
{
	const uint64_t limit = 0x7ffc00000000ull; /* an address with nothing in its low half */

	(void)state;
	for (unsigned options = 0; options < SECCOMP_VARIANTS; options++) {
		bool free_core = options & SECCOMP_FREE_CORE;
		uint32_t wanted = free_core ? SECCOMP_RET_ALLOW : REFUSED(0);

		assert_int_equal(answer_with(options, SYS_prlimit64, 0, RLIMIT_CORE, limit), wanted);
		assert_int_equal(answer_with(options, SYS_prlimit64, 0, HIGH | RLIMIT_CORE, limit),
				 wanted);
		assert_int_equal(answer_with(options, SYS_prlimit64, 0, RLIMIT_CORE, 0),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(answer_with(options, SYS_prlimit64, 0, RLIMIT_NOFILE, limit),
				 SECCOMP_RET_ALLOW);
#ifdef SYS_setrlimit
		assert_int_equal(answer_with(options, SYS_setrlimit, HIGH | RLIMIT_CORE, limit, 0),
				 wanted);
		assert_int_equal(answer_with(options, SYS_setrlimit, RLIMIT_NOFILE, limit, 0),
				 SECCOMP_RET_ALLOW);
#endif
	}
}

static void clone_with_any_namespace_flag_is_refused(void **state)
{
	const uint64_t flags[] = { CLONE_NEWNS,   CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER,
				   CLONE_NEWPID,  CLONE_NEWNET, CLONE_NEWCGROUP };

	(void)state;
	for (size_t i = 0; i < COUNT(flags); i++) {
		assert_int_equal(answer(SYS_clone, flags[i] | SIGCHLD, 0), REFUSED(EPERM));
		assert_int_equal(answer(SYS_clone, HIGH | flags[i], 0), REFUSED(EPERM));
		assert_int_equal(answer(SYS_unshare, flags[i], 0), REFUSED(EPERM));
	}
	assert_int_equal(answer(SYS_unshare, SECCOMP_CLONE_NEWTIME, 0), REFUSED(EPERM));
}

static void fork_and_threads_are_allowed(void **state)
{
	(void)state;
	assert_int_equal(answer(SYS_clone, SIGCHLD, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0), SECCOMP_RET_ALLOW);
	/* What pthread_create passes. */
	assert_int_equal(answer(SYS_clone, 0x3d0f00, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_unshare, CLONE_FILES | CLONE_FS, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_clone3, 0, 0), REFUSED(ENOSYS));
}

static uint32_t answer_prlimit(uint64_t pid, uint64_t new_limit)
{
	return answer_on(SECCOMP_NATIVE_ARCH, SECCOMP_PLAIN, SYS_prlimit64, pid, RLIMIT_NOFILE, new_limit,
			 0x7ffe0000);
}

static void a_limit_is_set_only_by_its_own_process(void **state)
{
	const uint64_t pids[] = { 1, 2, 4194304, (uint64_t)-1, HIGH, HIGH | 1 };
	const uint64_t limits[] = { 1, 0x7ffe1000, 0x100000000ull };

	(void)state;
	for (size_t i = 0; i < COUNT(pids); i++) {
		for (size_t j = 0; j < COUNT(limits); j++)
			assert_int_equal(answer_prlimit(pids[i], limits[j]), REFUSED(EPERM));
		assert_int_equal(answer_prlimit(pids[i], 0), SECCOMP_RET_ALLOW); /* just asks */
	}
	assert_int_equal(answer_prlimit(0, 0x7ffe1000), SECCOMP_RET_ALLOW);
	assert_int_equal(answer_prlimit(0, 0), SECCOMP_RET_ALLOW);
}

static void pid_1_keeps_its_place_in_the_scheduler(void **state)
{
	const int by_pid[] = { SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setparam,
			       SYS_sched_setaffinity };

	(void)state;
	for (size_t i = 0; i < COUNT(by_pid); i++) {
		assert_int_equal(answer(by_pid[i], 1, 0), REFUSED(EPERM));
		assert_int_equal(answer(by_pid[i], HIGH | 1, 0), REFUSED(EPERM));
		assert_int_equal(answer(by_pid[i], 0, 1), SECCOMP_RET_ALLOW);
		assert_int_equal(answer(by_pid[i], 7, 1), SECCOMP_RET_ALLOW); /* its own thread */
	}
	assert_int_equal(answer(SYS_setpriority, PRIO_PROCESS, 1), REFUSED(EPERM));
	assert_int_equal(answer(SYS_setpriority, HIGH | PRIO_PGRP, HIGH | 1), REFUSED(EPERM));
	assert_int_equal(answer(SYS_setpriority, PRIO_PROCESS, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_setpriority, PRIO_PROCESS, 7), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_ioprio_set, 1, 1), REFUSED(EPERM));
	assert_int_equal(answer(SYS_ioprio_set, HIGH | 2, HIGH | 1), REFUSED(EPERM));
	assert_int_equal(answer(SYS_ioprio_set, 1, 0), SECCOMP_RET_ALLOW);
}

static void a_workload_that_is_pid_1_sets_its_own(void **state)
{
	(void)state;
	for (unsigned setid = 0; setid <= SECCOMP_NO_SETID; setid++) {
		unsigned variant = setid | SECCOMP_AS_PID_1;

		assert_int_equal(answer_on(SECCOMP_NATIVE_ARCH, variant, SYS_prlimit64, 1, 0, 1, 0),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(answer_on(SECCOMP_NATIVE_ARCH, variant, SYS_sched_setaffinity, 1,
					   8, 1, 0),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(answer_on(SECCOMP_NATIVE_ARCH, variant, SYS_mount, 0, 0, 0, 0),
				 REFUSED(EPERM));
		assert_int_equal(answer_on(SECCOMP_NATIVE_ARCH, variant, SYS_fchmod, 0, 04755, 0, 0),
				 setid ? REFUSED(EPERM) : SECCOMP_RET_ALLOW);
		assert_int_equal(answer_on(SECCOMP_NATIVE_ARCH, setid, SYS_prlimit64, 1, 0, 1, 0),
				 REFUSED(EPERM));
	}
}

static void terminal_ioctls_are_compared_in_32_bits(void **state)
{
	(void)state;
	assert_int_equal(answer(SYS_ioctl, 0, TIOCSTI), REFUSED(EPERM));
	assert_int_equal(answer(SYS_ioctl, 0, HIGH | TIOCSTI), REFUSED(EPERM));
	assert_int_equal(answer(SYS_ioctl, 0, HIGH | TIOCLINUX), REFUSED(EPERM));
	assert_int_equal(answer(SYS_ioctl, 0, HIGH | TIOCSETD), REFUSED(EPERM));
	assert_int_equal(answer(SYS_ioctl, 0, TIOCGWINSZ), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_ioctl, TIOCSTI, 0), SECCOMP_RET_ALLOW);
}

static void sockets_of_four_families_are_allowed(void **state)
{
	(void)state;
	for (uint64_t family = 0; family < 64; family++) {
		bool good = family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
			    family == AF_NETLINK;
		uint32_t wanted = good ? SECCOMP_RET_ALLOW : REFUSED(EAFNOSUPPORT);

		if (answer(SYS_socket, family, SOCK_STREAM) != wanted)
			fail_msg("family %u: %#x", (unsigned)family, answer(SYS_socket, family, 1));
		if (!good)
			assert_int_equal(answer(SYS_socket, HIGH | family, 1), wanted);
	}
}

static void the_old_name_of_packet_sockets_is_refused(void **state)
{
	(void)state;
	assert_int_equal(answer(SYS_socket, AF_INET, SOCK_PACKET | SOCK_CLOEXEC),
			 REFUSED(EAFNOSUPPORT));
	assert_int_equal(answer(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC), SECCOMP_RET_ALLOW);
}

static void socket_pairs_are_unix_alone(void **state)
{
	(void)state;
	assert_int_equal(answer(SYS_socketpair, AF_UNIX, SOCK_STREAM), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_socketpair, 30, SOCK_STREAM), REFUSED(EAFNOSUPPORT));
}

static void calls_newer_than_the_table_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(answer(SECCOMP_NEWEST, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SECCOMP_NEWEST + 1, 0, 0), REFUSED(ENOSYS));
	assert_int_equal(answer(100000, 0, 0), REFUSED(ENOSYS));
}

static void a_call_skipped_by_a_tracer_stays_skipped(void **state)
{
	(void)state;
	assert_int_equal(answer(-1, 0, 0), SECCOMP_RET_ALLOW);
}

static void foreign_architectures_kill(void **state)
{
	(void)state;
	assert_int_equal(answer_on(AUDIT_ARCH_I386, SECCOMP_PLAIN, 20, 0, 0, 0, 0),
			 SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer_on(AUDIT_ARCH_I386, SECCOMP_PLAIN, 100000, 0, 0, 0, 0),
			 SECCOMP_RET_KILL_PROCESS);
#ifdef __x86_64__
	/* x32's mount, and its getpid */
	assert_int_equal(answer(SECCOMP_X32_BIT | SYS_mount, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer(SECCOMP_X32_BIT | SYS_getpid, 0, 0), SECCOMP_RET_KILL_PROCESS);
#endif
}

static void what_programs_need_is_allowed(void **state)
{
	const int calls[] = { SYS_read,	     SYS_write,	     SYS_execve,    SYS_execveat,
			      SYS_mmap,	     SYS_futex,	     SYS_ptrace,    SYS_process_vm_readv,
			      SYS_seccomp,   SYS_prctl,	     SYS_openat2,   SYS_memfd_create,
			      SYS_getrandom, SYS_pidfd_open, SYS_statx,	    SYS_landlock_create_ruleset,
			      SYS_setuid,    SYS_chroot,     SYS_epoll_pwait, SYS_personality,
			      SYS_fchmodat,  SYS_rseq,	     SYS_close_range, 454 /* futex_wake */ };

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		if (answer(calls[i], 0, 0) != SECCOMP_RET_ALLOW)
			fail_msg("system call %d: %#x", calls[i], answer(calls[i], 0, 0));
}

static void no_setid_refuses_the_bits_in_every_mode(void **state)
{
	const uint64_t modes[] = { 04755, 02755, 06000, HIGH | 04000 };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		setid_answers(REFUSED(EPERM), "chmod", 0, modes[i], 0, 0);
		setid_answers(REFUSED(EPERM), "fchmod", 0, modes[i], 0, 0);
		setid_answers(REFUSED(EPERM), "fchmodat", 0, 0, modes[i], 0);
		setid_answers(REFUSED(EPERM), "fchmodat2", 0, 0, modes[i], 0);
		setid_answers(REFUSED(EPERM), "mknod", 0, modes[i], 0, 0);
		setid_answers(REFUSED(EPERM), "mknodat", 0, 0, modes[i], 0);
		setid_answers(REFUSED(EPERM), "creat", 0, modes[i], 0, 0);
		setid_answers(REFUSED(EPERM), "open", 0, O_CREAT, modes[i], 0);
		setid_answers(REFUSED(EPERM), "openat", 0, 0, O_CREAT, modes[i]);
		setid_answers(REFUSED(EPERM), "openat", 0, 0, O_TMPFILE | O_RDWR, modes[i]);
	}
	setid_answers(REFUSED(ENOSYS), "openat2", 0, 0, 0, 0);
}

static void no_setid_leaves_other_modes_alone(void **state)
{
	(void)state;
	setid_answers(SECCOMP_RET_ALLOW, "chmod", 0, 01777, 0, 0);
	setid_answers(SECCOMP_RET_ALLOW, "openat", 0, 0, O_CREAT, 0644);
	/* Without O_CREAT the mode is whatever the register held. */
	setid_answers(SECCOMP_RET_ALLOW, "open", 0, O_RDONLY | O_DIRECTORY, 06777, 0);
	setid_answers(REFUSED(EPERM), "mount", 0, 0, 0, 0);
}

static uint32_t answer_nesting(unsigned more, int nr, uint64_t a0)
{
	return answer_with(SECCOMP_NEST | more, nr, a0, 0, 0);
}

static void nesting_opens_namespaces_and_mounts_alone(void **state)
{
	const int opened[] = { SYS_clone3,   SYS_setns,	 SYS_mount,	 SYS_umount2,
			       SYS_pivot_root, SYS_fsopen, SYS_fsconfig,	 SYS_fsmount,
			       SYS_move_mount, SYS_open_tree, SYS_mount_setattr };
	const int closed[] = { SYS_bpf,	    SYS_io_uring_setup,	   SYS_keyctl, SYS_userfaultfd,
			       SYS_fspick,  SYS_open_by_handle_at, SYS_perf_event_open };

	(void)state;
	for (size_t i = 0; i < COUNT(opened); i++) {
		assert_int_equal(answer_nesting(0, opened[i], 0), SECCOMP_RET_ALLOW);
		assert_int_not_equal(answer(opened[i], 0, 0), SECCOMP_RET_ALLOW);
	}
	assert_int_equal(answer_nesting(0, SYS_clone, CLONE_NEWUSER | SIGCHLD), SECCOMP_RET_ALLOW);
	assert_int_equal(answer_nesting(0, SYS_unshare, CLONE_NEWUSER), SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < COUNT(closed); i++)
		assert_int_equal(answer_nesting(0, closed[i], 0), answer(closed[i], 0, 0));
}

static void nesting_gives_no_capabilities_to_files_of_others(void **state)
{
	const int calls[] = { SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr };

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		assert_int_equal(answer_nesting(SECCOMP_NO_SETID, calls[i], 0), REFUSED(EOPNOTSUPP));
		assert_int_equal(answer_nesting(0, calls[i], 0), SECCOMP_RET_ALLOW);
		assert_int_equal(answer_with(SECCOMP_NO_SETID, calls[i], 0, 0, 0),
				 SECCOMP_RET_ALLOW);
	}
}

static void the_default_allows_setid_bits(void **state)
{
	(void)state;
	assert_int_equal(answer(SYS_fchmod, 0, 04755), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_openat2, 0, 0), SECCOMP_RET_ALLOW);
}

static void both_fit_into_a_plan(void **state)
{
	struct seccomp_filter plain, setid;

	(void)state;
	seccomp_default(SECCOMP_PLAIN, &plain);
	seccomp_default(SECCOMP_NO_SETID, &setid);
	assert_in_range(plain.count, 50, PLAN_SECCOMP_MAX);
	assert_in_range(setid.count, plain.count + 1, PLAN_SECCOMP_MAX);
}

static void *thread(void *unused)
{
	return unused;
}

/* In a child with the filter installed: 0, or the number of the check that failed. */
static int live_checks(void)
{
	struct seccomp_filter filter;
	struct sock_fprog program;
	pthread_t id;
	int status;
	pid_t pid;

	seccomp_default(SECCOMP_NO_SETID, &filter);
	program = (struct sock_fprog){ (unsigned short)filter.count, (void *)filter.code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return 1;
	if (pthread_create(&id, NULL, thread, NULL) != 0 || pthread_join(id, NULL) != 0)
		return 2;
	if (unshare(CLONE_NEWUSER) == 0 || errno != EPERM)
		return 3;
	if (socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT)
		return 4;
	if (syscall(SECCOMP_NEWEST + 1) != -1 || errno != ENOSYS)
		return 5;
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "echo x | cat >/dev/null", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return 6;
	return 0;
}

static void the_kernel_takes_it_and_programs_run(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(live_checks());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("check %d failed (wait status %#x)", WEXITSTATUS(status), status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_without_a_condition_holds),
		cmocka_unit_test(what_must_be_refused_is_refused),
		cmocka_unit_test(every_row_has_a_known_call_and_a_reason),
		cmocka_unit_test(the_limit_of_core_dumps_stays),
		cmocka_unit_test(clone_with_any_namespace_flag_is_refused),
		cmocka_unit_test(fork_and_threads_are_allowed),
		cmocka_unit_test(a_limit_is_set_only_by_its_own_process),
		cmocka_unit_test(pid_1_keeps_its_place_in_the_scheduler),
		cmocka_unit_test(a_workload_that_is_pid_1_sets_its_own),
		cmocka_unit_test(terminal_ioctls_are_compared_in_32_bits),
		cmocka_unit_test(sockets_of_four_families_are_allowed),
		cmocka_unit_test(the_old_name_of_packet_sockets_is_refused),
		cmocka_unit_test(socket_pairs_are_unix_alone),
		cmocka_unit_test(calls_newer_than_the_table_do_not_exist),
		cmocka_unit_test(a_call_skipped_by_a_tracer_stays_skipped),
		cmocka_unit_test(foreign_architectures_kill),
		cmocka_unit_test(what_programs_need_is_allowed),
		cmocka_unit_test(no_setid_refuses_the_bits_in_every_mode),
		cmocka_unit_test(no_setid_leaves_other_modes_alone),
		cmocka_unit_test(nesting_opens_namespaces_and_mounts_alone),
		cmocka_unit_test(nesting_gives_no_capabilities_to_files_of_others),
		cmocka_unit_test(the_default_allows_setid_bits),
		cmocka_unit_test(both_fit_into_a_plan),
		cmocka_unit_test(the_kernel_takes_it_and_programs_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
