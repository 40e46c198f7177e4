/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads options from a command line by a table, as getopt_long(3) does, with the same
 * error messages, which scripts may depend on. It never permutes: the first argument that
 * is not an option ends it.
 */
#ifndef NIDUS_WRAPPER_READER_H
#define NIDUS_WRAPPER_READER_H

#include <stdbool.h>
#include <stdint.h>

#define READER_END 0
#define READER_BAD (-1)

struct option {
	const char *name; /* after "--"; NULL: none */
	char letter;      /* after "-"; 0: none */
	uint8_t who;      /* bits: the command lines that have it */
	bool takes_value;

	/* for the owner of the table */
	uint8_t kind;     /* 0: end of the table */
	bool may_be_zero;
	uint16_t field;   /* offset of the field it sets */
};

struct reader {
	const char *name; /* of the program, for error messages */
	const struct option *options;
	uint8_t who;         /* bits: options of these command lines count */
	bool prefixes;       /* unambiguous prefixes of long names are accepted */
	char **next;         /* in argv; at the end: the first non-option argument */
	const char *letters; /* the rest of "-vvg", else NULL */

	/* the last option */
	const struct option *got;
	const char *got_name; /* the name it was given by; NULL: by its letter */
	const char *other_name; /* of a second one with the same prefix; else NULL */
	const char *value;    /* NULL: it has none */
};

/* The kind of the next option, READER_END, or READER_BAD after a line on stderr. */
int reader_next(struct reader *reader);

#endif
