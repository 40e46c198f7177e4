/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids a sandbox gets: root, users with and without sub-ids, containers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "../../init/contract.h"
#include "../../spawn/ids/source.h"

#define FULL_MAP "         0          0 4294967295\n"
#define NONE UINT32_MAX

static struct ids ids;
static struct fault fault;

static struct ids_source root_source(const char *map)
{
	return (struct ids_source){ .privileged = true,
				    .uid_map = (char *)map,
				    .gid_map = (char *)map };
}

static struct ids_source user_source(const char *subuid, const char *subgid)
{
	return (struct ids_source){ .uid = 1000,
				    .gid = 1001,
				    .has_helpers = true,
				    .passwd = (char *)"root:x:0:0::/:/x\nann:x:1000:1001::/:/x\n",
				    .subuid = (char *)subuid,
				    .subgid = (char *)subgid };
}

static int choose(const struct ids_source *source, const struct nidus_spec *spec)
{
	return ids_choose_from(source, spec, "i3f9a", &ids, &fault);
}

static uint32_t uid_out(uint32_t inside)
{
	return ids_outside(ids.uid_map, ids.uid_map_count, inside);
}

static uint32_t gid_out(uint32_t inside)
{
	return ids_outside(ids.gid_map, ids.gid_map_count, inside);
}

static void root_gets_a_range_of_its_own(void **state)
{
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	uint32_t base;

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	base = uid_out(0);
	assert_in_range(base, 524288, 1879048191 - 65535);
	assert_int_equal((base - 524288) % 65536, 0);
	assert_int_equal(uid_out(65535), base + 65535);
	assert_int_equal(uid_out(65536), NONE);
	assert_int_equal(gid_out(0), base);
	assert_true(ids.new_userns && ids.shifted && !ids.use_helpers && !ids.deny_setgroups);
	assert_int_equal(ids.init_uid, 0);
	assert_int_equal(ids.work_uid, 65534);
	assert_int_equal(ids.work_gid, 65534);
}

static void the_range_depends_on_the_instance(void **state)
{
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	uint32_t seen[64];
	int same = 0;
	char id[16];

	(void)state;
	for (int i = 0; i < 64; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		assert_int_equal(ids_choose_from(&source, &spec, id, &ids, &fault), 0);
		seen[i] = uid_out(0);
		assert_in_range(seen[i], 524288, 1879048191 - 65535);
		for (int j = 0; j < i; j++)
			same += seen[i] == seen[j];
	}
	assert_in_range(same, 0, 2); /* 64 of 28664 */
	assert_int_equal(ids_choose_from(&source, &spec, "id63", &ids, &fault), 0);
	assert_int_equal(uid_out(0), seen[63]);
}

static int is_among(uint32_t first, void *arg)
{
	const uint32_t *leased = arg;

	for (; *leased; leased++)
		if (*leased == first)
			return 1;
	return 0;
}

static void a_leased_range_is_passed_by(void **state)
{
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	uint32_t leased[4] = { 0 };

	(void)state;
	source.is_leased = is_among;
	source.arg = leased;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(choose(&source, &spec), 0);
		assert_int_equal(ids.own_uids, uid_out(0));
		assert_int_equal(ids.own_gids, 0); /* the same */
		assert_int_equal(gid_out(0), uid_out(0));
		assert_false(is_among(uid_out(0), leased));
		leased[i] = uid_out(0);
	}
}

static void what_is_given_to_users_is_passed_by(void **state)
{
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };
	uint32_t base = 524288 + 65536 * 100;
	char users[128], groups[128];

	(void)state;
	/* all but one range, and one id of the next to it; groups: another */
	snprintf(users, sizeof(users), "ann:1:%u\nodd line\nbob:%u:%u\n", base - 1, base + 65536,
		 1879048192u - base - 65536);
	snprintf(groups, sizeof(groups), "ann:1:%u\n1000:%u:%u\n", base + 65536 - 1,
		 base + 2 * 65536, 1879048192u - base - 2 * 65536);
	source.subuid = users;
	source.subgid = groups;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(0), base);
	assert_int_equal(ids.own_uids, base);
	assert_int_equal(gid_out(0), base + 65536);
	assert_int_equal(ids.own_gids, base + 65536);
	source.subgid = (char *)"ann:1:4294967293\n";
	assert_int_equal(choose(&source, &spec), -1);
	assert_int_equal(fault.err, ENOSPC);
	assert_non_null(strstr(fault.why, "/etc/subgid"));
}

static void root_with_user_option(void **state)
{
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = {
		.userns = NIDUS_USERNS_AUTO, .has_user = true, .uid = 7, .gid = 8
	};

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.work_uid, 7);
	assert_int_equal(ids.work_gid, 8);
	spec.uid = 70000;
	assert_int_equal(choose(&source, &spec), -1);
	assert_int_equal(fault.step, STEP_ID_MAP);
	assert_int_equal(fault.option, NIDUS_OPTION_USER);
	assert_string_equal(fault.what, "user 70000:8");
}

static void root_in_a_container_stays_inside_of_its_ids(void **state)
{
	struct ids_source source = root_source("0 100000 65536\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(0), 1);
	assert_int_equal(uid_out(65534), 65535);
	assert_int_equal(uid_out(65535), NONE);
	assert_int_equal(ids.work_uid, 65534);
}

static void root_in_a_small_container_takes_its_last_id(void **state)
{
	struct ids_source source = root_source("0 1000 1\n1 100000 999\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(0), 1);
	assert_int_equal(ids.work_uid, 998);
	assert_int_equal(uid_out(998), 999);
}

static void root_with_more_room_keeps_to_whole_ranges(void **state)
{
	struct ids_source source = root_source("0 5 100\n1000000 7000000 200000\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_in_range(uid_out(0), 1000000, 1000000 + 2 * 65536);
	assert_int_equal((uid_out(0) - 1000000) % 65536, 0);
}

static void root_of_one_id_maps_that(void **state)
{
	struct ids_source source = root_source("0 1000 1\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	source.setgroups_denied = true;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.uid_map_count, 1);
	assert_int_equal(ids.uid_map[0].count, 1);
	assert_int_equal(uid_out(0), 0);
	assert_int_equal(ids.work_uid, 0);
	assert_true(ids.deny_setgroups);
	assert_false(ids.shifted);
}

static void user_with_subids_is_itself_among_them(void **state)
{
	struct ids_source source = user_source("x:1:2\nann:100000:65536\n", "ann:200000:65536\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_true(ids.use_helpers && !ids.deny_setgroups && !ids.shifted);
	assert_int_equal(uid_out(0), 100000);
	assert_int_equal(uid_out(999), 100999);
	assert_int_equal(uid_out(1000), 1000);
	assert_int_equal(uid_out(1001), 101000);
	assert_int_equal(uid_out(65535), 165534);
	assert_int_equal(uid_out(65536), NONE);
	assert_int_equal(gid_out(1000), 201000);
	assert_int_equal(gid_out(1001), 1001);
	assert_int_equal(ids.init_uid, 0);
	assert_int_equal(ids.work_uid, 1000);
	assert_int_equal(ids.work_gid, 1001);
}

static void user_with_subids_as_another(void **state)
{
	struct ids_source source = user_source("1000:100000:65536\n", "1000:200000:65536\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO, .has_user = true };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0); /* 0:0 */
	assert_int_equal(uid_out(0), 1000);
	assert_int_equal(uid_out(1), 100000);
	assert_int_equal(gid_out(0), 1001);
	assert_int_equal(ids.work_uid, 0);
	assert_false(ids.shifted);
	spec.uid = 100000;
	spec.gid = 65535;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(100000), 1000);
	assert_int_equal(uid_out(65535), 165535);
	assert_int_equal(gid_out(65535), 1001);
	assert_int_equal(gid_out(65534), 265534);
	assert_int_equal(ids.init_uid, 0);
}

static void few_subids_reach_as_far_as_they_do(void **state)
{
	struct ids_source source = user_source("ann:5000:10\nann:7000:2000\n", "ann:5000:10\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(9), 5009);
	assert_int_equal(uid_out(10), 7000);
	assert_int_equal(uid_out(999), 7989);
	assert_int_equal(uid_out(1000), 1000);
	assert_int_equal(uid_out(1001), 7990);
	assert_int_equal(uid_out(2010), 8999);
	assert_int_equal(uid_out(2011), NONE);
	assert_int_equal(gid_out(10), NONE);
	assert_int_equal(gid_out(1001), 1001);
}

static void many_subid_lines_never_push_out_the_own_id(void **state)
{
	char text[1024] = "";
	struct ids_source source = user_source(text, text);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	for (int i = 0; i < 20; i++)
		sprintf(text + strlen(text), "ann:%d:50\n", 10000 + 100 * i);
	assert_int_equal(choose(&source, &spec), 0);
	assert_in_range(ids.uid_map_count, 2, NIDUS_ID_RANGES_MAX);
	assert_int_equal(uid_out(1000), 1000);
}

static void subids_that_clash_are_left_out(void **state)
{
	struct ids_source source =
		user_source("ann:900:200\nann:5000:10\nann:5005:10\n", "ann:5000:10\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(0), 5000);
	assert_int_equal(uid_out(10), NONE);
}

static void assert_single(uint32_t inside_uid, uint32_t inside_gid)
{
	assert_int_equal(ids.uid_map_count, 1);
	assert_int_equal(ids.gid_map_count, 1);
	assert_int_equal(ids.uid_map[0].count, 1);
	assert_int_equal(uid_out(inside_uid), 1000);
	assert_int_equal(gid_out(inside_gid), 1001);
	assert_int_equal(ids.init_uid, inside_uid);
	assert_int_equal(ids.work_uid, inside_uid);
	assert_int_equal(ids.work_gid, inside_gid);
	assert_true(ids.deny_setgroups && !ids.use_helpers && !ids.shifted);
}

static void user_without_subids_maps_itself(void **state)
{
	struct ids_source source = user_source("bob:1:1000\n", "ann:5000:10\n");
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_single(1000, 1001);
	source = user_source("ann:100000:65536\n", "ann:100000:65536\n");
	source.has_helpers = false;
	assert_int_equal(choose(&source, &spec), 0);
	assert_single(1000, 1001);
	source = user_source(NULL, NULL);
	assert_int_equal(choose(&source, &spec), 0);
	assert_single(1000, 1001);
}

static void user_without_subids_as_another(void **state)
{
	struct ids_source source = user_source(NULL, NULL);
	struct nidus_spec spec = {
		.userns = NIDUS_USERNS_KEEP, .has_user = true, .uid = 5, .gid = 6
	};

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_single(5, 6);
}

static void host_has_no_namespace(void **state)
{
	struct ids_source source = user_source(NULL, NULL);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_HOST };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_true(!ids.new_userns && !ids.shifted && ids.deny_setgroups);
	assert_int_equal(ids.init_uid, 1000);
	assert_int_equal(ids.work_gid, 1001);
	assert_int_equal(uid_out(1000), 1000);
	spec.has_user = true;
	assert_int_equal(choose(&source, &spec), -1);
	assert_int_equal(fault.err, EPERM);
	source = root_source(NULL);
	spec.uid = 1234;
	spec.gid = 1234;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.init_uid, 0);
	assert_int_equal(ids.work_uid, 1234);
	assert_true(ids.shifted);
}

static void a_given_map_is_taken_as_it_is(void **state)
{
	struct nidus_id_range given[] = { { 0, 300000, 1000 }, { 5000, 400000, 1 } };
	struct nidus_spec spec = { .userns = NIDUS_USERNS_MAP,
				   .id_ranges = given,
				   .id_range_count = 2 };
	struct ids_source source = root_source(NULL);

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(uid_out(5000), 400000);
	assert_int_equal(ids.init_uid, 0);
	assert_int_equal(ids.work_uid, 999);
	assert_false(ids.use_helpers);
	given[1].outside = 300999;
	assert_int_equal(choose(&source, &spec), -1);
	spec.id_range_count = 0;
	assert_int_equal(choose(&source, &spec), -1);
}

static void pid_1_has_an_id_of_its_own_where_there_are_two(void **state)
{
	struct nidus_id_range two[] = { { 7, 300000, 2 } }, apart[] = { { 0, 1000, 1 },
									{ 9, 100000, 1 } };
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_AUTO };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.watch_uid, 0);
	assert_int_equal(ids.watch_gid, 0);
	spec.has_user = true; /* 0:0 */
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.init_uid, 0);
	assert_int_equal(ids.watch_uid, 65534);
	assert_int_equal(ids.watch_gid, 65534);
	spec.userns = NIDUS_USERNS_MAP;
	spec.id_ranges = two;
	spec.id_range_count = 1;
	spec.uid = spec.gid = 7;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.watch_uid, 8);
	spec.uid = 8;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.watch_uid, 7);
	assert_int_equal(ids.watch_gid, 8);
	spec.id_ranges = apart;
	spec.id_range_count = 2;
	spec.uid = spec.gid = 0;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.watch_uid, 9);
}

static void pid_1_shares_the_only_id(void **state)
{
	struct ids_source source = root_source(FULL_MAP);
	struct nidus_spec spec = { .userns = NIDUS_USERNS_KEEP };

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.watch_uid, ids.work_uid);
	spec.userns = NIDUS_USERNS_HOST; /* another one would be somebody's */
	assert_int_equal(choose(&source, &spec), 0);
	assert_int_equal(ids.watch_uid, 0);
}

static void a_given_map_of_a_user_needs_the_helpers(void **state)
{
	struct nidus_id_range given[] = { { 0, 100000, 10 } };
	struct nidus_spec spec = { .userns = NIDUS_USERNS_MAP,
				   .id_ranges = given,
				   .id_range_count = 1 };
	struct ids_source source = user_source(NULL, NULL);

	(void)state;
	assert_int_equal(choose(&source, &spec), 0);
	assert_true(ids.use_helpers);
	source.has_helpers = false;
	assert_int_equal(choose(&source, &spec), -1);
	source.gid = 1000;
	given[0] = (struct nidus_id_range){ 0, 1000, 1 };
	assert_int_equal(choose(&source, &spec), 0);
	assert_true(!ids.use_helpers && ids.deny_setgroups);
	assert_int_equal(ids.work_uid, 0);
}

static void subid_lines_that_are_odd_are_left_out(void **state)
{
	struct nidus_id_range ranges[4];

	(void)state;
	assert_int_equal(subid_parse("# ann:1:2\n\nann\nann:1\nann:1:2:3\nann:x:2\nann:1:-2\n"
				     "ann:1:0\nann:4294967295:1\nann:4294967290:100\n"
				     "ann:99999999999:1\nanna:1:2\nan:1:2\n:1:2\nann: 1:2\n"
				     "ann:7:8",
				     "ann", 1000, ranges, 4),
			 1);
	assert_int_equal(ranges[0].outside, 7);
	assert_int_equal(ranges[0].count, 8);
	assert_int_equal(subid_parse("1000:1:2\n01000:3:4\nann:5:6\n", NULL, 1000, ranges, 4), 2);
	assert_int_equal(subid_parse("a:1:1\na:2:1\na:3:1\na:4:1\na:5:1\n", "a", 1, ranges, 4), 4);
}

static void user_names_come_from_passwd(void **state)
{
	char name[8];

	(void)state;
	assert_true(subid_user_name("\nodd\n:x:5:5:\nann:x:5:5:::\nbob:x:5:5:::\n", 5, name,
				    sizeof(name)));
	assert_string_equal(name, "ann");
	assert_false(subid_user_name("ann:x:5:5:::\n", 6, name, sizeof(name)));
	assert_false(subid_user_name("far-too-long:x:5:5:::\n", 5, name, sizeof(name)));
	assert_false(subid_user_name("", 5, name, sizeof(name)));
}

static void homes_come_from_passwd(void **state)
{
	char home[12];

	(void)state;
	assert_true(subid_user_home("ann:x:6:6::/a:\nbob:x:5:5:B,1:/home/bob:/bin/sh\n", 5, home,
				    sizeof(home)));
	assert_string_equal(home, "/home/bob");
	assert_false(subid_user_home("bob:x:5:5::/home/longer:/bin/sh\n", 5, home, sizeof(home)));
	assert_false(subid_user_home("bob:x:5:5:\n", 5, home, sizeof(home)));
	assert_false(subid_user_home("bob:x:5:5:::\n", 5, home, sizeof(home)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_gets_a_range_of_its_own),
		cmocka_unit_test(the_range_depends_on_the_instance),
		cmocka_unit_test(a_leased_range_is_passed_by),
		cmocka_unit_test(what_is_given_to_users_is_passed_by),
		cmocka_unit_test(root_with_user_option),
		cmocka_unit_test(root_in_a_container_stays_inside_of_its_ids),
		cmocka_unit_test(root_in_a_small_container_takes_its_last_id),
		cmocka_unit_test(root_with_more_room_keeps_to_whole_ranges),
		cmocka_unit_test(root_of_one_id_maps_that),
		cmocka_unit_test(user_with_subids_is_itself_among_them),
		cmocka_unit_test(user_with_subids_as_another),
		cmocka_unit_test(few_subids_reach_as_far_as_they_do),
		cmocka_unit_test(many_subid_lines_never_push_out_the_own_id),
		cmocka_unit_test(subids_that_clash_are_left_out),
		cmocka_unit_test(user_without_subids_maps_itself),
		cmocka_unit_test(user_without_subids_as_another),
		cmocka_unit_test(host_has_no_namespace),
		cmocka_unit_test(a_given_map_is_taken_as_it_is),
		cmocka_unit_test(pid_1_has_an_id_of_its_own_where_there_are_two),
		cmocka_unit_test(pid_1_shares_the_only_id),
		cmocka_unit_test(a_given_map_of_a_user_needs_the_helpers),
		cmocka_unit_test(subid_lines_that_are_odd_are_left_out),
		cmocka_unit_test(user_names_come_from_passwd),
		cmocka_unit_test(homes_come_from_passwd),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
