/* SPDX-License-Identifier: Apache-2.0 */
#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../host/open.h"
#include "list.h"
#include "trail.h"

#define MARK "user.nidus.stub" /* also a workload may set it: on files that it may remove anyway */
#define LOOK (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

int stub_make(int dir_fd, const char *name, bool is_dir)
{
	cleanup_fd int fd = -1;

	if (is_dir && mkdirat(dir_fd, name, 0755) < 0)
		return -1;
	fd = is_dir ? openat(dir_fd, name, LOOK | O_DIRECTORY)
		    : openat(dir_fd, name, LOOK | O_CREAT | O_EXCL, 0644);
	if (fd < 0)
		return -1;
	fsetxattr(fd, MARK, "1", 1, 0); /* one without it is ours by the journal alone */
	return 0;
}

enum mark { MARK_SET, MARK_NONE, MARK_UNKNOWN };

/* MARK_NONE, too, of anything but a directory and an empty file. */
static enum mark read_mark(int dir_fd, const char *name, bool *is_dir)
{
	cleanup_fd int fd = -1;
	struct stat st;
	char value;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return MARK_NONE;
	*is_dir = S_ISDIR(st.st_mode);
	if (!*is_dir && !(S_ISREG(st.st_mode) && st.st_size == 0))
		return MARK_NONE;
	fd = openat(dir_fd, name, LOOK);
	if (fd < 0)
		return MARK_NONE;
	if (fgetxattr(fd, MARK, &value, 1) >= 0)
		return MARK_SET;
	return errno == ENOTSUP && st.st_uid == geteuid() ? MARK_UNKNOWN : MARK_NONE;
}

bool stub_is_marked(int dir_fd, const char *name)
{
	bool is_dir;

	return read_mark(dir_fd, name, &is_dir) == MARK_SET;
}

/* True if the journal of `id` names the stub. */
static bool claims(int root_fd, const char *id, const char *path, struct arena *arena)
{
	cleanup_fd int dir_fd = state_open_record(root_fd, id);
	struct trail trail = { .count = 0 };
	struct fault gone;

	if (dir_fd < 0 || trail_read(&trail, dir_fd, arena, &gone) < 0)
		return false;
	for (size_t i = 0; i < trail.count; i++)
		if (trail.entries[i].kind == JOURNAL_STUB &&
		    strcmp(trail.entries[i].argument, path) == 0)
			return true;
	return false;
}

/* Removing a mount point takes the mount away with it, in every namespace. */
static bool is_in_use(int root_fd, const char *own_id, const char *path)
{
	struct arena arena = { 0 };
	struct record *records;
	struct fault unknown;
	size_t count = 0;
	bool in_use = record_list(root_fd, &arena, &records, &count, &unknown) < 0;

	for (size_t i = 0; i < count && !in_use; i++) {
		enum record_status status = records[i].status;

		if (strcmp(records[i].id, own_id) != 0 &&
		    (status == RECORD_STARTING || status == RECORD_RUNNING ||
		     status == RECORD_ALONE))
			in_use = claims(root_fd, records[i].id, path, &arena);
	}
	arena_free(&arena);
	return in_use;
}

int stub_remove(int root_fd, const char *id, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	cleanup_fd int dir_fd = -1;
	struct fault gone;
	bool is_dir;

	if (!slash || slash == path || (size_t)(slash - path) >= sizeof(dir))
		return 0;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	dir_fd = host_open(dir, HOST_GIVE, O_PATH | O_DIRECTORY, 0, STEP_CLEANUP, &gone);
	if (dir_fd < 0 || read_mark(dir_fd, slash + 1, &is_dir) == MARK_NONE ||
	    is_in_use(root_fd, id, path))
		return 0;
	return unlinkat(dir_fd, slash + 1, is_dir ? AT_REMOVEDIR : 0) == 0;
}
