/* SPDX-License-Identifier: Apache-2.0 */
#include "stubs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../host/open.h"
#include "../record/stub.h"
#include "../spec/path.h"
#include "view.h"

#define STUB_BYTES_MAX (256u << 10) /* of paths on record: a journal has room for four times that */

/* NEED_UNKNOWN comes with errno: it can't be told. */
enum need { NEED_NOTHING, NEED_DIR, NEED_FILE, NEED_UNKNOWN };

/*
 * What init, with other rights, finds the same way and reports better. After any other failure
 * init might still succeed, and what it made would be on no record.
 */
static bool is_for_init(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP || err == EACCES || err == EPERM ||
	       err == EROFS || err == EEXIST;
}

static enum need need_of_type(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errno == EBADF ? NEED_NOTHING : NEED_UNKNOWN;
	return S_ISDIR(st.st_mode) ? NEED_DIR : NEED_FILE;
}

/* What the operation mounts on. NEED_NOTHING, too, for one that makes its entry to stay. */
static enum need need_of(const struct nidus_mount *mount, const struct plan_source *source)
{
	cleanup_fd int fd = -1;
	struct fault gone;

	switch (mount->kind) {
	case NIDUS_BIND:
		if (!source->src)
			return NEED_NOTHING;
		fd = host_open(source->src, HOST_SHOW, O_PATH, 0, STEP_SOURCES, &gone);
		if (fd >= 0)
			return need_of_type(fd);
		errno = gone.err;
		return is_for_init(errno) ? NEED_NOTHING : NEED_UNKNOWN;
	case NIDUS_BIND_FD:
		return need_of_type(mount->fd);
	case NIDUS_BIND_DATA:
		return NEED_FILE;
	case NIDUS_TMPFS:
	case NIDUS_PROC:
	case NIDUS_DEV:
	case NIDUS_MQUEUE:
	case NIDUS_OVERLAY:
	case NIDUS_TMP_OVERLAY:
	case NIDUS_RO_OVERLAY:
		return NEED_DIR;
	default:
		return NEED_NOTHING;
	}
}

/* The directory of the host that a writable bind shows; NULL: the operation is no such bind. */
static const char *writable_dir(const struct nidus_mount *mount, const struct plan_source *source)
{
	if (mount->read_only)
		return NULL;
	if (mount->kind == NIDUS_BIND)
		return source->src;
	return mount->kind == NIDUS_BIND_FD ? mount->src : NULL;
}

/*
 * The directory of the host in which the place of operation `index` lies, and the rest of
 * its path there. NULL: it lies in no writable bind, or below what another operation makes
 * for good, which init must make in its order.
 */
static const char *find_dir(const struct nidus_sandbox *sandbox, size_t index, const char **rest)
{
	const struct nidus_spec *spec = sandbox->spec;
	const char *dst = spec->mounts[index].dst;
	struct plan_context context = { .home = NULL };
	size_t len;

	view_lend(&sandbox->prepared.view, &context);
	for (size_t i = index; i-- > 0;) {
		const struct nidus_mount *mount = &spec->mounts[i];

		if (mount->kind == NIDUS_OVERLAY_SRC || mount->kind == NIDUS_CHMOD ||
		    mount->kind == NIDUS_REMOUNT_RO || !path_is_within(dst, mount->dst) ||
		    sandbox->prepared.sources[i].is_missing)
			continue;
		if (path_is_root(mount->dst) && plan_is_private(spec, &context, dst))
			return NULL;
		*rest = dst;
		for (const char *above = mount->dst; path_next(&above, &len);)
			path_next(rest, &len);
		return writable_dir(mount, &sandbox->prepared.sources[i]);
	}
	return NULL;
}

/* -1: not further, what is there is for init to report; -2: with a fault. */
static int stop_at(const char *path, struct fault *fault)
{
	if (is_for_init(errno))
		return -1;
	fault_set(fault, STEP_SOURCES, errno, path);
	return -2;
}

/* One component. Returns its descriptor to go on below it, or as stop_at. */
static int make_component(struct nidus_sandbox *sandbox, int dir_fd, const char *path, bool is_dir,
			  struct fault *fault)
{
	const char *name = strrchr(path, '/') + 1;
	struct stat st;
	int fd, marked;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		marked = stub_is_marked(dir_fd, name);
		if (marked < 0)
			return stop_at(path, fault);
		/* left by an earlier sandbox, or still in use by another: who is last removes it */
		if (marked && sandbox_intend(sandbox, JOURNAL_STUB, path, fault) < 0)
			return -2;
	} else {
		if (errno != ENOENT)
			return stop_at(path, fault);
		if (sandbox_intend(sandbox, JOURNAL_STUB, path, fault) < 0)
			return -2;
		if (stub_make(dir_fd, name, is_dir) < 0)
			return stop_at(path, fault);
	}
	fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? stop_at(path, fault) : fd;
}

static int make_path(struct nidus_sandbox *sandbox, const char *dir, const char *rest,
		     enum need need, size_t *bytes, struct fault *fault)
{
	struct fault gone;
	int fd = host_open(dir, HOST_GIVE, O_PATH | O_DIRECTORY, 0, STEP_SOURCES, &gone);
	size_t used = strlen(dir), len;
	char path[PATH_MAX];
	const char *name, *after;

	if (fd < 0 && !is_for_init(gone.err)) {
		*fault = gone;
		return -1;
	}
	memcpy(path, dir, used + 1);
	while (fd >= 0 && (name = path_next(&rest, &len))) {
		cleanup_fd int parent = fd;

		fd = -1;
		after = rest;
		if (used + len + 2 > sizeof(path) || *bytes + used + len > STUB_BYTES_MAX)
			break;
		path[used++] = '/';
		memcpy(path + used, name, len);
		used += len;
		path[used] = '\0';
		*bytes += used;
		fd = make_component(sandbox, parent, path,
				    need == NEED_DIR || path_next(&after, &len), fault);
	}
	if (fd == -2)
		return -1;
	fd_close(&fd);
	return 0;
}

static bool has_writable_dir(const struct nidus_sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->spec->mount_count; i++)
		if (writable_dir(&sandbox->spec->mounts[i], &sandbox->prepared.sources[i]))
			return true;
	return false;
}

int stubs_make(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	size_t bytes = 0;

	if (!has_writable_dir(sandbox))
		return 0;

	for (size_t i = 0; i < spec->mount_count; i++) {
		const char *rest = NULL, *dir = NULL;
		enum need need = NEED_NOTHING;

		if (spec->mounts[i].dst)
			dir = find_dir(sandbox, i, &rest);
		if (dir)
			need = need_of(&spec->mounts[i], &sandbox->prepared.sources[i]);
		if (need == NEED_UNKNOWN)
			return fault_set(fault, STEP_SOURCES, errno, spec->mounts[i].dst);
		if (need != NEED_NOTHING && make_path(sandbox, dir, rest, need, &bytes, fault) < 0)
			return -1;
	}
	return 0;
}
