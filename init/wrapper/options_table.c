/* SPDX-License-Identifier: Apache-2.0 */
/* Every option, the command lines that have it, and the field that it sets. */
#include <stddef.h>

#include "options.h"

#define NIDUS (1 << AS_NIDUS | 1 << AS_TINI)
#define DUMB (1 << AS_DUMB_INIT)
#define CATATONIT (1 << AS_CATATONIT)
#define FIELD(name) offsetof(struct wrapper_options, name)

/* In this order, because getopt_long prints the first two names that match a prefix. */
const struct option options_table[] = {
	{.letter = 'h', .name = "help", .who = NIDUS | DUMB, .kind = OPTION_HELP},
	{.letter = 'h', .who = CATATONIT, .kind = OPTION_HELP},
	{.letter = 'l', .name = "licence", .who = NIDUS, .kind = OPTION_LICENCE},
	{.name = "license", .who = NIDUS, .kind = OPTION_LICENCE},
	{.letter = 'L', .who = CATATONIT, .kind = OPTION_LICENCE},
	{.letter = 'v', .name = "verbose", .who = NIDUS | DUMB, .kind = OPTION_VERBOSE},
	{.name = "version", .who = NIDUS, .kind = OPTION_VERSION},
	{.letter = 'V', .name = "version", .who = DUMB | CATATONIT, .kind = OPTION_VERSION},
	{.letter = 'P', .who = CATATONIT, .kind = OPTION_FLAG, .field = FIELD(pause)},
	{.letter = 'c', .name = "single-child", .who = DUMB, .kind = OPTION_FLAG,
	 .field = FIELD(single_child)},
	{.letter = 'r', .name = "rewrite", .who = DUMB, .kind = OPTION_REWRITE_DUMB_INIT,
	 .takes_value = true},
	{.letter = 'g', .name = "group", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(group)},
	{.letter = 'g', .who = CATATONIT, .kind = OPTION_FLAG, .field = FIELD(group)},
	{.letter = 's', .name = "subreaper", .who = NIDUS, .kind = OPTION_FLAG,
	 .field = FIELD(subreaper)},
	{.letter = 'p', .name = "parent-death-signal", .who = NIDUS, .kind = OPTION_SIGNAL,
	 .takes_value = true, .field = FIELD(parent_death_signal)},
	{.letter = 'w', .name = "warn-reap", .who = NIDUS, .kind = OPTION_FLAG,
	 .field = FIELD(warn_reap)},
	{.letter = 'e', .name = "remap", .who = NIDUS, .kind = OPTION_REMAP, .takes_value = true},
	{.name = "wait-all", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(wait_all)},
	{.name = "kill-all", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(kill_all)},
	{.name = "grace", .who = NIDUS, .kind = OPTION_GRACE, .takes_value = true},
	{.name = "pre-stop-delay", .who = NIDUS, .kind = OPTION_DURATION, .takes_value = true,
	 .field = FIELD(pre_stop_us), .may_be_zero = true},
	{.name = "rewrite", .who = NIDUS, .kind = OPTION_REWRITE, .takes_value = true},
	{.name = "restart", .who = NIDUS, .kind = OPTION_RESTART, .takes_value = true},
	{.name = "restart-limit", .who = NIDUS, .kind = OPTION_NUMBER, .takes_value = true,
	 .field = FIELD(restart_limit)},
	{.name = "timeout", .who = NIDUS, .kind = OPTION_DURATION, .takes_value = true,
	 .field = FIELD(timeout_us)},
	{.name = "cpu-time", .who = NIDUS, .kind = OPTION_DURATION, .takes_value = true,
	 .field = FIELD(cpu_us)},
	{.name = "memory", .who = NIDUS, .kind = OPTION_SIZE, .takes_value = true,
	 .field = FIELD(memory_bytes)},
	{.name = "memory-signal", .who = NIDUS, .kind = OPTION_SIGNAL, .takes_value = true,
	 .field = FIELD(memory_signal)},
	{.name = "report", .who = NIDUS, .kind = OPTION_REPORT, .takes_value = true},
	{.name = "ready-fd", .who = NIDUS, .kind = OPTION_NUMBER, .takes_value = true,
	 .field = FIELD(ready_fd)},
	{.name = "ready-notify", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(ready_notify)},
	{.name = "die-as-child", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(die_as_child)},
	{.name = "drop-caps", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(drop_caps)},
	{.name = "no-new-privs", .who = NIDUS, .kind = OPTION_FLAG, .field = FIELD(no_new_privs)},
	{.name = "seccomp", .who = NIDUS, .kind = OPTION_TEXT, .takes_value = true,
	 .field = FIELD(seccomp)},
	{.name = "user", .who = NIDUS, .kind = OPTION_TEXT, .takes_value = true,
	 .field = FIELD(user)},
	{.name = "chdir", .who = NIDUS, .kind = OPTION_TEXT, .takes_value = true,
	 .field = FIELD(chdir)},
	{.kind = 0},
};

_Static_assert(sizeof(struct wrapper_options) <= UINT16_MAX, "the offset of a field must fit");
