/* SPDX-License-Identifier: Apache-2.0 */
/* A line of machine.conf as words. */
#include "conf.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The word at `from`, written over itself; returns what is behind it. */
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
			*why = "a control character";
		*to++ = *from;
	}
	if (quoted)
		*why = "a quote is not closed";
	from += *from != '\0';
	*to = '\0'; /* on the blank, the end, or what a quote left free */
	return from;
}

const char *conf_split(char *line, char *words[CONF_LINE_WORDS + 1])
{
	const char *why = NULL;
	unsigned count = 0;

	if (strlen(line) >= CONF_LINE_MAX)
		why = "too long";
	while (!why) {
		while (is_blank(*line))
			line++;
		if (*line == '\0' || *line == '#')
			break;
		if (count == CONF_LINE_WORDS)
			return "too many words";
		words[count++] = line;
		line = take_word(line, &why);
	}
	words[count] = NULL;
	return why;
}
