/* SPDX-License-Identifier: Apache-2.0 */
/* nidus stop: TERM, the grace time, KILL; returns when the sandboxes are gone. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "cli.h"
#include "records.h"
#include "verbs.h"

const char cli_help_stop[] =
	"usage: nidus stop [--grace DUR] NAME|ID...\n"
	"\n"
	"Ends sandboxes: TERM to the workload, KILL to everything after the grace time.\n"
	"Returns when they are gone. An id may be shortened to a unique prefix of at\n"
	"least four digits.\n"
	"\n"
	"  --grace DUR   from TERM to KILL (default: the sandbox's own --grace)\n"
	"  --help        this text\n";

struct stop_options {
	bool has_grace;
	uint64_t grace_us;
};

/* One sandbox that is being stopped. */
struct target {
	struct record record; /* init_fd -1: only its removal is left to wait for */
	uint64_t kill_at_ms;
	bool found;
};

const struct option cli_options_stop[] = {
	{ "grace", required_argument, NULL, 'g' },
	{ 0 },
};

static int parse(int argc, char **argv, struct stop_options *options)
{
	struct fault fault;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", cli_options_stop, NULL)) != -1) {
		switch (option) {
		case 'g':
			options->has_grace = true;
			if (cli_parse_duration("--grace", optarg, &options->grace_us, &fault) < 0) {
				cli_fault(&fault);
				return CLI_EXIT_USAGE;
			}
			break;
		default:
			return records_bad_option("stop", option, argv);
		}
	}
	if (optind < argc)
		return 0;
	cli_say(CLI_LOG_ERROR, "stop: no sandbox given; see nidus stop --help");
	return CLI_EXIT_USAGE;
}

/* Returns 0 if the end of this one has to be waited for. */
static int begin(int root_fd, const char *name, const struct stop_options *options,
		 struct arena *arena, struct target *target)
{
	uint64_t grace_us;
	struct fault fault;

	if (records_find(root_fd, "stop", name, arena, &target->record) < 0)
		return -1;
	if (!record_is_living(&target->record)) {
		cli_say(CLI_LOG_ERROR, "stop: sandbox %s has ended; nidus gc removes what is left",
			name);
		return -1;
	}
	grace_us = options->has_grace ? options->grace_us : target->record.grace_us;
	target->kill_at_ms = (uint64_t)clock_now_ms() + (grace_us + 999) / 1000;
	target->found = true;
	if (recover_signal(root_fd, &target->record, SIGTERM, true, &fault) == 0)
		return 0;
	/* No PID 1 yet, or none any more: looked for again before the KILL. */
	if (fault.err == ESRCH || fault.err == ENOENT)
		return 0;
	cli_fault(&fault);
	return -1;
}

/* A launch that had no PID 1 when TERM was due: it gets the grace time, then KILL. */
static void find_init(int root_fd, struct target *target)
{
	uint64_t interval = RECORDS_POLL_FIRST_MS;
	char id[STATE_ID_LEN + 1];

	memcpy(id, target->record.id, sizeof(id));
	while (target->record.init_fd < 0) { /* bounded by the grace time */
		struct arena arena = { 0 };
		struct record now;
		struct fault ignored; /* gone: records_settle reports it */
		int ret = record_load(root_fd, id, &arena, &now, &ignored);
		bool living = ret == 0 && record_is_living(&now) && now.status != RECORD_ENDING;

		target->record.init_fd = living ? fd_take(&now.init_fd) : -1;
		record_close(&now, 1);
		arena_free(&arena);
		if (target->record.init_fd >= 0)
			recover_signal(root_fd, &target->record, SIGTERM, true, &ignored);
		if (!living || (uint64_t)clock_now_ms() >= target->kill_at_ms)
			return;
		records_pause(&interval, target->kill_at_ms);
	}
}

static int finish(int root_fd, struct target *target)
{
	struct fault fault;

	find_init(root_fd, target);
	if (target->record.init_fd >= 0 &&
	    !records_wait_init(target->record.init_fd, target->kill_at_ms) &&
	    recover_signal(root_fd, &target->record, SIGKILL, true, &fault) < 0 &&
	    fault.err != ESRCH && fault.err != ENOENT) {
		cli_fault(&fault);
		return 1;
	}
	if (target->record.init_fd >= 0)
		records_wait_init(target->record.init_fd, (uint64_t)clock_now_ms() + RECORDS_SETTLE_MS);
	return records_settle(root_fd, "stop", target->record.id,
			      (uint64_t)clock_now_ms() + RECORDS_SETTLE_MS) < 0;
}

static int stop(int root_fd, char *const *names, size_t count, const struct stop_options *options)
{
	struct arena arena = { 0 };
	struct target *targets = arena_alloc(&arena, count * sizeof(*targets));
	int status = 0;

	if (!targets) {
		cli_say(CLI_LOG_ERROR, "stop: %s", strerror(ENOMEM));
		return 1;
	}
	/* All get TERM before waiting for the first: their grace times run in parallel. */
	for (size_t i = 0; i < count; i++)
		if (begin(root_fd, names[i], options, &arena, &targets[i]) < 0)
			status = 1;
	for (size_t i = 0; i < count; i++) {
		if (targets[i].found)
			status |= finish(root_fd, &targets[i]);
		record_close(&targets[i].record, 1);
	}
	arena_free(&arena);
	return status;
}

int cli_stop(int argc, char **argv)
{
	struct stop_options options = { 0 };
	cleanup_fd int root_fd = -1;
	int status = parse(argc, argv, &options);

	if (status)
		return status;
	root_fd = records_open_root();
	if (root_fd == -1)
		return 1;
	return stop(root_fd, argv + optind, (size_t)(argc - optind), &options);
}
