/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the nidus and tini command lines: the environment, and options that need others. */
#include <stddef.h>

#include "../core/program.h"
#include "options.h"

#define GRACE_DEFAULT_US 2000000 /* as in `nidus run` */
#define VERBOSITY "TINI_VERBOSITY="
#define VERBOSITY_MAX 9

/* Wins over -v, as with tini. */
static void set_verbosity(struct wrapper_options *options, const char *text)
{
	uint64_t number;

	if (!options_scan(&text, &number))
		number = 0;
	options->verbosity = number < VERBOSITY_MAX ? (unsigned)number : VERBOSITY_MAX;
}

/* Options that have no effect without another. */
static const char *contradiction(const struct wrapper_options *options, char *const *envp)
{
	if (options->memory_signal && !options->memory_bytes)
		return "--memory-signal needs --memory";
	if (options->restart_limit > 0 && options->restart == RESTART_NEVER)
		return "--restart-limit needs --restart";
	if (options->ready_notify && options->ready_fd < 0 &&
	    !program_variable(envp, "NOTIFY_SOCKET="))
		return "--ready-notify needs --ready-fd or NOTIFY_SOCKET";
	return NULL;
}

const char *options_finish_nidus(struct wrapper_options *options, char *const *envp)
{
	const char *wrong = contradiction(options, envp);
	char **variable;

	if (wrong)
		return wrong;
	if (options->kill_all && !options->has_grace) {
		options->has_grace = true;
		options->grace_us = GRACE_DEFAULT_US;
	}
	options->subreaper |= program_variable(envp, "TINI_SUBREAPER=") != NULL;
	options->group |= program_variable(envp, "TINI_KILL_PROCESS_GROUP=") != NULL;
	variable = program_variable(envp, VERBOSITY);
	if (variable)
		set_verbosity(options, *variable + sizeof(VERBOSITY) - 1);
	return NULL;
}
