/* SPDX-License-Identifier: Apache-2.0 */
/* `nidus-init poweroff|reboot|halt`: the signals that watch.c knows. */
#include <signal.h>
#include <string.h>

#include "choice.h"
#include "machine.h"
#include "role.h"

int machine_command(const char *verb)
{
	/* TERM would be a container's poweroff: SIGRTMIN+5 means reboot everywhere */
	static const uint8_t signals[] = {SIGUSR2, SIGUSR1, 34 + 5};
	int chosen = choice_find("poweroff|halt|reboot", verb, strlen(verb));

	if (kill(1, signals[chosen]) == 0)
		return 0;
	machine_tell_errno(verb);
	return 1;
}
