/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of the standalone roles, which are a tenth of the program: their words
 * stand in wrapper/phrases.h, and are packed when it is built. Four fifths of what
 * people read repeats itself, so a byte of a packed text stands for two others, which
 * may stand for two each; to read it needs no memory but for those that wait.
 */
#ifndef NIDUS_INIT_PHRASE_H
#define NIDUS_INIT_PHRASE_H

#include <stdint.h>

#define PHRASE_STEP_NAMES 17
#define PHRASE_ERROR_NAMES 25
#define PHRASE_REPORT_KEYS 10

/* Which text. A number on the right: of that many, with the first one's name. */
enum phrase {
	PHRASE_NONE,

	PHRASE_STEP, /* "step ", and the names of say.c's steps */
	PHRASE_ERROR = PHRASE_STEP + 1 + PHRASE_STEP_NAMES, /* "error ", and what they mean */

	/* what a line begins with: 5 levels by 4 personalities */
	PHRASE_LEVEL = PHRASE_ERROR + 1 + PHRASE_ERROR_NAMES,
	PHRASE_HELP = PHRASE_LEVEL + 5 * 4, /* by personality */
	PHRASE_VERSION = PHRASE_HELP + 4,   /* by personality */
	PHRASE_HELP_LETTERS = PHRASE_VERSION + 4,
	PHRASE_LICENCE,
	PHRASE_USAGE_DUMB_INIT,
	PHRASE_USAGE_CATATONIT,
	PHRASE_REWRITE_DUMB_INIT,

	/* the command line; the first of these by what is wrong with the option's value */
	PHRASE_WRONG_VALUE,
	PHRASE_NEVER_PASSED = PHRASE_WRONG_VALUE + 8,
	PHRASE_NOT_ZERO,
	PHRASE_NOT_OPTION,
	PHRASE_WRONG_LETTER,
	PHRASE_WRONG_LETTER_TINI,
	PHRASE_WRONG_NAME,
	PHRASE_NO_PROGRAM,
	PHRASE_NO_PROGRAM_CATATONIT,
	PHRASE_LOG_CATATONIT,
	PHRASE_DEBUG_DUMB_INIT,
	PHRASE_SETSID_DUMB_INIT,
	PHRASE_SIGNAL_NEEDS_MEMORY,
	PHRASE_LIMIT_NEEDS_RESTART,
	PHRASE_NOBODY_TO_NOTIFY,
	PHRASE_VERB_ALONE,
	PHRASE_SANDBOX,
	PHRASE_INVALID_OPTION,
	PHRASE_LETTER_NEEDS_VALUE,
	PHRASE_AMBIGUOUS_OPTION,
	PHRASE_UNKNOWN_OPTION,
	PHRASE_NO_VALUE_ALLOWED,
	PHRASE_NAME_NEEDS_VALUE,

	PHRASE_REPORT, /* by enum reason */
	PHRASE_SIGNALED = PHRASE_REPORT + 5,
	PHRASE_START_ERROR,
	PHRASE_REPORT_KEY,

	/* the rest: enum event by 4 personalities (wrapper/supervisor.h) */
	PHRASE_EVENT = PHRASE_REPORT_KEY + PHRASE_REPORT_KEYS,
};

#define PHRASE_DEPTH 16 /* bytes that wait at once; the packer keeps to it */

/* The packed form, as the packer makes it and phrase.c reads it. */
#define PHRASE_END 21     /* of each text */
#define PHRASE_CONTROL 21 /* added to the bytes 1 to 10; 32 to 126 stand for themselves */
#define PHRASE_PAIR 127   /* the byte that stands for the first pair; behind 255 comes 0 */
#define PHRASE_PAIRS 150

extern const uint8_t phrase_pairs[2 * PHRASE_PAIRS];
extern const uint8_t phrase_texts[];

/* Where in a text we are. */
struct phrase_reader {
	const uint8_t *next;
	unsigned waiting;
	uint8_t stack[PHRASE_DEPTH];
};

void phrase_begin(struct phrase_reader *reader, unsigned phrase);

/* The next character; 0 at the end, behind which nothing may be asked for. */
char phrase_next(struct phrase_reader *reader);

#endif
