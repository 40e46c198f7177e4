/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finishing the removal that a dead owner began. Every step is idempotent, and the
 * process doing it may die at any point: then the lock is free again, the journal is
 * still there, and the next one starts over.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../nidus.h"
#include "name.h"
#include "recover.h"
#include "removal.h"

#define REMOVE_TRIES 3
#define REMOVE_PAUSE_NS 50000000 /* 50 ms: for what is busy for a moment */
#define ORPHAN_TRIES 100 /* of 5 ms: on an idle machine a child execs within one */
#define ORPHAN_PAUSE_NS 5000000
#define NAMES_MAX 65536 /* that one pass examines */

/* How far one pass goes. */
struct pass {
	int root_fd;
	uint64_t older_than_us;
	bool may_wait;
};

/* For nidus wait: records the end, which the owner can no longer do. */
static void note_loss(struct journal *journal, const struct trail *trail)
{
	struct fault ignored; /* a full disk must not prevent removing the rest */

	if (!trail_find(trail, JOURNAL_EXITED))
		journal_write(journal, JOURNAL_EXITED, "spawner_lost 125 0", &ignored);
}

static void note_failure(struct journal *journal, const struct trail *trail,
			 const struct fault *failure)
{
	const char *before = trail_find(trail, JOURNAL_CLEANUP_FAILED);
	char text[FAULT_WHAT_MAX + 64];
	struct fault ignored; /* the failure itself is returned */

	snprintf(text, sizeof(text), "%s %d %s", nidus_step_name(failure->step), failure->err,
		 failure->what);
	/* Only once: if every later run made the journal longer, it would fill the disk. */
	if (!before || strcmp(before, text) != 0)
		journal_write(journal, JOURNAL_CLEANUP_FAILED, text, &ignored);
}

static enum recover_outcome remove_adopted(const struct pass *pass, struct state *state,
					   struct trail *trail, struct recover_item *item)
{
	const struct timespec pause = { .tv_nsec = REMOVE_PAUSE_NS };
	struct removal removal = {
		.state = state, .trail = trail, .may_wait = pass->may_wait, .name_fd = -1
	};
	struct journal journal = { .fd = -1 };
	struct fault fault;

	if (journal_open(&journal, state->dir_fd, &fault) == 0)
		note_loss(&journal, trail);
	for (int i = 0; i < REMOVE_TRIES; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		if (removal_run(&removal, &fault) == 0) {
			item->resources = removal.removed;
			journal_close(&journal);
			return RECOVER_REMOVED;
		}
		if (!pass->may_wait)
			break;
	}
	item->resources = removal.removed;
	item->fault = fault;
	if (!pass->may_wait && fault.err == ETIMEDOUT) {
		journal_close(&journal);
		return RECOVER_PENDING;
	}
	if (journal.fd >= 0)
		note_failure(&journal, trail, &fault);
	journal_close(&journal);
	return RECOVER_FAILED;
}

static bool is_young(const struct pass *pass, const char *id, struct arena *arena)
{
	cleanup_fd int dir_fd = -1;
	struct trail trail = { 0 };
	struct timespec now;
	struct fault ignored; /* without a journal the age of the directory counts */

	if (pass->older_than_us == 0)
		return false;
	dir_fd = state_open_record(pass->root_fd, id);
	if (dir_fd < 0)
		return false;
	trail_read(&trail, dir_fd, arena, &ignored);
	clock_gettime(CLOCK_REALTIME, &now);
	return ((double)now.tv_sec + (double)now.tv_nsec / 1e9 - trail_created(&trail, dir_fd)) *
		       1e6 <
	       (double)pass->older_than_us;
}

/* True if the process on record as the owner is gone, or dying. */
static bool is_orphaned(const struct pass *pass, const char *id, struct arena *arena)
{
	cleanup_fd int dir_fd = state_open_record(pass->root_fd, id);
	struct trail trail = { 0 };
	struct fault ignored; /* vanished meanwhile: nothing to do */
	const char *owner;

	if (dir_fd < 0 || trail_read(&trail, dir_fd, arena, &ignored) < 0)
		return false;
	owner = trail_find(&trail, JOURNAL_OWNER);
	return owner && trail.place == PROCESS_HERE && process_is_ending(owner);
}

/*
 * The lock outlives its owner for a moment: while the kernel tears down a killed process,
 * and while a child between clone and exec still has copies of its descriptors.
 */
static int adopt(const struct pass *pass, const char *id, struct arena *arena, struct state *state,
		 struct fault *fault)
{
	const struct timespec pause = { .tv_nsec = ORPHAN_PAUSE_NS };
	int ret = state_adopt(state, pass->root_fd, id, fault);

	if (ret >= 0 || fault->err != EWOULDBLOCK || !pass->may_wait ||
	    !is_orphaned(pass, id, arena))
		return ret;
	for (int i = 0; i < ORPHAN_TRIES && ret < 0 && fault->err == EWOULDBLOCK; i++) {
		nanosleep(&pause, NULL);
		ret = state_adopt(state, pass->root_fd, id, fault);
	}
	return ret;
}

static enum recover_outcome fail(struct recover_item *item, const struct fault *fault)
{
	item->fault = *fault;
	return RECOVER_FAILED;
}

/* Decides only once it holds the lock: until then an owner may live. */
static enum recover_outcome collect(const struct pass *pass, const char *id, struct arena *arena,
				    struct recover_item *item)
{
	cleanup_fd int init_fd = -1;
	enum recover_outcome outcome;
	struct trail trail = { 0 };
	struct state state;
	struct fault fault;
	int ret;

	memset(item, 0, sizeof(*item));
	memcpy(item->id, id, sizeof(item->id));
	if (is_young(pass, id, arena))
		return RECOVER_YOUNG;
	ret = adopt(pass, id, arena, &state, &fault);
	if (ret > 0) {
		item->resources = 1;
		return RECOVER_REMOVED;
	}
	if (ret < 0 && fault.err == EWOULDBLOCK)
		return RECOVER_ALIVE;
	if (ret < 0)
		return fault.err == ENOENT ? RECOVER_GONE : fail(item, &fault);
	if (trail_read(&trail, state.dir_fd, arena, &fault) < 0 && fault.err != ENOENT) {
		state_close(&state);
		return fail(item, &fault);
	}
	item->name = trail_find(&trail, JOURNAL_NAME);
	init_fd = trail_open_init(&trail);
	if (init_fd < 0 && errno != ESRCH) { /* it may live, and may outlive its owner */
		fault_set(&fault, STEP_STATE, errno, id);
		state_close(&state);
		return fail(item, &fault);
	}
	outcome = trail_is_alone(&trail, id, init_fd) ? RECOVER_ALIVE
						      : remove_adopted(pass, &state, &trail, item);
	state_close(&state);
	return outcome;
}

void recover_remove(int root_fd, const char *id, struct arena *arena, struct recover_item *item)
{
	const struct pass pass = { .root_fd = root_fd, .may_wait = true };

	item->outcome = collect(&pass, id, arena, item);
}

static void count_item(struct recover_result *result, const struct recover_item *item)
{
	result->resources += item->resources;
	switch (item->outcome) {
	case RECOVER_REMOVED:
		result->removed++;
		break;
	case RECOVER_FAILED:
		result->failed++;
		result->fault = item->fault;
		break;
	case RECOVER_ALIVE:
	case RECOVER_YOUNG:
	case RECOVER_PENDING:
		result->skipped++;
		break;
	case RECOVER_GONE:
		break;
	}
}

/* Names whose claimer died before they were in its journal, or during its own removal. */
static int sweep_names(int root_fd, uint32_t max, struct recover_result *result,
		       struct fault *fault)
{
	int fd = name_open_all(root_fd);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		int err = errno;

		fd_close(&fd);
		return err == ENOENT ? 0 : fault_set(fault, STEP_STATE, err, "names");
	}
	for (uint32_t i = 0; i < max && (entry = readdir(dir)); i++) {
		int ret;

		if (entry->d_name[0] == '.')
			continue;
		ret = name_drop(root_fd, entry->d_name, NULL, -1);
		if (ret < 0) {
			result->failed++;
			fault_set(&result->fault, STEP_CLEANUP, errno, entry->d_name);
		}
		result->resources += ret > 0;
	}
	closedir(dir);
	return 0;
}

static int run_pass(const struct pass *pass, uint32_t max, struct arena *arena,
		    struct recover_item **items, size_t *count, struct recover_result *result,
		    struct fault *fault)
{
	char(*ids)[STATE_ID_LEN + 1];
	uint32_t start = 0;
	size_t found;

	memset(result, 0, sizeof(*result));
	if (record_ids(pass->root_fd, arena, &ids, &found, fault) < 0)
		return -1;
	/* Starts anywhere: from a fixed end, the same few living ones may always hide a dead one. */
	if (max > 0 && found > max && getrandom(&start, sizeof(start), GRND_NONBLOCK) < 0)
		start = 0;
	*count = max > 0 && found > max ? max : found;
	*items = *count > 0 ? arena_alloc(arena, *count * sizeof(**items)) : NULL;
	if (*count > 0 && !*items)
		return fault_set(fault, STEP_STATE, ENOMEM, "gc");
	for (size_t i = 0; i < *count; i++) {
		struct recover_item *item = &(*items)[i];

		item->outcome = collect(pass, ids[(start + i) % found], arena, item);
		count_item(result, item);
	}
	return sweep_names(pass->root_fd, max > 0 ? max : NAMES_MAX, result, fault);
}

int recover_gc(int root_fd, uint64_t older_than_us, uint32_t max, struct recover_result *result,
	       struct fault *fault)
{
	const struct pass pass = { root_fd, older_than_us, max == 0 };
	struct arena arena = { 0 };
	struct recover_item *items;
	size_t count;
	int ret = run_pass(&pass, max, &arena, &items, &count, result, fault);

	arena_free(&arena);
	return ret;
}

int recover_gc_items(int root_fd, uint64_t older_than_us, struct arena *arena,
		     struct recover_item **items, size_t *count, struct recover_result *result,
		     struct fault *fault)
{
	const struct pass pass = { root_fd, older_than_us, true };

	return run_pass(&pass, 0, arena, items, count, result, fault);
}

int recover_signal(int root_fd, const struct record *record, int signal, bool cancel,
		   struct fault *fault)
{
	/* Before the signal: the owner looks for the mark once init is gone. */
	if (cancel && state_cancel(root_fd, record->id, fault) < 0)
		return -1;
	if (record->init_fd < 0)
		return fault_set(fault, STEP_STATE, ESRCH, record->id);
	if (syscall(SYS_pidfd_send_signal, record->init_fd, signal, NULL, 0) < 0)
		return fault_set(fault, STEP_STATE, errno, record->id);
	return 0;
}
