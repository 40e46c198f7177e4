/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk [--scenario NAME] [--process NAME] [--call N] [--at CALL] [--inject WHAT] [--sample N]
 *      [--seed N]
 *
 * Hits every system call of nidus and nidus-init: at the Nth call of a process it kills that
 * process (KILL before the call, KILL-AFTER it), or makes the call fail (EIO, ENOMEM, EMFILE,
 * ENOSPC, EINTR: where it may, calls.c). After each such run it demands:
 *
 *   - `nidus gc` succeeds, and then nothing is left (left.c, and the census at the end);
 *   - no command takes longer than its bound, no process dies of a fault of its own;
 *   - the workload never says that it is not confined, and status 0 means that it said it is;
 *   - another status comes with a message.
 *
 * The options narrow it down; --sample takes so many of each scenario's at random.
 *
 * Started by tests/run, in a lane of its own. Prints TAP: one test for each process.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "scenes.h"
#include "trace.h"

#define SHOTS_MAX 200000
#define SLOW_MS 2000 /* a run this slow is mentioned */
#define SAID_MAX 200 /* failures of one process that are printed */

struct plan {
	const struct scene *scene;
	struct shot shot;
};

static struct plan *plans;
static int plan_count;
static int tests, failed_tests;

static const char *inject_name(const struct shot *shot)
{
	if (shot->kind == SHOT_KILL_BEFORE)
		return "KILL";
	return shot->kind == SHOT_KILL_AFTER ? "KILL-AFTER" : strerrorname_np(shot->error);
}

static void parse_inject(const char *text, struct shot *shot)
{
	shot->kind = SHOT_ERROR;
	if (strcmp(text, "KILL") == 0)
		shot->kind = SHOT_KILL_BEFORE;
	else if (strcmp(text, "KILL-AFTER") == 0)
		shot->kind = SHOT_KILL_AFTER;
	for (const int *error = calls_errors; *error; error++)
		if (strcmp(text, strerrorname_np(*error)) == 0)
			shot->error = *error;
	if (shot->kind == SHOT_ERROR && !shot->error)
		errx(2, "--inject %s: KILL, KILL-AFTER, EIO, ENOMEM, EMFILE, ENOSPC or EINTR",
		     text);
}

/* What the command line leaves of all shots. */
static struct shot wanted;
static const char *wanted_name; /* of the system call; NULL: any */

static bool is_wanted(const char *process, long call, int number, enum shot_kind kind, int error)
{
	return (!wanted_name || strcmp(wanted_name, calls_name(number)) == 0) &&
	       (!wanted.process[0] || strcmp(wanted.process, process) == 0) &&
	       (!wanted.call || wanted.call == call) &&
	       (wanted.kind == SHOT_NONE || (wanted.kind == kind && wanted.error == error));
}

static void add(const struct scene *scene, const char *process, long call, int number,
		enum shot_kind kind, int error)
{
	struct plan *plan = &plans[plan_count];

	if (!is_wanted(process, call, number, kind, error))
		return;
	if (plan_count++ == SHOTS_MAX)
		errx(1, "more than %d shots", SHOTS_MAX);
	*plan = (struct plan){ .scene = scene,
			       .shot = { .call = call, .kind = kind, .error = error } };
	snprintf(plan->shot.process, sizeof(plan->shot.process), "%s", process);
}

static void add_process(const struct scene *scene, const struct trace_calls *calls)
{
	for (long i = 0; i < calls->count; i++) {
		int number = calls->numbers[i];

		add(scene, calls->process, i + 1, number, SHOT_KILL_BEFORE, 0);
		if (!calls_only_look(number))
			add(scene, calls->process, i + 1, number, SHOT_KILL_AFTER, 0);
		for (const int *error = calls_errors; *error; error++)
			if (calls_may_fail(number, *error))
				add(scene, calls->process, i + 1, number, SHOT_ERROR, *error);
	}
}

/* Counts the calls of a run that is not hit. */
static void plan_scene(const struct scene *scene)
{
	const struct trace_calls *noted;
	const char *wrong;
	int count;

	trace_begin(NULL);
	wrong = scene_play(scene, NULL);
	if (wrong)
		errx(1, "%s: without any fault: %s", scene->name, wrong);
	noted = trace_noted(&count);
	for (int i = 0; i < count; i++)
		add_process(scene, &noted[i]);
}

__attribute__((format(printf, 2, 3))) static void say(const struct plan *plan, const char *format,
						      ...)
{
	const struct shot *shot = &plan->shot;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *end = text; *end; end++)
		if (*end == '\n')
			*end = end[1] ? '|' : '\0';
	printf("# tests/run --fault --scenario %s --process %s --call %ld --inject %s\n"
	       "#   at %s: %s\n",
	       plan->scene->name, shot->process, shot->call, inject_name(shot),
	       trace_result()->fired ? calls_name(trace_result()->number) : "no call", text);
	fflush(stdout);
}

/* All shots at one process. Returns how many were fired. */
static int walk_process(const struct plan *first, int count, const char *word)
{
	int fired = 0, wrong_ones = 0;

	for (int i = 0; i < count; i++) {
		long began = trace_now_ms(), took;
		const char *wrong = scene_play(first[i].scene, &first[i].shot);

		took = trace_now_ms() - began;
		if (!wrong && took > SLOW_MS)
			say(&first[i], "slow: %.1f s", (double)took / 1000);
		fired += trace_result()->fired;
		if (!wrong)
			continue;
		if (wrong_ones++ < SAID_MAX)
			say(&first[i], "%s", wrong);
		scene_recover(first[i].scene);
	}
	failed_tests += wrong_ones > 0;
	printf("%s %d - %s: %s%s: %d hit, %d were not reached, %d wrong\n",
	       wrong_ones ? "not ok" : "ok", ++tests, first->scene->name, first->shot.process, word,
	       fired, count - fired, wrong_ones);
	fflush(stdout);
	return fired;
}

static void finish_scene(const struct scene *scene, int fired, long began)
{
	const char *wrong = scene_finish(scene);

	if (wrong)
		printf("# %s\n", wrong);
	failed_tests += wrong != NULL;
	printf("%s %d - %s: afterwards it works, and nothing is left\n", wrong ? "not ok" : "ok",
	       ++tests, scene->name);
	printf("# %s: %d faults injected, %.1f s\n", scene->name, fired,
	       (double)(trace_now_ms() - began) / 1000);
	fflush(stdout);
}

static bool same_process(const struct plan *a, const struct plan *b)
{
	return strcmp(a->shot.process, b->shot.process) == 0;
}

static void walk_scene(const struct scene *scene)
{
	long began = trace_now_ms();
	int fired = 0, count;

	scene_prepare(scene);
	plan_count = 0;
	plan_scene(scene);
	for (int i = 0; i < plan_count; i += count) {
		for (count = 1;
		     i + count < plan_count && same_process(&plans[i], &plans[i + count]);)
			count++;
		fired += walk_process(&plans[i], count, "");
	}
	finish_scene(scene, fired, began);
}

/* Numbers that only the seed decides (xorshift). */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void sample_scene(const struct scene *scene, int size, uint64_t *random)
{
	long began = trace_now_ms();
	int fired;

	scene_prepare(scene);
	plan_count = 0;
	plan_scene(scene);
	for (int i = 0; i < size && i < plan_count; i++) {
		int other = i + (int)(next_random(random) % (uint64_t)(plan_count - i));
		struct plan plan = plans[i];

		plans[i] = plans[other];
		plans[other] = plan;
	}
	fired = walk_process(plans, size < plan_count ? size : plan_count, " and others");
	finish_scene(scene, fired, began);
}

static int walk_one(const struct scene *scene, const struct shot *shot)
{
	const char *wrong;

	scene_prepare(scene);
	wrong = scene_play(scene, shot);
	printf("1..1\n%s 1 - %s: %s call %ld %s: %s: %s\n", wrong ? "not ok" : "ok", scene->name,
	       shot->process, shot->call, inject_name(shot),
	       trace_result()->fired ? calls_name(trace_result()->number) : "not reached",
	       wrong ? wrong : "as it should be");
	if (wrong)
		scene_recover(scene);
	return wrong != NULL;
}

/* NULL: all scenarios. */
static const struct scene *only;
static uint64_t seed = 1;
static int sample;

static void list_scenes(void)
{
	for (int i = 0; i < scene_count; i++)
		if (!scenes[i].by_name)
			puts(scenes[i].name);
	exit(0);
}

static void take_option(int option)
{
	switch (option) {
	case 's':
		only = scene_find(optarg);
		if (!only)
			errx(2, "--scenario %s: see --list", optarg);
		return;
	case 'p':
		snprintf(wanted.process, sizeof(wanted.process), "%s", optarg);
		return;
	case 'c':
		wanted.call = atol(optarg);
		return;
	case 'a':
		wanted_name = optarg;
		return;
	case 'i':
		parse_inject(optarg, &wanted);
		return;
	case 'n':
		sample = atoi(optarg);
		return;
	case 'r':
		seed = strtoull(optarg, NULL, 10);
		return;
	case 'l':
		list_scenes();
	}
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "scenario", required_argument, NULL, 's' },
		{ "process", required_argument, NULL, 'p' },
		{ "call", required_argument, NULL, 'c' },
		{ "inject", required_argument, NULL, 'i' },
		{ "at", required_argument, NULL, 'a' },
		{ "sample", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 'r' },
		{ "list", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t random;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(option);
	if (only && wanted.process[0] && wanted.call && wanted.kind != SHOT_NONE)
		return walk_one(only, &wanted);
	plans = malloc(sizeof(*plans) * SHOTS_MAX);
	if (!plans)
		err(1, "plans");
	random = seed * 0x9e3779b97f4a7c15u + 1;
	if (sample)
		printf("# --sample %d --seed %llu\n", sample, (unsigned long long)seed);
	for (int i = 0; i < scene_count; i++) {
		/* a network needs helpers/net-stage, where no groups can be seen */
		if (only ? only != &scenes[i] : scenes[i].has_network || scenes[i].by_name)
			continue;
		if (sample)
			sample_scene(&scenes[i], sample / (only ? 1 : scene_count - 2), &random);
		else
			walk_scene(&scenes[i]);
	}
	printf("1..%d\n", tests);
	return failed_tests > 0;
}
