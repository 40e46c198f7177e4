/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../host/open.h"
#include "../spec/path.h"
#include "../spec/refuse.h"

/* Looks up one path. Returns a descriptor (O_PATH), or -1; *path gets the path without links. */
static int look_up(struct nidus_sandbox *sandbox, const char *asked, enum host_use use, int flags,
		   const char **path, struct fault *fault)
{
	cleanup_fd int fd = host_open(asked, use, O_PATH | flags, 0, STEP_SOURCES, fault);
	char text[PATH_MAX];

	if (fd < 0)
		return -1;
	if (host_path_of(fd, text) < 0)
		return fault_set(fault, STEP_SOURCES, errno, asked);
	*path = arena_strdup(&sandbox->prepared.arena, text);
	return *path ? fd_take(&fd) : fault_set(fault, STEP_SOURCES, ENOMEM, asked);
}

/*
 * A root is about to be made of the directory `place`: notes whether its /sys has something in
 * it. What can't be read counts, too: then nothing is put over it.
 */
static void note_sys(struct nidus_sandbox *sandbox, int place)
{
	cleanup_fd int fd = openat(place, "sys", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	unsigned count = 0;
	DIR *dir;

	if (fd < 0 && errno == ENOENT)
		return;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir) {
		fd_take(&fd); /* closedir closes it */
		while (count < 3 && readdir(dir))
			count++;
		closedir(dir);
	}
	if (dir && count == 2) /* "." and ".." */
		sandbox->prepared.root_sys |= ROOT_SYS_EMPTY;
	else
		sandbox->prepared.root_sys |= ROOT_SYS_USED;
}

static bool is_mapped(const struct nidus_sandbox *sandbox)
{
	return sandbox->prepared.ids.shifted && geteuid() == 0;
}

/* Clones `place` with the workload as owner. 0, too, if its file system can't do that. */
static int map_owner(struct nidus_sandbox *sandbox, int place, unsigned int flags, int *tree_fd,
		     struct fault *fault)
{
	*tree_fd = ids_clone_owned(&sandbox->prepared.ids, place, flags,
				   &sandbox->prepared.owner_ns, fault);
	if (*tree_fd >= 0)
		return 0;
	if (fault->err != EINVAL)
		return -1;
	sandbox_degrade(sandbox, "bind-owner",
			"the file system can't be id-mapped: bound as it is");
	return 0;
}

/*
 * Id-mapped mounts are held as descriptors until the clone: for many, whoever may raises the
 * limit while they are made, and puts them above it. So init and the workload, which inherit
 * the limit as it was, still find all numbers below.
 */
static bool raise_limit(const struct nidus_sandbox *sandbox, struct rlimit *before)
{
	struct rlimit raised;
	rlim_t needed = 2 * sandbox->spec->mount_count;

	if (!is_mapped(sandbox) || getrlimit(RLIMIT_NOFILE, before) < 0 ||
	    needed < before->rlim_cur / 2)
		return false;
	raised.rlim_cur = before->rlim_cur + needed;
	raised.rlim_max = raised.rlim_cur > before->rlim_max ? raised.rlim_cur : before->rlim_max;
	return setrlimit(RLIMIT_NOFILE, &raised) == 0; /* if not: EMFILE says so in time */
}

/* Moves the tree of a source above the limit. */
static int lift(struct plan_source *source, const struct rlimit *before, struct fault *fault)
{
	cleanup_fd int low = fd_take(&source->tree_fd);

	if (low < 0)
		return 0;
	source->tree_fd = fcntl(low, F_DUPFD_CLOEXEC, (int)before->rlim_cur);
	return source->tree_fd < 0 ? fault_set(fault, STEP_SOURCES, errno, NULL) : 0;
}

static int take_bind(struct nidus_sandbox *sandbox, const struct nidus_mount *mount,
		     struct plan_source *source, struct fault *fault)
{
	cleanup_fd int place = look_up(sandbox, mount->src, mount->read_only ? HOST_SHOW : HOST_GIVE,
				       0, &source->src, fault);

	if (place < 0) {
		source->is_missing = mount->optional && fault->err == ENOENT;
		return source->is_missing ? 0 : -1;
	}
	if (path_is_root(mount->dst))
		note_sys(sandbox, place);
	if (mount->read_only || mount->devices || !is_mapped(sandbox))
		return 0;
	return map_owner(sandbox, place, AT_RECURSIVE, &source->tree_fd, fault);
}

/* The check has found it behind its layers. */
static const struct nidus_mount *overlay_of(const struct nidus_mount *layer)
{
	while (layer->kind == NIDUS_OVERLAY_SRC)
		layer++;
	return layer;
}

static int take_layer(struct nidus_sandbox *sandbox, const struct nidus_mount *mount,
		      struct plan_source *source, struct fault *fault)
{
	/* under a writable overlay a layer is given as a bind is */
	bool given = overlay_of(mount)->kind != NIDUS_RO_OVERLAY;
	cleanup_fd int place = look_up(sandbox, mount->src, given ? HOST_GIVE : HOST_SHOW,
				       O_DIRECTORY, &source->src, fault);

	if (place < 0)
		return -1;
	if (path_is_root(overlay_of(mount)->dst))
		note_sys(sandbox, place);
	/* without the mounts below it, which an overlay doesn't show */
	return given && is_mapped(sandbox) ? map_owner(sandbox, place, 0, &source->tree_fd, fault)
					   : 0;
}

/* How many bytes of both paths lead to the last directory that holds both. */
static size_t common_len(const char *one, const char *other)
{
	size_t len = 0;

	for (size_t i = 0; one[i] && one[i] == other[i]; i++)
		if (one[i] == '/')
			len = i;
	return len;
}

/* The kernel takes upper and work from one mount only: that of the directory that holds both. */
static int map_overlay(struct nidus_sandbox *sandbox, struct plan_source *source,
		       struct fault *fault)
{
	size_t len = common_len(source->src, source->src2);
	const char *top = arena_strndup(&sandbox->prepared.arena, len ? source->src : "/",
					len ? len : 1);
	cleanup_fd int place = -1;

	if (!top)
		return fault_set(fault, STEP_SOURCES, ENOMEM, NULL);
	place = host_open(top, HOST_GIVE, O_PATH | O_DIRECTORY, 0, STEP_SOURCES, fault);
	if (place < 0 || map_owner(sandbox, place, 0, &source->tree_fd, fault) < 0)
		return -1;
	if (source->tree_fd < 0)
		return 0;
	source->src += len;
	source->src2 += len;
	return 0;
}

static int take_overlay(struct nidus_sandbox *sandbox, const struct nidus_mount *mount,
			struct plan_source *source, struct fault *fault)
{
	cleanup_fd int upper =
		look_up(sandbox, mount->src, HOST_GIVE, O_DIRECTORY, &source->src, fault);
	cleanup_fd int work = -1;

	if (upper < 0)
		return -1;
	if (path_is_root(mount->dst))
		note_sys(sandbox, upper);
	work = look_up(sandbox, mount->src2, HOST_GIVE, O_DIRECTORY, &source->src2, fault);
	if (work < 0)
		return -1;
	return is_mapped(sandbox) ? map_overlay(sandbox, source, fault) : 0;
}

static int take_one(struct nidus_sandbox *sandbox, const struct nidus_mount *mount,
		    struct plan_source *source, struct fault *fault)
{
	switch (mount->kind) {
	case NIDUS_BIND:
		return take_bind(sandbox, mount, source, fault);
	case NIDUS_OVERLAY_SRC:
		return take_layer(sandbox, mount, source, fault);
	case NIDUS_OVERLAY:
		return take_overlay(sandbox, mount, source, fault);
	default:
		return 0;
	}
}

static int take_root(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	cleanup_fd int place = -1;

	if (!spec->root)
		return 0;
	place = look_up(sandbox, spec->root, HOST_SHOW, O_DIRECTORY, &sandbox->prepared.root_src, fault);
	if (place >= 0) {
		note_sys(sandbox, place);
		return 0;
	}
	fault_about(fault, NIDUS_OPTION_ROOT, 0);
	spec_blame(spec, fault);
	return -1;
}

/* The caller's home, for NIDUS_HOME_RW. */
static int take_home(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct prepared *prepared = &sandbox->prepared;
	const char *home = prepared->view.home.path, *found;
	cleanup_fd int place = -1;

	if (sandbox->spec->home != NIDUS_HOME_RW || !home[0] || !is_mapped(sandbox))
		return 0;
	place = look_up(sandbox, home, HOST_GIVE, O_DIRECTORY, &found, fault);
	if (place >= 0 &&
	    map_owner(sandbox, place, AT_RECURSIVE, &prepared->home_tree_fd, fault) == 0)
		return 0;
	return fault_about(fault, NIDUS_OPTION_HOME, 0);
}

static int take_each(struct nidus_sandbox *sandbox, const struct rlimit *before,
		     struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	for (size_t i = 0; i < spec->mount_count; i++) {
		struct plan_source *source = &sandbox->prepared.sources[i];

		if (take_one(sandbox, &spec->mounts[i], source, fault) == 0 &&
		    (!before || lift(source, before, fault) == 0))
			continue;
		fault_about(fault, NIDUS_OPTION_MOUNTS, (uint32_t)i);
		spec_blame(spec, fault);
		return -1;
	}
	return 0;
}

int sources_take(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	struct plan_source *sources;
	struct rlimit before;
	bool raised;
	int result;

	if (take_root(sandbox, fault) < 0 || take_home(sandbox, fault) < 0)
		return -1;
	if (spec->mount_count == 0)
		return 0;
	sources = arena_alloc(&sandbox->prepared.arena, spec->mount_count * sizeof(*sources));
	if (!sources)
		return fault_set(fault, STEP_SOURCES, ENOMEM, NULL);
	for (size_t i = 0; i < spec->mount_count; i++)
		sources[i].tree_fd = -1;
	sandbox->prepared.sources = sources;
	raised = raise_limit(sandbox, &before);
	result = take_each(sandbox, raised ? &before : NULL, fault);
	if (raised && setrlimit(RLIMIT_NOFILE, &before) < 0 && result == 0)
		result = fault_set(fault, STEP_SOURCES, errno, "RLIMIT_NOFILE");
	return result;
}

bool sources_make_callers_files(const struct nidus_sandbox *sandbox)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (spec->home == NIDUS_HOME_RW)
		return true;
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];

		if (sandbox->prepared.sources[i].tree_fd >= 0 && mount->kind != NIDUS_OVERLAY_SRC)
			return true;
		if (sandbox->prepared.ids.shifted)
			continue;
		if ((mount->kind == NIDUS_BIND || mount->kind == NIDUS_BIND_FD) &&
		    !mount->read_only)
			return true;
		if (mount->kind == NIDUS_OVERLAY)
			return true;
	}
	return false;
}
