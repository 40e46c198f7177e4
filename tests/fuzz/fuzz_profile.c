/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a profile: any bytes. What is read must lie in the text and within its bounds. */
#include <stdlib.h>

#include "../../spawn/cli/profile.c"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const char *text, size_t size, const char *const *words, unsigned count)
{
	if (count == 0 || count > PROFILE_WORDS_MAX)
		abort();
	for (unsigned i = 0; i < count; i++) {
		if (words[i] < text || words[i] + strlen(words[i]) > text + size)
			abort();
		if (i > 0 && words[i] <= words[i - 1] + strlen(words[i - 1]))
			abort();
		if (strpbrk(words[i], "\n\r\033"))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[PROFILE_WORDS_MAX], *why = NULL;
	char *text = malloc(size + 1);
	struct profile_text rest = { .at = text, .left = size };
	enum profile_next next;
	unsigned count, line = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while ((next = profile_next(&rest, words, &count, &why)) == PROFILE_LINE) {
		if (rest.line <= line || rest.line > PROFILE_LINES_MAX)
			abort();
		line = rest.line;
		check_words(text, size, words, count);
	}
	if (next == PROFILE_WRONG && (!why || !why[0]))
		abort();
	free(text);
	return 0;
}
