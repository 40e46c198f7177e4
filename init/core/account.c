/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups by name. Each file is read whole, into memory that is unmapped again:
 * a line of /etc/group can be longer than any line buffer.
 */
#include "account.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../small_file.h"
#include "../text.h"

#define FILE_MAX ((size_t)16 << 20) /* bytes, for each file; only what is read takes memory */
#define ID_MAX 4294967294u /* to the kernel -1 means "unchanged" */
#define FIELDS 4

#ifndef ACCOUNT_PASSWD
#define ACCOUNT_PASSWD "/etc/passwd"
#define ACCOUNT_GROUP "/etc/group"
#endif

/* A missing file counts as one without entries. */
static int load(const char *path, char *text)
{
	ssize_t len = small_file_read(AT_FDCWD, path, text, FILE_MAX);

	if (len < 0)
		return errno == ENOENT ? 0 : -1;
	if (len < (ssize_t)FILE_MAX - 1)
		return 0;
	errno = EFBIG; /* a number cut in half is a different number */
	return -1;
}

/*
 * Cuts a line into its first four fields; missing ones are empty. Returns the start
 * of the next line.
 */
static char *cut_line(char *at, const char *field[FIELDS])
{
	int count = 0;

	field[0] = at;
	field[1] = field[2] = field[3] = "";
	for (; *at && *at != '\n'; at++) {
		if (*at != ':')
			continue;
		*at = '\0';
		if (count < FIELDS - 1)
			field[++count] = at + 1;
	}
	if (*at)
		*at++ = '\0';
	return at;
}

static bool read_id(const char *text, size_t len, uint32_t *id)
{
	const char *end = text + len;
	uint64_t value;

	if (!text_parse(&text, end, &value) || text != end || value > ID_MAX)
		return false;
	*id = (uint32_t)value;
	return true;
}

static bool read_field(const char *field, uint32_t *id)
{
	return read_id(field, strlen(field), id);
}

/* A user or a group to look for: by number if `by_id`, else by name. */
struct wanted {
	const char *name;
	size_t len;
	uint32_t id;
	bool by_id;
};

static bool is_name(const struct wanted *wanted, const char *name)
{
	return strncmp(name, wanted->name, wanted->len) == 0 && !name[wanted->len];
}

/*
 * NAME:PASSWORD:UID:GID:... of /etc/passwd; NAME:PASSWORD:GID:... of /etc/group, for which
 * `gid` is NULL. Returns the listed name and sets the ids; NULL: there is no such entry.
 */
static const char *find_entry(char *text, struct wanted *wanted, uint32_t *gid)
{
	const char *field[FIELDS];
	uint32_t id, group = 0;

	while (*text) {
		text = cut_line(text, field);
		if (!*field[0] || !read_field(field[2], &id) ||
		    (gid && !read_field(field[3], &group)))
			continue;
		if (wanted->by_id ? id != wanted->id : !is_name(wanted, field[0]))
			continue;
		wanted->id = id;
		if (gid)
			*gid = group;
		return field[0];
	}
	return NULL;
}

/* `members` is separated by commas. */
static bool lists_member(const char *members, const char *name)
{
	size_t len = strlen(name);

	while (strncmp(members, name, len) != 0 || (members[len] && members[len] != ',')) {
		members += strcspn(members, ",");
		if (!*members++)
			return false;
	}
	return true;
}

static int find_groups(char *text, const char *user, struct account *account)
{
	const char *field[FIELDS];
	uint32_t gid;

	while (*text) {
		text = cut_line(text, field);
		if (!*field[0] || !read_field(field[2], &gid) || !lists_member(field[3], user))
			continue;
		if (account->group_count == ACCOUNT_GROUPS_MAX)
			return -1;
		account->groups[account->group_count++] = gid;
	}
	return 0;
}

/* One part of "USER:GROUP". */
static void take_part(struct wanted *wanted, const char *text)
{
	wanted->name = text;
	wanted->len = strcspn(text, ":");
	wanted->id = 0;
	wanted->by_id = read_id(text, wanted->len, &wanted->id);
}

/* "no such …: NAME" */
static int unknown(struct fault *fault, const char *kind, const char *name)
{
	size_t len = strlen(kind);

	fault_set(fault, STEP_USER, 0, name);
	memmove(fault->what + len, fault->what, sizeof(fault->what) - 1 - len);
	memcpy(fault->what, kind, len);
	return -1;
}

static int find(const char *text, char *users, char *groups, struct account *account,
		struct fault *fault)
{
	struct wanted user, group;
	const char *listed;

	take_part(&user, text);
	account->gid = user.id; /* unless an entry says otherwise */
	listed = find_entry(users, &user, &account->gid);
	account->uid = user.id;
	if (!listed && !user.by_id)
		return unknown(fault, "no such user: ", text);
	if (!text[user.len]) {
		if (listed && find_groups(groups, listed, account) < 0)
			return fault_set(fault, STEP_USER, E2BIG, text);
		return 0;
	}
	take_part(&group, text + user.len + 1);
	if (group.len == 0 || group.name[group.len])
		return fault_set(fault, STEP_USER, EINVAL, text);
	if (!group.by_id && !find_entry(groups, &group, NULL))
		return unknown(fault, "no such group: ", group.name);
	account->gid = group.id;
	return 0;
}

int account_find(const char *text, struct account *account, struct fault *fault)
{
	char *files = mmap(NULL, 2 * FILE_MAX, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int result;

	account->group_count = 0;
	if (files == MAP_FAILED)
		return fault_errno(fault, STEP_USER, text);
	if (load(ACCOUNT_PASSWD, files) < 0)
		result = fault_errno(fault, STEP_USER, ACCOUNT_PASSWD);
	else if (load(ACCOUNT_GROUP, files + FILE_MAX) < 0)
		result = fault_errno(fault, STEP_USER, ACCOUNT_GROUP);
	else
		result = find(text, files, files + FILE_MAX, account, fault);
	munmap(files, 2 * FILE_MAX);
	return result;
}
