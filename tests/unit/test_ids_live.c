/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps really written, and id-mapped mounts really made. As root; the parts of
 * an ordinary user are played by the user nidus-test where there is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../spawn/ids/source.h"

#define TEST_USER "nidus-test"

#define assert_ok(call)                                                                            \
	do {                                                                                       \
		if ((call) != 0)                                                                   \
			fail_msg("%s: %s: %s", #call, fault.what, strerror(fault.err));            \
	} while (0)

static void need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("# skipped: not root\n");
	skip();
}

/* A child in a new user namespace, waiting to be killed. */
static pid_t start_child(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void read_map(pid_t pid, const char *file, char *text, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	f = fopen(path, "r");
	text[f ? fread(text, 1, size - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
}

/* With no descriptor free, no file can be read. Of root's ids none may seem to be left but 0. */
static void unreadable_maps_are_a_fault(void **state)
{
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	struct rlimit before, none;
	struct ids_home home;
	struct fault fault, no_home;
	struct ids ids;
	int ret, ret_home;

	(void)state;
	need_root();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	ret = ids_choose(&spec, "live", NULL, NULL, &ids, &fault);
	ret_home = ids_find_home(&home, &no_home);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(ret, -1);
	assert_int_equal(fault.err, EMFILE);
	assert_non_null(strstr(fault.what, "/proc/self/uid_map"));
	assert_int_equal(ret_home, -1);
	assert_int_equal(no_home.err, EMFILE);
}

static void root_writes_its_range(void **state)
{
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	unsigned long inside, outside, count;
	char *end;
	struct fault fault;
	struct ids ids;
	char text[256];
	pid_t pid;

	(void)state;
	need_root();
	assert_ok(ids_choose(&spec, "live", NULL, NULL, &ids, &fault));
	pid = start_child();
	assert_true(pid > 0);
	assert_ok(ids_write(&ids, pid, &fault));
	read_map(pid, "gid_map", text, sizeof(text));
	inside = strtoul(text, &end, 10);
	outside = strtoul(end, &end, 10);
	count = strtoul(end, &end, 10);
	assert_int_equal(inside, ids.gid_map[0].inside);
	assert_int_equal(outside, ids.gid_map[0].outside);
	assert_int_equal(count, ids.gid_map[0].count);
	assert_int_equal(ids_write(&ids, pid, &fault), -1); /* once only */
	assert_non_null(strstr(fault.what, "uid_map"));
	end_child(pid);
}

/* Runs `test` as nidus-test; its result is the exit status, 0 is success. */
static void as_user(int (*test)(void))
{
	char line[256], name[] = TEST_USER ":x:", *end;
	unsigned long uid = 0, gid = 0;
	FILE *f = fopen("/etc/passwd", "r");
	int status;
	pid_t pid;

	assert_non_null(f);
	while (uid == 0 && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		uid = strtoul(line + strlen(name), &end, 10);
		gid = strtoul(end + 1, NULL, 10);
	}
	fclose(f);
	if (uid == 0) {
		print_message("# skipped: there is no user " TEST_USER "\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(90);
		prctl(PR_SET_DUMPABLE, 1); /* the change of ids took it, and /proc/PID with it */
		_exit(test());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int tell(const struct fault *fault)
{
	printf("# %s: %s\n", fault->what, strerror(fault->err));
	fflush(stdout);
	return 1;
}

static int write_with_helpers(void)
{
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	struct fault fault;
	struct ids ids;
	char text[512];
	pid_t pid;
	int result = 0;

	if (ids_choose(&spec, "live", NULL, NULL, &ids, &fault) < 0)
		return tell(&fault);
	if (!ids.use_helpers) {
		print_message("# no sub-ids or no newuidmap: the single id is tested\n");
		assert_true(ids.deny_setgroups);
	}
	pid = start_child();
	if (pid < 0 || ids_write(&ids, pid, &fault) < 0)
		result = tell(&fault);
	read_map(pid, "uid_map", text, sizeof(text));
	if (result == 0 && strlen(text) / 33 != ids.uid_map_count)
		result = 2;
	if (result == 0 && waitpid(-1, NULL, WNOHANG) != 0)
		result = 3; /* a helper was left unreaped */
	end_child(pid);
	return result;
}

static void a_user_writes_with_the_helpers(void **state)
{
	(void)state;
	need_root();
	as_user(write_with_helpers);
}

static int write_single(void)
{
	struct nidus_spec spec = { .userns = NIDUS_USERNS_KEEP, .has_user = true };
	struct fault fault;
	struct ids ids;
	char text[64];
	pid_t pid;
	int result = 0;

	if (ids_choose(&spec, "live", NULL, NULL, &ids, &fault) < 0)
		return tell(&fault);
	pid = start_child();
	if (pid < 0 || ids_write(&ids, pid, &fault) < 0)
		result = tell(&fault);
	read_map(pid, "setgroups", text, sizeof(text));
	if (strcmp(text, "deny\n") != 0)
		result = 2;
	end_child(pid);
	return result;
}

static void a_user_writes_its_one_id(void **state)
{
	(void)state;
	need_root();
	as_user(write_single);
}

static int write_foreign(void)
{
	struct nidus_id_range foreign = { 0, 1, 10 };
	struct nidus_spec spec = { .userns = NIDUS_USERNS_MAP,
				   .id_ranges = &foreign,
				   .id_range_count = 1 };
	struct fault fault;
	struct ids ids;
	pid_t pid;
	int result;

	if (ids_choose(&spec, "live", NULL, NULL, &ids, &fault) < 0)
		return fault.err == EPERM ? 0 : 1; /* no helpers here */
	pid = start_child();
	if (pid < 0)
		return 2;
	result = ids_write(&ids, pid, &fault) < 0 && strncmp(fault.what, "newuidmap: ", 11) == 0 &&
				 strlen(fault.what) > 20
			 ? 0
			 : 3;
	end_child(pid);
	return result;
}

static void the_helpers_words_are_in_the_fault(void **state)
{
	(void)state;
	need_root();
	as_user(write_foreign);
}

static int helper_without_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 1;
	return ids_helper_find("newuidmap") ? 2 : 0;
}

static void helpers_are_not_counted_on_without_new_privs(void **state)
{
	(void)state;
	need_root();
	as_user(helper_without_privileges);
}

/* Outside of 0, the workload's id: makes a file through the mount. */
static int make_file_at(int dir_fd, uint32_t uid, uint32_t gid)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(1);
		_exit(openat(dir_fd, "made", O_CREAT | O_WRONLY | O_EXCL, 0600) < 0 ? 2 : 0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void owned_clones_map_the_caller_onto_the_workload(void **state)
{
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	char dir[] = "/var/tmp/nidus-test-ids-XXXXXX", path[64];
	struct fault fault;
	struct stat st;
	struct ids ids;
	int owner_ns = -1, tree, again, fd, place, proc;

	(void)state;
	need_root();
	assert_ok(ids_choose(&spec, "live", NULL, NULL, &ids, &fault));
	assert_non_null(mkdtemp(dir));
	place = open(dir, O_PATH | O_CLOEXEC);
	proc = open("/proc", O_PATH | O_CLOEXEC);
	tree = ids_clone_owned(&ids, place, AT_RECURSIVE, &owner_ns, &fault);
	if (tree < 0 && (fault.err == EINVAL || fault.err == EPERM)) {
		rmdir(dir);
		print_message("# skipped: %s can't be id-mapped: %s\n", dir, strerror(fault.err));
		skip();
	}
	assert_true(tree >= 0 && owner_ns >= 0);
	assert_int_equal(fcntl(tree, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(tree, &st), 0);
	assert_int_equal(st.st_uid, ids_outside(ids.uid_map, ids.uid_map_count, ids.work_uid));
	assert_int_equal(make_file_at(tree, st.st_uid, st.st_gid), 0);
	snprintf(path, sizeof(path), "%s/made", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(chown(path, 4321, 4321), 0);
	assert_int_equal(fstatat(tree, "made", &st, 0), 0);
	assert_int_equal(st.st_uid, 65534); /* overflow id: not mapped */
	fd = owner_ns;
	again = ids_clone_owned(&ids, place, 0, &owner_ns, &fault);
	assert_true(again >= 0);
	assert_int_equal(owner_ns, fd);
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1); /* no holder is left */
	assert_int_equal(ids_clone_owned(&ids, -1, 0, &owner_ns, &fault), -1);
	assert_int_equal(fault.err, EBADF);
	assert_int_equal(ids_clone_owned(&ids, proc, 0, &owner_ns, &fault), -1);
	assert_int_equal(fault.err, EINVAL);
	close(place);
	close(proc);
	close(again);
	close(tree);
	close(owner_ns);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unreadable_maps_are_a_fault),
		cmocka_unit_test(root_writes_its_range),
		cmocka_unit_test(a_user_writes_with_the_helpers),
		cmocka_unit_test(a_user_writes_its_one_id),
		cmocka_unit_test(the_helpers_words_are_in_the_fault),
		cmocka_unit_test(helpers_are_not_counted_on_without_new_privs),
		cmocka_unit_test(owned_clones_map_the_caller_onto_the_workload),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
