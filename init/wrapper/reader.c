/* SPDX-License-Identifier: Apache-2.0 */
/* Options by a table. */
#include "reader.h"

#include <string.h>
#include <unistd.h>

#include "../say.h"

/*
 * In the words of getopt_long(3): \1 our name, \2 the option, \3 and \4 the possible ones.
 */
static int refuse(const struct reader *reader, const char *text, const char *word)
{
	const char *const words[] = { reader->name, word, reader->got_name, reader->other_name };
	struct say say;

	say_begin(&say);
	say_words(&say, STDERR_FILENO, text, words);
	say_send(&say, STDERR_FILENO);
	return READER_BAD;
}

/* The value of an option given as a separate word: the next argument. */
static int take_value(struct reader *reader, const char *complaint, const char *word)
{
	if (reader->got->takes_value && !reader->value) {
		reader->value = *reader->next;
		if (!reader->value)
			return refuse(reader, complaint, word);
		reader->next++;
	}
	return reader->got->kind;
}

/* Reads the letter at reader->letters and moves past it and its value. */
static int read_letter(struct reader *reader)
{
	const char letter[] = { *reader->letters++, '\0' };
	const char *rest = *reader->letters ? reader->letters : NULL;
	const struct option *option = reader->options;

	reader->letters = rest;
	while (option->kind && !(option->letter == letter[0] && option->who & reader->who))
		option++;
	if (!option->kind)
		return refuse(reader, "\1: invalid option -- '\2'\n", letter);
	reader->got = option;
	reader->got_name = NULL;
	reader->value = NULL;
	if (option->takes_value) {
		reader->letters = NULL;
		reader->value = rest;
	}
	return take_value(reader, "\1: option requires an argument -- '\2'\n", letter);
}

/* Finds an option by its name or a prefix of it. */
static void find(struct reader *reader, const char *name, size_t len)
{
	reader->got = NULL;
	reader->other_name = NULL;
	for (const struct option *option = reader->options; option->kind; option++) {
		const char *its = option->name;

		if (!its || !(option->who & reader->who) || strncmp(its, name, len) != 0)
			continue;
		if (its[len] != '\0' && !reader->prefixes)
			continue;
		if (its[len] != '\0' && reader->got) {
			reader->other_name = its;
			continue;
		}
		reader->got = option;
		reader->got_name = its;
		if (its[len] == '\0') {
			reader->other_name = NULL;
			return;
		}
	}
}

static int read_name(struct reader *reader, const char *given)
{
	size_t len = strcspn(given, "=");

	find(reader, given, len);
	if (reader->other_name)
		return refuse(
			reader,
			"\1: option '--\2' is ambiguous; possibilities: '--\3' '--\4'\n", given);
	if (!reader->got)
		return refuse(reader, "\1: unrecognized option '--\2'\n", given);
	reader->value = given[len] ? given + len + 1 : NULL;
	if (!reader->got->takes_value && reader->value)
		return refuse(reader, "\1: option '--\2' doesn't allow an argument\n",
			      reader->got_name);
	return take_value(reader, "\1: option '--\2' requires an argument\n",
			  reader->got_name);
}

int reader_next(struct reader *reader)
{
	const char *arg = *reader->next;

	if (reader->letters)
		return read_letter(reader);
	if (!arg || arg[0] != '-' || arg[1] == '\0')
		return READER_END;
	reader->next++;
	if (arg[1] == '-')
		return arg[2] ? read_name(reader, arg + 2) : READER_END;
	reader->letters = arg + 1;
	return read_letter(reader);
}
