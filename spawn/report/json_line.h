/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON lines out: members with their conventions (unset is null, text is valid
 * UTF-8 whatever it was), and the write that neither blocks for long nor kills.
 * All functions accept a NULL object (no memory) and do nothing with it.
 */
#ifndef NIDUS_JSON_LINE_H
#define NIDUS_JSON_LINE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../../init/fault.h"

#define JSON_LINE_TS_MAX 80   /* "2025-11-21T05:09:00.123456789Z", and as long as numbers get */
#define JSON_LINE_TEXT_MAX 512 /* bytes of one text in an event: a line stays below PIPE_BUF */

/*
 * Text of any bytes: what isn't UTF-8 and control characters other than newline,
 * return and tab become U+FFFD (JSON escapes some of them only, and terminals obey
 * the rest), so that text grows threefold at most. NULL is null. At most `max` bytes
 * are taken.
 */
void json_line_text(struct json_object *object, const char *key, const char *text, size_t max);

void json_line_number(struct json_object *object, const char *key, uint64_t number);
/* The same, null where `number` is `unset`. */
void json_line_known(struct json_object *object, const char *key, uint64_t number, uint64_t unset);
void json_line_bool(struct json_object *object, const char *key, bool value);
/* Takes `value` over. */
void json_line_member(struct json_object *object, const char *key, struct json_object *value);

/* step, errno, object and message of a fault as members. errno and object are null if none. */
void json_line_fault(struct json_object *object, const struct fault *fault);

/* RFC 3339, UTC, nanoseconds. Reads no time zone file, as gmtime would. */
void json_line_time(const struct timespec *time, char text[JSON_LINE_TS_MAX]);

/*
 * Writes object and newline: one write where it fits into PIPE_BUF, else several.
 * Waits at most timeout_ms in all for the reader; 0 waits for nothing. SIGPIPE
 * is kept from the process. -1 with errno: EAGAIN for a reader that is too slow,
 * EPIPE for one that is gone, EIO when it broke off within a line.
 */
int json_line_write(int fd, struct json_object *object, int timeout_ms);

#endif
