/* SPDX-License-Identifier: Apache-2.0 */
/* nidus gc: removes what dead spawners left; with --all ends the living as well. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "cli.h"
#include "records.h"
#include "verbs.h"

const char cli_help_gc[] =
	"usage: nidus gc [--older-than DUR] [--all] [--json]\n"
	"\n"
	"Removes what dead spawners left behind. Safe while sandboxes are running, and a\n"
	"second gc has nothing to do. What can't be removed stays on record, and the\n"
	"exit status is 1.\n"
	"\n"
	"  --older-than DUR   only sandboxes started at least that long ago\n"
	"  --all              the emergency brake: ends every sandbox of this user first\n"
	"  --json             one JSON object\n"
	"  --help             this text\n";

struct gc_options {
	bool all, json;
	uint64_t older_than_us;
};

const struct option cli_options_gc[] = {
	{ "older-than", required_argument, NULL, 'o' },
	{ "all", no_argument, NULL, 'a' },
	{ "json", no_argument, NULL, 'j' },
	{ 0 },
};

static int parse(int argc, char **argv, struct gc_options *options)
{
	struct fault fault;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", cli_options_gc, NULL)) != -1) {
		switch (option) {
		case 'o':
			if (cli_parse_duration("--older-than", optarg, &options->older_than_us,
					       &fault) < 0) {
				cli_fault(&fault);
				return CLI_EXIT_USAGE;
			}
			break;
		case 'a':
			options->all = true;
			break;
		case 'j':
			options->json = true;
			break;
		default:
			return records_bad_option("gc", option, argv);
		}
	}
	if (optind == argc)
		return 0;
	cli_say(CLI_LOG_ERROR, "gc: unexpected argument %s", argv[optind]);
	return CLI_EXIT_USAGE;
}

static int kill_record(int root_fd, const char *id, struct arena *arena)
{
	struct record record;
	struct fault fault;
	int ret = record_load(root_fd, id, arena, &record, &fault);

	if (ret == 0)
		ret = recover_signal(root_fd, &record, SIGKILL, true, &fault);
	record_close(&record, 1);
	/* Gone meanwhile, or without a PID 1 yet: then the next round finds it. */
	if (ret < 0 && fault.err != ENOENT && fault.err != ESRCH) {
		cli_fault(&fault);
		return -1;
	}
	return 0;
}

/* What --all ends. */
struct brake {
	double before; /* only sandboxes started by then, seconds since the epoch */
	const char **ended; /* ids of those that lived in the first round, in the arena */
	size_t ended_count;
};

static int note_ended(struct brake *brake, struct arena *arena, const char *id)
{
	const char **grown = arena_grow(arena, brake->ended, brake->ended_count, sizeof(*grown));

	if (!grown)
		return -1;
	brake->ended = grown;
	grown[brake->ended_count] = arena_strdup(arena, id);
	return grown[brake->ended_count++] ? 0 : -1;
}

enum round { ROUND_FIRST, ROUND_NEXT, ROUND_TELL };

/* One round over the living. Returns how many there are, -1 on a fault. */
static int kill_round(int root_fd, struct brake *brake, struct arena *keep, enum round round)
{
	struct arena arena = { 0 };
	struct record *records;
	struct fault fault;
	size_t count;
	int living = 0;

	if (record_list(root_fd, &arena, &records, &count, &fault) < 0) {
		cli_fault(&fault);
		arena_free(&arena);
		return -1;
	}
	for (size_t i = 0; i < count && living >= 0; i++) {
		if (!record_is_living(&records[i]) || records[i].created > brake->before)
			continue;
		living++;
		if (round == ROUND_TELL)
			cli_say(CLI_LOG_ERROR, "gc: process %d has not released sandbox %s",
				(int)records[i].owner_pid, records[i].id);
		else if (kill_record(root_fd, records[i].id, &arena) < 0 ||
			 (round == ROUND_FIRST && note_ended(brake, keep, records[i].id) < 0))
			living = -1;
	}
	arena_free(&arena);
	return living;
}

/* PID 1 of each is killed; the owners notice that and remove what they made. */
static int pull_brake(int root_fd, uint64_t older_than_us, struct brake *brake,
		      struct arena *keep)
{
	uint64_t deadline = (uint64_t)clock_now_ms() + RECORDS_SETTLE_MS, interval = RECORDS_POLL_FIRST_MS;
	struct timespec now;
	int living;

	clock_gettime(CLOCK_REALTIME, &now);
	brake->before = (double)now.tv_sec + (double)now.tv_nsec / 1e9 -
			(double)older_than_us / 1e6;
	living = kill_round(root_fd, brake, keep, ROUND_FIRST);
	while (living > 0 && (uint64_t)clock_now_ms() < deadline) {
		records_pause(&interval, deadline);
		living = kill_round(root_fd, brake, keep, ROUND_NEXT);
	}
	if (living > 0)
		living = kill_round(root_fd, brake, keep, ROUND_TELL);
	return living == 0 ? 0 : -1;
}

/* What gc did. */
struct summary {
	struct recover_item *items;
	size_t count;
	struct recover_result result;
	uint32_t names; /* that nobody holds */
	struct brake brake;
};

static void print_json(struct arena *arena, const struct summary *summary)
{
	struct json_object *object = json_object_new_object();
	struct json_object *ended = json_object_new_array();
	struct json_object *removed = json_object_new_array();
	struct json_object *failed = json_object_new_array();

	for (size_t i = 0; i < summary->brake.ended_count; i++)
		json_object_array_add(ended, json_object_new_string(summary->brake.ended[i]));
	for (size_t i = 0; i < summary->count; i++) {
		const struct recover_item *item = &summary->items[i];
		struct json_object *entry, *name = NULL;

		if (item->outcome != RECOVER_REMOVED && item->outcome != RECOVER_FAILED)
			continue;
		entry = json_object_new_object();
		json_object_object_add(entry, "id", json_object_new_string(item->id));
		if (item->name)
			name = json_object_new_string(records_clean(arena, item->name));
		json_object_object_add(entry, "name", name);
		json_object_object_add(entry, "resources",
				       json_object_new_int64(item->resources));
		if (item->outcome == RECOVER_FAILED)
			json_object_object_add(entry, "fault",
					       records_json_fault(arena, &item->fault));
		json_object_array_add(item->outcome == RECOVER_FAILED ? failed : removed, entry);
	}
	json_object_object_add(object, "ended", ended);
	json_object_object_add(object, "removed", removed);
	json_object_object_add(object, "failed", failed);
	json_object_object_add(object, "names", json_object_new_int64(summary->names));
	json_object_object_add(object, "skipped",
			       json_object_new_int64(summary->result.skipped));
	records_print_json(object);
}

static void print_text(struct arena *arena, const struct summary *summary)
{
	for (size_t i = 0; i < summary->brake.ended_count; i++)
		printf("ended %s\n", summary->brake.ended[i]);
	for (size_t i = 0; i < summary->count; i++) {
		const struct recover_item *item = &summary->items[i];

		if (item->outcome == RECOVER_REMOVED)
			printf("removed %s%s%s (resources: %u)\n", item->id, item->name ? " " : "",
			       item->name ? records_clean(arena, item->name) : "", item->resources);
	}
	if (summary->names > 0)
		printf("removed %u unused name%s\n", summary->names,
		       summary->names > 1 ? "s" : "");
	if (summary->result.removed == 0 && summary->result.failed == 0 && summary->names == 0 &&
	    summary->brake.ended_count == 0)
		puts("nothing to remove");
}

static int collect(int root_fd, const struct gc_options *options, struct summary *summary,
		   struct arena *arena)
{
	struct fault fault;

	if (root_fd < 0)
		return 0;
	if (recover_gc_items(root_fd, options->older_than_us, arena, &summary->items,
			     &summary->count, &summary->result, &fault) < 0) {
		cli_fault(&fault);
		return -1;
	}
	summary->names = summary->result.resources;
	for (size_t i = 0; i < summary->count; i++) {
		summary->names -= summary->items[i].resources;
		if (summary->items[i].outcome == RECOVER_FAILED)
			cli_fault(&summary->items[i].fault);
	}
	return 0;
}

static int gc(int root_fd, const struct gc_options *options)
{
	struct arena arena = { 0 };
	struct summary summary = { 0 };
	int status = 0;

	if (options->all && root_fd >= 0 &&
	    pull_brake(root_fd, options->older_than_us, &summary.brake, &arena) < 0)
		status = 1;
	if (collect(root_fd, options, &summary, &arena) < 0)
		status = 1;
	else if (options->json)
		print_json(&arena, &summary);
	else
		print_text(&arena, &summary);
	arena_free(&arena);
	return cli_finish("gc", status || summary.result.failed > 0);
}

int cli_gc(int argc, char **argv)
{
	struct gc_options options = { 0 };
	cleanup_fd int root_fd = -1;
	int status = parse(argc, argv, &options);

	if (status)
		return status;
	root_fd = records_open_root();
	return root_fd == -1 ? 1 : gc(root_fd, &options);
}
