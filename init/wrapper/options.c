/* SPDX-License-Identifier: Apache-2.0 */
/* Parses a command line: finds out which init it is written for, and reads its options. */
#include "options.h"

#include <string.h>
#include <unistd.h>

#include "../core/program.h"
#include "texts.h"

#define NIDUS_USAGE 125
#define PEERS_USAGE 1

static enum personality personality_of(const char *name)
{
	static const struct {
		const char *name;
		enum personality as;
	} known[] = {
		{"tini", AS_TINI},
		{"tini-static", AS_TINI},
		{"docker-init", AS_TINI},
		{"dumb-init", AS_DUMB_INIT},
		{"catatonit", AS_CATATONIT},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].as;
	return AS_NIDUS;
}

static void set_defaults(struct wrapper_options *options, const char *own)
{
	const char *slash = strrchr(own, '/');

	memset(options, 0, sizeof(*options));
	options->own = own;
	options->name = slash ? slash + 1 : own;
	options->as = personality_of(options->name);
	if (options->name[0] == '\0')
		options->name = "nidus-init";
	for (int i = 1; i < WRAPPER_SIGNALS; i++)
		options->rewrite[i] = (uint8_t)i;
	options->ready_fd = -1;
	options->foreground = options->as != AS_DUMB_INIT;
	options->verbosity = options->as == AS_NIDUS || options->as == AS_TINI;
}

static int usage_status(const struct wrapper_options *options)
{
	return options->as == AS_NIDUS ? NIDUS_USAGE : PEERS_USAGE;
}

/* tini prints its help, dumb-init nothing unless the program is missing. */
static int refuse_usage(const struct wrapper_options *options, bool no_program)
{
	switch (options->as) {
	case AS_NIDUS:
		if (no_program)
			texts_line(options, "no program to run; see --help");
		break;
	case AS_TINI:
		texts_help(options, STDERR_FILENO);
		break;
	case AS_DUMB_INIT:
		if (no_program)
			texts_tell(options, STDERR_FILENO,
				   "Usage: \4 [option] program [args]\n"
				   "Try \4 --help for full usage.\n");
		break;
	case AS_CATATONIT:
		if (no_program)
			texts_line(options, "missing program name");
		texts_tell(options, STDERR_FILENO,
			   "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n");
		break;
	}
	return usage_status(options);
}

static void refuse_letter(const struct wrapper_options *options, const struct reader *reader,
			  const char *why)
{
	const char letter[] = { reader->got->letter, '\0' };
	const char *words[] = { letter, reader->value };

	if (options->as == AS_TINI) { /* tini prints no more */
		texts_line_of(options, "Not a valid option for -\1: \2", words, "");
		return;
	}
	if (!words[1][0])
		words[1] = "''";
	texts_line_of(options, "-\1 \2: ", words, why);
}

static void refuse_name(const struct wrapper_options *options, const struct reader *reader,
			const char *why)
{
	const char *words[] = { reader->got_name, reader->value[0] ? reader->value : "''" };

	texts_line_of(options, "--\1 \2: ", words, why);
}

static int refuse_value(const struct wrapper_options *options, const struct reader *reader,
			const char *why)
{
	if (options->as == AS_DUMB_INIT)
		texts_tell(options, STDERR_FILENO,
			   "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.\n"
			   "This option can be specified multiple times.\n"
			   "Use --help for full usage.\n");
	else if (reader->got_name)
		refuse_name(options, reader, why);
	else
		refuse_letter(options, reader, why);
	return usage_status(options);
}

/* WRAPPER_GO, or the status to exit with. */
static int read_options(struct reader *reader, struct wrapper_options *options)
{
	bool ours = options->as == AS_NIDUS || options->as == AS_TINI;

	for (;;) {
		int kind = reader_next(reader);
		const char *wrong;

		switch (kind) {
		case READER_END:
			return WRAPPER_GO;
		case READER_BAD:
			return refuse_usage(options, false);
		case OPTION_HELP:
			texts_help(options, ours ? STDOUT_FILENO : STDERR_FILENO);
			return 0;
		case OPTION_LICENCE:
			texts_licence(options);
			return 0;
		case OPTION_VERSION:
			texts_version(options);
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
	texts_line(options, "CATATONIT_LOG is reserved for future use");
	return true;
}

int wrapper_parse(char **argv, char *const *envp, struct wrapper_options *options)
{
	char *none[] = { "", NULL };
	struct reader reader = {
		.options = options_table,
	};
	const char *wrong = NULL;
	int status;

	if (!argv[0]) /* an exec without arguments */
		argv = none;
	set_defaults(options, argv[0]);
	reader.name = options->as == AS_NIDUS ? options->name : argv[0];
	reader.who = (uint8_t)(1u << options->as);
	reader.prefixes = options->as == AS_DUMB_INIT || options->as == AS_CATATONIT;
	reader.next = argv + 1;
	if (options->as == AS_DUMB_INIT)
		options_begin_dumb_init(options);
	if (options->as == AS_CATATONIT && catatonit_refuses(options, envp))
		return usage_status(options);
	status = read_options(&reader, options);
	if (status != WRAPPER_GO || options->pause)
		return status;
	if (!*reader.next)
		return refuse_usage(options, true);
	options->program = reader.next;
	switch (options->as) {
	case AS_NIDUS:
	case AS_TINI:
		wrong = options_finish_nidus(options, envp);
		break;
	case AS_DUMB_INIT:
		options_finish_dumb_init(options, envp);
		break;
	case AS_CATATONIT:
		break;
	}
	if (!wrong)
		return WRAPPER_GO;
	texts_line(options, wrong);
	return usage_status(options);
}
