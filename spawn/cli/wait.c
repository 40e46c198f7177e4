/* SPDX-License-Identifier: Apache-2.0 */
/* nidus wait: until sandboxes are gone; their exit codes. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "../record/journal.h"
#include "cli.h"
#include "records.h"
#include "verbs.h"

const char cli_help_wait[] =
	"usage: nidus wait [--timeout DUR] NAME|ID...\n"
	"\n"
	"Waits until the sandboxes are gone, prints the exit code of each on a line, and\n"
	"exits with the first that is not 0. 124: the time is up. 125: the spawner was\n"
	"lost. 1: unknown, or ended without a record.\n"
	"\n"
	"A sandbox that is gone is unknown. If it may end before it is waited for, start\n"
	"it with nidus run --detach --report PATH, which keeps how it ended.\n"
	"\n"
	"  --timeout DUR   wait no longer than that\n"
	"  --help          this text\n";

struct wait_options {
	bool has_timeout;
	uint64_t timeout_us;
};

struct target {
	const char *name;
	char id[STATE_ID_LEN + 1];
	int journal_fd; /* opened while it was there; -1: not found */
};

const struct option cli_options_wait[] = {
	{ "timeout", required_argument, NULL, 't' },
	{ 0 },
};

static int parse(int argc, char **argv, struct wait_options *options)
{
	struct fault fault;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", cli_options_wait, NULL)) != -1) {
		switch (option) {
		case 't':
			options->has_timeout = true;
			if (cli_parse_duration("--timeout", optarg, &options->timeout_us,
					       &fault) < 0) {
				cli_fault(&fault);
				return CLI_EXIT_USAGE;
			}
			break;
		default:
			return records_bad_option("wait", option, argv);
		}
	}
	if (optind < argc)
		return 0;
	cli_say(CLI_LOG_ERROR, "wait: no sandbox given; see nidus wait --help");
	return CLI_EXIT_USAGE;
}

static void find(int root_fd, const char *name, struct target *target)
{
	cleanup_fd int dir_fd = -1;
	struct arena arena = { 0 };
	struct record record;

	target->name = name;
	target->journal_fd = -1;
	if (records_find(root_fd, "wait", name, &arena, &record) == 0) {
		memcpy(target->id, record.id, sizeof(target->id));
		dir_fd = state_open_record(root_fd, record.id);
		if (dir_fd >= 0)
			target->journal_fd = openat(dir_fd, "journal",
						    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (target->journal_fd < 0)
			cli_say(CLI_LOG_ERROR, "wait: sandbox %s has just ended", name);
	}
	record_close(&record, 1);
	arena_free(&arena);
}

enum ending { ENDING_GONE, ENDING_DEAD, ENDING_TIMEOUT, ENDING_UNKNOWN };

/* The end of init shows on its pidfd; what the owner does after it, by polling the lock. */
static enum ending wait_end(int root_fd, const struct target *target, uint64_t deadline_ms)
{
	uint64_t interval = RECORDS_POLL_FIRST_MS;

	for (;;) { /* bounded by --timeout; without one, waiting is what was asked for */
		struct arena arena = { 0 };
		struct record record;
		struct fault fault;
		int ret = record_load(root_fd, target->id, &arena, &record, &fault);
		bool living = ret == 0 && record_is_living(&record);
		bool ended = false;

		if (living && record.init_fd >= 0)
			ended = records_wait_init(record.init_fd, deadline_ms);
		record_close(&record, 1);
		arena_free(&arena);
		if (ret < 0 && fault.err == ENOENT)
			return ENDING_GONE;
		if (ret < 0) {
			cli_fault(&fault);
			return ENDING_UNKNOWN;
		}
		if (!living)
			return ENDING_DEAD;
		if (!ended && (uint64_t)clock_now_ms() >= deadline_ms)
			return ENDING_TIMEOUT;
		if (!ended)
			records_pause(&interval, deadline_ms);
	}
}

/* "REASON EXIT_CODE SIGNAL"; -1: none was written. */
static int read_exit_code(const struct target *target)
{
	struct arena arena = { 0 };
	struct journal_entry *entries;
	struct fault fault;
	const char *exited;
	size_t count;
	int code = -1;

	if (journal_read_fd(target->journal_fd, &arena, &entries, &count, &fault) < 0)
		cli_fault(&fault);
	exited = journal_find(entries, count, JOURNAL_EXITED);
	if (exited && sscanf(exited, "%*s %d", &code) == 1 && (code < 0 || code > 255))
		code = -1;
	arena_free(&arena);
	return code;
}

static int wait_one(int root_fd, const struct target *target, uint64_t deadline_ms)
{
	enum ending ending;
	int code;

	if (target->journal_fd < 0)
		return 1;
	ending = wait_end(root_fd, target, deadline_ms);
	if (ending == ENDING_TIMEOUT) {
		cli_say(CLI_LOG_ERROR, "wait: sandbox %s has not ended in time", target->name);
		return CLI_EXIT_TIME;
	}
	if (ending == ENDING_UNKNOWN)
		return 1;
	code = read_exit_code(target);
	if (code < 0 && ending == ENDING_GONE) {
		cli_say(CLI_LOG_ERROR, "wait: sandbox %s ended without a record", target->name);
		return 1;
	}
	if (code < 0) {
		cli_say(CLI_LOG_ERROR, "wait: the spawner of sandbox %s was lost", target->name);
		code = CLI_EXIT_INTERNAL;
	}
	printf("%d\n", code);
	return code;
}

static int wait_all(int root_fd, char *const *names, size_t count, uint64_t deadline_ms)
{
	struct arena arena = { 0 };
	struct target *targets = arena_alloc(&arena, count * sizeof(*targets));
	int status = 0;

	if (!targets) {
		cli_say(CLI_LOG_ERROR, "wait: %s", strerror(ENOMEM));
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		find(root_fd, names[i], &targets[i]);
	for (size_t i = 0; i < count; i++) {
		int code = wait_one(root_fd, &targets[i], deadline_ms);

		fd_close(&targets[i].journal_fd);
		if (status == 0)
			status = code;
	}
	arena_free(&arena);
	return cli_finish("wait", status);
}

int cli_wait(int argc, char **argv)
{
	struct wait_options options = { 0 };
	uint64_t deadline_ms = UINT64_MAX;
	cleanup_fd int root_fd = -1;
	int status = parse(argc, argv, &options);

	if (status)
		return status;
	if (options.has_timeout)
		deadline_ms = (uint64_t)clock_now_ms() + (options.timeout_us + 999) / 1000;
	root_fd = records_open_root();
	if (root_fd == -1)
		return 1;
	return wait_all(root_fd, argv + optind, (size_t)(argc - optind), deadline_ms);
}
