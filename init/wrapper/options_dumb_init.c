/* SPDX-License-Identifier: Apache-2.0 */
/* The special features of the dumb-init command line. */
#include <signal.h>
#include <string.h>

#include "../core/program.h"
#include "options.h"
#include "texts.h"

#define NOT_REWRITTEN 0xff /* marks terminal signals while options are read */

/*
 * The signals of job control, whose numbers follow each other. They become STOP: the group
 * is orphaned, and the kernel does not stop such a group by the others.
 */
#define TERMINAL_STOPS 3
_Static_assert(SIGTTIN == SIGTSTP + 1 && SIGTTOU == SIGTSTP + 2, "consecutive numbers");

void options_begin_dumb_init(struct wrapper_options *options)
{
	memset(&options->rewrite[SIGTSTP], NOT_REWRITTEN, TERMINAL_STOPS);
}

/* Whether the value of a variable is this single character. */
static bool is_set(char *const *envp, const char *name, char to)
{
	char **variable = program_variable(envp, name);
	const char *value = variable ? *variable + strlen(name) : "";

	return value[0] == to && value[1] == '\0';
}

void options_finish_dumb_init(struct wrapper_options *options, char *const *envp)
{
	if (is_set(envp, "DUMB_INIT_DEBUG=", '1')) {
		options->verbosity = VERBOSITY_DEBUG;
		texts_line(options, "Running in debug mode.");
	}
	if (is_set(envp, "DUMB_INIT_SETSID=", '0')) {
		options->single_child = true;
		if (options->verbosity >= VERBOSITY_DEBUG)
			texts_line(options, "Not running in setsid mode.");
	}
	options->session = options->group = options->end_group = !options->single_child;
	for (int i = 0; i < TERMINAL_STOPS; i++) {
		uint8_t *as = &options->rewrite[SIGTSTP + i];

		if (*as == NOT_REWRITTEN)
			*as = options->session ? SIGSTOP : (uint8_t)(SIGTSTP + i);
	}
}
