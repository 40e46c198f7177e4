/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a line of machine.conf into words. */
#include "conf.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Unquotes the word at `from` in place; returns the text after it. */
static char *take_word(char *from, const char **why)
{
	char *to = from;
	bool quoted = false;

	for (; *from && (quoted || !is_blank(*from)); from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		if ((unsigned char)*from < ' ' && *from != '\t')
			*why = "control character";
		*to++ = *from;
	}
	if (quoted)
		*why = "unclosed quote";
	from += *from != '\0';
	*to = '\0'; /* overwrites the blank, the end, or a byte freed by quotes */
	return from;
}

_Static_assert(CONF_LINE_MAX == 4096 && CONF_LINE_WORDS == 64, "the messages below say so");

const char *conf_split(char *line, char *words[CONF_LINE_WORDS + 1])
{
	const char *why = NULL;
	unsigned count = 0;

	if (strlen(line) >= CONF_LINE_MAX)
		why = "longer than 4095 bytes";
	while (!why) {
		while (is_blank(*line))
			line++;
		if (*line == '\0' || *line == '#')
			break;
		if (count == CONF_LINE_WORDS)
			return "more than 64 words";
		words[count++] = line;
		line = take_word(line, &why);
	}
	words[count] = NULL;
	return why;
}
