/* SPDX-License-Identifier: Apache-2.0 */
/* `nidus-init poweroff|reboot|halt`: sends the signals that watch.c expects. */
#include <signal.h>
#include <string.h>

#include "../core/signals.h"
#include "choice.h"
#include "machine.h"
#include "role.h"

int machine_command(const char *verb)
{
	/* not TERM for reboot: it means poweroff in a container; SIGRTMIN+5 is reboot everywhere */
	static const uint8_t signals[] = {SIGUSR2, SIGUSR1, 34 + 5};
	int chosen = choice_find("poweroff|halt|reboot", verb, strlen(verb));

	if (kill(1, signals[chosen]) == 0)
		return 0;
	signals_survive_output();
	machine_tell_errno(verb);
	return 1;
}
