/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a machine cannot do what it was made for: a shell for whoever is at the
 * console, or a halt that says why. Never an end of PID 1, which is a panic.
 */
#include <unistd.h>

#include "role.h"

static bool find_shell(struct conf_service *shell)
{
	static char *const argv[] = {(char *)"/bin/busybox", (char *)"sh", NULL};

	if (access("/bin/sh", X_OK) == 0)
		shell->program.argv = argv + 1;
	else if (access(argv[0], X_OK) == 0)
		shell->program.argv = argv;
	return shell->program.argv;
}

void emergency(struct machine *m, int status)
{
	if (m->conf.shell.program.argv) /* there is one, as configured */
		return;
	m->conf.when_done = END_NONE;
	if (m->has_console && find_shell(&m->conf.shell)) {
		machine_tell("emergency", "a shell; leave by `nidus-init reboot`");
		services_add_shell(m);
		return;
	}
	machine_tell("emergency", "no shell on a console");
	if (!m->ours)
		_exit(status);
	shutdown_begin(m, END_HALT);
}
