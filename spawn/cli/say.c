/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on stderr: one line, one write, safe to show. Also finishes stdout. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../report/printable.h"
#include "cli.h"

#define MESSAGE_MAX 1024 /* bytes of a message before escaping; a longer one is cut */
#define LINE_MAX_BYTES 8192 /* with every byte escaped ("\u001b" is six) and the frame */

struct cli_log cli_log = { .level = CLI_LOG_WARN };

static const char *const level_names[] = {
	[CLI_LOG_ERROR] = "error",
	[CLI_LOG_WARN] = "warn",
	[CLI_LOG_INFO] = "info",
	[CLI_LOG_DEBUG] = "debug",
	[CLI_LOG_TRACE] = "trace",
};

int cli_parse_log(const char *option, const char *value, struct fault *fault)
{
	bool format = strcmp(option, "--log-format") == 0;

	if (format && (strcmp(value, "text") == 0 || strcmp(value, "json") == 0)) {
		cli_log.json = value[0] == 'j';
		return 0;
	}
	for (unsigned int i = 0; !format && i < sizeof(level_names) / sizeof(*level_names); i++) {
		if (strcmp(value, level_names[i]) == 0) {
			cli_log.level = i;
			return 0;
		}
	}
	return cli_refuse(fault, option, value, format ? "must be text or json" :
			  "must be error, warn, info, debug or trace");
}

/*
 * Appends `text` to `line`. Names come from places that may be hostile (a path
 * in a foreign tree): control bytes and broken UTF-8 never reach a terminal or
 * a JSON reader as they are.
 */
static size_t append_escaped(char *line, size_t used, const char *text)
{
	for (size_t left = strlen(text), len; left > 0 && used + 16 < LINE_MAX_BYTES;
	     text += len, left -= len) {
		unsigned char byte = (unsigned char)*text;

		len = printable_length(text, left);
		if (len == 0) {
			used += (size_t)snprintf(line + used, LINE_MAX_BYTES - used,
						 cli_log.json ? "\\u%04x" : "\\x%02x",
						 cli_log.json && byte >= 0x80 ? 0xfffdu : byte);
			len = 1;
			continue;
		}
		if (cli_log.json && (byte == '"' || byte == '\\'))
			line[used++] = '\\';
		memcpy(line + used, text, len);
		used += len;
	}
	return used;
}

static size_t append_json_head(char *line, enum cli_log_level level)
{
	struct timespec now;
	struct tm tm;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	return (size_t)snprintf(line, LINE_MAX_BYTES,
				"{\"ts\":\"%s.%09ldZ\",\"level\":\"%s\",\"msg\":\"", stamp,
				now.tv_nsec, level_names[level]);
}

static void say(enum cli_log_level level, const char *message)
{
	static const char text_head[] = "nidus: ";
	char line[LINE_MAX_BYTES + 8];
	size_t used;

	if (cli_log.json) {
		used = append_json_head(line, level);
	} else {
		used = sizeof(text_head) - 1;
		memcpy(line, text_head, used);
	}
	used = append_escaped(line, used, message);
	if (cli_log.json) {
		line[used++] = '"';
		line[used++] = '}';
	}
	line[used++] = '\n';
	/* If stderr can't be written, there is nowhere to report it. */
	(void)fd_write_whole(STDERR_FILENO, line, used);
}

void cli_say(enum cli_log_level level, const char *format, ...)
{
	char message[MESSAGE_MAX];
	int saved = errno;
	va_list args;

	if (level > cli_log.level)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	say(level, message);
	errno = saved;
}

void cli_fault(const struct fault *fault)
{
	char text[MESSAGE_MAX];

	say(CLI_LOG_ERROR, nidus_fault_text(fault, text, sizeof(text)));
}

int cli_finish(const char *verb, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* a reader that has left has read what it wanted, as `head` does */
	if (errno != EPIPE)
		cli_say(CLI_LOG_ERROR, "%s: standard output: %s", verb, strerror(errno));
	return 1;
}
