/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of who runs: users, namespaces, confinement. */
#include <errno.h>

#include "../../init/contract.h"
#include "../confine/caps.h"
#include "check.h"
#include "refuse.h"
#include "root.h"

static const char *const ns_names[NIDUS_NS_COUNT] = {
	[NIDUS_NS_USER] = "user",     [NIDUS_NS_MNT] = "mnt",	[NIDUS_NS_PID] = "pid",
	[NIDUS_NS_NET] = "net",	      [NIDUS_NS_IPC] = "ipc",	[NIDUS_NS_UTS] = "uts",
	[NIDUS_NS_CGROUP] = "cgroup", [NIDUS_NS_TIME] = "time",
};

static bool overlaps(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return (uint64_t)a < (uint64_t)b + b_count && (uint64_t)b < (uint64_t)a + a_count;
}

static int refuse_range(const struct nidus_spec *spec, const struct nidus_id_range *range,
			const char *why, struct fault *fault)
{
	return spec_refuse(spec_about_value(spec, NIDUS_OPTION_USERNS, fault, "%u:%u:%u",
					    range->inside, range->outside, range->count),
			   EINVAL, "%s", why);
}

static int check_ranges(const struct nidus_spec *spec, struct fault *fault)
{
	spec_about(spec, NIDUS_OPTION_USERNS, fault);
	if (spec->id_range_count > NIDUS_ID_RANGES_MAX)
		return spec_refuse(fault, EINVAL, "at most %d ranges are allowed",
				   NIDUS_ID_RANGES_MAX);
	if (spec->userns == NIDUS_USERNS_MAP && spec->id_range_count == 0)
		return spec_refuse(fault, EINVAL, "a map needs a range");
	if (spec->userns != NIDUS_USERNS_MAP && spec->id_range_count > 0)
		return spec_refuse(fault, EINVAL, "ranges are only allowed for a map");
	for (size_t i = 0; i < spec->id_range_count; i++) {
		const struct nidus_id_range *range = &spec->id_ranges[i];

		/* The last number is not an id: to the kernel (uid_t)-1 means "none". */
		if (range->count == 0 || range->count > UINT32_MAX - range->inside ||
		    range->count > UINT32_MAX - range->outside)
			return refuse_range(spec, range, "ids must be at most 4294967294", fault);
		for (size_t k = 0; k < i; k++) {
			const struct nidus_id_range *other = &spec->id_ranges[k];

			if (overlaps(range->inside, range->count, other->inside, other->count) ||
			    overlaps(range->outside, range->count, other->outside, other->count))
				return refuse_range(spec, range, "overlaps another range", fault);
		}
	}
	return 0;
}

/* docs/decisions/0003: the pid namespace is what makes everything end with PID 1 */
static int check_pid_namespace(const struct nidus_spec *spec, struct fault *fault)
{
	enum nidus_option option = spec->join[NIDUS_NS_PID] ? NIDUS_OPTION_JOIN : NIDUS_OPTION_SHARE;

	if (!(spec->share & 1u << NIDUS_NS_PID) && !spec->join[NIDUS_NS_PID])
		return 0;
	return spec_refuse(spec_about_value(spec, option, fault, "pid"), EINVAL,
			   "a sandbox always has its own pid namespace");
}

static int check_joins(const struct nidus_spec *spec, struct fault *fault)
{
	const char *join = spec_word(spec, NIDUS_OPTION_JOIN);

	if (spec->join[NIDUS_NS_USER] || spec->join[NIDUS_NS_MNT])
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_JOIN, fault, "%s",
						    spec->join[NIDUS_NS_USER] ? "user" : "mnt"),
				   EINVAL, "must be net, ipc, uts, cgroup or time");
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++) {
		if (!spec->join[ns])
			continue;
		if (spec_check_path(spec, NIDUS_OPTION_JOIN, spec->join[ns], fault) < 0)
			return -1;
		if (spec->share & 1u << ns)
			return spec_refuse(spec_about_value(spec, NIDUS_OPTION_SHARE, fault, "%s",
							    ns_names[ns]),
					   EINVAL, "cannot be used with %s %s", join, ns_names[ns]);
	}
	if (spec->join[NIDUS_NS_NET] && spec->net != NIDUS_NET_NONE)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_JOIN, fault, "net"), EINVAL,
				   "cannot be used with %s", spec_word(spec, NIDUS_OPTION_NET));
	return 0;
}

static int check_namespaces(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->share >> NIDUS_NS_COUNT)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_SHARE, fault), EINVAL,
				   "no such namespace");
	if (check_pid_namespace(spec, fault) < 0 || check_joins(spec, fault) < 0)
		return -1;
	if (spec->share & 1u << NIDUS_NS_USER && spec->userns != NIDUS_USERNS_AUTO &&
	    spec->userns != NIDUS_USERNS_HOST)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_SHARE, fault, "user"), EINVAL,
				   "cannot be used with %s keep or a map",
				   spec_word(spec, NIDUS_OPTION_USERNS));
	if (spec->hostname && (spec->share & 1u << NIDUS_NS_UTS || spec->join[NIDUS_NS_UTS]))
		return spec_refuse(spec_about(spec, NIDUS_OPTION_HOSTNAME, fault), EINVAL,
				   "needs its own uts namespace");
	return 0;
}

static enum nidus_option landlock_option(enum nidus_landlock_kind kind)
{
	switch (kind) {
	case NIDUS_LANDLOCK_RO:
		break;
	case NIDUS_LANDLOCK_RW:
		return NIDUS_OPTION_LANDLOCK_RW;
	case NIDUS_LANDLOCK_RX:
		return NIDUS_OPTION_LANDLOCK_RX;
	case NIDUS_LANDLOCK_BIND_TCP:
		return NIDUS_OPTION_LANDLOCK_BIND_TCP;
	case NIDUS_LANDLOCK_CONNECT_TCP:
		return NIDUS_OPTION_LANDLOCK_CONNECT_TCP;
	}
	return NIDUS_OPTION_LANDLOCK_RO;
}

static int check_landlock(const struct nidus_spec *spec, struct fault *fault)
{
	for (size_t i = 0; i < spec->landlock_count; i++) {
		const struct nidus_landlock *rule = &spec->landlock[i];
		enum nidus_option option = landlock_option(rule->kind);

		if (i >= PLAN_LANDLOCK_MAX)
			return spec_refuse(spec_about(spec, option, fault), EINVAL,
					   "at most %d rules are allowed", PLAN_LANDLOCK_MAX);
		if ((unsigned int)rule->kind > NIDUS_LANDLOCK_CONNECT_TCP)
			return spec_refuse(spec_about_value(spec, option, fault, "%u", rule->kind),
					   EINVAL, "unknown");
		if (rule->kind != NIDUS_LANDLOCK_BIND_TCP &&
		    rule->kind != NIDUS_LANDLOCK_CONNECT_TCP &&
		    spec_check_inside(spec, option, rule->path, fault) < 0)
			return -1;
	}
	return 0;
}

static bool has_own_ids(const struct nidus_spec *spec)
{
	if (spec->share & 1u << NIDUS_NS_USER || spec->userns == NIDUS_USERNS_HOST ||
	    spec->userns == NIDUS_USERNS_KEEP)
		return false;
	for (size_t i = 0; spec->userns == NIDUS_USERNS_MAP && i < spec->id_range_count; i++)
		if (spec->id_ranges[i].outside == 0)
			return false;
	return true;
}

/* What would make it useless, or give away more than the option says. */
static int check_nest(const struct nidus_spec *spec, struct fault *fault)
{
	if (!spec->nest)
		return 0;
	if (spec_leaves_root(spec))
		return spec_refuse(spec_about(spec, NIDUS_OPTION_NEST, fault), EINVAL,
				   "needs a mount namespace of its own");
	/* with the ids of the caller, root inside a nested sandbox could be root outside */
	if (!has_own_ids(spec))
		return spec_refuse(spec_about(spec, NIDUS_OPTION_NEST, fault), EINVAL,
				   "needs a user namespace of its own, with ids of its own");
	for (size_t i = 0; i < spec->landlock_count; i++)
		if (spec->landlock[i].kind != NIDUS_LANDLOCK_BIND_TCP &&
		    spec->landlock[i].kind != NIDUS_LANDLOCK_CONNECT_TCP)
			return spec_refuse(
				spec_about(spec, NIDUS_OPTION_NEST, fault), EINVAL,
				"cannot be used with %s: Landlock refuses all mounts",
				spec_word(spec, landlock_option(spec->landlock[i].kind)));
	return 0;
}

int spec_check_identity(const struct nidus_spec *spec, struct fault *fault)
{
	if ((unsigned int)spec->userns > NIDUS_USERNS_MAP)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_USERNS, fault, "%u",
						    spec->userns),
				   EINVAL, "unknown");
	if (spec->has_user && (spec->uid == UINT32_MAX || spec->gid == UINT32_MAX))
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_USER, fault, "%u:%u",
						    spec->uid, spec->gid),
				   EINVAL, "ids must be at most 4294967294");
	if (spec->caps != 0 && spec->caps & ~caps_all())
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_CAPS, fault, "%#llx",
						    (unsigned long long)(spec->caps & ~caps_all())),
				   EINVAL, "unknown capability");
	if ((unsigned int)spec->seccomp > NIDUS_SECCOMP_FILE)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_SECCOMP, fault, "%u",
						    spec->seccomp),
				   EINVAL, "unknown");
	if (spec->seccomp == NIDUS_SECCOMP_FILE &&
	    spec_check_path(spec, NIDUS_OPTION_SECCOMP, spec->seccomp_file, fault) < 0)
		return -1;
	if (check_ranges(spec, fault) < 0 || check_namespaces(spec, fault) < 0)
		return -1;
	return check_nest(spec, fault) < 0 ? -1 : check_landlock(spec, fault);
}
