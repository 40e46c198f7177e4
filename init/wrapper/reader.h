/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads options from a command line by a table, as getopt_long(3) does, and
 * complains in its words, which people's scripts know. It never permutes: the
 * first argument that is no option ends it.
 */
#ifndef NIDUS_WRAPPER_READER_H
#define NIDUS_WRAPPER_READER_H

#include <stdbool.h>
#include <stdint.h>

#define READER_END 0
#define READER_BAD (-1)

struct option {
	const char *name; /* behind "--"; NULL: none */
	char letter;      /* behind "-"; 0: none */
	uint8_t who;      /* bits: whose option it is */
	bool takes_value;

	/* the table's owner's */
	uint8_t kind;     /* 0: the table's end */
	bool may_be_zero;
	uint16_t field;   /* offset of what it sets */
};

struct reader {
	const char *name; /* of the program, in complaints */
	const struct option *options;
	uint8_t who;         /* whose options count */
	bool prefixes;       /* unambiguous beginnings of long names are names */
	char **next;         /* in argv; at the end: the first argument that is no option */
	const char *letters; /* what is left of "-vvg", else NULL */

	/* the last option */
	const struct option *got;
	const char *got_name; /* by which it was given; NULL: by its letter */
	const char *other_name; /* of a second one that begins as it was given; else NULL */
	const char *value;    /* NULL: it has none */
};

/* The kind of the next option, READER_END, or READER_BAD after a line on stderr. */
int reader_next(struct reader *reader);

#endif
