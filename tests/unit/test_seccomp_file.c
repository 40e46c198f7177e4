/* SPDX-License-Identifier: Apache-2.0 */
/* Seccomp profiles from files: what compiles to what, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../spawn/confine/seccomp.h"
#include "../../spawn/confine/seccomp_prologue.h"
#include "bpf_eval.h"

#define REFUSED(err) (SECCOMP_RET_ERRNO | (err))

static struct seccomp_filter filter;
static struct fault fault;

static int compile_bytes(const char *text, size_t len)
{
	int fd = memfd_create("profile", MFD_CLOEXEC), rc;
	char path[40];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = seccomp_compile(path, &filter, &fault);
	close(fd);
	return rc;
}

static int compile(const char *text)
{
	return compile_bytes(text, strlen(text));
}

/* Compiling fails, and the fault says `words`. */
static void refuses(const char *text, const char *words)
{
	if (compile(text) == 0)
		fail_msg("compiled: %s", text);
	assert_int_equal(fault.step, STEP_SECCOMP);
	if (!strstr(fault.what, words))
		fail_msg("the fault is \"%s\", not \"%s\"", fault.what, words);
}

static uint32_t answer(int nr, uint64_t a0, uint64_t a1)
{
	struct seccomp_data data = { .nr = nr, .arch = SECCOMP_NATIVE_ARCH, .args = { a0, a1 } };

	return bpf_eval(filter.code, filter.count, &data);
}

static int teardown(void **state)
{
	(void)state;
	seccomp_free(&filter);
	return 0;
}

static void a_list_of_allowed_calls(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{"
				 "\"names\": [\"read\", \"landlock_restrict_self\"],"
				 " \"action\": \"SCMP_ACT_ALLOW\"}]}"), 0);
	assert_int_equal(answer(SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_write, 0, 0), REFUSED(EPERM));
}

static void newer_calls_than_an_allow_list_names_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{"
				 "\"names\": [\"landlock_restrict_self\"],"
				 " \"action\": \"SCMP_ACT_ALLOW\"}]}"), 0);
	assert_int_equal(answer(SYS_landlock_restrict_self + 1, 0, 0), REFUSED(ENOSYS));
	assert_int_equal(answer(SYS_landlock_restrict_self - 1, 0, 0), REFUSED(EPERM));
}

static void a_list_of_refused_calls_with_errnos(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
				 "{\"names\": [\"mount\", \"fchmodat2\"], \"action\": "
				 "\"SCMP_ACT_ERRNO\", \"errnoRet\": 38},"
				 "{\"names\": [\"reboot\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"}"
				 "]}"), 0);
	assert_int_equal(answer(SYS_mount, 0, 0), REFUSED(ENOSYS));
	assert_int_equal(answer(452, 0, 0), REFUSED(ENOSYS));
	assert_int_equal(answer(SYS_reboot, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer(SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(1000, 0, 0), SECCOMP_RET_ALLOW);
}

static void arguments_are_compared(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 13,"
				 "\"syscalls\": [{\"names\": [\"clone\"], \"action\": "
				 "\"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 2114060288,"
				 " \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}]},"
				 "{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
				 "{\"index\": 0, \"value\": 7, \"op\": \"SCMP_CMP_EQ\"},"
				 "{\"index\": 1, \"value\": 9, \"op\": \"SCMP_CMP_LT\"}]}]}"), 0);
	assert_int_equal(answer(SYS_clone, 17, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_clone, 0x10000011, 0), REFUSED(EACCES));
	assert_int_equal(answer(SYS_kill, 7, 8), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_kill, 7, 9), REFUSED(EACCES));
	assert_int_equal(answer(SYS_kill, 8, 8), REFUSED(EACCES));
}

static void docker_conditions_are_judged_without_capabilities(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
		"{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\","
		" \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}},"
		"{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\","
		" \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}},"
		"{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\","
		" \"includes\": {\"minKernel\": \"4.8\"}},"
		"{\"names\": [\"bpf\"], \"action\": \"SCMP_ACT_ALLOW\","
		" \"includes\": {\"minKernel\": \"99.0\"}},"
		"{\"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\","
		" \"includes\": {\"arches\": [\"" SECCOMP_NATIVE_GO "\"]}, \"excludes\": {}},"
		"{\"names\": [\"close\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": null,"
		" \"excludes\": {\"arches\": [\"" SECCOMP_NATIVE_GO "\"]}}]}"), 0);
	assert_int_equal(answer(SYS_mount, 0, 0), REFUSED(EPERM));
	assert_int_equal(answer(SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_ptrace, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_bpf, 0, 0), REFUSED(EPERM));
	assert_int_equal(answer(SYS_write, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SYS_close, 0, 0), REFUSED(EPERM));
}

#ifdef __x86_64__
static void further_architectures_are_let_in(void **state)
{
	/* i386: read is 3, mount 21 */
	struct seccomp_data data = { .nr = 3, .arch = AUDIT_ARCH_I386 };

	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [{"
				 "\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": ["
				 "\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]}, {\"architecture\": "
				 "\"SCMP_ARCH_S390X\", \"subArchitectures\": [\"SCMP_ARCH_S390\"]}],"
				 "\"syscalls\": [{\"names\": [\"read\", \"fchmodat2\"],"
				 " \"action\": \"SCMP_ACT_ALLOW\"}]}"), 0);
	assert_int_equal(bpf_eval(filter.code, filter.count, &data), SECCOMP_RET_ALLOW);
	data.nr = 21;
	assert_int_equal(bpf_eval(filter.code, filter.count, &data), REFUSED(EPERM));
	assert_int_equal(answer(SECCOMP_X32_BIT | SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(SECCOMP_X32_BIT | SYS_mount, 0, 0), REFUSED(EPERM));
	assert_int_equal(answer(452, 0, 0), SECCOMP_RET_ALLOW);
}
#endif

static void other_architectures_are_killed(void **state)
{
	struct seccomp_data data = { .nr = 3, .arch = AUDIT_ARCH_I386 };

	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": ["
				 "\"" SECCOMP_NATIVE_OCI "\"]}"), 0);
	assert_int_equal(bpf_eval(filter.code, filter.count, &data), SECCOMP_RET_KILL_PROCESS);
}

static void a_name_that_nobody_knows_stays_refused(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{"
				 "\"names\": [\"frobnicate\", \"read\"], \"action\": "
				 "\"SCMP_ACT_ALLOW\"}]}"), 0);
}

static void a_name_that_nobody_knows_is_not_let_through(void **state)
{
	(void)state;
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{"
		"\"names\": [\"mounnt\"], \"action\": \"SCMP_ACT_ERRNO\"}]}",
		"syscalls[0]: unknown system call \"mounnt\"");
}

static void unknown_keys_are_refused_by_name(void **state)
{
	(void)state;
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": []}", "unknown key \"flags\"");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
		"\"action\": \"SCMP_ACT_ERRNO\", \"arg\": []}]}",
		"syscalls[0]: unknown key \"arg\"");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
		"\"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, \"val\": 1}]}]}",
		"syscalls[0].args[0]: unknown key \"val\"");
}

static void keys_given_twice_are_refused_by_name_and_line(void **state)
{
	(void)state;
	refuses("{\n\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\"defaultAction\": \"SCMP_ACT_ALLOW\"}",
		"line 3: key \"defaultAction\" is given twice");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"default\\u0041ction\": \"x\"}",
		"unknown key");
}

static void equal_keys_of_different_objects_are_fine(void **state)
{
	(void)state;
	assert_int_equal(compile("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"comment\": \"{[\\\"names\\\":\","
				 "\"syscalls\": [{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\"},"
				 "{\"names\": [\"bpf\"], \"action\": \"SCMP_ACT_ERRNO\"}]}"), 0);
}

static void bad_values_are_refused(void **state)
{
	(void)state;
	refuses("{}", "defaultAction is missing");
	refuses("{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "not supported");
	refuses("{\"defaultAction\": \"ALLOW\"}", "unknown action \"ALLOW\"");
	refuses("{\"defaultAction\": 7}", "defaultAction: not a string");
	refuses("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4096}", "at most 4095");
	refuses("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": -1}", "defaultErrnoRet");
	refuses("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1.5}", "defaultErrnoRet");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}", "goes with");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_Z80\"]}",
		"SCMP_ARCH_Z80");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}", "syscalls: not a list");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [],"
		"\"action\": \"SCMP_ACT_ERRNO\"}]}", "names are missing");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
		"\"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 6, \"value\": 1,"
		"\"op\": \"SCMP_CMP_EQ\"}]}]}", "syscalls[0].args[0]: index");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
		"\"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, \"value\": 1,"
		"\"op\": \"==\"}]}]}", "unknown operator \"==\"");
}

static void one_argument_twice_is_refused(void **state)
{
	(void)state;
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
		"\"action\": \"SCMP_ACT_ERRNO\", \"args\": ["
		"{\"index\": 1, \"value\": 1, \"op\": \"SCMP_CMP_GE\"},"
		"{\"index\": 1, \"value\": 5, \"op\": \"SCMP_CMP_LE\"}]}]}", "args[1]");
}

static void what_is_not_json_is_refused_with_its_line(void **state)
{
	(void)state;
	refuses("{\"defaultAction\":\n\n \"SCMP_ACT_ALLOW\",}", "line 3");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\"} x", "line 1");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\"", "line 1");
	refuses("{'defaultAction': 'SCMP_ACT_ALLOW'}", "line 1");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\" /* c */}", "line 1");
	refuses("[]", "not an object");
	refuses("", "line 1");
	refuses("null", "not an object");
	refuses("{\"comment\": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", "too deep");
	refuses("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"comment\": \"\xff\"}", "line 1");
	assert_int_equal(compile_bytes("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}\0{", 36), -1);
}

static void every_truncation_is_refused(void **state)
{
	static const char text[] = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{"
				   "\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		if (compile_bytes(text, len) == 0)
			fail_msg("the first %zu bytes compiled", len);
	assert_int_equal(compile(text), 0);
}

static void files_without_bound_are_refused(void **state)
{
	char *big = malloc((1 << 20) + 8);

	(void)state;
	assert_int_equal(seccomp_compile("/dev/zero", &filter, &fault), -1);
	assert_int_equal(seccomp_compile("/proc/self", &filter, &fault), -1);
	assert_int_equal(seccomp_compile("/nonexistent", &filter, &fault), -1);
	assert_int_equal(fault.err, ENOENT);
	assert_non_null(big);
	memset(big, ' ', (1 << 20) + 8);
	assert_int_equal(compile_bytes(big, (1 << 20) + 8), -1);
	assert_int_equal(fault.err, EFBIG);
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_list_of_allowed_calls, teardown),
		cmocka_unit_test_teardown(newer_calls_than_an_allow_list_names_do_not_exist, teardown),
		cmocka_unit_test_teardown(a_list_of_refused_calls_with_errnos, teardown),
		cmocka_unit_test_teardown(arguments_are_compared, teardown),
		cmocka_unit_test_teardown(docker_conditions_are_judged_without_capabilities, teardown),
#ifdef __x86_64__
		cmocka_unit_test_teardown(further_architectures_are_let_in, teardown),
#endif
		cmocka_unit_test_teardown(other_architectures_are_killed, teardown),
		cmocka_unit_test_teardown(a_name_that_nobody_knows_stays_refused, teardown),
		cmocka_unit_test_teardown(a_name_that_nobody_knows_is_not_let_through, teardown),
		cmocka_unit_test_teardown(unknown_keys_are_refused_by_name, teardown),
		cmocka_unit_test_teardown(keys_given_twice_are_refused_by_name_and_line, teardown),
		cmocka_unit_test_teardown(equal_keys_of_different_objects_are_fine, teardown),
		cmocka_unit_test_teardown(bad_values_are_refused, teardown),
		cmocka_unit_test_teardown(one_argument_twice_is_refused, teardown),
		cmocka_unit_test_teardown(what_is_not_json_is_refused_with_its_line, teardown),
		cmocka_unit_test_teardown(every_truncation_is_refused, teardown),
		cmocka_unit_test_teardown(files_without_bound_are_refused, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
