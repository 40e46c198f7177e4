/* SPDX-License-Identifier: Apache-2.0 */
/* `nidus check`: what works on this machine, what doesn't, and how to get it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../check/check.h"
#include "../report/json_line.h"
#include "cli.h"
#include "records.h"
#include "verbs.h"

#define OUTPUT_TIMEOUT_MS 10000 /* for the reader of a full pipe */

const char cli_help_check[] =
	"usage: nidus check [--json]\n"
	"\n"
	"Prints what this machine offers to sandboxes, and how to get what is missing.\n"
	"Exit status: 0 if `nidus run` can work here, 1 if not.\n"
	"\n"
	"  --json   one JSON object\n"
	"  --help   this text\n";

static int print_json(const struct check *check)
{
	struct json_object *object = json_object_new_object(), *items = json_object_new_array();
	int rc;

	json_line_bool(object, "ok", check_can_run(check));
	json_line_text(object, "version", NIDUS_VERSION, JSON_LINE_TEXT_MAX);
	for (size_t i = 0; i < check->count; i++) {
		const struct check_item *item = &check->items[i];
		struct json_object *entry = json_object_new_object();

		json_line_text(entry, "name", item->name, JSON_LINE_TEXT_MAX);
		json_line_text(entry, "status", check_status_name(item->status), JSON_LINE_TEXT_MAX);
		json_line_bool(entry, "required", item->required);
		json_line_text(entry, "detail", item->detail, JSON_LINE_TEXT_MAX);
		json_line_text(entry, "means", item->means, JSON_LINE_TEXT_MAX);
		json_line_text(entry, "how", item->how, JSON_LINE_TEXT_MAX);
		if (!items || json_object_array_add(items, entry) < 0)
			json_object_put(entry);
	}
	json_line_member(object, "items", items);
	rc = json_line_write(STDOUT_FILENO, object, false, OUTPUT_TIMEOUT_MS);
	if (rc < 0 && errno != EPIPE) /* as cli_finish */
		cli_say(CLI_LOG_ERROR, "check: standard output: %s", strerror(errno));
	json_object_put(object);
	return rc;
}

static int print_text(const struct check *check)
{
	struct arena arena = { 0 }; /* names of groups and paths were made by others */

	for (size_t i = 0; i < check->count; i++) {
		const struct check_item *item = &check->items[i];

		printf("%-8s %-19s %s\n", check_status_name(item->status), item->name,
		       records_clean(&arena, item->detail));
		if (item->status != CHECK_OK)
			printf("%28s needed%s: %s\n%28s to get it: %s\n", "",
			       item->required ? " to run at all" : " for", item->means, "",
			       item->how);
	}
	printf("\n%s\n", check_can_run(check) ? "nidus run works here." :
						"nidus run can't work here: see the missing items above.");
	arena_free(&arena);
	return cli_finish("check", 0) == 0 ? 0 : -1;
}

const struct option cli_options_check[] = {
	{ "json", no_argument, NULL, 'j' },
	{ 0 },
};

int cli_check(int argc, char **argv)
{
	struct check check;
	bool json = false;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", cli_options_check, NULL)) == 'j')
		json = true;
	if (option != -1 || optind < argc) {
		cli_say(CLI_LOG_ERROR, "check: %s: unknown argument; the only option is --json",
			argv[option != -1 ? optind - 1 : optind]);
		return CLI_EXIT_USAGE;
	}
	check_machine(&check);
	if ((json ? print_json(&check) : print_text(&check)) < 0)
		return 1;
	return check_can_run(&check) ? 0 : 1;
}
