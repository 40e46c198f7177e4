/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of the workload. What is inherited from the caller may name things of the
 * caller's world; the table says what becomes of those. nidus-run(1) has the same table.
 * What was set on purpose stays as it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../spec/root.h"
#include "build.h"

#define SHIFTED_HOME "/tmp" /* a shifted id can't read the caller's home */

enum rule {
	DROP,    /* a number, or a state, of the caller's alone */
	VISIBLE, /* a path: stays where an operation shows it, or the view of the host does */
	BUS,     /* the same of "unix:path=PATH,…" (D-Bus) */
	SCRATCH, /* a directory to write to: stays where an operation shows it, else /tmp */
};

static const struct {
	const char *name;
	enum rule rule;
} caller_variables[] = {
	{ "DBUS_SESSION_BUS_ADDRESS", BUS },
	{ "DBUS_SYSTEM_BUS_ADDRESS", BUS },
	{ "LISTEN_FDNAMES", DROP },
	{ "LISTEN_FDS", DROP },
	{ "LISTEN_PID", DROP },
	{ "NOTIFY_SOCKET", VISIBLE },
	{ "OLDPWD", DROP },
	{ "PWD", DROP },
	{ "SSH_AGENT_PID", DROP },
	{ "SSH_AUTH_SOCK", VISIBLE },
	{ "TEMP", SCRATCH },
	{ "TMP", SCRATCH },
	{ "TMPDIR", SCRATCH },
	{ "WATCHDOG_PID", DROP },
	{ "WATCHDOG_USEC", DROP },
	{ "XAUTHORITY", VISIBLE },
	{ "XDG_RUNTIME_DIR", VISIBLE },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The value of a "K=V" with that name; NULL: it has another. */
static const char *value_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

static bool is_visible_bus(const struct plan_build *build, const char *address)
{
	static const char prefix[] = "unix:path=";
	char path[PLAN_PATH_MAX];
	size_t len;

	if (strncmp(address, prefix, sizeof(prefix) - 1) != 0)
		return false;
	address += sizeof(prefix) - 1;
	len = strcspn(address, ",;");
	if (len >= sizeof(path))
		return false;
	memcpy(path, address, len);
	path[len] = '\0';
	return plan_is_visible(build, path);
}

/* Adds an inherited variable, changed or not, or leaves it out. */
static void put_inherited(struct plan_build *build, const char *entry, struct plan_ref *refs,
			  size_t *count)
{
	const struct nidus_spec *spec = build->spec;
	bool stays = true;

	for (size_t i = 0; i < COUNT(caller_variables); i++) {
		const char *name = caller_variables[i].name, *value = value_of(entry, name);

		if (!value || spec_leaves_root(spec))
			continue;
		switch (caller_variables[i].rule) {
		case DROP:
			stays = false;
			break;
		case VISIBLE:
			stays = plan_is_visible(build, value);
			break;
		case BUS:
			stays = is_visible_bus(build, value);
			break;
		case SCRATCH:
			stays = spec_covers(spec, 0, value);
			if (!stays)
				refs[(*count)++] = plan_put_pair(build, name, "/tmp");
			break;
		}
	}
	if (stays)
		refs[(*count)++] = plan_put_string(build, entry);
}

void plan_put_environment(struct plan_build *build, struct plan_header *header)
{
	const struct nidus_spec *spec = build->spec;
	bool move_home = build->context->ids->shifted && !spec->home_set;
	struct plan_ref *refs = calloc(spec->envc + 1, sizeof(*refs));
	size_t count = 0;

	if (!refs) {
		build->err = build->err ? build->err : ENOMEM;
		return;
	}
	for (size_t i = 0; i < spec->envc; i++) {
		if (move_home && value_of(spec->envp[i], "HOME"))
			continue;
		if (i < spec->inherited_envc)
			put_inherited(build, spec->envp[i], refs, &count);
		else
			refs[count++] = plan_put_string(build, spec->envp[i]);
	}
	if (move_home)
		refs[count++] = plan_put_pair(build, "HOME", SHIFTED_HOME);
	header->envp = plan_put_array(build, refs, count, sizeof(*refs));
	free(refs);
}
