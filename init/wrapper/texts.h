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

/* A text as it is, with our names and version in it. */
void texts_tell(const struct wrapper_options *options, int fd, unsigned phrase)
	TEXTS_OWN_FRAME;

/* The personality's help. */
void texts_help(const struct wrapper_options *options, int fd);

/*
 * Begins a line as the personality does: "nidus-init: ", "[FATAL tini (7)] ",
 * "[dumb-init] ", "ERROR (catatonit:7): ". 0: an error; each more, up to 4: more to read.
 */
void texts_begin(const struct wrapper_options *options, unsigned level, struct say *say);

/* Ends and sends it; on stderr, as all lines. */
void texts_end(struct say *say);

/* A line of an error: of two phrases, the first with words in it. */
void texts_line_of(const struct wrapper_options *options, unsigned first,
		   const char *const *words, unsigned second) TEXTS_OWN_FRAME;
void texts_line(const struct wrapper_options *options, unsigned phrase);

#endif
