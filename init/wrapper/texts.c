/* SPDX-License-Identifier: Apache-2.0 */
/* Help, usage and version texts of the four command lines, and what their lines begin with. */
#include "texts.h"

#include <unistd.h>

#include "../text.h"
#include "version.h"

void texts_tell(const struct wrapper_options *options, int fd, unsigned phrase)
{
	const char *const words[] = { options->name, version_number, version_git, options->own };
	struct say say;

	say_begin(&say);
	say_phrase(&say, fd, phrase, words);
	say_send(&say, fd);
}

void texts_help(const struct wrapper_options *options, int fd)
{
	texts_tell(options, fd, PHRASE_HELP + options->as);
	if (options->as <= AS_TINI)
		texts_tell(options, fd, PHRASE_HELP_LETTERS);
}

void texts_begin(const struct wrapper_options *options, unsigned level, struct say *say)
{
	char digits[TEXT_NUMBER_MAX];
	const char *const words[] = {
		options->name,
		text_number(digits, (uint64_t)getpid(), 10),
	};

	say_begin(say);
	say_phrase(say, STDERR_FILENO, PHRASE_LEVEL + 4 * level + options->as, words);
}

void texts_end(struct say *say)
{
	say_text(say, "\n");
	say_offer(say);
}

void texts_line_of(const struct wrapper_options *options, unsigned first,
		   const char *const *words, unsigned second)
{
	struct say say;

	texts_begin(options, 0, &say);
	say_phrase(&say, STDERR_FILENO, first, words);
	say_phrase(&say, STDERR_FILENO, second, NULL);
	texts_end(&say);
}

void texts_line(const struct wrapper_options *options, unsigned phrase)
{
	texts_line_of(options, phrase, NULL, PHRASE_NONE);
}
