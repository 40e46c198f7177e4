/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The view: what a sandbox gets, and what is hidden from it, without being asked. Private
 * directories, a /proc and a /dev, homes, and what the kernel or the host shows to
 * everybody although nobody inside needs it. Operations of the spec come later and stand on top.
 */
#include <string.h>

#include "../spec/path.h"
#include "../spec/root.h"
#include "build.h"

#define PLAIN PLAN_MOUNT_PLAIN
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define RAM_SHARE 4 /* of the machine's memory: what all private directories may hold together */
#define INODE_BYTES 8192 /* one inode, about 1 KiB of the kernel's own memory, for that many bytes */
#define INODES_MIN 4096

static const char *const dev_nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

static const struct {
	const char *name, *target;
} dev_links[] = {
	{ "ptmx", "pts/ptmx" },		 { "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },	 { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

/*
 * What a /proc reveals or changes about the whole machine: the list that container runtimes
 * agree on, and counters fine enough to show when somebody presses a key. Each may be missing,
 * depending on the kernel's configuration.
 */
static const char *const proc_masked[] = {
	"acpi",		"asound",      "interrupts", "kcore",	    "key-users",
	"keys",		"latency_stats", "pagetypeinfo", "sched_debug", "schedstat",
	"scsi",		"slabinfo",    "softirqs",   "timer_list",  "timer_stats",
	"vmallocinfo",
};
static const char *const proc_read_only[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };

static const char *const sys_masked[] = {
	"/sys/devices/virtual/powercap", /* energy counters: CVE-2020-8694 */
	"/sys/firmware",
	"/sys/kernel/notes", /* the kernel's addresses: CVE-2024-26816 */
	"/sys/kernel/vmcoreinfo", /* the same, in physical memory */
};

/* Below these there are only system users' homes: bin, daemon, games. */
static const char *const never_homes[] = { "/bin", "/dev", "/etc", "/lib", "/proc",
					   "/sbin", "/sys", "/usr" };

/* Directories that are private where there are default mounts: nothing there needs hiding. */
static const char *const private_dirs[] = { "/tmp", "/run", "/var/tmp", "/var/run", "/dev", "/proc" };

/* ---- how much the private directories may hold ---- */

uint64_t plan_scratch_bytes(const struct plan_build *build)
{
	/* files there are memory: never more of them than the memory limit allows */
	if (build->spec->memory_bytes)
		return build->spec->memory_bytes;
	return build->context->ram_bytes / RAM_SHARE;
}

void plan_bound_scratch(const struct plan_build *build, struct plan_header *header)
{
	uint64_t inodes;

	header->scratch_bytes = plan_scratch_bytes(build);
	inodes = header->scratch_bytes / INODE_BYTES;
	if (header->scratch_bytes > 0)
		header->scratch_inodes = inodes > INODES_MIN ? inodes : INODES_MIN;
}

static void add_scratch(struct plan_build *build, uint32_t flags, const char *dst,
			const char *below, uint32_t mode)
{
	flags |= PLAIN | (below ? PLAN_MOUNT_F_BELOW : 0);
	plan_own(build, plan_add(build, PLAN_MOUNT_SCRATCH, flags, dst, below), mode);
}

void plan_add_closed(struct plan_build *build, uint32_t flags, const char *dst)
{
	struct plan_mount *mount = plan_add(build, PLAN_MOUNT_SCRATCH, flags, dst, NULL);

	mount->mode = 0755;
	mount->uid = build->context->ids->init_uid;
	mount->gid = build->context->ids->init_gid;
}

/* ---- /dev and /proc ---- */

/* Mount points in it need no operation of their own: init creates missing ones. */
void plan_add_dev(struct plan_build *build, uint32_t flags, const char *dst)
{
	const uint32_t quiet = PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NOEXEC;
	const uint32_t below = flags | PLAN_MOUNT_F_BELOW;
	struct plan_mount *mount;

	plan_add_closed(build, quiet | flags, dst);
	for (size_t i = 0; i < COUNT(dev_nodes); i++) {
		mount = plan_add(build, PLAN_MOUNT_BIND, quiet | below, dst, dev_nodes[i]);
		mount->src = plan_put_joined(build, "/dev", 4, dev_nodes[i]);
	}
	plan_own(build, plan_add(build, PLAN_MOUNT_DEVPTS, quiet | below, dst, "pts"), 0620);
	for (size_t i = 0; i < COUNT(dev_links); i++) {
		mount = plan_add(build, PLAN_MOUNT_SYMLINK, below, dst, dev_links[i].name);
		mount->src = plan_put_string(build, dev_links[i].target);
	}
	add_scratch(build, flags, dst, "shm", 01777);
}

/*
 * In a user namespace the kernel makes a procfs only where there is one with nothing over it
 * (mount_too_revealing), in reach or not: here in a directory that the one with the masks covers.
 */
static void add_whole_proc(struct plan_build *build, uint32_t flags, const char *dst)
{
	plan_add_closed(build, PLAIN | PLAN_MOUNT_F_NOEXEC | flags, dst);
	plan_add(build, PLAN_MOUNT_PROC, PLAIN | PLAN_MOUNT_F_NOEXEC | PLAN_MOUNT_F_BELOW, dst, "nest");
}

void plan_add_proc(struct plan_build *build, uint32_t flags, const char *dst)
{
	const uint32_t below = PLAN_MOUNT_F_OPTIONAL | PLAN_MOUNT_F_BELOW;

	if (build->spec->nest)
		add_whole_proc(build, flags, dst);
	plan_add(build, PLAN_MOUNT_PROC, PLAIN | PLAN_MOUNT_F_NOEXEC | flags, dst, NULL);
	for (size_t i = 0; i < COUNT(proc_masked); i++)
		plan_add(build, PLAN_MOUNT_MASK, below, dst, proc_masked[i]);
	for (size_t i = 0; i < COUNT(proc_read_only); i++)
		plan_add(build, PLAN_MOUNT_READONLY, below, dst, proc_read_only[i]);
	/* PID 1's oom_score_adj, autogroup and their like belong to root inside */
	if (!build->spec->as_pid_1)
		plan_add(build, PLAN_MOUNT_READONLY, below, dst, "1");
}

/* ---- homes ---- */

static bool is_within_any(const char *path, const char *const *dirs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (path_is_within(path, dirs[i]))
			return true;
	return false;
}

/* True for a caller's home that is neither a system directory nor hidden with another. */
static bool is_home_apart(const char *home)
{
	return home && home[0] == '/' && !path_is_root(home) && !path_has_dotdot(home) &&
	       !is_within_any(home, never_homes, COUNT(never_homes)) &&
	       !is_within_any(home, private_dirs, COUNT(private_dirs)) &&
	       !path_is_within(home, "/home") && !path_is_within(home, "/root");
}

static enum nidus_home home_mode(const struct nidus_spec *spec)
{
	if (spec->home != NIDUS_HOME_AUTO || !spec->default_mounts)
		return spec->home;
	return spec_has_default_root(spec) ? NIDUS_HOME_HIDE : NIDUS_HOME_RO;
}

/* The directories that are hidden: at most HIDDEN_MAX, and NULL behind them. */
#define HIDDEN_MAX 4

static void hidden_homes(const struct nidus_spec *spec, const struct plan_context *context,
			 const char *places[HIDDEN_MAX + 1])
{
	const char *const all[HIDDEN_MAX] = { "/home", "/root", context->home, context->home_real };
	size_t count = 0;

	for (size_t i = 0; home_mode(spec) == NIDUS_HOME_HIDE && i < HIDDEN_MAX; i++) {
		bool is_caller = i >= 2;

		if (is_caller && (!is_home_apart(all[i]) ||
				  (i == 3 && context->home && path_is_within(all[3], all[2]))))
			continue;
		if (!spec_covers(spec, 0, all[i]))
			places[count++] = all[i];
	}
	places[count] = NULL;
}

static bool is_in_hidden_home(const struct nidus_spec *spec, const struct plan_context *context,
			      const char *path)
{
	const char *places[HIDDEN_MAX + 1];

	if (spec_leaves_root(spec))
		return false;
	hidden_homes(spec, context, places);
	for (size_t i = 0; places[i]; i++)
		if (path_is_within(path, places[i]))
			return true;
	return false;
}

bool plan_hides(const struct nidus_spec *spec, const struct plan_context *context, const char *path)
{
	return !spec_covers(spec, 0, path) && is_in_hidden_home(spec, context, path);
}

/* The caller's own is the workload's, empty; of the others not even the names are seen. */
static void hide_homes(struct plan_build *build)
{
	const char *home = build->context->home;
	const char *places[HIDDEN_MAX + 1];

	hidden_homes(build->spec, build->context, places);
	for (size_t i = 0; places[i]; i++) {
		if (home && path_is_within(places[i], home))
			add_scratch(build, PLAN_MOUNT_F_OPTIONAL, places[i], NULL, 0700);
		else
			plan_add_closed(build, PLAIN | PLAN_MOUNT_F_OPTIONAL, places[i]);
		if (home && path_is_within(home, places[i]) && !path_is_within(places[i], home))
			plan_own(build,
				 plan_add(build, PLAN_MOUNT_DIR, PLAN_MOUNT_F_OPTIONAL, home, NULL),
				 0700);
	}
}

static void bind_home(struct plan_build *build)
{
	const struct plan_context *context = build->context;
	struct plan_mount *mount;

	build->option = NIDUS_OPTION_HOME;
	mount = plan_add(build, PLAN_MOUNT_BIND, PLAIN | PLAN_MOUNT_F_RECURSIVE, context->home,
			 NULL);
	mount->src = plan_put_outside(build, context->home);
	if (context->home_tree_fd >= 0) {
		mount->fd = context->home_tree_fd;
		mount->flags |= PLAN_MOUNT_F_TREE_FD;
	}
	build->option = NIDUS_OPTION_NONE;
}

/* ---- what the view shows ---- */

size_t plan_private_dirs(const struct nidus_spec *spec, const char *dirs[PLAN_PRIVATE_MAX])
{
	size_t count = 0;

	if (!spec->default_mounts || spec_leaves_root(spec))
		return 0;
	for (size_t i = 0; i < COUNT(private_dirs); i++)
		if (!spec_covers(spec, 0, private_dirs[i]))
			dirs[count++] = private_dirs[i];
	return count;
}

bool plan_is_private(const struct nidus_spec *spec, const struct plan_context *context,
		     const char *path)
{
	const char *dirs[PLAN_PRIVATE_MAX];

	return is_within_any(path, dirs, plan_private_dirs(spec, dirs)) ||
	       is_in_hidden_home(spec, context, path);
}

bool plan_shows(const struct nidus_spec *spec, const struct plan_context *context,
		const char *path)
{
	return !spec_covers(spec, 0, path) && !plan_is_private(spec, context, path);
}

static bool is_closed(const struct plan_context *context, const char *path)
{
	for (size_t i = 0; i < context->closed_count; i++)
		if (path_is_within(path, context->closed[i].path))
			return true;
	return false;
}

bool plan_is_visible(const struct plan_build *build, const char *path)
{
	const struct nidus_spec *spec = build->spec;

	return path[0] == '/' &&
	       (spec_covers(spec, 0, path) ||
		(spec_shows_host(spec) && plan_shows(spec, build->context, path) &&
		 !is_closed(build->context, path)));
}

/* ---- sockets ---- */

bool plan_closes_sockets(const struct nidus_spec *spec)
{
	return spec->default_mounts && spec_has_default_root(spec) && !spec_leaves_root(spec);
}

/*
 * A socket gets /dev/null on it, a directory of many an empty one, in which init may make what
 * the caller asked for. Paths have no links: who owns a directory above could put one there.
 */
static void close_sockets(struct plan_build *build)
{
	const uint32_t flags = PLAN_MOUNT_F_OPTIONAL | PLAN_MOUNT_F_NO_LINKS;

	for (size_t i = 0; i < build->context->closed_count; i++) {
		const struct plan_closed *closed = &build->context->closed[i];

		if (closed->directory)
			plan_add_closed(build, PLAIN | flags, closed->path);
		else
			plan_add(build, PLAN_MOUNT_MASK, flags, closed->path, NULL);
	}
}

/* ---- the whole ---- */

/*
 * Nothing is created for these in a root that the user gave: a mount is left out if its
 * directory is missing. A tmpfs root is empty, and ours to fill.
 */
void plan_add_view(struct plan_build *build, const struct nidus_mount *root)
{
	const struct nidus_spec *spec = build->spec;
	bool own_tree = root ? root->kind != NIDUS_TMPFS : spec->root != NULL;
	uint32_t flags = own_tree ? PLAN_MOUNT_F_OPTIONAL : 0;

	if (!spec_covers(spec, 0, "/proc"))
		plan_add_proc(build, flags, "/proc");
	for (size_t i = 0; spec_shows_host(spec) && i < COUNT(sys_masked); i++)
		plan_add(build, PLAN_MOUNT_MASK, PLAN_MOUNT_F_OPTIONAL, sys_masked[i], NULL);
	if (!spec_covers(spec, 0, "/dev"))
		plan_add_dev(build, flags, "/dev");
	if (!spec_covers(spec, 0, "/tmp"))
		add_scratch(build, flags, "/tmp", NULL, 01777);
	if (!spec_covers(spec, 0, "/run"))
		add_scratch(build, flags, "/run", NULL, 0755);
	if (build->context->has_var_run && spec_shows_host(spec) && !spec_covers(spec, 0, "/var/run"))
		add_scratch(build, PLAN_MOUNT_F_OPTIONAL, "/var/run", NULL, 0755);
	if (!spec_covers(spec, 0, "/var/tmp"))
		add_scratch(build, PLAN_MOUNT_F_OPTIONAL, "/var/tmp", NULL, 01777);
	hide_homes(build);
	if (home_mode(spec) == NIDUS_HOME_RW && build->context->home)
		bind_home(build);
	close_sockets(build);
}

/* What a link in /etc leads to in a private directory: shown there, read-only. */
void plan_add_linked(struct plan_build *build)
{
	const uint32_t flags = PLAIN | PLAN_MOUNT_F_NOEXEC | PLAN_MOUNT_F_RDONLY |
			       PLAN_MOUNT_F_RECURSIVE | PLAN_MOUNT_F_TRY;

	for (size_t i = 0; i < build->context->linked_count; i++) {
		const struct plan_linked *linked = &build->context->linked[i];

		plan_add(build, PLAN_MOUNT_BIND, flags, linked->dst, NULL)->src =
			plan_put_string(build, linked->src);
	}
}

/*
 * The files that the launch made for /etc. Nothing is created in a root that the user
 * gave, except where a link from there leads into one of our tmpfs (/etc/resolv.conf to
 * /run).
 */
void plan_add_name_files(struct plan_build *build, const struct nidus_mount *root)
{
	const struct nidus_spec *spec = build->spec;
	const struct plan_context *context = build->context;
	const struct {
		const char *path, *dst;
		int fd;
	} files[] = {
		{ "/etc/resolv.conf", context->resolv_dst, context->resolv_fd },
		{ "/etc/hosts", context->hosts_dst, context->hosts_fd },
		{ "/etc/hostname", context->hostname_dst, context->hostname_fd },
	};
	bool is_ours = root && root->kind == NIDUS_TMPFS;

	for (size_t i = 0; i < COUNT(files); i++) {
		uint32_t flags = PLAIN | PLAN_MOUNT_F_NOEXEC | PLAN_MOUNT_F_RDONLY;
		struct plan_mount *mount;

		if (files[i].fd < 0 || spec_covers(spec, 0, files[i].path))
			continue;
		flags |= is_ours ? 0 : PLAN_MOUNT_F_OPTIONAL;
		/* asked for by name: a root without a place for it is reported */
		if (files[i].fd == context->resolv_fd && spec->net_options.dns_count > 0) {
			flags |= PLAN_MOUNT_F_REPORT;
			build->option = NIDUS_OPTION_DNS;
		}
		mount = plan_add(build, PLAN_MOUNT_DATA, flags,
				 files[i].dst ? files[i].dst : files[i].path, NULL);
		mount->mode = 0644;
		mount->uid = context->ids->init_uid;
		mount->gid = context->ids->init_gid;
		mount->fd = files[i].fd;
		build->option = NIDUS_OPTION_NONE;
	}
}
