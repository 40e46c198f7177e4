/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: names, outputs, and how a sandbox is started. */
#include <stdio.h>
#include <string.h>

#include "run_set.h"

int run_add_label(struct nidus_spec *spec, const struct run_option *option, const char *value,
		     struct fault *fault)
{
	size_t len = strcspn(value, "=");
	char *key;

	if (len == 0 || value[len] != '=')
		return run_refuse(fault, option, value, "KEY=VALUE");
	key = arena_strndup(&spec->arena, value, len);
	if (!key || nidus_spec_add_label(spec, key, value + len + 1) < 0)
		return run_no_memory(fault, option);
	return 0;
}

/*
 * The digits of the descriptor that the value names, else NULL. Opened by that name it would
 * have its own position, and overwrite what the caller has written.
 */
static const char *descriptor_of(const char *value)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (strcmp(value, "/dev/stdout") == 0)
		return "1";
	if (strcmp(value, "/dev/stderr") == 0)
		return "2";
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(value, folders[i], strlen(folders[i])) == 0)
			return value + strlen(folders[i]);
	return value[strspn(value, "0123456789")] == '\0' ? value : NULL;
}

bool run_is_descriptor(const char *value)
{
	return descriptor_of(value) != NULL;
}

/* FD|PATH: a name of a descriptor is that descriptor, anything else a path to open later. */
int run_set_output(const struct run_option *option, const char *value, int *fd,
		      const char **path, struct fault *fault)
{
	const char *digits;

	*fd = -1;
	*path = NULL;
	if (value[0] == '\0')
		return run_refuse(fault, option, value, "must be a descriptor or a path");
	digits = descriptor_of(value);
	if (digits)
		return cli_parse_fd(option->name, digits, fd, fault);
	*path = value;
	return 0;
}

int run_set_hold(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault)
{
	char why[FAULT_WHY_MAX] = "no such step; the steps are";
	size_t len = strlen(why);

	for (uint32_t step = STEP_NAMESPACES; step <= STEP_EXEC; step++) {
		if (strcmp(value, nidus_step_name(step)) == 0) {
			spec->hold_step = step;
			return 0;
		}
		len += (size_t)snprintf(why + len, sizeof(why) - len, "%s %s",
					step == STEP_NAMESPACES ? "" : ",", nidus_step_name(step));
	}
	return run_refuse(fault, option, value, why);
}
