/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the text of a profile apart: lines, words, quotes, comments. */
#include "profile.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t"

/* A word that is being read; it never is longer than what was read for it. */
struct token {
	const char *in;
	char *out;
	const char *why; /* what is wrong; NULL: nothing */
};

static bool wrong(struct token *word, const char *why)
{
	word->why = why;
	return false;
}

/* From behind the opening quote to behind the closing one. */
static bool take_quoted(struct token *word, char quote)
{
	while (*word->in != quote) {
		if (*word->in == '\0')
			return wrong(word, quote == '"' ? "a \" is not closed on its line"
							: "a ' is not closed on its line");
		if (*word->in == '\\' && quote == '"') {
			word->in++;
			if (*word->in != '"' && *word->in != '\\')
				return wrong(word, "within \"...\" a \\ must stand before \" or \\ "
						   "(use '...' for text as it is)");
		}
		*word->out++ = *word->in++;
	}
	word->in++;
	return true;
}

static bool take_escaped(struct token *word)
{
	if (*word->in == '\0')
		return wrong(word, "a \\ at the end of a line: an option and its values stand on "
				   "one line");
	*word->out++ = *word->in++;
	return true;
}

/* The word at word->in, written to word->out with its NUL. */
static bool take_word(struct token *word)
{
	while (*word->in && !strchr(BLANKS, *word->in)) {
		char c = *word->in;

		if (c == '\'' || c == '"' || c == '\\') {
			word->in++;
			if (!(c == '\\' ? take_escaped(word) : take_quoted(word, c)))
				return false;
		} else {
			*word->out++ = *word->in++;
		}
	}
	return true;
}

/* A line without its newline, NUL-terminated. */
static enum profile_next take_line(char *line, const char *words[PROFILE_WORDS_MAX],
				   unsigned int *count, const char **why)
{
	struct token word = { .in = line };

	word.out = line; /* words are put together in their own place */
	*count = 0;
	for (;;) {
		word.in += strspn(word.in, BLANKS);
		if (*word.in == '\0' || *word.in == '#')
			return *count > 0 ? PROFILE_LINE : PROFILE_END;
		if (*count == PROFILE_WORDS_MAX) {
			*why = "more words than an option and its values; a value with blanks "
			       "needs quotes";
			return PROFILE_WRONG;
		}
		words[(*count)++] = word.out;
		if (!take_word(&word)) {
			*why = word.why;
			return PROFILE_WRONG;
		}
		/* the NUL may fall on the blank behind the word */
		if (*word.in)
			word.in++;
		*word.out++ = '\0';
	}
}

/* What no line may hold; NULL: it is text. */
static const char *not_text(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == '\r')
			return "a carriage return: lines must end with a newline alone";
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "a control character: a profile is text";
	}
	return NULL;
}

enum profile_next profile_next(struct profile_text *text, const char *words[PROFILE_WORDS_MAX],
			       unsigned int *count, const char **why)
{
	while (text->left > 0) {
		char *line = text->at, *end = memchr(line, '\n', text->left);
		size_t len = end ? (size_t)(end - line) : text->left;
		enum profile_next found;

		text->at += end ? len + 1 : len;
		text->left -= end ? len + 1 : len;
		if (++text->line > PROFILE_LINES_MAX) {
			*why = "a profile has at most 1,000 lines";
			return PROFILE_WRONG;
		}
		*why = not_text(line, len);
		if (*why)
			return PROFILE_WRONG;
		line[len] = '\0';
		found = take_line(line, words, count, why);
		if (found != PROFILE_END)
			return found;
	}
	return PROFILE_END;
}
