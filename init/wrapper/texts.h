/* SPDX-License-Identifier: Apache-2.0 */
/* What the command lines, and the supervision behind them, say of themselves. */
#ifndef NIDUS_WRAPPER_TEXTS_H
#define NIDUS_WRAPPER_TEXTS_H

#include "../say.h"
#include "wrapper.h"

/*
 * What has a buffer is not inlined: it would be part of the frame of whoever may say
 * something, and its pages in use.
 */
#define TEXTS_OWN_FRAME __attribute__((noinline))

/*
 * A text as it is, but for \1: what we were called, without its directory; \2: our
 * version; \3: our commit; \4: argv[0].
 */
void texts_tell(const struct wrapper_options *options, int fd, const char *text)
	TEXTS_OWN_FRAME;

/* The personality's help, version and licence; to where it writes them. */
void texts_help(const struct wrapper_options *options, int fd);
void texts_version(const struct wrapper_options *options);
void texts_licence(const struct wrapper_options *options);

/*
 * Begins a line as the personality does: "nidus-init: ", "[FATAL tini (7)] ",
 * "[dumb-init] ", "ERROR (catatonit:7): ". 0: an error; each more, up to 4: more to read.
 */
void texts_begin(const struct wrapper_options *options, unsigned level, struct say *say);

/* Ends and sends it; on stderr, as all lines. */
void texts_end(struct say *say);

/* A line of an error: two texts, the first with words in it (say_words). */
void texts_line_of(const struct wrapper_options *options, const char *first,
		   const char *const *words, const char *second) TEXTS_OWN_FRAME;
void texts_line(const struct wrapper_options *options, const char *text);

#endif
