/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of who runs: users, namespaces, confinement. */
#include <errno.h>

#include "../../init/contract.h"
#include "../confine/caps.h"
#include "../ids/ids.h"
#include "check.h"

static const char *const ns_names[NIDUS_NS_COUNT] = {
	[NIDUS_NS_USER] = "user",     [NIDUS_NS_MNT] = "mnt",	[NIDUS_NS_PID] = "pid",
	[NIDUS_NS_NET] = "net",	      [NIDUS_NS_IPC] = "ipc",	[NIDUS_NS_UTS] = "uts",
	[NIDUS_NS_CGROUP] = "cgroup", [NIDUS_NS_TIME] = "time",
};

static bool overlaps(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return (uint64_t)a < (uint64_t)b + b_count && (uint64_t)b < (uint64_t)a + a_count;
}

static int check_ranges(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->id_range_count > IDS_RANGES_MAX)
		return spec_refuse(fault, EINVAL, "--userns: allowed are %d ranges",
				   IDS_RANGES_MAX);
	if (spec->userns == NIDUS_USERNS_MAP && spec->id_range_count == 0)
		return spec_refuse(fault, EINVAL, "--userns: a map needs a range");
	if (spec->userns != NIDUS_USERNS_MAP && spec->id_range_count > 0)
		return spec_refuse(fault, EINVAL, "--userns: ranges need a map of their own");
	for (size_t i = 0; i < spec->id_range_count; i++) {
		const struct nidus_id_range *range = &spec->id_ranges[i];

		/* The last id is no id: (uid_t)-1 means "none" to the kernel. */
		if (range->count == 0 || range->count > UINT32_MAX - range->inside ||
		    range->count > UINT32_MAX - range->outside)
			return spec_refuse(fault, EINVAL,
					   "--userns %u:%u:%u: allowed are ids to 4294967294",
					   range->inside, range->outside, range->count);
		for (size_t k = 0; k < i; k++) {
			const struct nidus_id_range *other = &spec->id_ranges[k];

			if (overlaps(range->inside, range->count, other->inside, other->count) ||
			    overlaps(range->outside, range->count, other->outside, other->count))
				return spec_refuse(fault, EINVAL,
						   "--userns %u:%u:%u: overlaps another range",
						   range->inside, range->outside, range->count);
		}
	}
	return 0;
}

static int check_namespaces(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->share >> NIDUS_NS_COUNT)
		return spec_refuse(fault, EINVAL, "--share: no such namespace");
	/* docs/decisions/0003: it is how everything ends with PID 1 */
	if (spec->share & 1u << NIDUS_NS_PID || spec->join[NIDUS_NS_PID])
		return spec_refuse(fault, EINVAL, "--%s pid: a sandbox has a pid namespace of its own",
				   spec->join[NIDUS_NS_PID] ? "join" : "share");
	if (spec->join[NIDUS_NS_USER] || spec->join[NIDUS_NS_MNT])
		return spec_refuse(fault, EINVAL,
				   "--join %s: allowed are net, ipc, uts, cgroup and time",
				   spec->join[NIDUS_NS_USER] ? "user" : "mnt");
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++) {
		if (!spec->join[ns])
			continue;
		if (spec_check_path("--join", spec->join[ns], fault) < 0)
			return -1;
		if (spec->share & 1u << ns)
			return spec_refuse(fault, EINVAL, "--share %s: not with --join %s",
					   ns_names[ns], ns_names[ns]);
	}
	if (spec->share & 1u << NIDUS_NS_USER && spec->userns != NIDUS_USERNS_AUTO &&
	    spec->userns != NIDUS_USERNS_HOST)
		return spec_refuse(fault, EINVAL, "--share user: not with --userns keep or a map");
	if (spec->join[NIDUS_NS_NET] && spec->net != NIDUS_NET_NONE)
		return spec_refuse(fault, EINVAL, "--join net: not with --net");
	if (spec->hostname && (spec->share & 1u << NIDUS_NS_UTS || spec->join[NIDUS_NS_UTS]))
		return spec_refuse(fault, EINVAL, "--hostname: needs a uts namespace of its own");
	return 0;
}

static int check_landlock(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->landlock_count > PLAN_LANDLOCK_MAX)
		return spec_refuse(fault, EINVAL, "--landlock: allowed are %d rules",
				   PLAN_LANDLOCK_MAX);
	for (size_t i = 0; i < spec->landlock_count; i++) {
		const struct nidus_landlock *rule = &spec->landlock[i];

		switch (rule->kind) {
		case NIDUS_LANDLOCK_RO:
		case NIDUS_LANDLOCK_RW:
		case NIDUS_LANDLOCK_RX:
			if (spec_check_inside("--landlock", rule->path, fault) < 0)
				return -1;
			break;
		case NIDUS_LANDLOCK_BIND_TCP:
		case NIDUS_LANDLOCK_CONNECT_TCP:
			break;
		default:
			return spec_refuse(fault, EINVAL, "--landlock %u: unknown", rule->kind);
		}
	}
	return 0;
}

int spec_check_identity(const struct nidus_spec *spec, struct fault *fault)
{
	if ((unsigned int)spec->userns > NIDUS_USERNS_MAP)
		return spec_refuse(fault, EINVAL, "--userns %u: unknown", spec->userns);
	if (spec->has_user && (spec->uid == UINT32_MAX || spec->gid == UINT32_MAX))
		return spec_refuse(fault, EINVAL, "--user %u:%u: allowed are ids to 4294967294",
				   spec->uid, spec->gid);
	if (spec->caps & ~caps_all())
		return spec_refuse(fault, EINVAL, "--cap-add %#llx: unknown capability",
				   (unsigned long long)(spec->caps & ~caps_all()));
	if ((unsigned int)spec->seccomp > NIDUS_SECCOMP_FILE)
		return spec_refuse(fault, EINVAL, "--seccomp %u: unknown", spec->seccomp);
	if (spec->seccomp == NIDUS_SECCOMP_FILE &&
	    spec_check_path("--seccomp", spec->seccomp_file, fault) < 0)
		return -1;
	if (check_ranges(spec, fault) < 0 || check_namespaces(spec, fault) < 0)
		return -1;
	return check_landlock(spec, fault);
}
