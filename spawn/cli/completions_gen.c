/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completions-gen bash|zsh|fish: completions for a shell, from the tables that the
 * command line itself reads (verbs.c, run_table.c). Runs while building.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../confine/caps.h"
#include "run_options.h"
#include "verbs.h"

#define WORDS_MAX 2048 /* bytes: the names of all capabilities, with room */

/* ---- what may be typed ---- */

static void add_word(char words[WORDS_MAX], const char *word)
{
	size_t used = strlen(words);

	snprintf(words + used, WORDS_MAX - used, "%s%s", used > 0 ? " " : "", word);
}

static void list_steps(char words[WORDS_MAX])
{
	for (uint32_t step = STEP_NAMESPACES; step <= STEP_EXEC; step++)
		add_word(words, nidus_step_name(step));
}

/* "net_raw" for CAP_NET_RAW: both spellings are accepted, the short one is offered. */
static void list_caps(char words[WORDS_MAX])
{
	char name[64];

	for (unsigned int cap = 0; cap < 64; cap++) {
		if (!(caps_all() & UINT64_C(1) << cap))
			continue;
		caps_text(UINT64_C(1) << cap, name, sizeof(name));
		add_word(words, strncmp(name, "cap_", 4) == 0 ? name + 4 : name);
	}
	add_word(words, "all");
}

/* The words that the first value may be, separated by blanks. Returns `words`. */
static const char *words_of(const struct run_option *option, char words[WORDS_MAX])
{
	words[0] = '\0';
	if (option->words)
		add_word(words, option->words);
	if (option->id == RUN_HOLD)
		list_steps(words);
	if (option->id == RUN_CAP_ADD || option->id == RUN_CAP_DROP)
		list_caps(words);
	return words;
}

static bool is_there(const struct cli_verb *verb)
{
	return verb->run != NULL;
}

static void list_verbs(FILE *out)
{
	for (size_t i = 0, shown = 0; i < cli_verb_count; i++)
		if (is_there(&cli_verbs[i]))
			fprintf(out, "%s%s", shown++ > 0 ? " " : "", cli_verbs[i].name);
}

/* ---- bash ---- */

static void print_bash_tables(FILE *out)
{
	char words[WORDS_MAX];

	fputs("# How many values an option of run takes; which of them are paths; words for the first.\n"
	      "declare -A _nidus_values=(", out);
	for (size_t i = 0; i < run_option_count; i++)
		fprintf(out, "\n\t[%s]=%u", run_options[i].name, run_options[i].values);
	fputs("\n)\ndeclare -A _nidus_paths=(", out);
	for (size_t i = 0; i < run_option_count; i++)
		if (run_options[i].paths)
			fprintf(out, "\n\t[%s]=%s%s%s", run_options[i].name,
				run_options[i].paths & RUN_PATH_1 ? "1" : "",
				run_options[i].paths & RUN_PATH_2 ? "2" : "",
				run_options[i].paths & RUN_PATH_3 ? "3" : "");
	fputs("\n)\ndeclare -A _nidus_words=(", out);
	for (size_t i = 0; i < run_option_count; i++)
		if (words_of(&run_options[i], words)[0])
			fprintf(out, "\n\t[%s]='%s'", run_options[i].name, words);
	fputs("\n)\n", out);
}

static void print_bash_verbs(FILE *out)
{
	fputs("\n# For the other verbs: their options, and what follows them.\n"
	      "_nidus_verb() {\n\tcase $1 in\n", out);
	for (size_t i = 0; i < cli_verb_count; i++) {
		const struct cli_verb *verb = &cli_verbs[i];

		if (!is_there(verb) || verb->takes == CLI_TAKES_COMMAND)
			continue;
		fprintf(out, "\t%s)\n\t\tif [[ $cur == -* ]]; then\n\t\t\t_nidus_offer '--help",
			verb->name);
		for (const struct option *option = verb->options; option && option->name; option++)
			fprintf(out, " --%s", option->name);
		fputs("'\n", out);
		switch (verb->takes) {
		case CLI_TAKES_SANDBOXES:
			fputs("\t\telse\n\t\t\t_nidus_offer \"$(_nidus_sandboxes)\"\n", out);
			break;
		case CLI_TAKES_FILE:
			fputs("\t\telse\n\t\t\t_nidus_files\n", out);
			break;
		case CLI_TAKES_VERB:
			fputs("\t\telse\n\t\t\t_nidus_offer '", out);
			list_verbs(out);
			fputs("'\n", out);
			break;
		case CLI_TAKES_NOTHING:
		case CLI_TAKES_COMMAND:
			break;
		}
		fputs("\t\tfi\n\t\t;;\n", out);
	}
	fputs("\tesac\n}\n", out);
}

/* The tables; the code that reads them is in completions.bash. */
static void print_bash(FILE *out)
{
	fputs("# SPDX-License-Identifier: Apache-2.0\n"
	      "# Completions of nidus for bash, made from its tables of verbs and options.\n\n", out);
	print_bash_tables(out);
	fputs("_nidus_verbs='", out);
	list_verbs(out);
	fputs("'\n", out);
	print_bash_verbs(out);
}

/* ---- zsh ---- */

static void print_zsh_value(const struct run_option *option, unsigned int value, FILE *out)
{
	bool is_path = option->paths & (1u << value);
	char words[WORDS_MAX] = "";

	if (value == 0)
		words_of(option, words);
	if (option->id == RUN_PROFILE)
		fputs(":profile:_nidus_profiles", out);
	else if (words[0] && is_path)
		fprintf(out, ":value:_alternative \"words\\:word\\:(%s)\" \"files\\:file\\:_files\"",
			words);
	else if (words[0])
		fprintf(out, ":value:(%s)", words);
	else
		fputs(is_path ? ":value:_files" : ":value: ", out);
}

static void print_zsh_run(FILE *out)
{
	fputs("\trun)\n\t\t_arguments -S \\\n", out);
	for (size_t i = 0; i < run_option_count; i++) {
		const struct run_option *option = &run_options[i];

		fprintf(out, "\t\t\t'*%s%s", option->name, option->values == 1 ? "=" : "");
		for (unsigned int value = 0; value < option->values; value++)
			print_zsh_value(option, value, out);
		fputs("' \\\n", out);
	}
	fputs("\t\t\t'(-)1:command: _command_names -e' \\\n"
	      "\t\t\t'*::argument: _normal'\n\t\t;;\n", out);
}

static void print_zsh_verb(const struct cli_verb *verb, FILE *out)
{
	fprintf(out, "\t%s)\n\t\t_arguments '(- *)--help'", verb->name);
	for (const struct option *option = verb->options; option && option->name; option++)
		fprintf(out, " '--%s%s'", option->name,
			option->has_arg == required_argument ? "=:value: " : "");
	switch (verb->takes) {
	case CLI_TAKES_SANDBOXES:
		fputs(" '*:sandbox:_nidus_sandboxes'", out);
		break;
	case CLI_TAKES_FILE:
		fputs(" '1:file:_files'", out);
		break;
	case CLI_TAKES_VERB:
		fputs(" '1:verb:(", out);
		list_verbs(out);
		fputs(")'", out);
		break;
	case CLI_TAKES_NOTHING:
	case CLI_TAKES_COMMAND:
		break;
	}
	fputs("\n\t\t;;\n", out);
}

/* Those that come along, those of the user and of the administrator, and files. */
static void print_zsh_profiles(FILE *out)
{
	char words[WORDS_MAX];

	fprintf(out,
		"_nidus_profiles() {\n"
		"\tlocal -a names\n"
		"\tnames=(%s ${XDG_CONFIG_HOME:-$HOME/.config}/nidus/profiles/*(N:t) "
		"/etc/nidus/profiles/*(N:t))\n"
		"\tcompadd -a names\n"
		"\t_files\n"
		"}\n",
		words_of(run_find_option("--profile", strlen("--profile")), words));
}

static void print_zsh(FILE *out)
{
	fputs("#compdef nidus\n"
	      "# SPDX-License-Identifier: Apache-2.0\n"
	      "# Completions of nidus for zsh, made from its tables of verbs and options.\n"
	      "\n# Living sandboxes: by name, else by id.\n"
	      "_nidus_sandboxes() {\n"
	      "\tlocal -a names\n"
	      "\tnames=(${(f)\"$(_call_program sandboxes nidus list 2>/dev/null |\n"
	      "\t\tawk 'NR > 1 { print $2 == \"-\" ? $1 : $2 }')\"})\n"
	      "\tcompadd -a names\n"
	      "}\n", out);
	print_zsh_profiles(out);
	fputs("\nlocal curcontext=$curcontext state line\n"
	      "local -a verbs\n"
	      "verbs=(\n", out);
	for (size_t i = 0; i < cli_verb_count; i++)
		if (is_there(&cli_verbs[i]))
			fprintf(out, "\t'%s:%s'\n", cli_verbs[i].name, cli_verbs[i].summary);
	fputs(")\n"
	      "_arguments -C '(- *)'{-h,--help} '(- *)--version' \\\n"
	      "\t'--log-level=:value:(error warn info debug trace)' '--log-format=:value:(text json)' \\\n"
	      "\t'1:verb:->verb' '*::argument:->argument'\n"
	      "if [[ $state == verb ]]; then\n"
	      "\t_describe verb verbs\n"
	      "\treturn\n"
	      "fi\n"
	      "case $words[1] in\n", out);
	for (size_t i = 0; i < cli_verb_count; i++) {
		if (!is_there(&cli_verbs[i]))
			continue;
		if (cli_verbs[i].takes == CLI_TAKES_COMMAND)
			print_zsh_run(out);
		else
			print_zsh_verb(&cli_verbs[i], out);
	}
	fputs("esac\n", out);
}

/* ---- fish ---- */

static void print_fish_run(FILE *out)
{
	static const char head[] = "complete -c nidus -n '__fish_seen_subcommand_from run'";
	char words[WORDS_MAX];

	for (size_t i = 0; i < run_option_count; i++) {
		const struct run_option *option = &run_options[i];

		fprintf(out, "%s -l %s", head, option->name + 2);
		if (option->values > 0)
			fputs(option->paths ? " -r -F" : " -x", out);
		if (words_of(option, words)[0])
			fprintf(out, " -a '%s%s'", words,
				option->id == RUN_PROFILE ? " (__nidus_profiles)" : "");
		fputc('\n', out);
	}
	fprintf(out, "%s -a '(__fish_complete_command)'\n", head);
}

static void print_fish_verb(const struct cli_verb *verb, FILE *out)
{
	char head[128];

	snprintf(head, sizeof(head), "complete -c nidus -n '__fish_seen_subcommand_from %s'",
		 verb->name);
	fprintf(out, "%s -l help\n", head);
	for (const struct option *option = verb->options; option && option->name; option++)
		fprintf(out, "%s -l %s%s\n", head, option->name,
			option->has_arg == required_argument ? " -x" : "");
	switch (verb->takes) {
	case CLI_TAKES_SANDBOXES:
		fprintf(out, "%s -a '(__nidus_sandboxes)'\n", head);
		break;
	case CLI_TAKES_FILE:
		fprintf(out, "%s -F\n", head);
		break;
	case CLI_TAKES_VERB:
		fprintf(out, "%s -a '", head);
		list_verbs(out);
		fputs("'\n", out);
		break;
	case CLI_TAKES_NOTHING:
	case CLI_TAKES_COMMAND:
		break;
	}
}

static void print_fish(FILE *out)
{
	static const char head[] = "complete -c nidus -n __fish_use_subcommand";

	fputs("# SPDX-License-Identifier: Apache-2.0\n"
	      "# Completions of nidus for fish, made from its tables of verbs and options.\n"
	      "\nfunction __nidus_sandboxes -d 'Living sandboxes: by name, else by id'\n"
	      "\tnidus list 2>/dev/null | awk 'NR > 1 { print $2 == \"-\" ? $1 : $2 }'\n"
	      "end\n"
	      "function __nidus_profiles -d 'Profiles of the user and of the administrator'\n"
	      "\tset -l config $XDG_CONFIG_HOME\n"
	      "\ttest -n \"$config\"; or set config $HOME/.config\n"
	      "\tls $config/nidus/profiles /etc/nidus/profiles 2>/dev/null | string match -rv ':$|^$'\n"
	      "end\n"
	      "\ncomplete -c nidus -f\n", out);
	fprintf(out, "%s -s h -l help\n%s -l version\n", head, head);
	fprintf(out, "%s -l log-level -x -a 'error warn info debug trace'\n", head);
	fprintf(out, "%s -l log-format -x -a 'text json'\n", head);
	for (size_t i = 0; i < cli_verb_count; i++)
		if (is_there(&cli_verbs[i]))
			fprintf(out, "%s -a %s -d '%s'\n", head, cli_verbs[i].name,
				cli_verbs[i].summary);
	for (size_t i = 0; i < cli_verb_count; i++) {
		if (!is_there(&cli_verbs[i]))
			continue;
		if (cli_verbs[i].takes == CLI_TAKES_COMMAND)
			print_fish_run(out);
		else
			print_fish_verb(&cli_verbs[i], out);
	}
}

int main(int argc, char **argv)
{
	const char *shell = argc == 2 ? argv[1] : "";

	if (strcmp(shell, "bash") == 0)
		print_bash(stdout);
	else if (strcmp(shell, "zsh") == 0)
		print_zsh(stdout);
	else if (strcmp(shell, "fish") == 0)
		print_fish(stdout);
	else
		fputs("usage: completions-gen bash|zsh|fish\n", stderr);
	return shell[0] && fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
