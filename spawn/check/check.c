/* SPDX-License-Identifier: Apache-2.0 */
/* The list of everything that is checked on this machine. */
#include "check.h"

#include <string.h>

#include "probe.h"

void check_machine(struct check *check)
{
	memset(check, 0, sizeof(*check));
	check_kernel(check);
	check_namespaces(check);
	check_mounts(check);
	check_confinement(check);
	check_cgroups(check);
	check_ids(check);
	check_network(check);
}

bool check_can_run(const struct check *check)
{
	for (size_t i = 0; i < check->count; i++)
		if (check->items[i].required && check->items[i].status == CHECK_MISSING)
			return false;
	return true;
}

const char *check_status_name(enum check_status status)
{
	switch (status) {
	case CHECK_OK:
		return "ok";
	case CHECK_LIMITED:
		return "limited";
	case CHECK_MISSING:
		break;
	}
	return "missing";
}
