/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs that work on records share: list, kill, stop, wait, gc. */
#ifndef NIDUS_CLI_RECORDS_H
#define NIDUS_CLI_RECORDS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "../record/recover.h"

#define RECORDS_POLL_FIRST_MS 5
#define RECORDS_POLL_LAST_MS 50
#define RECORDS_SETTLE_MS 5000 /* for an owner to remove what a sandbox used */

/* The state root; -2: there is none, so no sandbox either; -1: after a message on stderr. */
int records_open_root(void);

/* Like record_find, but prints "VERB: no sandbox named x, …" itself. */
int records_find(int root_fd, const char *verb, const char *name, struct arena *arena,
		 struct record *record);

/* Prints the reason for a '?' or ':' of getopt_long. Returns CLI_EXIT_USAGE. */
int records_bad_option(const char *verb, int result, char *const *argv);


/* Sleeps until the next poll, at most until the deadline; *interval_ms grows. */
void records_pause(uint64_t *interval_ms, uint64_t deadline_ms);

/* Waits until init has ended; false: the deadline came first. UINT64_MAX: no deadline. */
bool records_wait_init(int init_fd, uint64_t deadline_ms);

/*
 * After the end of init: waits for the owner to remove the record, or removes it if there is
 * no owner. 0, or -1 after a message.
 */
int records_settle(int root_fd, const char *verb, const char *id, uint64_t deadline_ms);

/* Text from a journal, safe for terminals and JSON: what is not printable UTF-8 becomes '?'. */
const char *records_clean(struct arena *arena, const char *text);

struct json_object *records_json_fault(struct arena *arena, const struct fault *fault);

/* Prints `value` on a line and frees it. */
void records_print_json(struct json_object *value);

#endif
