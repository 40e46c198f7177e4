/* SPDX-License-Identifier: Apache-2.0 */
/* nidus kill: ends sandboxes at once, or forwards a signal to their workloads. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "../../init/values.h"
#include "cli.h"
#include "records.h"
#include "verbs.h"

#define START_WAIT_MS 2000 /* for a launch that has no PID 1 yet */

const char cli_help_kill[] =
	"usage: nidus kill [--signal SIG | -SIG] NAME|ID...\n"
	"\n"
	"Ends sandboxes at once. A signal other than KILL is sent to the workload's\n"
	"process group, and the workload decides what it does.\n"
	"An id may be shortened to a unique prefix of at least four digits.\n"
	"\n"
	"  -s, --signal SIG   KILL (default), TERM, 15, RTMIN+3, ...; also -9, -TERM\n"
	"  --help             this text\n";

struct kill_options {
	int signal;
};

const struct option cli_options_kill[] = {
	{ "signal", required_argument, NULL, 's' },
	{ 0 },
};

/* "-9" and "-TERM", as kill(1) has them: taken, and replaced by what getopt_long reads. */
static void take_short(int *argc, char **argv, struct kill_options *options)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		int signal = argv[i][0] == '-' ? values_signal(argv[i] + 1) : 0;

		if (strcmp(argv[i], "--") == 0) {
			memmove(argv + kept, argv + i, (size_t)(*argc - i) * sizeof(*argv));
			kept += *argc - i;
			break;
		}
		if (signal)
			options->signal = signal;
		else
			argv[kept++] = argv[i];
	}
	*argc = kept;
	argv[kept] = NULL;
}

static int parse(int *argc, char **argv, struct kill_options *options)
{
	struct fault fault;
	int option;

	take_short(argc, argv, options);
	opterr = 0;
	optind = 0;
	while ((option = getopt_long(*argc, argv, ":s:", cli_options_kill, NULL)) != -1) {
		switch (option) {
		case 's':
			if (cli_parse_signal("--signal", optarg, &options->signal, &fault) < 0) {
				cli_fault(&fault);
				return CLI_EXIT_USAGE;
			}
			break;
		default:
			return records_bad_option("kill", option, argv);
		}
	}
	if (options->signal == SIGSTOP) {
		/* It would stop PID 1, which enforces the limits, and not the workload. */
		cli_say(CLI_LOG_ERROR, "kill: STOP can't be forwarded; use TSTP");
		return CLI_EXIT_USAGE;
	}
	if (optind < *argc)
		return 0;
	cli_say(CLI_LOG_ERROR, "kill: no sandbox given; see nidus kill --help");
	return CLI_EXIT_USAGE;
}

/* Nobody else removes a sandbox without an owner. */
static int finish_alone(int root_fd, const struct record *record)
{
	uint64_t deadline = (uint64_t)clock_now_ms() + RECORDS_SETTLE_MS;

	records_wait_init(record->init_fd, deadline);
	return records_settle(root_fd, "kill", record->id, deadline) < 0 ? 1 : 0;
}

enum try { TRY_DONE, TRY_ENDED, TRY_AGAIN, TRY_FAILED };

static enum try try_kill(int root_fd, const char *id, int signal)
{
	struct arena arena = { 0 };
	enum try outcome = TRY_AGAIN;
	struct record record;
	struct fault fault;
	int ret = record_load(root_fd, id, &arena, &record, &fault);

	if (ret == 0 && (!record_is_living(&record) || record.status == RECORD_ENDING))
		outcome = TRY_ENDED;
	else if (ret == 0 && record.init_fd >= 0)
		ret = recover_signal(root_fd, &record, signal, signal == SIGKILL, &fault);
	if (ret < 0)
		outcome = fault.err == ENOENT || fault.err == ESRCH ? TRY_ENDED : TRY_FAILED;
	else if (outcome == TRY_AGAIN && record.init_fd >= 0)
		outcome = TRY_DONE;
	if (outcome == TRY_FAILED)
		cli_fault(&fault);
	record_close(&record, 1);
	arena_free(&arena);
	return outcome;
}

/* Ends a launch that had no PID 1 a moment ago. */
static int kill_starting(int root_fd, const char *id, int signal)
{
	uint64_t deadline = (uint64_t)clock_now_ms() + START_WAIT_MS, interval = RECORDS_POLL_FIRST_MS;
	enum try outcome;

	while ((outcome = try_kill(root_fd, id, signal)) == TRY_AGAIN &&
	       (uint64_t)clock_now_ms() < deadline)
		records_pause(&interval, deadline);
	if (outcome == TRY_AGAIN)
		cli_say(CLI_LOG_ERROR, "kill: sandbox %s has no PID 1 yet", id);
	if (outcome == TRY_ENDED && signal != SIGKILL)
		cli_say(CLI_LOG_ERROR, "kill: sandbox %s has ended", id);
	return outcome == TRY_DONE || (outcome == TRY_ENDED && signal == SIGKILL) ? 0 : 1;
}

static int kill_one(int root_fd, const char *name, int signal)
{
	struct arena arena = { 0 };
	struct record record;
	struct fault fault;
	int status = 1;

	if (records_find(root_fd, "kill", name, &arena, &record) < 0)
		goto out;
	if (!record_is_living(&record)) {
		cli_say(CLI_LOG_ERROR, "kill: sandbox %s has ended; nidus gc removes what is left",
			name);
		goto out;
	}
	if (recover_signal(root_fd, &record, signal, signal == SIGKILL, &fault) == 0)
		status = record.status == RECORD_ALONE && signal == SIGKILL ?
				 finish_alone(root_fd, &record) : 0;
	else if (fault.err == ESRCH && record.status == RECORD_STARTING)
		status = kill_starting(root_fd, record.id, signal);
	else if ((fault.err == ESRCH || fault.err == ENOENT) && signal == SIGKILL)
		status = 0; /* it is already ending, as requested */
	else
		cli_fault(&fault);
out:
	record_close(&record, 1);
	arena_free(&arena);
	return status;
}

int cli_kill(int argc, char **argv)
{
	struct kill_options options = { .signal = SIGKILL };
	cleanup_fd int root_fd = -1;
	int status = parse(&argc, argv, &options);

	if (status)
		return status;
	root_fd = records_open_root();
	if (root_fd == -1)
		return 1;
	for (int i = optind; i < argc; i++)
		status |= kill_one(root_fd, argv[i], options.signal);
	return status;
}
