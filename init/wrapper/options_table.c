/* SPDX-License-Identifier: Apache-2.0 */
/* Every option there is, whose it is, and which field it sets. */
#include <stddef.h>

#include "options.h"

#define NIDUS (1 << AS_NIDUS | 1 << AS_TINI)
#define DUMB (1 << AS_DUMB_INIT)
#define CATATONIT (1 << AS_CATATONIT)
#define FIELD(name) offsetof(struct wrapper_options, name)

/* In one order with their names; of names that begin alike getopt tells the first two. */
const struct option options_table[] = {
	{ 'h', NIDUS | DUMB, OPTION_HELP, 0 },
	{ 'h', CATATONIT, OPTION_HELP, 0 },
	{ 'l', NIDUS, OPTION_LICENCE, 0 },
	{ 0, NIDUS, OPTION_LICENCE, 0 },
	{ 'L', CATATONIT, OPTION_LICENCE, 0 },
	{ 'v', NIDUS | DUMB, OPTION_VERBOSE, 0 },
	{ 0, NIDUS, OPTION_VERSION, 0 },
	{ 'V', DUMB | CATATONIT, OPTION_VERSION, 0 },
	{ 'P', CATATONIT, OPTION_FLAG, FIELD(pause) },
	{ 'c', DUMB, OPTION_FLAG, FIELD(single_child) },
	{ 'r', DUMB, OPTION_REWRITE_DUMB_INIT, 0 },
	{ 'g', NIDUS, OPTION_FLAG, FIELD(group) },
	{ 'g', CATATONIT, OPTION_FLAG, FIELD(group) },
	{ 's', NIDUS, OPTION_FLAG, FIELD(subreaper) },
	{ 'p', NIDUS, OPTION_SIGNAL, FIELD(parent_death_signal) },
	{ 'w', NIDUS, OPTION_FLAG, FIELD(warn_reap) },
	{ 'e', NIDUS, OPTION_REMAP, 0 },
	{ 0, NIDUS, OPTION_FLAG, FIELD(wait_all) },
	{ 0, NIDUS, OPTION_FLAG, FIELD(kill_all) },
	{ 0, NIDUS, OPTION_DURATION, FIELD(grace_us) },
	{ 0, NIDUS, OPTION_DURATION, FIELD(pre_stop_us) },
	{ 0, NIDUS, OPTION_REWRITE, 0 },
	{ 0, NIDUS, OPTION_RESTART, 0 },
	{ 0, NIDUS, OPTION_NUMBER, FIELD(restart_limit) },
	{ 0, NIDUS, OPTION_DURATION, FIELD(timeout_us) },
	{ 0, NIDUS, OPTION_DURATION, FIELD(cpu_us) },
	{ 0, NIDUS, OPTION_SIZE, FIELD(memory_bytes) },
	{ 0, NIDUS, OPTION_SIGNAL, FIELD(memory_signal) },
	{ 0, NIDUS, OPTION_TEXT, FIELD(report) },
	{ 0, NIDUS, OPTION_NUMBER, FIELD(ready_fd) },
	{ 0, NIDUS, OPTION_FLAG, FIELD(ready_notify) },
	{ 0, NIDUS, OPTION_FLAG, FIELD(die_as_child) },
	{ 0, NIDUS, OPTION_FLAG, FIELD(drop_caps) },
	{ 0, NIDUS, OPTION_FLAG, FIELD(no_new_privs) },
	{ 0, NIDUS, OPTION_TEXT, FIELD(seccomp) },
	{ 0, NIDUS, OPTION_TEXT, FIELD(user) },
	{ 0, NIDUS, OPTION_TEXT, FIELD(chdir) },
	{ 0, 0, 0, 0 },
};

const char options_names[] =
	"help\0"
	"\0"
	"licence\0"
	"license\0"
	"\0"
	"verbose\0"
	"version\0"
	"version\0"
	"\0"
	"single-child\0"
	"rewrite\0"
	"group\0"
	"\0"
	"subreaper\0"
	"parent-death-signal\0"
	"warn-reap\0"
	"remap\0"
	"wait-all\0"
	"kill-all\0"
	"grace\0"
	"pre-stop-delay\0"
	"rewrite\0"
	"restart\0"
	"restart-limit\0"
	"timeout\0"
	"cpu-time\0"
	"memory\0"
	"memory-signal\0"
	"report\0"
	"ready-fd\0"
	"ready-notify\0"
	"die-as-child\0"
	"drop-caps\0"
	"no-new-privs\0"
	"seccomp\0"
	"user\0"
	"chdir";

_Static_assert(sizeof(struct wrapper_options) <= UINT8_MAX + 1, "a field's offset is a byte");
