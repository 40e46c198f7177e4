/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON lines: see json_line.h. */
#include "json_line.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "../nidus.h"
#include "printable.h"

/* JSON escapes these three, and they are harmless where it is read. */
static bool is_blank(char c)
{
	return c == '\n' || c == '\t' || c == '\r';
}

void json_line_text(struct json_object *object, const char *key, const char *text, size_t max)
{
	size_t len = text ? strnlen(text, max) : 0, out = 0;
	char *clean;

	if (!text) {
		json_line_member(object, key, NULL);
		return;
	}
	clean = malloc(len * 3 + 1); /* U+FFFD has three bytes */
	if (!clean)
		return;
	for (size_t i = 0; i < len;) {
		size_t n = is_blank(text[i]) ? 1 : printable_length(text + i, len - i);

		memcpy(clean + out, n ? text + i : "\xef\xbf\xbd", n ? n : 3);
		out += n ? n : 3;
		i += n ? n : 1;
	}
	json_line_member(object, key, json_object_new_string_len(clean, (int)out));
	free(clean);
}

void json_line_number(struct json_object *object, const char *key, uint64_t number)
{
	json_line_member(object, key, json_object_new_uint64(number));
}

void json_line_known(struct json_object *object, const char *key, uint64_t number, uint64_t unset)
{
	json_line_member(object, key, number == unset ? NULL : json_object_new_uint64(number));
}

void json_line_bool(struct json_object *object, const char *key, bool value)
{
	json_line_member(object, key, json_object_new_boolean(value));
}

void json_line_member(struct json_object *object, const char *key, struct json_object *value)
{
	/* Keys are literals in this library. Without memory a member is lost, not the line. */
	if (!object || json_object_object_add_ex(object, key, value,
						 JSON_C_OBJECT_ADD_CONSTANT_KEY) < 0)
		json_object_put(value);
}

void json_line_fault(struct json_object *object, const struct fault *fault)
{
	char message[JSON_LINE_TEXT_MAX];

	json_line_text(object, "step", nidus_step_name(fault->step), JSON_LINE_TEXT_MAX);
	json_line_member(object, "errno", fault->err ? json_object_new_int(fault->err) : NULL);
	json_line_text(object, "object", fault->what[0] ? fault->what : NULL, FAULT_WHAT_MAX);
	json_line_text(object, "message", nidus_fault_text(fault, message, sizeof(message)),
		       sizeof(message));
}

void json_line_time(const struct timespec *time, char text[JSON_LINE_TS_MAX])
{
	uint32_t days = (uint32_t)(time->tv_sec / 86400), of_day = (uint32_t)(time->tv_sec % 86400);
	/* Civil date from days, in eras of 400 years that begin on March 1st. */
	uint32_t shifted = days + 719468, era = shifted / 146097;
	uint32_t day_of_era = shifted % 146097;
	uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
				day_of_era / 146096) / 365;
	uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint32_t march_month = (5 * day_of_year + 2) / 153;
	uint32_t day = day_of_year - (153 * march_month + 2) / 5 + 1;
	uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
	uint32_t year = year_of_era + era * 400 + (month <= 2);

	snprintf(text, JSON_LINE_TS_MAX, "%04u-%02u-%02uT%02u:%02u:%02u.%09luZ", year, month, day,
		 of_day / 3600, of_day / 60 % 60, of_day % 60, time->tv_nsec);
}

/*
 * One write that never raises SIGPIPE: it is blocked, and taken if our write caused it.
 * The mask is never set as a whole: glibc would unblock 32 and 33.
 */
static ssize_t write_without_signal(int fd, const char *data, size_t len)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t pipe_only, pending, before;
	bool was_pending;
	ssize_t n;
	int saved;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE);
	n = write(fd, data, len);
	saved = errno;
	if (n < 0 && saved == EPIPE && !was_pending)
		while (sigtimedwait(&pipe_only, NULL, &at_once) < 0 && errno == EINTR)
			;
	if (!sigismember(&before, SIGPIPE))
		pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
	errno = saved;
	return n;
}

/*
 * Waits for room. A blocking pipe that polls as writable takes PIPE_BUF bytes at once
 * (pipe(7)), so the next write doesn't block. 0, or -1 with EAGAIN.
 */
static int wait_writable(int fd, uint64_t deadline_us)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	int n = clock_poll(&poll_fd, 1, deadline_us);

	/* POLLERR, POLLHUP, POLLNVAL: the write reports it. */
	if (n > 0)
		return 0;
	if (n == 0)
		errno = EAGAIN;
	return -1;
}

static int write_all(int fd, const char *data, size_t len, int timeout_ms)
{
	uint64_t deadline = clock_now_us() + (uint64_t)timeout_ms * 1000;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		size_t chunk = len - done < PIPE_BUF ? len - done : PIPE_BUF;

		n = wait_writable(fd, deadline);
		if (n == 0)
			n = write_without_signal(fd, data + done, chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0 || done > 0)
				errno = EIO;
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

/* False if the stream is known to stand at the beginning of a line, or is a terminal. */
static bool is_within_line(int fd)
{
	char link[32], last = '\n';
	cleanup_fd int again = -1;
	struct stat st;

	if (fstat(fd, &st) < 0 || S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0))
		return false;
	if (!S_ISREG(st.st_mode))
		return true;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	again = open(link, O_RDONLY | O_CLOEXEC);
	return again < 0 || pread(again, &last, 1, st.st_size - 1) != 1 || last != '\n';
}

int json_line_write(int fd, struct json_object *object, bool shared, int timeout_ms)
{
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t len = text ? strlen(text) : 0, at = 0;
	char *line = object && text ? malloc(len + 2) : NULL;
	int rc;

	if (!line) {
		errno = ENOMEM;
		return -1;
	}
	if (shared && is_within_line(fd))
		line[at++] = '\n';
	memcpy(line + at, text, len);
	line[at + len] = '\n';
	rc = write_all(fd, line, at + len + 1, timeout_ms);
	free(line);
	return rc;
}
