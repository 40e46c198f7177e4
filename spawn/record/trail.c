/* SPDX-License-Identifier: Apache-2.0 */
#include "trail.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../../init/contract.h"
#include "../../init/fd.h"

int trail_intend(struct trail *trail, struct arena *arena, struct journal *journal,
		 enum journal_kind kind, const char *argument, struct fault *fault)
{
	struct journal_entry *grown =
		arena_grow(arena, trail->entries, trail->count, sizeof(*grown));
	struct journal_entry entry = { .kind = kind, .argument = arena_strdup(arena, argument) };

	if (!grown || !entry.argument)
		return fault_set(fault, STEP_STATE, ENOMEM, argument);
	trail->entries = grown;
	grown[trail->count++] = entry;
	return journal_write(journal, kind, argument, fault);
}

size_t trail_strike(struct trail *trail, enum journal_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < trail->count; i++) {
		if (trail->entries[i].kind != kind || trail->entries[i].is_removed)
			continue;
		trail->entries[i].is_removed = true;
		count++;
	}
	return count;
}

int trail_read(struct trail *trail, int dir_fd, struct arena *arena, struct fault *fault)
{
	const char *boot;

	trail->place = PROCESS_HERE;
	if (journal_read(dir_fd, arena, &trail->entries, &trail->count, fault) < 0)
		return -1;
	boot = trail_find(trail, JOURNAL_BOOT);
	/* Without this line the creator died before it started anything. */
	if (boot && process_place(boot, &trail->place) < 0)
		return fault_set(fault, STEP_STATE, errno, "boot id");
	return 0;
}

const char *trail_find(const struct trail *trail, enum journal_kind kind)
{
	return journal_find(trail->entries, trail->count, kind);
}

int trail_open_init(const struct trail *trail)
{
	const char *init = trail_find(trail, JOURNAL_INIT);

	errno = ESRCH;
	return init && trail->place == PROCESS_HERE ? process_open(init) : -1;
}

int trail_open_groups(const struct trail *trail, const char *id, struct cg *cg, struct fault *fault)
{
	cg_init(cg);
	for (size_t i = 0; i < trail->count; i++) {
		if (trail->entries[i].kind != JOURNAL_CGROUP)
			continue;
		if (cg_adopt(cg, id, trail->entries[i].argument, fault) < 0) {
			cg_close(cg);
			return -1;
		}
	}
	return 0;
}

/* From another pid namespace, only its cgroup shows whether init lives. */
static bool has_busy_groups(const struct trail *trail, const char *id)
{
	struct fault ignored; /* gc reports a group that can't be opened */
	struct cg cg;
	bool busy;

	if (trail_open_groups(trail, id, &cg, &ignored) < 0)
		return false;
	busy = cg_exists(&cg) && !cg_is_empty(&cg);
	cg_close(&cg);
	return busy;
}

bool trail_is_alone(const struct trail *trail, const char *id, int init_fd)
{
	if (!trail_find(trail, JOURNAL_OUTLIVE))
		return false;
	if (trail->place == PROCESS_ELSEWHERE)
		return has_busy_groups(trail, id);
	return init_fd >= 0;
}

double trail_created(const struct trail *trail, int dir_fd)
{
	const char *created = trail_find(trail, JOURNAL_CREATED);
	struct stat st;

	if (created)
		return strtod(created, NULL);
	return fstat(dir_fd, &st) == 0 ? (double)st.st_mtim.tv_sec : 0;
}
