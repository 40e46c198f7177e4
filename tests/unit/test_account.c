/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups from the files, by name and by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char passwd_path[64], group_path[64];

#define ACCOUNT_PASSWD passwd_path
#define ACCOUNT_GROUP group_path
#include "../../init/core/account.c"
#include "../../init/text.c"
#include "../../init/values.c"

static void write_file(char *path, const char *text)
{
	int fd;

	strcpy(path, "/tmp/nidus-account.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static int files(void **state)
{
	static char members[8192], group[9000];

	(void)state;
	for (size_t i = 0; i < sizeof(members) - 1; i++)
		members[i] = i % 8 == 7 ? ',' : 'x';
	snprintf(group, sizeof(group),
		 "root:x:0:\n"
		 "web:x:80:\n"
		 "# a comment\n"
		 "log:x:90:ann,joe\n"
		 "long:x:91:%s,joe\n"
		 "almost:x:92:joel,jo,ajoe\n"
		 "broken:x\n"
		 ":x:94:joe\n"
		 "last:x:93:joe", members);
	write_file(passwd_path, "root:x:0:0:root:/root:/bin/sh\n"
				"broken\n"
				":x:7:7::/:\n"
				"bad:x:12x:12::/:/bin/sh\n"
				"ann:x:1001:100:Ann:/home/ann:/bin/sh\n"
				"joe:x:1002:80::/home/joe:/bin/sh");
	write_file(group_path, group);
	return 0;
}

static int no_files(void **state)
{
	(void)state;
	unlink(passwd_path);
	unlink(group_path);
	return 0;
}

static void expect_ids(const char *text, uint32_t uid, uint32_t gid)
{
	struct account account;
	struct fault fault;

	if (account_find(text, &account, &fault) < 0)
		fail_msg("%s: %s", text, fault.what);
	assert_int_equal(account.uid, uid);
	assert_int_equal(account.gid, gid);
}

static void expect_refused(const char *text, const char *what)
{
	struct account account;
	struct fault fault;

	assert_int_equal(account_find(text, &account, &fault), -1);
	assert_int_equal(fault.step, STEP_USER);
	if (!strstr(fault.what, what))
		fail_msg("%s: '%s' does not name '%s'", text, fault.what, what);
}

static void test_by_name(void **state)
{
	(void)state;
	expect_ids("root", 0, 0);
	expect_ids("ann", 1001, 100);
	expect_ids("joe", 1002, 80);
}

static void test_by_number(void **state)
{
	(void)state;
	expect_ids("1001", 1001, 100);
	expect_ids("4711", 4711, 4711);
	expect_ids("4294967294", 4294967294u, 4294967294u);
}

static void test_with_group(void **state)
{
	(void)state;
	expect_ids("ann:web", 1001, 80);
	expect_ids("4711:web", 4711, 80);
	expect_ids("ann:4712", 1001, 4712);
	expect_ids("joe:last", 1002, 93);
}

static void test_supplementary_groups(void **state)
{
	static const uint32_t expected[] = {90, 91, 93};
	struct account account;
	struct fault fault;

	(void)state;
	assert_int_equal(account_find("joe", &account, &fault), 0);
	assert_int_equal(account.group_count, 3);
	assert_memory_equal(account.groups, expected, sizeof(expected));
	assert_int_equal(account_find("1002", &account, &fault), 0);
	assert_int_equal(account.group_count, 3);
	assert_int_equal(account_find("joe:web", &account, &fault), 0);
	assert_int_equal(account.group_count, 0);
	assert_int_equal(account_find("4711", &account, &fault), 0);
	assert_int_equal(account.group_count, 0);
}

static void test_too_many_groups_are_refused(void **state)
{
	char text[2048] = "", kept[sizeof(group_path)];

	(void)state;
	for (int i = 0; i <= ACCOUNT_GROUPS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "g%d:x:%d:ann\n", i, 200 + i);
	strcpy(kept, group_path);
	write_file(group_path, text);
	expect_refused("ann", "ann");
	unlink(group_path);
	strcpy(group_path, kept);
}

static void test_unknown_and_malformed(void **state)
{
	(void)state;
	expect_refused("nobody-here", "nobody-here");
	expect_refused("ann:nogroup-here", "nogroup-here");
	expect_refused("bad", "bad");
	expect_refused("broken", "broken");
	expect_refused("", "");
	expect_refused(":web", ":web");
	expect_refused("ann:", "ann:");
	expect_refused("4294967295", "4294967295");
	expect_refused("-1", "-1");
}

static void test_no_files_at_all(void **state)
{
	char kept[sizeof(passwd_path)];

	(void)state;
	strcpy(kept, passwd_path);
	strcpy(passwd_path, "/nonexistent/passwd");
	expect_ids("1000", 1000, 1000);
	expect_refused("root", "root");
	strcpy(passwd_path, kept);
}

/* None is a machine without; one that can't be read is not the same. */
static void test_a_file_that_cannot_be_read_is_named(void **state)
{
	char kept[sizeof(group_path)];
	struct account account;
	struct fault fault;

	(void)state;
	strcpy(kept, group_path);
	strcpy(group_path, "/nonexistent/group");
	expect_ids("ann", 1001, 100);
	strcpy(group_path, "/tmp");
	assert_int_equal(account_find("ann", &account, &fault), -1);
	assert_int_equal(fault.err, EISDIR);
	strcpy(group_path, kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_by_number),
		cmocka_unit_test(test_with_group),
		cmocka_unit_test(test_supplementary_groups),
		cmocka_unit_test(test_too_many_groups_are_refused),
		cmocka_unit_test(test_unknown_and_malformed),
		cmocka_unit_test(test_no_files_at_all),
		cmocka_unit_test(test_a_file_that_cannot_be_read_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, files, no_files);
}
