/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../nidus.h"
#include "list.h"
#include "name.h"
#include "process.h"
#include "trail.h"

#define RECORDS_MAX 65536 /* that one pass examines */
#define COMMAND_MAX 4095 /* bytes of a command's arguments; longer ones are cut */

static const char *const status_names[] = {
	[RECORD_STARTING] = "starting", [RECORD_RUNNING] = "running", [RECORD_ENDING] = "ending",
	[RECORD_ALONE] = "alone",	[RECORD_DEAD] = "dead",	      [RECORD_FAILED] = "failed",
};

const char *record_status_name(enum record_status status)
{
	return (unsigned int)status <= RECORD_FAILED ? status_names[status] : "unknown";
}

bool record_is_living(const struct record *record)
{
	return record->status <= RECORD_ALONE;
}

int record_ids(int root_fd, struct arena *arena, char (**ids)[STATE_ID_LEN + 1], size_t *count,
	       struct fault *fault)
{
	/* A new open file description: duplicated descriptors share the directory position. */
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int err = 0;

	*ids = NULL;
	*count = 0;
	if (!dir) {
		fault_set(fault, STEP_STATE, errno, "state root");
		fd_close(&fd);
		return -1;
	}
	while (*count < RECORDS_MAX && !err) {
		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			err = errno;
			break;
		}
		if (!state_is_id(entry->d_name))
			continue;
		*ids = arena_grow(arena, *ids, *count, sizeof(**ids));
		if (*ids)
			memcpy((*ids)[(*count)++], entry->d_name, sizeof(**ids));
		else
			err = ENOMEM;
	}
	closedir(dir);
	return err ? fault_set(fault, STEP_STATE, err, "state root") : 0;
}

/* "STEP ERRNO OBJECT" */
static void parse_cleanup(const char *text, struct fault *fault)
{
	uint32_t step = STEP_CLEANUP;
	char name[32];
	int err = 0, at = 0;

	if (sscanf(text, "%31s %d %n", name, &err, &at) < 2)
		at = 0;
	for (uint32_t i = 0; at > 0 && i < STEP_COUNT; i++)
		if (strcmp(nidus_step_name(i), name) == 0)
			step = i;
	fault_set(fault, step, err, text + at);
}

static int append(struct arena *arena, const char ***list, size_t *count, const char *text)
{
	const char **grown = arena_grow(arena, *list, *count, sizeof(*grown));

	if (!grown)
		return -1;
	*list = grown;
	grown[(*count)++] = text;
	return 0;
}

/* The arguments of all entries of a kind. */
static int collect(const struct trail *trail, enum journal_kind kind, struct arena *arena,
		   const char ***list, size_t *count)
{
	for (size_t i = 0; i < trail->count; i++)
		if (trail->entries[i].kind == kind &&
		    append(arena, list, count, trail->entries[i].argument) < 0)
			return -1;
	return 0;
}

/* What is not on record, since arguments may hold secrets: only while PID 1 is sure to live. */
static int read_arguments(struct record *record, struct arena *arena)
{
	struct pollfd ended = { .fd = record->init_fd, .events = POLLIN };
	char *text = arena_alloc(arena, COMMAND_MAX + 1);
	size_t len;

	if (!text)
		return -1;
	len = process_read_command(record->init_pid, text, COMMAND_MAX);
	if (poll(&ended, 1, 0) != 0)
		return 0; /* its pid may be another's by now */
	for (size_t at = 0; at < len; at += strlen(text + at) + 1)
		if (append(arena, &record->argv, &record->argc, text + at) < 0)
			return -1;
	return 0;
}

static enum record_status judge(const struct trail *trail, const struct record *record, bool owned,
				bool alone)
{
	if (owned && trail_find(trail, JOURNAL_EXITED))
		return RECORD_ENDING;
	if (owned)
		return trail_find(trail, JOURNAL_READY) ? RECORD_RUNNING : RECORD_STARTING;
	if (alone)
		return RECORD_ALONE;
	return record->cleanup.step != STEP_NONE ? RECORD_FAILED : RECORD_DEAD;
}

/* A sandbox whose record has the name may have lost it since. */
static const char *held_name(const struct trail *trail, int root_fd, const char *id)
{
	const char *name = trail_find(trail, JOURNAL_NAME);
	char holder[STATE_ID_LEN + 1];

	if (!name || name_read(root_fd, name, holder) != 0 || strcmp(holder, id) != 0)
		return NULL;
	return name;
}

static void fill(struct record *record, const struct trail *trail, int root_fd)
{
	const char *owner = trail_find(trail, JOURNAL_OWNER);
	const char *init = trail_find(trail, JOURNAL_INIT);
	const char *grace = trail_find(trail, JOURNAL_GRACE);
	const char *failed = trail_find(trail, JOURNAL_CLEANUP_FAILED);

	record->name = held_name(trail, root_fd, record->id);
	record->command = trail_find(trail, JOURNAL_COMMAND);
	record->grace_us = grace ? strtoull(grace, NULL, 10) : 0;
	if (owner && trail->place == PROCESS_HERE)
		record->owner_pid = (pid_t)strtol(owner, NULL, 10);
	if (init && record->init_fd >= 0)
		record->init_pid = (pid_t)strtol(init, NULL, 10);
	if (failed)
		parse_cleanup(failed, &record->cleanup);
}

/* 0: loaded; 1: no record (no longer, or not yet); -1: fault. */
static int load(int root_fd, const char *id, struct arena *arena, struct record *record,
		struct fault *fault)
{
	cleanup_fd int dir_fd = state_open_record(root_fd, id);
	struct trail trail = { 0 };
	enum state_owner owner;

	memset(record, 0, sizeof(*record));
	memcpy(record->id, id, sizeof(record->id));
	record->init_fd = -1;
	if (dir_fd < 0)
		return errno == ENOENT ? 1 : fault_set(fault, STEP_STATE, errno, id);
	/* Before the journal is read: an owner that ends in between has then written all of it. */
	owner = state_probe(dir_fd);
	if (owner == STATE_GONE)
		return 1;
	if (trail_read(&trail, dir_fd, arena, fault) < 0) {
		if (fault->err != ENOENT)
			return -1;
		if (owner == STATE_FREE)
			return 1;
	}
	record->init_fd = trail_open_init(&trail);
	if (record->init_fd < 0 && errno != ESRCH)
		return fault_set(fault, STEP_STATE, errno, id);
	record->created = trail_created(&trail, dir_fd);
	fill(record, &trail, root_fd);
	record->status = judge(&trail, record, owner == STATE_OWNED,
			       trail_is_alone(&trail, id, record->init_fd));
	if (collect(&trail, JOURNAL_LABEL, arena, &record->labels, &record->label_count) < 0 ||
	    collect(&trail, JOURNAL_LEASE, arena, &record->addresses, &record->address_count) < 0 ||
	    collect(&trail, JOURNAL_PUBLISH, arena, &record->ports, &record->port_count) < 0) {
		fd_close(&record->init_fd);
		return fault_set(fault, STEP_STATE, ENOMEM, id);
	}
	return 0;
}

static int by_age(const void *left, const void *right)
{
	const struct record *a = left, *b = right;

	return (a->created > b->created) - (a->created < b->created);
}

int record_list(int root_fd, struct arena *arena, struct record **records, size_t *count,
		struct fault *fault)
{
	char(*ids)[STATE_ID_LEN + 1];
	size_t found;

	*records = NULL;
	*count = 0;
	if (record_ids(root_fd, arena, &ids, &found, fault) < 0)
		return -1;
	if (found == 0)
		return 0;
	*records = arena_alloc(arena, found * sizeof(**records));
	if (!*records)
		return fault_set(fault, STEP_STATE, ENOMEM, "list");
	for (size_t i = 0; i < found; i++) {
		struct record *record = &(*records)[*count];
		int ret = load(root_fd, ids[i], arena, record, fault);

		if (ret < 0)
			return -1;
		if (record->init_pid > 0 && read_arguments(record, arena) < 0)
			ret = fault_set(fault, STEP_STATE, ENOMEM, "list");
		fd_close(&record->init_fd);
		if (ret < 0)
			return -1;
		*count += ret == 0;
	}
	qsort(*records, *count, sizeof(**records), by_age);
	return 0;
}

void record_close(struct record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fd_close(&records[i].init_fd);
}

int record_load(int root_fd, const char *id, struct arena *arena, struct record *record,
		struct fault *fault)
{
	int ret = load(root_fd, id, arena, record, fault);

	return ret > 0 ? fault_set(fault, STEP_STATE, ENOENT, id) : ret;
}

/* The only id with this prefix. ENOENT: none, EEXIST: several. */
static int find_prefix(int root_fd, const char *prefix, struct arena *arena,
		       char id[STATE_ID_LEN + 1], struct fault *fault)
{
	size_t len = strlen(prefix), found, hits = 0;
	char(*ids)[STATE_ID_LEN + 1];

	if (len < RECORD_PREFIX_MIN || len > STATE_ID_LEN ||
	    strspn(prefix, "0123456789abcdef") != len)
		return fault_set(fault, STEP_STATE, ENOENT, prefix);
	if (record_ids(root_fd, arena, &ids, &found, fault) < 0)
		return -1;
	for (size_t i = 0; i < found; i++) {
		if (strncmp(ids[i], prefix, len) != 0)
			continue;
		memcpy(id, ids[i], sizeof(ids[i]));
		hits++;
	}
	return hits == 1 ? 0 : fault_set(fault, STEP_STATE, hits ? EEXIST : ENOENT, prefix);
}

int record_find(int root_fd, const char *name_or_id, struct arena *arena, struct record *record,
		struct fault *fault)
{
	char id[STATE_ID_LEN + 1];
	int ret;

	memset(record, 0, sizeof(*record));
	record->init_fd = -1;
	if (name_read(root_fd, name_or_id, id) == 0) {
		ret = load(root_fd, id, arena, record, fault);
		if (ret <= 0)
			return ret;
	}
	if (find_prefix(root_fd, name_or_id, arena, id, fault) < 0)
		return -1;
	return record_load(root_fd, id, arena, record, fault);
}

bool record_is_alone(int root_fd, const char *id)
{
	struct arena arena = { 0 };
	struct record record;
	struct fault unknown; /* a record that can't be read may be a living sandbox's */
	int ret = load(root_fd, id, &arena, &record, &unknown);
	bool alone = ret < 0 || (ret == 0 && record.status == RECORD_ALONE);

	fd_close(&record.init_fd);
	arena_free(&arena);
	return alone;
}
