/* SPDX-License-Identifier: Apache-2.0 */
/* From a command line to what it asks for: whose language it is, and what it says in that. */
#include "options.h"

#include <string.h>
#include <unistd.h>

#include "../core/program.h"
#include "texts.h"

#define NIDUS_USAGE 125
#define PEERS_USAGE 1

/* In the order of enum personality, from AS_TINI on; a number: that one. */
static const char aliases[] = "\1tini\0\1tini-static\0\1docker-init\0\2dumb-init\0\3catatonit\0";

static void set_defaults(struct wrapper_options *options, const char *own)
{
	const char *slash = strrchr(own, '/');

	memset(options, 0, sizeof(*options));
	options->own = own;
	options->name = slash ? slash + 1 : own;
	for (const char *alias = aliases; *alias; alias += strlen(alias) + 1)
		if (strcmp(options->name, alias + 1) == 0)
			options->as = (enum personality)*alias;
	if (options->name[0] == '\0')
		options->name = "nidus-init";
	for (int i = 1; i < WRAPPER_SIGNALS; i++)
		options->rewrite[i] = (uint8_t)i;
	options->ready_fd = -1;
	options->foreground = options->as != AS_DUMB_INIT;
	options->verbosity = options->as <= AS_TINI;
}

int options_usage_status(const struct wrapper_options *options)
{
	return options->as == AS_NIDUS ? NIDUS_USAGE : PEERS_USAGE;
}

/* tini prints its help, dumb-init nothing unless the program is missing. */
static int refuse_usage(const struct wrapper_options *options, bool no_program)
{
	static const uint8_t missing[] = {
		[AS_NIDUS] = PHRASE_NO_PROGRAM,
		[AS_CATATONIT] = PHRASE_NO_PROGRAM_CATATONIT,
	};

	if (no_program && missing[options->as])
		texts_line(options, missing[options->as]);
	if (options->as == AS_TINI)
		texts_help(options, STDERR_FILENO);
	else if (options->as == AS_CATATONIT)
		texts_tell(options, STDERR_FILENO, PHRASE_USAGE_CATATONIT);
	else if (options->as == AS_DUMB_INIT && no_program)
		texts_tell(options, STDERR_FILENO, PHRASE_USAGE_DUMB_INIT);
	return options_usage_status(options);
}

static int refuse_value(const struct wrapper_options *options, const struct reader *reader,
			unsigned why)
{
	const char letter[] = { reader->got->letter, '\0' };
	const char *words[] = { reader->got_name, reader->value };
	unsigned phrase = PHRASE_WRONG_NAME;

	if (options->as == AS_DUMB_INIT) {
		texts_tell(options, STDERR_FILENO, PHRASE_REWRITE_DUMB_INIT);
		return options_usage_status(options);
	}
	if (!words[0]) {
		words[0] = letter;
		phrase = options->as == AS_TINI ? PHRASE_WRONG_LETTER_TINI : PHRASE_WRONG_LETTER;
	}
	if (!words[1][0] && phrase != PHRASE_WRONG_LETTER_TINI)
		words[1] = "''";
	texts_line_of(options, phrase, words, phrase == PHRASE_WRONG_LETTER_TINI ? PHRASE_NONE : why);
	return options_usage_status(options);
}

/* WRAPPER_GO, or the status to exit with. */
static int read_options(struct reader *reader, struct wrapper_options *options)
{
	bool peer = options->as > AS_TINI;

	for (;;) {
		int kind = reader_next(reader);
		unsigned wrong;

		switch (kind) {
		case READER_END:
			return WRAPPER_GO;
		case READER_BAD:
			return refuse_usage(options, false);
		case OPTION_HELP:
			texts_help(options, peer ? STDERR_FILENO : STDOUT_FILENO);
			return 0;
		case OPTION_LICENCE:
			texts_tell(options, STDOUT_FILENO, PHRASE_LICENCE);
			return 0;
		case OPTION_VERSION:
			texts_tell(options,
				   options->as == AS_DUMB_INIT ? STDERR_FILENO : STDOUT_FILENO,
				   PHRASE_VERSION + options->as);
			return 0;
		}
		wrong = options_set(options, reader->got, reader->value);
		if (wrong)
			return refuse_value(options, reader, wrong);
	}
}

static bool catatonit_refuses(struct wrapper_options *options, char *const *envp)
{
	if (program_variable(envp, "CATATONIT_DEBUG="))
		options->verbosity = VERBOSITY_DEBUG;
	if (!program_variable(envp, "CATATONIT_LOG="))
		return false;
	texts_line(options, PHRASE_LOG_CATATONIT);
	return true;
}

int wrapper_parse(char **argv, char *const *envp, struct wrapper_options *options)
{
	static char *none[] = { "", NULL };
	struct reader reader = {
		.options = options_table,
		.names = options_names,
		.with_value = OPTION_TEXT,
	};
	int status;

	if (!argv[0]) /* an exec without arguments */
		argv = none;
	set_defaults(options, argv[0]);
	reader.name = options->as == AS_NIDUS ? options->name : argv[0];
	reader.who = (uint8_t)(1u << options->as);
	reader.prefixes = options->as > AS_TINI;
	reader.next = argv + 1;
	if (options->as == AS_DUMB_INIT)
		options_begin_dumb_init(options);
	if (options->as == AS_CATATONIT && catatonit_refuses(options, envp))
		return options_usage_status(options);
	status = read_options(&reader, options);
	if (status != WRAPPER_GO || options->pause)
		return status;
	if (!*reader.next)
		return refuse_usage(options, true);
	options->program = reader.next;
	if (options->as <= AS_TINI)
		return options_finish_nidus(options, envp);
	if (options->as == AS_DUMB_INIT)
		options_finish_dumb_init(options, envp);
	return WRAPPER_GO;
}
