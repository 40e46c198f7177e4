/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File operations: the root, the automatic mounts, the operations of the spec in their
 * order, and at the end what makes each /dev read-only. One spec operation becomes one or
 * more plan operations; init/contract.h says what init does with each.
 */
#include <errno.h>
#include <string.h>

#include "../spec/path.h"
#include "build.h"

#define DEV_SIZE 65536 /* bytes of a private /dev: it holds names and links, no data */

/* No file from outside may give a process inside more privileges than it has. */
#define PLAIN (PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV)

static const char *const dev_nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

static const struct {
	const char *name, *target;
} dev_links[] = {
	{ "ptmx", "pts/ptmx" },		 { "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },	 { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

/* What a /proc reveals or changes about the whole machine: the list that container
 * runtimes agree on. Each may be missing, depending on the kernel's configuration. */
static const char *const proc_masked[] = {
	"acpi",	       "asound", "kcore",      "keys",	      "latency_stats",
	"sched_debug", "scsi",	 "timer_list", "timer_stats",
};
static const char *const proc_read_only[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };

static const char *const sys_masked[] = {
	"/sys/devices/virtual/powercap", /* energy counters: CVE-2020-8694 */
	"/sys/firmware",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool plan_leaves_root(const struct nidus_spec *spec)
{
	return spec->share & 1u << NIDUS_NS_MNT || spec->join[NIDUS_NS_MNT];
}

/* The next operation, empty. A surplus one is overwritten, and refused at the end. */
static struct plan_mount *add(struct plan_build *build, uint32_t kind, uint32_t flags,
			      const char *dst, const char *below)
{
	struct plan_mount *mount = &build->mounts[build->mount_count];

	if (build->mount_count < PLAN_MOUNTS_MAX)
		build->mount_count++;
	else
		build->err = build->err ? build->err : E2BIG;
	memset(mount, 0, sizeof(*mount));
	mount->kind = kind;
	mount->flags = flags;
	mount->fd = -1;
	mount->option = build->option;
	mount->index = build->index;
	if (dst)
		mount->dst = plan_put_inside(build, dst, below);
	return mount;
}

static void own_by_workload(struct plan_build *build, struct plan_mount *mount, uint32_t mode)
{
	mount->mode = mode;
	mount->uid = build->context->ids->work_uid;
	mount->gid = build->context->ids->work_gid;
}

static void add_tmpfs(struct plan_build *build, uint32_t flags, const char *dst, const char *below,
		      uint32_t mode, uint64_t size)
{
	struct plan_mount *mount = add(build, PLAN_MOUNT_TMPFS, PLAIN | flags, dst, below);

	own_by_workload(build, mount, mode);
	/* Files in a tmpfs are memory: never allow more of them than the memory limit. */
	mount->size = size ? size : build->spec->memory_bytes;
}

/* Mount points in it need no operation of their own: init creates missing ones. */
static void add_dev(struct plan_build *build, uint32_t flags, const char *dst)
{
	const uint32_t quiet = PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NOEXEC;
	struct plan_mount *mount = add(build, PLAN_MOUNT_TMPFS, quiet | flags, dst, NULL);

	mount->mode = 0755;
	mount->uid = build->context->ids->init_uid;
	mount->gid = build->context->ids->init_gid;
	mount->size = DEV_SIZE;
	for (size_t i = 0; i < COUNT(dev_nodes); i++) {
		mount = add(build, PLAN_MOUNT_BIND, quiet | flags, dst, dev_nodes[i]);
		mount->src = plan_put_joined(build, "/dev", 4, dev_nodes[i]);
	}
	own_by_workload(build, add(build, PLAN_MOUNT_DEVPTS, quiet | flags, dst, "pts"), 0620);
	for (size_t i = 0; i < COUNT(dev_links); i++) {
		mount = add(build, PLAN_MOUNT_SYMLINK, flags, dst, dev_links[i].name);
		mount->src = plan_put_string(build, dev_links[i].target);
	}
	add_tmpfs(build, flags, dst, "shm", 01777, 0);
}

static void add_proc(struct plan_build *build, uint32_t flags, const char *dst)
{
	const uint32_t quiet = PLAIN | PLAN_MOUNT_F_NOEXEC;
	add(build, PLAN_MOUNT_PROC, quiet | flags, dst, NULL);
	for (size_t i = 0; i < COUNT(proc_masked); i++)
		add(build, PLAN_MOUNT_MASK, PLAN_MOUNT_F_OPTIONAL, dst, proc_masked[i]);
	for (size_t i = 0; i < COUNT(proc_read_only); i++)
		add(build, PLAN_MOUNT_READONLY, PLAN_MOUNT_F_OPTIONAL, dst, proc_read_only[i]);
	/* PID 1's oom_score_adj, autogroup and their like belong to root inside */
	if (!build->spec->as_pid_1)
		add(build, PLAN_MOUNT_READONLY, PLAN_MOUNT_F_OPTIONAL, dst, "1");
}

static void add_bind(struct plan_build *build, size_t index)
{
	const struct nidus_mount *asked = &build->spec->mounts[index];
	const int *trees = build->context->tree_fds;
	uint32_t flags = PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_RECURSIVE;
	struct plan_mount *mount;

	if (!asked->devices)
		flags |= PLAN_MOUNT_F_NODEV;
	if (asked->read_only)
		flags |= PLAN_MOUNT_F_RDONLY;
	if (asked->optional)
		flags |= PLAN_MOUNT_F_TRY;
	mount = add(build, PLAN_MOUNT_BIND, flags, asked->dst, NULL);
	mount->src = plan_put_outside(build, asked->src);
	if (trees && trees[index] >= 0) {
		mount->fd = trees[index];
		mount->flags |= PLAN_MOUNT_F_TREE_FD;
	} else if (asked->kind == NIDUS_BIND_FD) {
		mount->fd = asked->fd;
		mount->flags |= PLAN_MOUNT_F_PIN_FD;
	}
}

/* From here on the added operations come from the spec's operation `index`. */
static void begin_asked(struct plan_build *build, size_t index)
{
	build->option = NIDUS_OPTION_MOUNTS;
	build->index = (uint32_t)index;
}

static void end_asked(struct plan_build *build)
{
	build->option = NIDUS_OPTION_NONE;
	build->index = 0;
}

/* The layers are the sources right before `index`: bottom first here, top first in the plan. */
static void add_overlay(struct plan_build *build, size_t index)
{
	const struct nidus_mount *asked = &build->spec->mounts[index];
	struct plan_mount *mount;
	uint32_t flags = PLAIN;

	for (size_t i = index; i > 0 && asked[-1].kind == NIDUS_OVERLAY_SRC; i--) {
		asked--;
		begin_asked(build, i - 1);
		mount = add(build, PLAN_MOUNT_LAYER, 0, NULL, NULL);
		mount->src = plan_put_outside(build, asked->src);
	}
	begin_asked(build, index);
	asked = &build->spec->mounts[index];
	if (asked->kind == NIDUS_RO_OVERLAY)
		flags |= PLAN_MOUNT_F_RDONLY;
	if (asked->kind == NIDUS_TMP_OVERLAY)
		flags |= PLAN_MOUNT_F_TMP_UPPER;
	mount = add(build, PLAN_MOUNT_OVERLAY, flags, asked->dst, NULL);
	if (asked->kind == NIDUS_TMP_OVERLAY)
		mount->size = build->spec->memory_bytes;
	if (asked->kind == NIDUS_OVERLAY) {
		mount->src = plan_put_outside(build, asked->src);
		mount->src2 = plan_put_outside(build, asked->src2);
	}
}

static void add_file(struct plan_build *build, const struct nidus_mount *asked)
{
	/* bubblewrap's defaults: 0666 for a file, 0600 for data. */
	bool data = asked->kind == NIDUS_BIND_DATA;
	int perms = asked->perms >= 0 ? asked->perms : data ? 0600 : 0666;
	uint32_t flags = data ? PLAIN : 0;
	struct plan_mount *mount;

	if (data && asked->read_only)
		flags |= PLAN_MOUNT_F_RDONLY;
	mount = add(build, data ? PLAN_MOUNT_DATA : PLAN_MOUNT_FILE, flags, asked->dst, NULL);
	own_by_workload(build, mount, (uint32_t)perms);
	mount->fd = asked->fd;
}

static void add_asked(struct plan_build *build, size_t index)
{
	const struct nidus_mount *asked = &build->spec->mounts[index];
	uint32_t perms = asked->perms >= 0 ? (uint32_t)asked->perms : 0755;
	struct plan_mount *mount;

	begin_asked(build, index);
	switch (asked->kind) {
	case NIDUS_BIND:
	case NIDUS_BIND_FD:
		add_bind(build, index);
		break;
	case NIDUS_TMPFS:
		add_tmpfs(build, 0, asked->dst, NULL, perms, asked->size);
		break;
	case NIDUS_PROC:
		add_proc(build, 0, asked->dst);
		break;
	case NIDUS_DEV:
		add_dev(build, 0, asked->dst);
		break;
	case NIDUS_MQUEUE:
		add(build, PLAN_MOUNT_MQUEUE, PLAIN | PLAN_MOUNT_F_NOEXEC, asked->dst, NULL);
		break;
	case NIDUS_DIR:
		own_by_workload(build, add(build, PLAN_MOUNT_DIR, 0, asked->dst, NULL), perms);
		break;
	case NIDUS_FILE:
	case NIDUS_BIND_DATA:
		add_file(build, asked);
		break;
	case NIDUS_SYMLINK:
		mount = add(build, PLAN_MOUNT_SYMLINK, 0, asked->dst, NULL);
		mount->src = plan_put_string(build, asked->src);
		break;
	case NIDUS_CHMOD:
		add(build, PLAN_MOUNT_CHMOD, 0, asked->dst, NULL)->mode = perms;
		break;
	case NIDUS_REMOUNT_RO:
		add(build, PLAN_MOUNT_REMOUNT_RO, 0, asked->dst, NULL);
		break;
	case NIDUS_OVERLAY_SRC: /* emitted with its overlay */
		break;
	case NIDUS_OVERLAY:
	case NIDUS_TMP_OVERLAY:
	case NIDUS_RO_OVERLAY:
		add_overlay(build, index);
		break;
	}
	end_asked(build);
}

static bool makes_root(const struct nidus_mount *asked)
{
	switch (asked->kind) {
	case NIDUS_BIND:
	case NIDUS_BIND_FD:
	case NIDUS_TMPFS:
	case NIDUS_OVERLAY:
	case NIDUS_TMP_OVERLAY:
	case NIDUS_RO_OVERLAY:
		return path_is_root(asked->dst);
	default:
		return false;
	}
}

/* The operation of the spec that makes the root, or -1. */
static ssize_t find_root(const struct nidus_spec *spec)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (makes_root(&spec->mounts[i]))
			return (ssize_t)i;
	return -1;
}

bool plan_shows_host(const struct nidus_spec *spec)
{
	ssize_t root = find_root(spec);

	if (root >= 0)
		return spec->mounts[root].kind == NIDUS_BIND &&
		       path_is_root(spec->mounts[root].src);
	return !spec->root || path_is_root(spec->root);
}

/* True if an operation from `from` on covers `path` or something above it. */
static bool is_covered(const struct nidus_spec *spec, size_t from, const char *path)
{
	for (size_t i = from; i < spec->mount_count; i++) {
		const struct nidus_mount *asked = &spec->mounts[i];

		switch (asked->kind) {
		case NIDUS_DIR:
		case NIDUS_CHMOD:
		case NIDUS_REMOUNT_RO:
		case NIDUS_OVERLAY_SRC:
			break;
		default:
			if (!path_is_root(asked->dst) && path_is_within(path, asked->dst))
				return true;
		}
	}
	return false;
}

static void add_root(struct plan_build *build, ssize_t root)
{
	struct plan_mount *mount;

	if (root >= 0) {
		add_asked(build, (size_t)root);
		return;
	}
	build->option = build->spec->root ? NIDUS_OPTION_ROOT : NIDUS_OPTION_NONE;
	mount = add(build, PLAN_MOUNT_BIND, PLAIN | PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_RECURSIVE,
		    "/", NULL);
	build->option = NIDUS_OPTION_NONE;
	mount->src = plan_put_outside(build, build->spec->root ? build->spec->root : "/");
}

/*
 * The automatic mounts. Nothing is created for them in a root that the user gave: a
 * mount is left out if its directory is missing. A tmpfs root is empty, and ours to
 * fill.
 */
static void add_defaults(struct plan_build *build, ssize_t root)
{
	const struct nidus_spec *spec = build->spec;
	bool own_tree = root >= 0 ? spec->mounts[root].kind != NIDUS_TMPFS : spec->root != NULL;
	uint32_t flags = own_tree ? PLAN_MOUNT_F_OPTIONAL : 0;

	if (!is_covered(spec, 0, "/proc"))
		add_proc(build, flags, "/proc");
	for (size_t i = 0; plan_shows_host(spec) && i < COUNT(sys_masked); i++)
		add(build, PLAN_MOUNT_MASK, PLAN_MOUNT_F_OPTIONAL, sys_masked[i], NULL);
	if (!is_covered(spec, 0, "/dev"))
		add_dev(build, flags, "/dev");
	if (!is_covered(spec, 0, "/tmp"))
		add_tmpfs(build, flags, "/tmp", NULL, 01777, 0);
	if (!is_covered(spec, 0, "/run"))
		add_tmpfs(build, flags, "/run", NULL, 0755, 0);
}

/*
 * The files that the launch made for /etc. Nothing is created in a root that the user
 * gave, except through a link from there into one of our tmpfs (/etc/resolv.conf to
 * /run): init follows it.
 */
static void add_name_files(struct plan_build *build, ssize_t root)
{
	const struct nidus_spec *spec = build->spec;
	const struct plan_context *context = build->context;
	const struct {
		const char *path;
		int fd;
	} files[] = {
		{ "/etc/resolv.conf", context->resolv_fd },
		{ "/etc/hosts", context->hosts_fd },
		{ "/etc/hostname", context->hostname_fd },
	};
	bool is_ours = root >= 0 && spec->mounts[root].kind == NIDUS_TMPFS;

	for (size_t i = 0; i < COUNT(files); i++) {
		uint32_t flags = PLAIN | PLAN_MOUNT_F_NOEXEC | PLAN_MOUNT_F_RDONLY;
		struct plan_mount *mount;

		if (files[i].fd < 0 || is_covered(spec, 0, files[i].path))
			continue;
		flags |= is_ours ? 0 : PLAN_MOUNT_F_OPTIONAL;
		mount = add(build, PLAN_MOUNT_DATA, flags, files[i].path, NULL);
		mount->mode = 0644;
		mount->uid = context->ids->init_uid;
		mount->gid = context->ids->init_gid;
		mount->fd = files[i].fd;
	}
}

/* At the end, so that the spec's operations below a /dev still find it writable. */
static void close_devs(struct plan_build *build)
{
	const struct nidus_spec *spec = build->spec;

	if (spec->default_mounts && !is_covered(spec, 0, "/dev"))
		add(build, PLAN_MOUNT_REMOUNT_RO, PLAN_MOUNT_F_OPTIONAL, "/dev", NULL);
	for (size_t i = 0; i < spec->mount_count; i++) {
		if (spec->mounts[i].kind != NIDUS_DEV ||
		    is_covered(spec, i + 1, spec->mounts[i].dst))
			continue;
		begin_asked(build, i);
		add(build, PLAN_MOUNT_REMOUNT_RO, 0, spec->mounts[i].dst, NULL);
		end_asked(build);
	}
}

void plan_expand_mounts(struct plan_build *build)
{
	const struct nidus_spec *spec = build->spec;
	ssize_t root = find_root(spec);

	if (plan_leaves_root(spec))
		return;
	add_root(build, root);
	if (spec->default_mounts)
		add_defaults(build, root);
	add_name_files(build, root);
	for (size_t i = 0; i < spec->mount_count; i++)
		if ((ssize_t)i != root)
			add_asked(build, i);
	close_devs(build);
}
