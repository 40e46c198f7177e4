/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON lines: members by one convention (unset is null, text always becomes valid
 * UTF-8), and a write that neither blocks for long nor raises SIGPIPE. All functions
 * accept a NULL object (no memory) and then do nothing.
 */
#ifndef NIDUS_JSON_LINE_H
#define NIDUS_JSON_LINE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../../init/fault.h"

#define JSON_LINE_TS_MAX 80   /* "2025-11-21T05:09:00.123456789Z", with room for any numbers */
#define JSON_LINE_TEXT_MAX 512 /* bytes of one text in an event: a line stays below PIPE_BUF */

/*
 * Text of any bytes. What isn't UTF-8, and control characters other than newline, return
 * and tab, become U+FFFD: JSON escapes only some of them, and terminals obey the rest.
 * So text grows at most threefold. NULL is null. At most `max` bytes are taken.
 */
void json_line_text(struct json_object *object, const char *key, const char *text, size_t max);

void json_line_number(struct json_object *object, const char *key, uint64_t number);
/* A number; null if it equals `unset`. */
void json_line_known(struct json_object *object, const char *key, uint64_t number, uint64_t unset);
void json_line_bool(struct json_object *object, const char *key, bool value);
/* Takes ownership of `value`. */
void json_line_member(struct json_object *object, const char *key, struct json_object *value);

/* step, errno, object and message of a fault as members. errno and object are null if none. */
void json_line_fault(struct json_object *object, const struct fault *fault);

/* RFC 3339, UTC, nanoseconds. Reads no time zone file, as gmtime would. */
void json_line_time(const struct timespec *time, char text[JSON_LINE_TS_MAX]);

/*
 * Writes object and newline: in one write if they fit into PIPE_BUF, else in several. A shared
 * descriptor gets a newline before, unless it is seen to stand at the beginning of a line.
 * Waits at most timeout_ms in all for the reader, not at all if that is 0. Never raises
 * SIGPIPE. -1 with errno: EAGAIN if the reader is too slow, EPIPE if it is gone, EIO if
 * the write stopped within a line.
 */
int json_line_write(int fd, struct json_object *object, bool shared, int timeout_ms);

#endif
