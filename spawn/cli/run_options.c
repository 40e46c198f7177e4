/* SPDX-License-Identifier: Apache-2.0 */
/* Splits the arguments of `nidus run` into options and their values. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../spec/root.h"
#include "run_options.h"

/* "--bind /data: takes 2 values, …", with those that were given. */
static int refuse_missing(const struct run_option *option, unsigned int given,
			  const char *const *values, const char *where, struct fault *fault)
{
	char why[FAULT_WHY_MAX];

	if (option->values == 1)
		return run_refuse(fault, option, NULL, "a value is missing");
	snprintf(why, sizeof(why), "takes %u values; %u %s given%s", option->values, given,
		 given == 1 ? "is" : "are", where);
	return run_refuse(fault, option, given > 0 ? values[0] : NULL, why);
}

/* Which of the values is "--" in the place of a path: then the rest was forgotten. */
static unsigned int find_end(const struct run_option *option, const char *const *values)
{
	unsigned int i = 0;

	while (i < option->values &&
	       !(option->paths & 1u << i && strcmp(values[i], "--") == 0))
		i++;
	return i;
}

static int parse_arguments(struct run_parse *parse, int argc, char *const *argv, int *taken,
			   struct fault *fault);

static int parse_args_fd(struct run_parse *parse, const struct run_option *option,
			 const char *value, struct fault *fault)
{
	char **argv;
	int fd, argc, taken;

	if (parse->in_args)
		return run_refuse(fault, option, value, "not allowed in what --args reads");
	if (cli_parse_fd(option->name, value, &fd, fault) < 0 ||
	    run_read_args(parse, fd, &argv, &argc, fault) < 0)
		return -1;
	parse->in_args = true;
	if (parse_arguments(parse, argc, argv, &taken, fault) < 0)
		return -1;
	parse->in_args = false;
	if (taken != argc)
		return run_refuse(fault, option, value,
				  "contains a command; only options may be read from it");
	return 0;
}

/*
 * The option at argv[0] and its values, given as --opt VALUE or --opt=VALUE.
 * *used gets the number of arguments it took.
 */
static int parse_option(struct run_parse *parse, int argc, char *const *argv, int *used,
			struct fault *fault)
{
	const char *values[RUN_VALUES_MAX] = { NULL };
	size_t len = strcspn(argv[0], "=");
	const struct run_option *option = strcmp(argv[0], "-h") == 0 ? run_find_option("--help", 6) :
					  run_find_option(argv[0], len);
	bool attached = argv[0][len] == '=';

	if (!option)
		return run_refuse_unknown(fault, argv[0], len);
	if (attached && option->values != 1)
		return run_refuse(fault, option, NULL, option->values == 0 ? "takes no value" :
				  "takes its values as separate arguments");
	for (unsigned int i = 0; !attached && i < option->values && (int)i + 1 < argc; i++)
		values[i] = argv[1 + i];
	if (!attached && (unsigned int)(argc - 1) < option->values)
		return refuse_missing(option, (unsigned int)(argc - 1), values, "", fault);
	if (!attached && find_end(option, values) < option->values)
		return refuse_missing(option, find_end(option, values), values, " before --",
				      fault);
	if (attached)
		values[0] = argv[0] + len + 1;
	*used = attached ? 1 : 1 + (int)option->values;

	if (option->id == RUN_ARGS)
		return parse_args_fd(parse, option, values[0], fault);
	if (run_set(parse, option, values, fault) < 0 ||
	    run_origin_add(parse, option, values, fault) < 0)
		return -1;
	if (option->id == RUN_PERMS || option->id == RUN_SIZE)
		return 0;
	return run_check_waiting(parse, fault);
}

/*
 * Behind an option that is refused: a report is still looked for, to be told of the refusal.
 * Ends at an unknown option, as what follows it may be the command and its arguments.
 */
static void find_report(struct run_parse *parse, int argc, char *const *argv)
{
	struct fault ignored;

	while (argc > 0 && argv[0][0] == '-' && strcmp(argv[0], "--") != 0) {
		size_t len = strcspn(argv[0], "=");
		const struct run_option *option = run_find_option(argv[0], len);
		const char *value = argv[0][len] == '=' ? argv[0] + len + 1 : argv[1];
		int used = option ? 1 + (argv[0][len] == '=' ? 0 : (int)option->values) : argc;

		if (used < argc && option->id == RUN_REPORT)
			(void)run_set(parse, option, &value, &ignored);
		argc -= used;
		argv += used;
	}
}

/* Options up to the first non-option, or up to "--"; *taken gets the number of arguments. */
static int parse_arguments(struct run_parse *parse, int argc, char *const *argv, int *taken,
			   struct fault *fault)
{
	int i = 0, used = 0;

	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i += used) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (parse_option(parse, argc - i, argv + i, &used, fault) < 0) {
			find_report(parse, argc - i, argv + i);
			return -1;
		}
	}
	*taken = i;
	return 0;
}

/* Options that exclude each other, where only the command line knows it. */
static int check_request(const struct nidus_spec *spec, const struct run_request *request,
			 struct fault *fault)
{
	if (request->detach && spec->tty)
		return cli_refuse(fault, "--tty", NULL,
				  "cannot be used with --detach, which has no terminal");
	if (request->named_user && !spec_shows_host(spec))
		return cli_refuse(fault, "--user", NULL,
				  "names are those of this host; with another root, give numbers");
	if (request->report_strict && spec->events_fd < 0 && spec->report_fd < 0 &&
	    !request->events_path && !request->report_path)
		return cli_refuse(fault, "--report-strict", NULL, "needs --report or --events");
	if (request->detach && spec->hold_step)
		return cli_refuse(
			fault, "--hold", NULL,
			"cannot be used with --detach, which returns when the command runs");
	return 0;
}

/* Gives the spec the command line's words for its options, for faults of the library. */
static int lend_words(struct nidus_spec *spec, struct fault *fault)
{
	const char **words = arena_alloc(&spec->arena, NIDUS_OPTION_COUNT * sizeof(*words));

	if (!words)
		return fault_set(fault, STEP_OPTIONS, ENOMEM, "options");
	for (size_t i = 0; i < run_option_count; i++)
		if (run_options[i].word_for != NIDUS_OPTION_NONE)
			words[run_options[i].word_for] = run_options[i].name;
	words[NIDUS_OPTION_MOUNTS] = "file operation";
	words[NIDUS_OPTION_BEST_EFFORT] = "--limits best-effort";
	words[NIDUS_OPTION_STDIO] = "descriptor";
	words[NIDUS_OPTION_FOREGROUND] = "the terminal's foreground";
	spec->option_words = words;
	return 0;
}

int cli_parse_run(int argc, char *const *argv, struct nidus_spec *spec, struct run_request *request,
		  struct fault *fault)
{
	struct run_parse parse = { .spec = spec, .request = request, .perms = -1 };
	int taken;

	if (lend_words(spec, fault) < 0)
		return -1;
	if (run_apply_profiles(&parse, argc, argv, fault) < 0) {
		find_report(&parse, argc, argv);
		return -1;
	}
	if (parse_arguments(&parse, argc, argv, &taken, fault) < 0)
		return -1;
	if (request->help)
		return 0;
	if (run_check_waiting(&parse, fault) < 0)
		return -1;
	if (check_request(spec, request, fault) < 0) {
		cli_blame_profile(spec, request, fault);
		return -1;
	}
	if (taken == argc)
		return cli_refuse(fault, "", NULL, "no command given; see nidus run --help");
	if (nidus_spec_set_argv(spec, argv + taken, (size_t)(argc - taken)) < 0)
		return fault_set(fault, STEP_OPTIONS, errno, "command");
	return 0;
}
