/* SPDX-License-Identifier: Apache-2.0 */
#include "core.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "../../init/small_file.h"

#define NO_HANDLER 1 /* bytes: see the plan */

/* '|': a program; '@': a socket of one (Linux 6.16); else a file, or unknown. */
static char kind_of_handler(void)
{
	char first[2];

	small_file_read(AT_FDCWD, "/proc/sys/kernel/core_pattern", first, sizeof(first));
	return first[0];
}

/* NULL: nothing of the host's runs on a crash inside. */
static const char *what_is_open(const struct nidus_sandbox *sandbox)
{
	const struct rlimit limit = { NO_HANDLER, NO_HANDLER };
	char kind = kind_of_handler();

	if (kind == '@')
		return "crashes are reported to a socket of the host, whatever the limit is";
	if (kind != '|')
		return NULL;
	if (sandbox->prepared.view.room.core_hard == 0 &&
	    prlimit(sandbox->channels.pid, RLIMIT_CORE, &limit, NULL) < 0)
		return "the limit is 0 and can't be raised to 1: crashes start a program of the host";
	if (sandbox->spec->seccomp != NIDUS_SECCOMP_DEFAULT)
		return "without the default filter the limit may be set to 0 inside: then crashes "
		       "start a program of the host";
	return NULL;
}

void core_settle(struct nidus_sandbox *sandbox)
{
	const char *why = limit_sets(sandbox->spec, RLIMIT_CORE) ? NULL : what_is_open(sandbox);

	if (why)
		sandbox_degrade(sandbox, "core", why);
}
