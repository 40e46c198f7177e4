/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for the console, which may be slower than the messages come. */
#include "tell.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "../fd.h"

#define PATIENCE_MS 500 /* enough for a serial line at 9600 baud to take a whole line */

struct say *machine_line(const char *who)
{
	static struct say say;

	say_begin(&say);
	say_text(&say, "nidus-init: ");
	if (who) {
		say_text(&say, who);
		say_text(&say, ": ");
	}
	return &say;
}

/*
 * A stopped console (^S) or a full pipe must not hold up PID 1: after the wait the line is
 * dropped, and later lines are dropped at once until the console takes one again. A
 * terminal that polls writable may take only part of a line: that write must not block
 * either.
 */
void machine_line_end(struct say *say)
{
	static bool stands_still;
	cleanup_fd int own = say_open_stderr();
	struct pollfd out = {.fd = own < 0 ? STDERR_FILENO : own, .events = POLLOUT};
	const char *rest = say->text, *end;
	ssize_t n;

	say_text(say, "\n");
	for (end = rest + say->len; rest < end; rest += n) {
		stands_still = poll(&out, 1, stands_still ? 0 : PATIENCE_MS) != 1;
		n = stands_still ? -1 : write(out.fd, rest, (size_t)(end - rest));
		if (n <= 0)
			return;
	}
}

void machine_tell(const char *who, const char *what)
{
	struct say *say = machine_line(who);

	say_text(say, what);
	machine_line_end(say);
}

void machine_tell_errno(const char *who)
{
	struct say *say = machine_line(who);

	say_errno(say, errno);
	machine_line_end(say);
}

void machine_tell_fault(const char *who, const struct fault *fault)
{
	struct say *say = machine_line(who);

	say_fault(say, fault);
	machine_line_end(say);
}
