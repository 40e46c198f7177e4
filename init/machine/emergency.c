/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If a machine cannot do its job: a shell for the person at the console, or a halt that
 * says why. PID 1 never exits here, as that is a kernel panic.
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
	if (m->conf.shell.program.argv) /* a configured shell is running already */
		return;
	m->conf.when_done = END_NONE;
	if (m->has_console && find_shell(&m->conf.shell)) {
		machine_tell("emergency", "a shell; leave it with `nidus-init reboot`");
		services_add_shell(m);
		return;
	}
	machine_tell("emergency", "no shell or no console");
	if (!m->ours)
		_exit(status);
	shutdown_begin(m, END_HALT);
}
