/* SPDX-License-Identifier: Apache-2.0 */
/* A range of ids for one sandbox of root, out of those that nobody else has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

/*
 * Where the ranges for sandboxes of root come from: the "container" range, which systemd
 * keeps free of users (systemd.io/UIDS-GIDS), in steps of 64 Ki.
 */
#define BASE_MIN 524288u
#define BASE_MAX 1879048191u
#define OWN_RANGES_MAX 32 /* of the 340 lines that a map may have */

/* FNV-1a: spreads the bytes of an id; it need not be hard to guess. */
static uint64_t hash_id(const char *id)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (; *id; id++)
		hash = (hash ^ (uint8_t)*id) * 0x100000001b3ull;
	return hash;
}

/* The lines of a uid_map: the ids that exist, as `inside` and `count`. */
static size_t parse_map(const char *text, struct nidus_id_range *ranges, size_t max)
{
	size_t n = 0;

	while (text && *text && n < max) {
		unsigned long inside, outside, count;
		char *end;

		inside = strtoul(text, &end, 10);
		outside = strtoul(end, &end, 10);
		count = strtoul(end, &end, 10);
		if (end == text || count == 0 || inside > UINT32_MAX || count > UINT32_MAX ||
		    outside > UINT32_MAX)
			break;
		ranges[n].inside = (uint32_t)inside;
		ranges[n].outside = (uint32_t)outside;
		ranges[n++].count = (uint32_t)count;
		text = strchr(end, '\n');
		text = text ? text + 1 : NULL;
	}
	return n;
}

/* How many whole windows of IDS_RANGE the range has within [from, to), and where the first starts. */
static uint64_t windows_in(const struct nidus_id_range *range, uint64_t from, uint64_t to,
			   uint64_t *start)
{
	uint64_t end = (uint64_t)range->inside + range->count;

	*start = range->inside > from ? range->inside : from;
	end = end < to ? end : to;
	return end > *start ? (end - *start) / IDS_RANGE : 0;
}

/* Where the windows of one kind of id come from, and who has them. */
struct supply {
	const struct ids_source *source;
	struct nidus_id_range own[OWN_RANGES_MAX];
	size_t count;
	const char *given_away; /* subuid or subgid; NULL: nothing is */
};

static void open_supply(struct supply *supply, const struct ids_source *source,
			const char *own_map, const char *given_away)
{
	supply->source = source;
	supply->count = parse_map(own_map, supply->own, OWN_RANGES_MAX);
	supply->given_away = given_away;
}

/* The n-th of the windows between from and to. */
static uint32_t nth_window(const struct supply *supply, uint64_t from, uint64_t to, uint64_t n)
{
	uint64_t start = 0;

	for (size_t i = 0; i < supply->count; i++) {
		uint64_t here = windows_in(&supply->own[i], from, to, &start);

		if (n < here)
			break;
		n -= here;
	}
	return (uint32_t)(start + n * IDS_RANGE);
}

/* 1: nobody has it; -1 with errno. */
static int is_free(const struct supply *supply, uint32_t base)
{
	const struct ids_source *source = supply->source;
	int leased;

	if (supply->given_away && subid_overlaps(supply->given_away, base, IDS_RANGE))
		return 0;
	leased = source->is_leased ? source->is_leased(base, source->arg) : 0;
	return leased < 0 ? -1 : !leased;
}

/*
 * The first free one of all windows between from and to, beginning with that of the hash.
 * 0: there are no windows at all; -1 with errno, ENOSPC if somebody has each.
 */
static int choose_window(const struct supply *supply, uint64_t from, uint64_t to, uint64_t hash,
			 uint32_t *base)
{
	uint64_t total = 0, start;

	for (size_t i = 0; i < supply->count; i++)
		total += windows_in(&supply->own[i], from, to, &start);
	for (uint64_t i = 0; i < total; i++) {
		int free_;

		*base = nth_window(supply, from, to, (hash % total + i) % total);
		free_ = is_free(supply, *base);
		if (free_ != 0)
			return free_;
	}
	errno = ENOSPC;
	return total == 0 ? 0 : -1;
}

/*
 * A range of ids that exist in the caller's namespace, except 0: root inside is never root
 * outside. In a container with few ids the range is smaller, and not leased: all share it.
 * 0: there is none; -1 with errno.
 */
static int choose_range(const struct supply *supply, uint64_t hash, struct nidus_id_range *range,
			uint32_t *leased)
{
	int found;

	*range = (struct nidus_id_range){ .count = IDS_RANGE };
	found = choose_window(supply, BASE_MIN, (uint64_t)BASE_MAX + 1, hash, leased);
	if (found == 0)
		found = choose_window(supply, 1, UINT32_MAX, hash, leased);
	if (found != 0) {
		range->outside = *leased;
		return found;
	}
	*leased = 0;
	range->count = 0;
	for (size_t i = 0; i < supply->count; i++) {
		uint32_t skip = supply->own[i].inside == 0 ? 1 : 0;

		if (supply->own[i].count - skip > range->count) {
			range->outside = supply->own[i].inside + skip;
			range->count = supply->own[i].count - skip;
		}
	}
	return range->count > 0;
}

int ids_choose_root_ranges(const struct ids_source *source, const char *instance_id,
			   struct ids *ids)
{
	uint64_t hash = hash_id(instance_id ? instance_id : "");
	struct supply uids, gids;
	int found;

	open_supply(&uids, source, source->uid_map, source->subuid);
	open_supply(&gids, source, source->gid_map, source->subgid);
	found = choose_range(&uids, hash, &ids->uid_map[0], &ids->own_uids);
	if (found > 0)
		found = choose_range(&gids, hash, &ids->gid_map[0], &ids->own_gids);
	if (found <= 0) {
		ids->own_uids = ids->own_gids = 0;
		return found;
	}
	if (ids->own_gids == ids->own_uids)
		ids->own_gids = 0; /* one lease for both */
	ids->uid_map_count = 1;
	ids->gid_map_count = 1;
	return 1;
}
