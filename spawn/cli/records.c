/* SPDX-License-Identifier: Apache-2.0 */
/* Finding records, waiting for their end and printing them: see records.h. */
#include "records.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "../report/printable.h"
#include "cli.h"

int records_open_root(void)
{
	char path[STATE_PATH_MAX];
	struct fault fault;
	int fd = state_find_root(path, &fault);

	if (fd >= 0)
		return fd;
	if (fault.err == ENOENT)
		return -2;
	cli_fault(&fault);
	return -1;
}

/* True if these are digits of an id, but too few of them. */
static bool is_short_id(const char *name)
{
	size_t len = strlen(name);

	return len < RECORD_PREFIX_MIN && strspn(name, "0123456789abcdef") == len;
}

int records_find(int root_fd, const char *verb, const char *name, struct arena *arena,
		 struct record *record)
{
	struct fault fault;

	record->init_fd = -1;
	if (root_fd >= 0 && record_find(root_fd, name, arena, record, &fault) == 0)
		return 0;
	if (root_fd < 0 || fault.err == ENOENT)
		cli_say(CLI_LOG_ERROR, is_short_id(name) ?
			"%s: no sandbox named %s, and an id needs four digits or more" :
			"%s: no sandbox named %s, or it has ended already", verb, name);
	else if (fault.err == EEXIST)
		cli_say(CLI_LOG_ERROR, "%s: more than one id begins with %s", verb, name);
	else
		cli_fault(&fault);
	return -1;
}

int records_bad_option(const char *verb, int result, char *const *argv)
{
	const char *text = argv[optind - 1];
	const char *equals = strchr(text, '=');

	if (result == ':')
		cli_say(CLI_LOG_ERROR, "%s: %s needs a value (see nidus %s --help)", verb, text,
			verb);
	else if (!optopt)
		cli_say(CLI_LOG_ERROR, "%s: unknown option %s (see nidus %s --help)", verb, text,
			verb);
	else if (strncmp(text, "--", 2) == 0 && equals)
		cli_say(CLI_LOG_ERROR, "%s: %.*s takes no value (see nidus %s --help)", verb,
			(int)(equals - text), text, verb);
	else
		cli_say(CLI_LOG_ERROR, "%s: unknown option -%c (see nidus %s --help)", verb, optopt,
			verb);
	return CLI_EXIT_USAGE;
}

void records_pause(uint64_t *interval_ms, uint64_t deadline_ms)
{
	uint64_t now = (uint64_t)clock_now_ms();
	uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
	uint64_t ms = *interval_ms < left ? *interval_ms : left;
	struct timespec pause = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&pause, NULL); /* on EINTR it polls earlier */
	*interval_ms = *interval_ms * 2 > RECORDS_POLL_LAST_MS ? RECORDS_POLL_LAST_MS :
								 *interval_ms * 2;
}

bool records_wait_init(int init_fd, uint64_t deadline_ms)
{
	struct pollfd ended = { .fd = init_fd, .events = POLLIN };

	for (;;) { /* bounded by the deadline that the caller chose */
		uint64_t now = (uint64_t)clock_now_ms();
		uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
		int timeout = deadline_ms == UINT64_MAX ? -1 : left > 60000 ? 60000 : (int)left;

		if (poll(&ended, 1, timeout) > 0)
			return true;
		if (left == 0)
			return false;
	}
}

static int remove_alone(int root_fd, const char *verb, const char *id)
{
	struct arena arena = { 0 };
	struct recover_item item;
	int ret = 0;

	recover_remove(root_fd, id, &arena, &item);
	if (item.outcome == RECOVER_FAILED) {
		cli_fault(&item.fault);
		ret = -1;
	} else if (item.outcome == RECOVER_ALIVE) {
		cli_say(CLI_LOG_ERROR, "%s: sandbox %s is still there", verb, id);
		ret = -1;
	}
	arena_free(&arena);
	return ret;
}

int records_settle(int root_fd, const char *verb, const char *id, uint64_t deadline_ms)
{
	uint64_t interval = RECORDS_POLL_FIRST_MS;

	do {
		cleanup_fd int dir_fd = state_open_record(root_fd, id);
		enum state_owner owner = dir_fd < 0 ? STATE_GONE : state_probe(dir_fd);

		if (owner == STATE_GONE)
			return 0;
		if (owner == STATE_FREE)
			return remove_alone(root_fd, verb, id);
		records_pause(&interval, deadline_ms);
	} while ((uint64_t)clock_now_ms() < deadline_ms);
	cli_say(CLI_LOG_ERROR, "%s: the owner of sandbox %s has not removed it yet", verb, id);
	return -1;
}

const char *records_clean(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *at = copy; at && *at;) {
		size_t len = printable_length(at, strlen(at));

		if (len == 0)
			*at = '?';
		at += len > 0 ? len : 1;
	}
	return copy ? copy : "?";
}

struct json_object *records_json_fault(struct arena *arena, const struct fault *fault)
{
	struct json_object *object = json_object_new_object();
	char text[FAULT_WHAT_MAX + 128];

	nidus_fault_text(fault, text, sizeof(text));
	json_object_object_add(object, "step",
			       json_object_new_string(nidus_step_name(fault->step)));
	json_object_object_add(object, "errno", json_object_new_int(fault->err));
	json_object_object_add(object, "object",
			       json_object_new_string(records_clean(arena, fault->what)));
	json_object_object_add(object, "message",
			       json_object_new_string(records_clean(arena, text)));
	return object;
}

void records_print_json(struct json_object *value)
{
	puts(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(value);
}
