/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of all four command lines, in one table; and what each command line does
 * before and after reading them.
 */
#ifndef NIDUS_WRAPPER_OPTIONS_H
#define NIDUS_WRAPPER_OPTIONS_H

#include "reader.h"
#include "wrapper.h"

#define VERBOSITY_DEBUG 3 /* of dumb-init and catatonit */

enum option_kind {
	OPTION_HELP = READER_END + 1,
	OPTION_LICENCE,
	OPTION_VERSION,
	OPTION_VERBOSE,
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_REPORT,
	OPTION_DURATION,
	OPTION_GRACE,
	OPTION_SIZE,
	OPTION_SIGNAL,
	OPTION_NUMBER,
	OPTION_REMAP,
	OPTION_RESTART,
	OPTION_REWRITE,
	OPTION_REWRITE_DUMB_INIT,
};

extern const struct option options_table[]; /* ends with a kind of 0 */

/* Sets the field of the option. Returns NULL, or a text that says what is allowed. */
const char *options_set(struct wrapper_options *options, const struct option *option,
			const char *value);

/* Reads a number like "%d" of scanf(3) and atoi(3): skips blanks and a +. Refuses negative ones. */
bool options_scan(const char **text, uint64_t *number);

/* Before and after the options are read. For nidus: NULL, or a text naming the contradiction. */
void options_begin_dumb_init(struct wrapper_options *options);
void options_finish_dumb_init(struct wrapper_options *options, char *const *envp);
const char *options_finish_nidus(struct wrapper_options *options, char *const *envp);

#endif
