/* SPDX-License-Identifier: Apache-2.0 */
/* nidus list: the sandboxes on record, as a table or as JSON. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../init/fd.h"
#include "cli.h"
#include "records.h"
#include "verbs.h"

const char cli_help_list[] =
	"usage: nidus list [--all] [--wide] [--json]\n"
	"\n"
	"Lists the sandboxes of this user: the living ones, and those whose removal failed.\n"
	"\n"
	"  --all     also what dead owners left, which `nidus gc` will remove\n"
	"  --wide    also addresses, published ports and labels\n"
	"  --json    one JSON array of objects, with all of it\n"
	"  --help    this text\n"
	"\n"
	"Status: starting, running, ending; alone (its spawner is gone, as allowed by\n"
	"--outlive-parent); dead (gc will remove it); failed (removing it failed).\n";

struct list_options {
	bool all, wide, json;
};

const struct option cli_options_list[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "wide", no_argument, NULL, 'w' },
	{ "json", no_argument, NULL, 'j' },
	{ 0 },
};

static int parse(int argc, char **argv, struct list_options *options)
{
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", cli_options_list, NULL)) != -1) {
		switch (option) {
		case 'a':
			options->all = true;
			break;
		case 'w':
			options->wide = true;
			break;
		case 'j':
			options->json = true;
			break;
		default:
			return records_bad_option("list", option, argv);
		}
	}
	if (optind == argc)
		return 0;
	cli_say(CLI_LOG_ERROR, "list: unexpected argument %s", argv[optind]);
	return CLI_EXIT_USAGE;
}

static double age_of(const struct record *record)
{
	struct timespec now;
	double age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (double)now.tv_sec + (double)now.tv_nsec / 1e9 - record->created;
	return age > 0 ? age : 0;
}

/* "42s", "5m", "3h", "2d" */
static void format_age(double age, char text[16])
{
	static const struct {
		double from, unit;
		char letter;
	} scale[] = {
		{ 172800, 86400, 'd' },
		{ 7200, 3600, 'h' },
		{ 120, 60, 'm' },
		{ 0, 1, 's' },
	};
	int i = 0;

	while (age < scale[i].from)
		i++;
	snprintf(text, 16, "%.0f%c", (double)(long)(age / scale[i].unit), scale[i].letter);
}

/* ---- the table ---- */

/* Words with separators between them, "-" if there are none. What needs it is quoted as for a shell. */
static const char *join(struct arena *arena, const char *const *words, size_t count,
			const char *separator)
{
	size_t size = 2;
	char *text, *at;

	for (size_t i = 0; i < count; i++)
		size += strlen(words[i]) + strlen(separator) + 2;
	text = at = arena_alloc(arena, size);
	if (!text || count == 0)
		return "-";
	for (size_t i = 0; i < count; i++) {
		bool quoted = words[i][strcspn(words[i], " \t\n\"$`\\;&|<>()*?[#~")] || !words[i][0];

		at += sprintf(at, "%s%s%s%s", i > 0 ? separator : "", quoted ? "'" : "", words[i],
			      quoted ? "'" : "");
	}
	return records_clean(arena, text);
}

static const char *command_of(struct arena *arena, const struct record *record)
{
	if (record->argc > 0)
		return join(arena, record->argv, record->argc, " ");
	return records_clean(arena, record->command ? record->command : "-");
}

/* A cell of each record, and the width of its column. */
struct column {
	const char *title;
	const char **cells;
	int width;
};

static void measure(struct column *column, size_t count)
{
	column->width = (int)strlen(column->title);
	for (size_t i = 0; i < count; i++)
		if ((int)strlen(column->cells[i]) > column->width)
			column->width = (int)strlen(column->cells[i]);
}

enum { NAME, ADDRESSES, PORTS, LABELS, COLUMNS };

static bool fill_columns(struct arena *arena, const struct record *records, size_t count,
			 struct column columns[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		columns[i].cells = arena_alloc(arena, (count + 1) * sizeof(*columns[i].cells));
		if (!columns[i].cells)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];

		columns[NAME].cells[i] = records_clean(arena, record->name ? record->name : "-");
		columns[ADDRESSES].cells[i] =
			join(arena, record->addresses, record->address_count, ",");
		columns[PORTS].cells[i] = join(arena, record->ports, record->port_count, ",");
		columns[LABELS].cells[i] = join(arena, record->labels, record->label_count, ",");
	}
	for (int i = 0; i < COLUMNS; i++)
		measure(&columns[i], count);
	return true;
}

static void print_row(const struct column columns[COLUMNS], size_t row, bool wide)
{
	for (int i = ADDRESSES; wide && i < COLUMNS; i++)
		printf("%-*s  ", columns[i].width, columns[i].cells[row]);
}

static void print_table(struct arena *arena, const struct record *records, size_t count, bool wide)
{
	struct column columns[COLUMNS] = {
		[NAME] = { .title = "NAME" },
		[ADDRESSES] = { .title = "ADDRESS" },
		[PORTS] = { .title = "PORTS" },
		[LABELS] = { .title = "LABELS" },
	};

	if (!fill_columns(arena, records, count, columns))
		return;
	printf("%-12s  %-*s  %-8s  %7s  %5s  ", "ID", columns[NAME].width, "NAME", "STATUS", "PID",
	       "AGE");
	for (int i = ADDRESSES; wide && i < COLUMNS; i++)
		printf("%-*s  ", columns[i].width, columns[i].title);
	puts("COMMAND");
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];
		char pid[16] = "-", age[16], why[FAULT_WHAT_MAX + 128];

		if (record->init_pid > 0)
			snprintf(pid, sizeof(pid), "%d", (int)record->init_pid);
		format_age(age_of(record), age);
		printf("%-12s  %-*s  %-8s  %7s  %5s  ", record->id, columns[NAME].width,
		       columns[NAME].cells[i], record_status_name(record->status), pid, age);
		print_row(columns, i, wide);
		fputs(command_of(arena, record), stdout);
		if (record->status == RECORD_FAILED)
			printf("  (%s)",
			       records_clean(arena, nidus_fault_text(&record->cleanup, why,
								     sizeof(why))));
		putchar('\n');
	}
}

/* ---- JSON ---- */

static struct json_object *json_list(struct arena *arena, const char *const *words, size_t count)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, json_object_new_string(records_clean(arena, words[i])));
	return list;
}

static struct json_object *json_text(struct arena *arena, const char *text)
{
	return text ? json_object_new_string(records_clean(arena, text)) : NULL;
}

static struct json_object *json_pid(pid_t pid)
{
	return pid > 0 ? json_object_new_int(pid) : NULL;
}

static struct json_object *json_created(double created)
{
	time_t seconds = (time_t)created;
	char stamp[40];
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stamp + len, sizeof(stamp) - len, ".%06dZ",
		 (int)((created - (double)seconds) * 1e6));
	return json_object_new_string(stamp);
}

static struct json_object *json_labels(struct arena *arena, const struct record *record)
{
	struct json_object *labels = json_object_new_object();

	for (size_t i = 0; i < record->label_count; i++) {
		const char *label = records_clean(arena, record->labels[i]);
		const char *equals = strchr(label, '=');
		const char *key = arena_strndup(arena, label,
						equals ? (size_t)(equals - label) : strlen(label));

		if (key)
			json_object_object_add(labels, key,
					       json_object_new_string(equals ? equals + 1 : ""));
	}
	return labels;
}

static void print_json(struct arena *arena, const struct record *records, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "id", json_object_new_string(record->id));
		json_object_object_add(object, "name", json_text(arena, record->name));
		json_object_object_add(
			object, "status",
			json_object_new_string(record_status_name(record->status)));
		json_object_object_add(object, "pid", json_pid(record->init_pid));
		json_object_object_add(object, "owner_pid", json_pid(record->owner_pid));
		json_object_object_add(object, "created", json_created(record->created));
		json_object_object_add(object, "age_s",
				       json_object_new_int64((int64_t)age_of(record)));
		json_object_object_add(object, "command", json_text(arena, record->command));
		json_object_object_add(object, "argv",
				       record->argc > 0 ? json_list(arena, record->argv, record->argc) :
							  NULL);
		json_object_object_add(object, "addresses",
				       json_list(arena, record->addresses, record->address_count));
		json_object_object_add(object, "ports",
				       json_list(arena, record->ports, record->port_count));
		json_object_object_add(object, "labels", json_labels(arena, record));
		if (record->status == RECORD_FAILED)
			json_object_object_add(object, "cleanup",
					       records_json_fault(arena, &record->cleanup));
		json_object_array_add(array, object);
	}
	records_print_json(array);
}

static int list(int root_fd, const struct list_options *options)
{
	struct arena arena = { 0 };
	struct record *records = NULL;
	size_t count = 0, kept = 0;
	struct fault fault;

	if (root_fd >= 0 && record_list(root_fd, &arena, &records, &count, &fault) < 0) {
		cli_fault(&fault);
		arena_free(&arena);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		if (options->all || records[i].status != RECORD_DEAD)
			records[kept++] = records[i];
	if (options->json)
		print_json(&arena, records, kept);
	else
		print_table(&arena, records, kept, options->wide);
	arena_free(&arena);
	return cli_finish("list", 0);
}

int cli_list(int argc, char **argv)
{
	struct list_options options = { 0 };
	cleanup_fd int root_fd = -1;
	int status = parse(argc, argv, &options);

	if (status)
		return status;
	root_fd = records_open_root();
	return root_fd == -1 ? 1 : list(root_fd, &options);
}
