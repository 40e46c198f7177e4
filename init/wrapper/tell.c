/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages. Who replaces another init may have scripts that read them: under its
 * name they are its own words (phrases.h), but all on stderr.
 */
#include "../contract.h"
#include "../say.h"
#include "../units.h"
#include "supervisor.h"
#include "texts.h"

static void fill_in(const struct wrapper *w, struct say *say, char what, int value)
{
	char name[16];

	if (what == '%')
		say_number(say, (uint64_t)value);
	else if (what == '$')
		say_text(say, units_signal_name(value, name));
	else if (what == '!')
		say_errno(say, value);
	else
		say_text(say, w->options.program[0]);
}

static void OWN_FRAME say_line(const struct wrapper *w, unsigned level,
			       struct phrase_reader *line, int first, int second)
{
	char one[2] = "";
	struct say say;

	texts_begin(&w->options, level, &say);
	while ((one[0] = phrase_next(line))) {
		if (!strchr("%$!@", one[0])) {
			say_text(&say, one);
			continue;
		}
		fill_in(w, &say, one[0], first);
		if (one[0] != '@')
			first = second;
	}
	texts_end(&say);
}

void tell(const struct wrapper *w, enum event event, int first, int second)
{
	struct phrase_reader line;
	unsigned level;

	phrase_begin(&line, PHRASE_EVENT + 4 * event + w->options.as);
	level = (unsigned)phrase_next(&line);
	if (level != 0 && w->options.verbosity >= level - '0')
		say_line(w, level - '0', &line, first, second);
}

void tell_fault(const struct wrapper *w, const struct fault *fault)
{
	struct say say;

	if (fault->step == STEP_EXEC && w->options.as != AS_NIDUS) {
		tell(w, EVENT_EXEC_FAILED, fault->err, 0);
		return;
	}
	texts_begin(&w->options, 0, &say);
	say_fault(&say, fault);
	texts_end(&say);
}
