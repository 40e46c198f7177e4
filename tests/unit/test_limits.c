/* SPDX-License-Identifier: Apache-2.0 */
/* Limits by a clock and measures of ours: what is found, when the next look is due, what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../init/core/limits.c"

static uint64_t now, cost; /* of a look */
static uint64_t cpu, memory, enough;
static bool coarse;
static int result;

uint64_t clock_now_us(void)
{
	return now;
}

unsigned clock_cpus(void)
{
	return 2;
}

int usage_cpu(const struct usage *of, uint64_t *used_us)
{
	(void)of;
	now += cost;
	*used_us = cpu;
	return result;
}

int usage_memory_begin(const struct usage *of)
{
	(void)of;
	return result;
}

int usage_memory(const struct usage *of, uint64_t limit, struct tree_memory *used)
{
	(void)of;
	now += cost;
	enough = limit;
	used->bytes = memory;
	used->coarse = coarse;
	return result;
}

static const struct usage usage;
static struct limits limits;
static struct limit_found found;

static int set_up(void **state)
{
	(void)state;
	memset(&limits, 0, sizeof(limits));
	now = 1000000;
	cost = cpu = memory = 0;
	coarse = false;
	result = 0;
	return 0;
}

static void begin(void)
{
	struct fault fault;

	assert_int_equal(limits_prepare(&limits, &usage, &fault), 0);
	limits_start(&limits, now);
}

static enum limits_found look(void)
{
	return limits_look(&limits, &usage, &found);
}

static void test_what_is_not_asked_for_is_not_looked_at(void **state)
{
	(void)state;
	begin();
	assert_true(limits_next(&limits) == CLOCK_NEVER);
	assert_int_equal(look(), LIMITS_KEPT);
}

static void test_wall(void **state)
{
	(void)state;
	limits.wall_us = 500;
	begin();
	now += 499;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_true(limits_next(&limits) == now + 1);
	now += 2;
	assert_int_equal(look(), LIMITS_HIT);
	assert_int_equal(found.kind, LIMIT_WALL);
	assert_int_equal(found.used, 501);
	assert_int_equal(found.limit, 500);
}

static void test_cpu_counts_from_the_start_on(void **state)
{
	(void)state;
	limits.cpu_us = 4000000;
	cpu = 3000000;
	begin();
	assert_int_equal(look(), LIMITS_KEPT);
	assert_true(limits_next(&limits) == now + CPU_LOOK_MAX_US); /* two seconds by two cpus */
	cpu = 3000000 + 3000000;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_KEPT);
	assert_true(limits_next(&limits) == now + 500000);
	cpu = 3000000 + 3999999;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_KEPT);
	assert_true(limits_next(&limits) == now + CPU_LOOK_MIN_US);
	cpu++;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_HIT);
	assert_int_equal(found.kind, LIMIT_CPU);
	assert_int_equal(found.used, 4000000);
}

static void test_memory_warns_before_it_sees_the_limit(void **state)
{
	(void)state;
	limits.memory_bytes = 1000;
	limits.memory_warning = 900;
	begin();
	memory = 900;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(enough, 900);
	memory = 901;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_NEAR);
	limits.memory_warning = 0;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(enough, 1000);
	memory = 1001;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_HIT);
	assert_int_equal(found.kind, LIMIT_MEMORY);
	assert_int_equal(limits.memory_peak, 1001);
}

/* A twentieth of the time, of memory and cpu alike, and a pause of a second at most. */
static void cost_of(const uint64_t *at)
{
	const uint64_t costs[] = {1000, 20000, 40000, 50000, 3000000};
	const uint64_t pauses[] = {100000, 400000, 800000, 1000000, 1000000};

	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		cost = costs[i];
		now = *at;
		assert_int_equal(look(), LIMITS_KEPT);
		assert_int_equal(*at - now, pauses[i]);
	}
}

static void test_a_costly_look_at_memory_is_put_off(void **state)
{
	(void)state;
	limits.memory_bytes = 1000;
	begin();
	cost_of(&limits.memory_at_us);
}

static void test_a_costly_look_at_cpu_is_put_off(void **state)
{
	(void)state;
	limits.cpu_us = 200000; /* by two cpus in 100 ms */
	begin();
	cost_of(&limits.cpu_at_us);
}

static void test_an_interval_of_its_own_may_be_longer(void **state)
{
	(void)state;
	limits.memory_bytes = 1000;
	limits.memory_interval_us = 7000000;
	begin();
	cost = 3000000;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(limits.memory_at_us - now, 7000000);
}

/* 1 MB a tick of 100 ms against a limit of 100 MB: the interval while that is far away. */
static void test_growth_brings_the_next_look_forward(void **state)
{
	(void)state;
	limits.memory_bytes = 100000000;
	begin();
	memory = 10000000;
	assert_int_equal(look(), LIMITS_KEPT);
	now = limits_next(&limits);
	memory = 11000000;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(limits_next(&limits) - now, MEMORY_LOOK_US);
	now = limits_next(&limits);
	memory = 80000000; /* 690 bytes a microsecond: 29 ms left */
	assert_int_equal(look(), LIMITS_KEPT);
	assert_in_range(limits_next(&limits) - now, 28000, 30000);
	now = limits_next(&limits);
	memory = 99999999;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(limits_next(&limits) - now, MEMORY_LOOK_MIN_US);
	now = limits_next(&limits); /* it shrinks */
	memory = 1000;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(limits_next(&limits) - now, MEMORY_LOOK_US);
}

static void test_an_interval_below_the_least_is_kept(void **state)
{
	(void)state;
	limits.memory_bytes = 1000000;
	limits.memory_interval_us = 5000;
	begin();
	assert_int_equal(look(), LIMITS_KEPT);
	now = limits_next(&limits);
	memory = 900000;
	assert_int_equal(look(), LIMITS_KEPT);
	assert_int_equal(limits_next(&limits) - now, 5000);
}

static void test_a_rough_figure_is_remembered(void **state)
{
	(void)state;
	limits.memory_bytes = 1000;
	begin();
	coarse = true;
	assert_int_equal(look(), LIMITS_KEPT);
	coarse = false;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_KEPT);
	assert_true(limits.memory_coarse);
}

static void test_what_cannot_be_measured_is_lost_and_the_others_are_kept(void **state)
{
	(void)state;
	limits.memory_bytes = 1000;
	limits.cpu_us = 1000;
	limits.wall_us = 1000;
	begin();
	result = -1;
	assert_int_equal(look(), LIMITS_LOST);
	assert_int_equal(found.kind, LIMIT_MEMORY);
	assert_int_equal(look(), LIMITS_LOST);
	assert_int_equal(found.kind, LIMIT_CPU);
	assert_int_equal(look(), LIMITS_KEPT);
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_HIT);
	assert_int_equal(found.kind, LIMIT_WALL);
}

static void test_in_the_grace_only_memory_is_kept(void **state)
{
	(void)state;
	limits.memory_bytes = limits.cpu_us = limits.wall_us = 1000;
	begin();
	limits_keep_memory(&limits);
	now += 5000;
	cpu = 5000;
	assert_int_equal(look(), LIMITS_KEPT);
	memory = 5000;
	now = limits_next(&limits);
	assert_int_equal(look(), LIMITS_HIT);
	assert_int_equal(found.kind, LIMIT_MEMORY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_not_asked_for_is_not_looked_at, set_up),
		cmocka_unit_test_setup(test_wall, set_up),
		cmocka_unit_test_setup(test_cpu_counts_from_the_start_on, set_up),
		cmocka_unit_test_setup(test_memory_warns_before_it_sees_the_limit, set_up),
		cmocka_unit_test_setup(test_a_costly_look_at_memory_is_put_off, set_up),
		cmocka_unit_test_setup(test_a_costly_look_at_cpu_is_put_off, set_up),
		cmocka_unit_test_setup(test_an_interval_of_its_own_may_be_longer, set_up),
		cmocka_unit_test_setup(test_growth_brings_the_next_look_forward, set_up),
		cmocka_unit_test_setup(test_an_interval_below_the_least_is_kept, set_up),
		cmocka_unit_test_setup(test_a_rough_figure_is_remembered, set_up),
		cmocka_unit_test_setup(test_what_cannot_be_measured_is_lost_and_the_others_are_kept,
				       set_up),
		cmocka_unit_test_setup(test_in_the_grace_only_memory_is_kept, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
