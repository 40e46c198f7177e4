/* SPDX-License-Identifier: Apache-2.0 */
/* When the workload's process is forked, and who makes the network namespace. */
#include <errno.h>

#include "plan_fixture.h"

#include "../../init/sandbox/decode.c"

static uint64_t order_of(struct fixture *f)
{
	struct plan_view view;
	struct fault fault;

	fixture_make(f);
	assert_int_equal(decode_plan(f->plan.bytes, f->plan.size, &view, &fault), 0);
	return view.header->flags & (PLAN_FORK_FIRST | PLAN_MAKE_NET);
}

static void test_it_is_first_by_default_and_makes_the_network(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(order_of(f), PLAN_FORK_FIRST | PLAN_MAKE_NET);
	assert_true(plan_makes_net(&f->spec));
}

static void test_a_network_that_somebody_outside_reaches_is_made_with_init(void **state)
{
	struct fixture *f = *state;

	f->spec.net = NIDUS_NET_NAT;
	assert_int_equal(order_of(f), PLAN_FORK_FIRST);
	f->spec.net = NIDUS_NET_NONE;
	f->spec.events_fd = 5; /* the event names it */
	assert_int_equal(order_of(f), PLAN_FORK_FIRST);
	f->spec.events_fd = -1;
	f->spec.info_fd = 5;
	assert_int_equal(order_of(f), PLAN_FORK_FIRST);
	assert_false(plan_makes_net(&f->spec));
}

static void test_what_needs_the_new_root_first_comes_last(void **state)
{
	struct fixture *f = *state;
	struct nidus_landlock rule = { .kind = NIDUS_LANDLOCK_RO, .path = "/usr" };

	f->spec.tty = true;
	assert_int_equal(order_of(f), 0);
	f->spec.tty = false;
	f->spec.as_pid_1 = true;
	assert_int_equal(order_of(f), 0);
	f->spec.as_pid_1 = false;
	f->spec.hold_step = STEP_EXEC;
	assert_int_equal(order_of(f), 0);
	f->spec.hold_step = STEP_NONE;
	f->spec.net = NIDUS_NET_HOST; /* Landlock's scope of abstract sockets */
	assert_int_equal(order_of(f), 0);
	f->spec.net = NIDUS_NET_NONE;
	f->spec.seccomp = NIDUS_SECCOMP_FILE; /* which may refuse what comes after it */
	f->spec.seccomp_file = "/profile";
	assert_int_equal(order_of(f), 0);
	f->spec.seccomp = NIDUS_SECCOMP_NONE;
	assert_int_equal(order_of(f), PLAN_FORK_FIRST | PLAN_MAKE_NET);
	nidus_spec_add_landlock(&f->spec, &rule);
	assert_int_equal(order_of(f), 0);
}

/* The bytes of a plan with other flags. */
static void assert_refused(struct fixture *f, uint64_t flags, uint64_t mask, const char *what)
{
	struct plan_header *header;
	struct plan_view view;
	struct fault fault = { 0 };

	fixture_make(f);
	header = f->plan.bytes;
	header->flags = (header->flags & ~mask) | flags;
	assert_int_equal(decode_plan(f->plan.bytes, f->plan.size, &view, &fault), -1);
	assert_int_equal(fault.err, EINVAL);
	assert_string_equal(fault.what, what);
}

static void test_an_order_that_leaves_something_out_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, PLAN_TTY, 0, "fork first");
	assert_refused(f, PLAN_AS_PID_1, 0, "fork first");
	assert_refused(f, 0, PLAN_NO_NEW_PRIVS, "fork first");
	assert_refused(f, PLAN_MAKE_NET, PLAN_FORK_FIRST, "network namespace");
	f->spec.hold_step = STEP_EXEC;
	assert_refused(f, PLAN_FORK_FIRST, 0, "fork first");
	f->spec.hold_step = STEP_NONE;
	f->spec.net = NIDUS_NET_HOST;
	assert_refused(f, PLAN_FORK_FIRST, 0, "fork first");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_it_is_first_by_default_and_makes_the_network),
		TEST(test_a_network_that_somebody_outside_reaches_is_made_with_init),
		TEST(test_what_needs_the_new_root_first_comes_last),
		TEST(test_an_order_that_leaves_something_out_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
