/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline.h"

#include "../../init/clock.h"
#include "cli.h"

static const char *const names[NIDUS_MOMENT_COUNT] = {
	[NIDUS_AT_RECORD] = "record taken", [NIDUS_AT_IDS] = "ids chosen",
	[NIDUS_AT_GROUPS] = "groups made",  [NIDUS_AT_SOURCES] = "sources open",
	[NIDUS_AT_PLAN] = "plan made",	    [NIDUS_AT_CLONED] = "cloned",
	[NIDUS_AT_SETTLED] = "settled",	    [NIDUS_AT_GO] = "GO sent",
	[NIDUS_AT_EXEC] = "executed",	    [NIDUS_AT_READY] = "READY received",
	[NIDUS_AT_EXITED] = "EXITED",	    [NIDUS_AT_GONE] = "PID 1 gone",
	[NIDUS_AT_REMOVED] = "removed",
};

static void say(const char *name, uint64_t us, uint64_t *before_us)
{
	cli_say(CLI_LOG_TRACE, "%8llu us %+8lld  %s", (unsigned long long)(us - cli_log.started_us),
		(long long)(us - *before_us), name);
	*before_us = us;
}

/*
 * In the order of the enum, which is that of a default start. Another start's may differ, and two
 * clocks that are read by two processes may cross: then the difference is negative.
 */
void timeline_say(const struct nidus_timeline *timeline, uint64_t parsed_us)
{
	uint64_t before_us = cli_log.started_us;

	if (!timeline)
		return;
	say("spec parsed", parsed_us, &before_us);
	for (int moment = 0; moment < NIDUS_MOMENT_COUNT; moment++)
		if (timeline->us[moment])
			say(names[moment], timeline->us[moment], &before_us);
	say("end", clock_now_us(), &before_us);
}
