/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the end, once: by a signal, or as a service is configured. stop.c carries it out. */
#include "role.h"

void shutdown_begin(struct machine *m, enum conf_end end)
{
	static const char names[][9] = {"poweroff", "reboot", "halt"};

	if (m->end != END_NONE || end == END_NONE)
		return;
	m->end = end;
	m->stage = STOP_SERVICES;
	m->stop_left = m->count;
	machine_tell(names[end - END_POWEROFF], "stopping");
}
