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

/*
 * Until it has its mark, a stub has the sticky bit, which nothing else makes so: whoever dies in
 * between leaves something that can be told from others' directories.
 */
#define UNFINISHED S_ISVTX
#define DIR_MODE 0755
#define FILE_MODE 0644

/* -1 and errno. A file system without such attributes is no error: the journal knows the stub. */
static int set_mark(int fd)
{
	return fsetxattr(fd, MARK, "1", 1, 0) < 0 && errno != ENOTSUP ? -1 : 0;
}

int stub_make(int dir_fd, const char *name, bool is_dir)
{
	cleanup_fd int fd = -1;
	int err;

	if (is_dir && mkdirat(dir_fd, name, S_IRWXU | UNFINISHED) < 0)
		return -1;
	fd = is_dir ? openat(dir_fd, name, LOOK | O_DIRECTORY)
		    : openat(dir_fd, name, LOOK | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR | UNFINISHED);
	if (fd >= 0 && set_mark(fd) == 0 && fchmod(fd, is_dir ? DIR_MODE : FILE_MODE) == 0)
		return 0;
	err = errno;
	if (is_dir || fd >= 0)
		unlinkat(dir_fd, name, is_dir ? AT_REMOVEDIR : 0);
	errno = err;
	return -1;
}

/* MARK_ERROR comes with errno: it can't be told. */
enum mark { MARK_SET, MARK_NONE, MARK_UNKNOWN, MARK_ERROR };

static bool is_not_there(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP || err == EACCES || err == EPERM;
}

/* MARK_NONE, too, of anything but a directory and an empty file. */
static enum mark read_mark(int dir_fd, const char *name, bool *is_dir)
{
	cleanup_fd int fd = -1;
	struct stat st;
	char value;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return is_not_there(errno) ? MARK_NONE : MARK_ERROR;
	*is_dir = S_ISDIR(st.st_mode);
	if (!*is_dir && !(S_ISREG(st.st_mode) && st.st_size == 0))
		return MARK_NONE;
	fd = openat(dir_fd, name, LOOK);
	if (fd < 0)
		return is_not_there(errno) ? MARK_NONE : MARK_ERROR;
	if (fgetxattr(fd, MARK, &value, 1) >= 0 || errno == ERANGE)
		return MARK_SET;
	if (errno != ENOTSUP && errno != ENODATA)
		return MARK_ERROR;
	if (st.st_uid != geteuid() || (errno == ENODATA && !(st.st_mode & UNFINISHED)))
		return MARK_NONE;
	return MARK_UNKNOWN;
}

int stub_is_marked(int dir_fd, const char *name)
{
	bool is_dir;
	enum mark mark = read_mark(dir_fd, name, &is_dir);

	return mark == MARK_ERROR ? -1 : mark == MARK_SET;
}

/* 1: the journal of `id` names the stub; 0; -1 with errno. */
static int claims(int root_fd, const char *id, const char *path, struct arena *arena)
{
	cleanup_fd int dir_fd = state_open_record(root_fd, id);
	struct trail trail = { .count = 0 };
	struct fault fault = { .err = errno };

	if (dir_fd < 0 || trail_read(&trail, dir_fd, arena, &fault) < 0) {
		errno = fault.err;
		return fault.err == ENOENT ? 0 : -1;
	}
	for (size_t i = 0; i < trail.count; i++)
		if (trail.entries[i].kind == JOURNAL_STUB &&
		    strcmp(trail.entries[i].argument, path) == 0)
			return 1;
	return 0;
}

/* Removing a mount point takes the mount away with it, in every namespace. 1, 0, -1 with errno. */
static int is_in_use(int root_fd, const char *own_id, const char *path)
{
	struct arena arena = { 0 };
	struct record *records;
	struct fault fault;
	size_t count = 0;
	int in_use = record_list(root_fd, &arena, &records, &count, &fault), err = fault.err;

	for (size_t i = 0; i < count && in_use == 0; i++) {
		enum record_status status = records[i].status;

		if (strcmp(records[i].id, own_id) == 0 ||
		    (status != RECORD_STARTING && status != RECORD_RUNNING &&
		     status != RECORD_ALONE))
			continue;
		in_use = claims(root_fd, records[i].id, path, &arena);
		err = errno;
	}
	arena_free(&arena);
	errno = err;
	return in_use;
}

/* 1, 0, -1 as stub_remove. What somebody has put into it, or holds, stays. */
static int unlink_stub(int dir_fd, const char *name, bool is_dir)
{
	if (unlinkat(dir_fd, name, is_dir ? AT_REMOVEDIR : 0) == 0)
		return 1;
	return is_not_there(errno) || errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY ||
			       errno == EROFS || errno == EISDIR
		       ? 0
		       : -1;
}

int stub_remove(int root_fd, const char *id, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	cleanup_fd int dir_fd = -1;
	struct fault fault;
	enum mark mark;
	bool is_dir;
	int in_use;

	if (!slash || slash == path || (size_t)(slash - path) >= sizeof(dir))
		return 0;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	dir_fd = host_open(dir, HOST_GIVE, O_PATH | O_DIRECTORY, 0, STEP_CLEANUP, &fault);
	if (dir_fd < 0) {
		errno = fault.err;
		return is_not_there(errno) ? 0 : -1;
	}
	mark = read_mark(dir_fd, slash + 1, &is_dir);
	if (mark == MARK_NONE || mark == MARK_ERROR)
		return mark == MARK_NONE ? 0 : -1;
	in_use = is_in_use(root_fd, id, path);
	if (in_use != 0)
		return in_use < 0 ? -1 : 0;
	return unlink_stub(dir_fd, slash + 1, is_dir);
}
