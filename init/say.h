/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the standalone roles tell people: text put together without stdio, sent in
 * one write. The sandbox role says nothing; it reports.
 */
#ifndef NIDUS_INIT_SAY_H
#define NIDUS_INIT_SAY_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

#define SAY_MAX 1024 /* bytes; what is longer is cut */

/* In the place of a fault's step: the option whose value is the object. */
#define SAY_REPORT 254
#define SAY_READY_FD 255

struct say {
	size_t len;
	char text[SAY_MAX];
};

/* Each adds to the end; say_begin first. */
static inline void say_begin(struct say *say)
{
	say->len = 0;
}

void say_text(struct say *say, const char *text);
void say_number(struct say *say, uint64_t value);

/* What strerror(err) says, "error 95" for rare ones, or nothing where err is 0. */
void say_errno(struct say *say, int err);

/* "step object: Reason", as `nidus` prints the same fault. */
void say_fault(struct say *say, const struct fault *fault);

/* Sends it to fd in one write, and empties it. Whether anybody listens does not matter. */
void say_send(struct say *say, int fd);

/*
 * The same to stderr, but where that does not take it at once (^S, a reader that stands
 * still) it is lost: who keeps limits can't wait.
 */
void say_offer(struct say *say);

/*
 * stderr's terminal or pipe as a file of our own that never blocks: theirs would not for
 * anybody who has it. To be closed; -1: it is neither, or can't be had.
 */
int say_open_stderr(void);

/*
 * A text whose bytes \1 to \4 stand for words[0] to words[3]; with words NULL it has none.
 * What is longer than SAY_MAX is sent to `fd` in parts; with -1 it is cut.
 */
void say_words(struct say *say, int fd, const char *text, const char *const *words);

#endif
