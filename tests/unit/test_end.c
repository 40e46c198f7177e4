/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a job, by a clock of ours: what is due when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../init/core/end.c"

static uint64_t now;
static int sent[8];
static unsigned count;

uint64_t clock_now_us(void)
{
	return now;
}

void tree_signal(const struct tree *tree, int signal)
{
	(void)tree;
	sent[count++] = signal;
}

static struct end end;

static int set_up(void **state)
{
	(void)state;
	now = 1000;
	count = 0;
	end_reset(&end);
	return 0;
}

static int pass(uint64_t us)
{
	now += us;
	return end_pass_time(&end, now);
}

static void test_nothing_is_due_before_it_begins(void **state)
{
	(void)state;
	assert_int_equal(pass(CLOCK_NEVER / 2), 0);
	assert_true(end_next(&end) == CLOCK_NEVER);
}

static void test_term_the_grace_kill_again_gone(void **state)
{
	(void)state;
	assert_int_equal(end_begin(&end, 500000), SIGTERM);
	assert_true(end_next(&end) == now + 500000);
	assert_int_equal(pass(499999), 0);
	assert_int_equal(pass(1), SIGKILL);
	assert_int_equal(end.stage, STAGE_KILL);
	assert_true(end_next(&end) == now + KILL_AGAIN_US);
	assert_int_equal(pass(KILL_AGAIN_US - 1), 0);
	for (unsigned i = 1; i < KILL_WAIT_US / KILL_AGAIN_US; i++)
		assert_int_equal(pass(i == 1 ? 1 : KILL_AGAIN_US), SIGKILL);
	assert_int_equal(pass(KILL_AGAIN_US), 0);
	assert_int_equal(end.stage, STAGE_GONE);
	assert_true(end_next(&end) == CLOCK_NEVER);
	assert_int_equal(pass(KILL_WAIT_US), 0);
}

static void test_without_grace_kill_at_once(void **state)
{
	(void)state;
	assert_int_equal(end_begin(&end, 0), SIGKILL);
	assert_int_equal(end.stage, STAGE_KILL);
}

static void test_a_grace_without_end(void **state)
{
	(void)state;
	assert_int_equal(end_begin(&end, CLOCK_NEVER), SIGTERM);
	assert_true(end_next(&end) == CLOCK_NEVER);
	assert_int_equal(pass(CLOCK_NEVER / 2), 0);
	assert_int_equal(end_begin(&end, 1000), SIGTERM);
	assert_int_equal(pass(1000), SIGKILL);
}

static void test_a_delay_before_it_begins(void **state)
{
	(void)state;
	end_delay(&end, 2000);
	assert_int_equal(pass(1999), 0);
	assert_int_equal(pass(1), SIGTERM);
	assert_int_equal(end_begin(&end, 3000), SIGTERM);
	assert_int_equal(pass(3000), SIGKILL);
}

/* Each further KILL does not put the end of the waiting off. */
static void test_a_second_kill_waits_no_longer(void **state)
{
	(void)state;
	assert_int_equal(end_kill(&end), SIGKILL);
	pass(KILL_WAIT_US - 1);
	assert_int_equal(end_kill(&end), SIGKILL);
	pass(1);
	assert_int_equal(end.stage, STAGE_GONE);
}

static void test_who_is_stopped_gets_its_term(void **state)
{
	const struct tree tree = {.proc_fd = -1};

	(void)state;
	end_signal(&tree, 0);
	assert_int_equal(count, 0);
	end_signal(&tree, SIGTERM);
	assert_int_equal(count, 2);
	assert_int_equal(sent[0], SIGTERM);
	assert_int_equal(sent[1], SIGCONT);
	end_signal(&tree, SIGKILL);
	assert_int_equal(count, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_is_due_before_it_begins, set_up),
		cmocka_unit_test_setup(test_term_the_grace_kill_again_gone, set_up),
		cmocka_unit_test_setup(test_without_grace_kill_at_once, set_up),
		cmocka_unit_test_setup(test_a_grace_without_end, set_up),
		cmocka_unit_test_setup(test_a_delay_before_it_begins, set_up),
		cmocka_unit_test_setup(test_a_second_kill_waits_no_longer, set_up),
		cmocka_unit_test_setup(test_who_is_stopped_gets_its_term, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
