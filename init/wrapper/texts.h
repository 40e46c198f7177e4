/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the command lines and prefixes of messages. */
#ifndef NIDUS_WRAPPER_TEXTS_H
#define NIDUS_WRAPPER_TEXTS_H

#include "../say.h"
#include "wrapper.h"

/*
 * Writes a text, with \1 replaced by the name we were called by, without its directory;
 * \2 by our version; \3 by our commit; \4 by argv[0].
 */
void texts_tell(const struct wrapper_options *options, int fd, const char *text);

/* Help, version and licence of the personality, written where it writes them. */
void texts_help(const struct wrapper_options *options, int fd);
void texts_version(const struct wrapper_options *options);
void texts_licence(const struct wrapper_options *options);

/*
 * Begins a line as the personality does: "nidus-init: ", "[FATAL tini (7)] ",
 * "[dumb-init] ", "ERROR (catatonit:7): ". level: 0 for an error, up to 4 for trace.
 */
void texts_begin(const struct wrapper_options *options, unsigned level, struct say *say);

/* Ends the line and writes it to stderr, like all lines. */
void texts_end(struct say *say);

/* An error line: two texts, the first with words in it (say_words). */
void texts_line_of(const struct wrapper_options *options, const char *first,
		   const char *const *words, const char *second);
void texts_line(const struct wrapper_options *options, const char *text);

#endif
