/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the standalone roles: text assembled without stdio and sent in one write.
 * The sandbox role prints nothing; it reports.
 */
#ifndef NIDUS_INIT_SAY_H
#define NIDUS_INIT_SAY_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

#define SAY_MAX 1024 /* bytes; what is longer is cut */

/* In place of a step in a fault: the option whose value is the object. */
#define SAY_REPORT 254
#define SAY_READY_FD 255

struct say {
	size_t len;
	char text[SAY_MAX];
};

/* Each appends; call say_begin first. */
static inline void say_begin(struct say *say)
{
	say->len = 0;
}

void say_text(struct say *say, const char *text);
void say_number(struct say *say, uint64_t value);

/* The text of strerror(err), "error 95" for rare ones, or nothing if err is 0. */
void say_errno(struct say *say, int err);

/* "step object: Reason", as `nidus` prints the same fault. */
void say_fault(struct say *say, const struct fault *fault);

/* Sends it to fd in one write, and empties it. Errors are ignored: nobody may be reading. */
void say_send(struct say *say, int fd);

/*
 * The same to stderr, but the text is lost if stderr does not take it at once (^S, a stopped
 * reader): a process that enforces limits can't wait.
 */
void say_offer(struct say *say);

/*
 * Opens the terminal or pipe of stderr again, non-blocking: O_NONBLOCK on stderr itself would
 * change it for everybody who shares it. The caller closes it; -1: it is neither, or can't
 * be opened.
 */
int say_open_stderr(void);

/*
 * Appends a text in which the bytes \1 to \4 stand for words[0] to words[3]; with words NULL
 * it has none. A text longer than SAY_MAX is sent to `fd` in parts; with -1 it is cut.
 */
void say_words(struct say *say, int fd, const char *text, const char *const *words);

#endif
