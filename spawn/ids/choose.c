/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids a sandbox gets, computed from values only. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/contract.h"
#include "../spec/refuse.h"
#include "source.h"

#define RANGE IDS_RANGE
#define NOBODY 65534u

static bool overlaps(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return (uint64_t)a < (uint64_t)b + b_count && (uint64_t)b < (uint64_t)a + a_count;
}

/*
 * Maps the caller's id to own_inside, and sub-ids in order to the other ids of
 * 0..65535, so the range is split around own_inside. The map must have one more
 * entry free for the caller's id. Returns the number of ranges, 0 without sub-ids.
 */
static size_t fill_map(struct nidus_id_range *map, uint32_t own_inside, uint32_t own_outside,
		       const struct nidus_id_range *subs, size_t sub_count)
{
	uint32_t inside = 0;
	size_t n = 0;

	for (size_t i = 0; i < sub_count; i++) {
		uint32_t outside = subs[i].outside, left = subs[i].count;

		/* The kernel refuses an outside id twice. */
		if (overlaps(outside, left, own_outside, 1))
			continue;
		while (left > 0 && inside < RANGE && n < NIDUS_ID_RANGES_MAX - 1) {
			uint32_t stop = own_inside > inside && own_inside < RANGE ? own_inside
										  : RANGE;
			uint32_t take = left;

			if (inside == own_inside) {
				inside++;
				continue;
			}
			if (take > stop - inside)
				take = stop - inside;
			map[n++] = (struct nidus_id_range){ inside, outside, take };
			inside += take;
			outside += take;
			left -= take;
		}
	}
	if (n > 0)
		map[n++] = (struct nidus_id_range){ own_inside, own_outside, 1 };
	return n;
}

/* Drops ranges that overlap an earlier one. */
static size_t drop_overlaps(struct nidus_id_range *ranges, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool clear = true;

		for (size_t j = 0; j < kept; j++)
			clear = clear && !overlaps(ranges[i].outside, ranges[i].count,
						   ranges[j].outside, ranges[j].count);
		if (clear)
			ranges[kept++] = ranges[i];
	}
	return kept;
}

static bool choose_subids(const struct ids_source *source, const struct nidus_spec *spec,
			  struct ids *ids)
{
	struct nidus_id_range subs[SUBID_RANGES_MAX];
	char name[256];
	size_t count;
	bool named;

	if (!source->has_helpers || !source->subuid || !source->subgid)
		return false;
	named = source->passwd && subid_user_name(source->passwd, source->uid, name, sizeof(name));
	count = subid_parse(source->subuid, named ? name : NULL, source->uid, subs,
			    SUBID_RANGES_MAX);
	ids->uid_map_count = fill_map(ids->uid_map, spec->has_user ? spec->uid : source->uid,
				      source->uid, subs, drop_overlaps(subs, count));
	count = subid_parse(source->subgid, named ? name : NULL, source->uid, subs,
			    SUBID_RANGES_MAX);
	ids->gid_map_count = fill_map(ids->gid_map, spec->has_user ? spec->gid : source->gid,
				      source->gid, subs, drop_overlaps(subs, count));
	ids->use_helpers = ids->uid_map_count > 0 && ids->gid_map_count > 0;
	return ids->use_helpers;
}

static void choose_single(const struct ids_source *source, const struct nidus_spec *spec,
			  struct ids *ids)
{
	ids->uid_map[0] =
		(struct nidus_id_range){ spec->has_user ? spec->uid : source->uid, source->uid, 1 };
	ids->gid_map[0] =
		(struct nidus_id_range){ spec->has_user ? spec->gid : source->gid, source->gid, 1 };
	ids->uid_map_count = 1;
	ids->gid_map_count = 1;
}

static int choose_given(const struct ids_source *source, const struct nidus_spec *spec,
			struct ids *ids, struct fault *fault)
{
	const struct nidus_id_range *given = spec->id_ranges;
	size_t n = spec->id_range_count;

	if (n == 0 || n > NIDUS_ID_RANGES_MAX)
		return spec_fault(spec_about(spec, NIDUS_OPTION_USERNS, fault), STEP_ID_MAP, EINVAL,
				  "must be 1 to %d ranges", NIDUS_ID_RANGES_MAX);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (overlaps(given[i].inside, given[i].count, given[j].inside,
				     given[j].count) ||
			    overlaps(given[i].outside, given[i].count, given[j].outside,
				     given[j].count))
				return spec_fault(spec_about(spec, NIDUS_OPTION_USERNS, fault),
						  STEP_ID_MAP, EINVAL, "ranges overlap");
	memcpy(ids->uid_map, given, n * sizeof(given[0]));
	memcpy(ids->gid_map, given, n * sizeof(given[0]));
	ids->uid_map_count = n;
	ids->gid_map_count = n;
	/* Mapping only one's own id needs no helper (user_namespaces(7)). */
	ids->use_helpers = !source->privileged &&
			   (n > 1 || given[0].count > 1 || given[0].outside != source->uid ||
			    given[0].outside != source->gid);
	if (ids->use_helpers && !source->has_helpers)
		return spec_fault(spec_about(spec, NIDUS_OPTION_USERNS, fault), STEP_ID_MAP, EPERM,
				  "needs root, or newuidmap and newgidmap");
	return 0;
}

uint32_t ids_outside(const struct nidus_id_range *map, size_t count, uint32_t inside)
{
	for (size_t i = 0; i < count; i++)
		if (inside >= map[i].inside && inside - map[i].inside < map[i].count)
			return map[i].outside + (inside - map[i].inside);
	return UINT32_MAX;
}

/* The inside id of an outside one; UINT32_MAX: not mapped. */
static uint32_t inside_of(const struct nidus_id_range *map, size_t count, uint32_t outside)
{
	for (size_t i = 0; i < count; i++)
		if (outside >= map[i].outside && outside - map[i].outside < map[i].count)
			return map[i].inside + (outside - map[i].outside);
	return UINT32_MAX;
}

/* The default user: nobody (or the last id) in a range allocated for root, else the own id. */
static uint32_t default_id(const struct nidus_id_range *map, size_t count, bool own_range,
			   uint32_t own)
{
	uint32_t id = inside_of(map, count, own);

	if (!own_range && id != UINT32_MAX)
		return id;
	if (ids_outside(map, count, NOBODY) != UINT32_MAX)
		return NOBODY;
	return map[0].inside + map[0].count - 1;
}

/* An id of PID 1's own, so that the workload has no authority over it: 0, else one that nobody is. */
static uint32_t watch_id(const struct nidus_id_range *map, size_t count, uint32_t work)
{
	const uint32_t wanted[] = { 0, NOBODY };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i] != work && ids_outside(map, count, wanted[i]) != UINT32_MAX)
			return wanted[i];
	for (size_t i = 0; i < count; i++)
		if (map[i].inside != work)
			return map[i].inside;
		else if (map[i].count > 1)
			return map[i].inside + 1;
	return work;
}

static int refuse_user(const struct nidus_spec *spec, const struct ids *ids, int err,
		       const char *why, struct fault *fault)
{
	spec_about_value(spec, NIDUS_OPTION_USER, fault, "%u:%u", ids->work_uid, ids->work_gid);
	return spec_fault(fault, STEP_ID_MAP, err, "%s", why);
}

static int choose_users(const struct ids_source *source, const struct nidus_spec *spec,
			bool own_range, struct ids *ids, struct fault *fault)
{
	uint32_t uid, gid;

	ids->work_uid = spec->has_user ? spec->uid
				       : default_id(ids->uid_map, ids->uid_map_count, own_range,
						    source->uid);
	ids->work_gid = spec->has_user ? spec->gid
				       : default_id(ids->gid_map, ids->gid_map_count, own_range,
						    source->gid);
	uid = ids_outside(ids->uid_map, ids->uid_map_count, ids->work_uid);
	gid = ids_outside(ids->gid_map, ids->gid_map_count, ids->work_gid);
	if (uid == UINT32_MAX || gid == UINT32_MAX)
		return refuse_user(spec, ids, EINVAL, "not in the id map", fault);
	ids->shifted = uid != source->uid || gid != source->gid;
	if (!ids->new_userns && ids->shifted && !source->privileged)
		return refuse_user(spec, ids, EPERM, "needs a user namespace", fault);
	ids->init_uid =
		ids_outside(ids->uid_map, ids->uid_map_count, 0) != UINT32_MAX ? 0 : ids->work_uid;
	ids->init_gid =
		ids_outside(ids->gid_map, ids->gid_map_count, 0) != UINT32_MAX ? 0 : ids->work_gid;
	ids->watch_uid = watch_id(ids->uid_map, ids->uid_map_count, ids->work_uid);
	ids->watch_gid = watch_id(ids->gid_map, ids->gid_map_count, ids->work_gid);
	if (!ids->new_userns) { /* every other id is somebody's */
		ids->init_uid = ids->watch_uid = source->uid;
		ids->init_gid = ids->watch_gid = source->gid;
	}
	return 0;
}

static int refuse_range(const struct nidus_spec *spec, int err, struct fault *fault)
{
	if (err != ENOSPC)
		return fault_set(fault, STEP_ID_MAP, err, "leases of ids");
	spec_about(spec, NIDUS_OPTION_USERNS, fault);
	return spec_fault(fault, STEP_ID_MAP, err,
			  "each range of %u ids belongs to a living sandbox, or is given to somebody "
			  "in /etc/subuid or /etc/subgid", RANGE);
}

int ids_choose_from(const struct ids_source *source, const struct nidus_spec *spec,
		    const char *instance_id, struct ids *ids, struct fault *fault)
{
	bool shared = spec->share & 1u << NIDUS_NS_USER;
	enum nidus_userns kind = shared ? NIDUS_USERNS_HOST : spec->userns;
	bool own_range = false;
	int found;

	memset(ids, 0, sizeof(*ids));
	ids->new_userns = kind != NIDUS_USERNS_HOST;
	switch (kind) {
	case NIDUS_USERNS_AUTO:
		found = source->privileged ? ids_choose_root_ranges(source, instance_id, ids) : 0;
		if (found < 0)
			return refuse_range(spec, errno, fault);
		own_range = found > 0;
		if (!own_range && (source->privileged || !choose_subids(source, spec, ids)))
			choose_single(source, spec, ids);
		break;
	case NIDUS_USERNS_KEEP:
		choose_single(source, spec, ids);
		break;
	case NIDUS_USERNS_HOST:
		ids->uid_map[0] = (struct nidus_id_range){ 0, 0, UINT32_MAX };
		ids->gid_map[0] = ids->uid_map[0];
		ids->uid_map_count = 1;
		ids->gid_map_count = 1;
		break;
	case NIDUS_USERNS_MAP:
		own_range = source->privileged;
		if (choose_given(source, spec, ids, fault) < 0)
			return -1;
		break;
	}
	ids->deny_setgroups = source->setgroups_denied ||
			      (!source->privileged && !ids->use_helpers);
	return choose_users(source, spec, own_range, ids, fault);
}
