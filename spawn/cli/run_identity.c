/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: users, namespaces, and what confines the workload. */
#include <string.h>

#include "../confine/caps.h"
#include "../../init/values.h"
#include "passwd.h"
#include "run_set.h"

#define PORT_MAX 65535
#define ID_MAX (UINT32_MAX - 1ull) /* (uid_t)-1 means "leave it unchanged" to the kernel */

static int parse_ns(const char *name, size_t len)
{
	static const struct {
		const char *name;
		enum nidus_ns ns;
	} names[] = {
		{ "user", NIDUS_NS_USER }, { "mnt", NIDUS_NS_MNT }, { "mount", NIDUS_NS_MNT },
		{ "pid", NIDUS_NS_PID }, { "net", NIDUS_NS_NET }, { "ipc", NIDUS_NS_IPC },
		{ "uts", NIDUS_NS_UTS }, { "cgroup", NIDUS_NS_CGROUP }, { "time", NIDUS_NS_TIME },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return (int)names[i].ns;
	return -1;
}

/*
 * The number before `end` (a character, or 0 for the end of the text); *text is
 * advanced past it.
 */
static bool take_id(const char **text, const char *end, uint64_t *number)
{
	size_t len = strcspn(*text, ":,");
	const char *digits = *text;

	if (!strchr(end, digits[len]))
		return false;
	*text += len + (digits[len] != '\0');
	return values_digits(digits, len, ID_MAX, number);
}

/* A number, or else a name of the host's tables, whose group is *gid. */
static bool find_user(const char *text, uint32_t *uid, uint32_t *gid, bool *named)
{
	uint64_t number;

	if (values_digits(text, strlen(text), ID_MAX, &number)) {
		*uid = *gid = (uint32_t)number;
		return true;
	}
	*named = true;
	return passwd_user(text, uid, gid);
}

static bool find_group(const char *text, uint32_t *gid, bool *named)
{
	uint64_t number;

	if (values_digits(text, strlen(text), ID_MAX, &number)) {
		*gid = (uint32_t)number;
		return true;
	}
	*named = true;
	return passwd_group(text, gid);
}

int run_set_user(struct run_parse *parse, const struct run_option *option, const char *value,
		 struct fault *fault)
{
	struct nidus_spec *spec = parse->spec;
	size_t len = strcspn(value, ":");
	char *user = arena_strndup(&spec->arena, value, len);

	if (!user)
		return run_no_memory(fault, option);
	parse->request->named_user = false;
	if (!find_user(user, &spec->uid, &spec->gid, &parse->request->named_user))
		return run_refuse(fault, option, value,
				  "no such user; must be UID[:GID], or names of /etc/passwd and "
				  "/etc/group (try 1000:1000)");
	if (value[len] == ':' &&
	    !find_group(value + len + 1, &spec->gid, &parse->request->named_user))
		return run_refuse(fault, option, value,
				  "no such group; must be UID[:GID], or names of /etc/passwd and "
				  "/etc/group (try 1000:1000)");
	spec->has_user = true;
	return 0;
}

/* INSIDE:OUTSIDE:COUNT, several separated by commas. */
static int set_id_map(struct nidus_spec *spec, const struct run_option *option, const char *value,
		      struct fault *fault)
{
	const char *p = value;
	uint64_t inside, outside, count;

	do {
		struct nidus_id_range range;

		if (!take_id(&p, ":", &inside) || !take_id(&p, ":", &outside) ||
		    !take_id(&p, ",", &count) || count == 0 || (*p == '\0' && p[-1] == ','))
			return run_refuse(fault, option, value,
					  "must be auto, keep, host or INSIDE:OUTSIDE:COUNT[,...]");
		range.inside = (uint32_t)inside;
		range.outside = (uint32_t)outside;
		range.count = (uint32_t)count;
		if (nidus_spec_add_id_range(spec, &range) < 0)
			return run_no_memory(fault, option);
	} while (*p);
	spec->userns = NIDUS_USERNS_MAP;
	return 0;
}

int run_set_userns(struct nidus_spec *spec, const struct run_option *option, const char *value,
		      struct fault *fault)
{
	spec->id_range_count = 0; /* of several --userns the last one counts */
	if (strcmp(value, "auto") == 0)
		spec->userns = NIDUS_USERNS_AUTO;
	else if (strcmp(value, "keep") == 0)
		spec->userns = NIDUS_USERNS_KEEP;
	else if (strcmp(value, "host") == 0)
		spec->userns = NIDUS_USERNS_HOST;
	else
		return set_id_map(spec, option, value, fault);
	return 0;
}

static int parse_caps(const struct run_option *option, const char *value, uint64_t *mask,
		      struct fault *fault)
{
	*mask = caps_parse(value);
	if (*mask != 0)
		return 0;
	return run_refuse(fault, option, value,
			  "not a capability (try net_raw, CAP_NET_RAW or ALL)");
}

int run_add_caps(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault)
{
	uint64_t mask;

	if (parse_caps(option, value, &mask, fault) < 0)
		return -1;
	spec->caps |= mask;
	return 0;
}

int run_drop_caps(struct nidus_spec *spec, const struct run_option *option, const char *value,
		  struct fault *fault)
{
	uint64_t mask;

	if (parse_caps(option, value, &mask, fault) < 0)
		return -1;
	spec->caps &= ~mask;
	return 0;
}

int run_set_seccomp(struct nidus_spec *spec, const struct run_option *option,
		       const char *value, struct fault *fault)
{
	spec->seccomp_file = NULL;
	if (strcmp(value, "default") == 0) {
		spec->seccomp = NIDUS_SECCOMP_DEFAULT;
	} else if (strcmp(value, "none") == 0) {
		spec->seccomp = NIDUS_SECCOMP_NONE;
	} else if (value[0] != '\0') {
		spec->seccomp = NIDUS_SECCOMP_FILE;
		spec->seccomp_file = value;
	} else {
		return run_refuse(fault, option, value,
				  "must be default, none, or the path of a profile");
	}
	return 0;
}

static int add_landlock(struct nidus_spec *spec, const struct run_option *option,
			const struct nidus_landlock *rule, struct fault *fault)
{
	return nidus_spec_add_landlock(spec, rule) < 0 ? run_no_memory(fault, option) : 0;
}

int run_add_landlock_path(struct nidus_spec *spec, const struct run_option *option,
			  enum nidus_landlock_kind kind, const char *path, struct fault *fault)
{
	const struct nidus_landlock rule = { .kind = kind, .path = path };

	return add_landlock(spec, option, &rule, fault);
}

int run_add_landlock_port(struct nidus_spec *spec, const struct run_option *option,
			  enum nidus_landlock_kind kind, const char *value, struct fault *fault)
{
	struct nidus_landlock rule = { .kind = kind };
	uint64_t port;

	if (cli_parse_number(option->name, value, 0, PORT_MAX, &port, fault) < 0)
		return -1;
	rule.port = (uint16_t)port;
	return add_landlock(spec, option, &rule, fault);
}

int run_set_share(struct nidus_spec *spec, const struct run_option *option, const char *value,
		     struct fault *fault)
{
	const char *p = value;

	for (;;) {
		size_t len = strcspn(p, ",");
		int ns = parse_ns(p, len);

		if (ns < 0)
			return run_refuse(
				fault, option, value,
				"must be a list of user, mnt, net, ipc, uts, cgroup and time");
		spec->share |= 1u << ns;
		if (p[len] == '\0')
			return 0;
		p += len + 1;
	}
}

int run_set_join(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault)
{
	size_t len = strcspn(value, "=");
	int ns = parse_ns(value, len);

	if (ns < 0 || value[len] != '=' || value[len + 1] == '\0')
		return run_refuse(fault, option, value,
				  "must be NS=PATH, with NS one of net, ipc, uts, cgroup and time");
	spec->join[ns] = value + len + 1;
	return 0;
}
