/* SPDX-License-Identifier: Apache-2.0 */
/* Plans in words; and bytes that are no plan, which must not hurt. */
#include "plan_fixture.h"

#include <errno.h>
#include <stdio.h>

#include "../../spawn/explain/explain.h"

/* The explanation as text; freed by the caller. */
static char *explained(const struct plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	explain_plan(plan, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void says(struct fixture *f, const char *line)
{
	char *text;

	fixture_make(f);
	text = explained(&f->plan);
	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
	free(text);
}

static void test_default_view(void **state)
{
	says(*state, "\nfile          bind       / from /, read-only, nosuid, nodev, recursive\n");
	says(*state,
	     "\nfile          private    /tmp, mode 1777, owner 65534:65533, nosuid, nodev\n");
	says(*state, "\nfile          mask       /proc/kcore, if it exists\n");
	says(*state, "\nfile          symlink    /dev/fd -> /proc/self/fd\n");
}

static void test_identity(void **state)
{
	says(*state, "\nusers         its own namespace\n");
	says(*state, "\nworkload      user 65534:65533, oom_score_adj 500, new session keyring, "
		     "no_new_privs\n");
	says(*state, "\ncapabilities  none\n");
}

static void test_limits(void **state)
{
	fixture_fill(*state);
	says(*state, "\ntime          1500ms\n");
	says(*state, "\ncpu time      2s, summed from /proc\n");
	says(*state, "\nmemory        64M, watched by init every 100ms\n");
	says(*state, "\ngrace         2s\n");
	says(*state, "\nrlimit        nofile 10:20\n");
}

static void test_command(void **state)
{
	fixture_fill(*state);
	says(*state, "\ncommand       prog -x \"\"\n");
	says(*state, "\nexec          /usr/bin/prog\nor            /bin/prog\n");
	says(*state, "\npassed fds    5 9\n");
	says(*state, "\nheld fds      20 21\n");
	says(*state, "\ndirectory     /home/me, else /\n");
}

static void test_values_of_variables_are_not_shown(void **state)
{
	struct fixture *f = *state;
	char *text;

	fixture_fill(f);
	says(f, "TOKEN (6 bytes)\n");
	text = explained(&f->plan);
	assert_null(strstr(text, "s3cret"));
	free(text);
}

static void test_control_bytes_are_escaped(void **state)
{
	struct fixture *f = *state;
	char *argv[] = { (char *)"prog", (char *)"a\x1b[2J \"b\"" };

	nidus_spec_set_argv(&f->spec, argv, 2);
	says(f, "prog \"a\\x1b[2J \\\"b\\\"\"\n");
}

static void test_shared_mount_namespace(void **state)
{
	struct fixture *f = *state;

	f->spec.share = 1u << NIDUS_NS_MNT;
	says(f, "\nroot          left as it is");
}

static void test_hold(void **state)
{
	struct fixture *f = *state;

	f->spec.hold_step = STEP_EXEC;
	says(f, "\nhold          exec\n");
}

static void test_not_a_plan(void **state)
{
	char bytes[sizeof(struct plan_header)] = { 0 };
	struct plan plan = { bytes, sizeof(bytes) };
	char *text = explained(&plan);

	(void)state;
	assert_string_equal(text, "not a plan of this version\n");
	free(text);
}

static void test_every_truncation_is_survived(void **state)
{
	struct fixture *f = *state;
	FILE *out = fopen("/dev/null", "w");

	assert_non_null(out);
	fixture_fill(f);
	fixture_make(f);
	for (size_t size = 0; size < f->plan.size; size++) {
		/* An allocation of just that size: a read past it is seen. */
		struct plan part = { malloc(size ? size : 1), size };

		assert_non_null(part.bytes);
		memcpy(part.bytes, f->plan.bytes, size);
		/* Past the check of the size, to see the bounds of all that follows. */
		if (size >= sizeof(struct plan_header))
			((struct plan_header *)part.bytes)->size = (uint32_t)size;
		explain_plan(&part, out);
		plan_free(&part);
	}
	fclose(out);
}

static void test_every_flipped_byte_is_survived(void **state)
{
	struct fixture *f = *state;
	FILE *out = fopen("/dev/null", "w");
	unsigned char *bytes;

	assert_non_null(out);
	fixture_fill(f);
	fixture_make(f);
	bytes = f->plan.bytes;
	for (size_t i = 0; i < f->plan.size; i++) {
		unsigned char kept = bytes[i];

		bytes[i] ^= 0xff;
		explain_plan(&f->plan, out);
		bytes[i] = (unsigned char)(kept ^ 0x01);
		explain_plan(&f->plan, out);
		bytes[i] = kept;
	}
	fclose(out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_default_view),
		TEST(test_identity),
		TEST(test_limits),
		TEST(test_command),
		TEST(test_values_of_variables_are_not_shown),
		TEST(test_control_bytes_are_escaped),
		TEST(test_shared_mount_namespace),
		TEST(test_hold),
		TEST(test_not_a_plan),
		TEST(test_every_truncation_is_survived),
		TEST(test_every_flipped_byte_is_survived),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
