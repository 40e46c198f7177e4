/* SPDX-License-Identifier: Apache-2.0 */
/* Spec to plan: what init's own decoder reads out of the bytes again. */
#include "plan_fixture.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/resource.h>

#include "../../spawn/plan/limit.h"

#include "../../init/sandbox/decode.c"

static void read_plan(struct fixture *f, struct plan_view *view)
{
	struct fault fault = { 0 };

	fixture_make(f);
	if (decode_plan(f->plan.bytes, f->plan.size, view, &fault) < 0)
		fail_msg("refused by the decoder: errno %d, %s", fault.err, fault.what);
}

static const char *dst(const struct plan_view *view, const struct plan_mount *mount)
{
	return plan_string(view, mount->dst);
}

static const char *src(const struct plan_view *view, const struct plan_mount *mount)
{
	return plan_string(view, mount->src);
}

/* The first operation of that kind at that place, or NULL. */
static const struct plan_mount *find(const struct plan_view *view, uint32_t kind, const char *where)
{
	for (uint32_t i = 0; i < view->header->mounts.count; i++)
		if (view->mounts[i].kind == kind && strcmp(dst(view, &view->mounts[i]), where) == 0)
			return &view->mounts[i];
	return NULL;
}

static uint32_t count_at(const struct plan_view *view, const char *where)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < view->header->mounts.count; i++)
		count += strcmp(dst(view, &view->mounts[i]), where) == 0;
	return count;
}

#define RO_PLAIN (PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV)

/* ---- root and automatic mounts ---- */

static void test_default_root_is_the_host_read_only(void **state)
{
	struct plan_view view;

	read_plan(*state, &view);
	assert_int_equal(view.mounts[0].kind, PLAN_MOUNT_BIND);
	assert_string_equal(src(&view, &view.mounts[0]), "/");
	assert_string_equal(dst(&view, &view.mounts[0]), "/");
	assert_int_equal(view.mounts[0].flags, RO_PLAIN | PLAN_MOUNT_F_RECURSIVE);
}

static void test_default_mounts(void **state)
{
	struct plan_view view;
	const struct plan_mount *tmp;

	read_plan(*state, &view);
	assert_non_null(find(&view, PLAN_MOUNT_PROC, "/proc"));
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/run"));
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/dev/shm"));
	tmp = find(&view, PLAN_MOUNT_SCRATCH, "/tmp");
	assert_non_null(tmp);
	assert_int_equal(tmp->mode, 01777);
	assert_int_equal(tmp->uid, 65534);
	assert_int_equal(tmp->gid, 65533);
	assert_int_equal(tmp->flags, PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV);
}

static void test_dev_has_six_nodes(void **state)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	struct plan_view view;
	char path[32];

	read_plan(*state, &view);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		const struct plan_mount *node;

		snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
		node = find(&view, PLAN_MOUNT_BIND, path);
		assert_non_null(node);
		assert_string_equal(src(&view, node), path);
		assert_false(node->flags & PLAN_MOUNT_F_NODEV);
	}
	assert_int_equal(find(&view, PLAN_MOUNT_SCRATCH, "/dev")->uid, 0);
	assert_string_equal(src(&view, find(&view, PLAN_MOUNT_SYMLINK, "/dev/ptmx")), "pts/ptmx");
}

static void test_dev_is_closed_last(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *last;

	fixture_add(f, NIDUS_BIND, "/dev/kvm", "/dev/kvm")->devices = true;
	read_plan(f, &view);
	last = &view.mounts[view.header->mounts.count - 1];
	assert_int_equal(last->kind, PLAN_MOUNT_REMOUNT_RO);
	assert_string_equal(dst(&view, last), "/dev");
}

static void test_replaced_dev_stays_open(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_DEV, NULL, "/srv/dev");
	fixture_add(f, NIDUS_BIND, "/x", "/srv");
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_REMOUNT_RO, "/srv/dev"));
	assert_non_null(find(&view, PLAN_MOUNT_REMOUNT_RO, "/dev"));
}

static void test_proc_is_hardened(void **state)
{
	struct plan_view view;

	read_plan(*state, &view);
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/proc/kcore"));
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/proc/keys"));
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/sys/firmware"));
	assert_non_null(find(&view, PLAN_MOUNT_READONLY, "/proc/sys"));
	assert_int_equal(find(&view, PLAN_MOUNT_READONLY, "/proc/sys")->flags,
			 PLAN_MOUNT_F_OPTIONAL | PLAN_MOUNT_F_BELOW);
}

static void test_nesting_has_a_whole_proc_under_the_hardened_one(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *under;

	read_plan(f, &view);
	assert_int_equal(count_at(&view, "/proc"), 1);
	f->spec.nest = true;
	read_plan(f, &view);
	under = find(&view, PLAN_MOUNT_SCRATCH, "/proc");
	assert_non_null(under);
	assert_int_equal(under[1].kind, PLAN_MOUNT_PROC);
	assert_true(under[1].flags & PLAN_MOUNT_F_BELOW);
	assert_string_equal(dst(&view, &under[1]), "/proc/nest");
	assert_int_equal(under[2].kind, PLAN_MOUNT_PROC);
	assert_string_equal(dst(&view, &under[2]), "/proc");
	assert_false(under[2].flags & PLAN_MOUNT_F_BELOW);
	/* nothing is put over it */
	assert_int_equal(count_at(&view, "/proc/nest"), 1);
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/proc/kcore"));
}

static void test_own_proc_is_hardened_where_it_is(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_PROC, NULL, "/srv/proc");
	read_plan(f, &view);
	assert_non_null(find(&view, PLAN_MOUNT_PROC, "/srv/proc"));
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/srv/proc/kcore"));
}

static void test_own_operation_replaces_a_default(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_BIND, "/srv", "//tmp/");
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/tmp"));
	assert_int_equal(count_at(&view, "/tmp"), 1);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/run"));
}

/* ---- private directories and homes ---- */

static void test_private_directories_are_bounded_in_sum(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_int_equal(view.header->scratch_bytes, 0);
	assert_int_equal(view.header->scratch_inodes, 0);
	f->context.ram_bytes = UINT64_C(8) << 30;
	fixture_add(f, NIDUS_TMPFS, NULL, "/a");
	read_plan(f, &view);
	assert_int_equal(view.header->scratch_bytes, UINT64_C(2) << 30);
	assert_int_equal(view.header->scratch_inodes, (UINT64_C(2) << 30) / 8192);
	for (uint32_t i = 0; i < view.header->mounts.count; i++)
		assert_int_not_equal(view.mounts[i].kind, PLAN_MOUNT_TMPFS);
	f->context.ram_bytes = 16 << 20;
	read_plan(f, &view);
	assert_int_equal(view.header->scratch_inodes, 4096);
}

static void test_homes_are_hidden_in_the_default_view(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *home;

	f->context.home = "/home/me";
	read_plan(f, &view);
	home = find(&view, PLAN_MOUNT_SCRATCH, "/home");
	assert_non_null(home);
	assert_int_equal(home->mode, 0755);
	assert_int_equal(home->uid, f->ids.init_uid);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/root"));
	home = find(&view, PLAN_MOUNT_DIR, "/home/me");
	assert_non_null(home);
	assert_int_equal(home->mode, 0700);
	assert_int_equal(home->uid, f->ids.work_uid);
	f->context.home = "/root";
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_SCRATCH, "/root")->uid, f->ids.work_uid);
	assert_null(find(&view, PLAN_MOUNT_DIR, "/root"));
}

static void test_a_home_elsewhere_is_hidden(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->context.home = "/srv/people/me";
	f->context.home_real = "/data/me";
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_SCRATCH, "/srv/people/me")->uid, f->ids.work_uid);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/data/me"));
}

static void test_var_run_is_private_where_it_is_no_link(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/var/run"));
	f->context.has_var_run = true;
	read_plan(f, &view);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/var/run"));
	f->spec.root = "/tree";
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/var/run"));
}

static void test_system_directories_are_no_homes(void **state)
{
	static const char *const homes[] = { "/", "/usr/sbin", "/bin", "/dev", "/tmp/x", "relative" };
	struct fixture *f = *state;
	struct plan_view view;

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		uint32_t count;

		f->context.home = f->context.home_real = NULL;
		read_plan(f, &view);
		count = view.header->mounts.count;
		f->context.home = f->context.home_real = homes[i];
		read_plan(f, &view);
		assert_int_equal(view.header->mounts.count, count);
	}
}

static void test_homes_of_other_roots_and_choices(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->context.home = "/home/me";
	f->spec.root = "/srv/tree";
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/home"));
	f->spec.root = NULL;
	f->spec.home = NIDUS_HOME_RO;
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/home"));
	f->spec.home = NIDUS_HOME_RW;
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/home"));
	assert_int_equal(find(&view, PLAN_MOUNT_BIND, "/home/me")->flags,
			 PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV | PLAN_MOUNT_F_RECURSIVE);
	f->spec.home = NIDUS_HOME_HIDE;
	fixture_add(f, NIDUS_BIND, "/", "/")->read_only = true;
	read_plan(f, &view);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/home"));
	f->spec.home = NIDUS_HOME_AUTO;
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_SCRATCH, "/home"));
}

static void test_what_is_hidden(void **state)
{
	struct fixture *f = *state;

	f->context.home = "/srv/people/me";
	assert_true(plan_hides(&f->spec, &f->context, "/home/you/bin/x"));
	assert_true(plan_hides(&f->spec, &f->context, "/srv/people/me/x"));
	assert_false(plan_hides(&f->spec, &f->context, "/srv/people/you/x"));
	assert_false(plan_hides(&f->spec, &f->context, "/usr/bin/x"));
	fixture_add(f, NIDUS_BIND, "/home/you/bin", "/home/you/bin");
	assert_false(plan_hides(&f->spec, &f->context, "/home/you/bin/x"));
	f->spec.home = NIDUS_HOME_RO;
	assert_false(plan_hides(&f->spec, &f->context, "/home/x"));
}

static void test_masks_of_proc_start_from_its_mount(void **state)
{
	struct plan_view view;
	uint32_t masks = 0;

	read_plan(*state, &view);
	for (uint32_t i = 0; i < view.header->mounts.count; i++) {
		const struct plan_mount *mount = &view.mounts[i];

		if (strncmp(dst(&view, mount), "/proc/", 6) != 0)
			continue;
		assert_true(mount->flags & PLAN_MOUNT_F_BELOW);
		masks++;
	}
	assert_true(masks > 10);
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/proc/interrupts"));
	assert_non_null(find(&view, PLAN_MOUNT_MASK, "/sys/kernel/notes"));
}

static void test_places_of_sockets_are_closed(void **state)
{
	static const struct plan_closed closed[] = { { "/srv/s", false }, { "/srv/many", true } };
	const uint32_t flags = PLAN_MOUNT_F_OPTIONAL | PLAN_MOUNT_F_NO_LINKS;
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *mask, *dir;

	f->context.closed = closed;
	f->context.closed_count = 2;
	fixture_add(f, NIDUS_BIND, "/x", "/srv/many/x");
	read_plan(f, &view);
	mask = find(&view, PLAN_MOUNT_MASK, "/srv/s");
	dir = find(&view, PLAN_MOUNT_SCRATCH, "/srv/many");
	assert_int_equal(mask->flags, flags);
	assert_int_equal(dir->flags, flags | PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV);
	assert_int_equal(dir->uid, f->ids.init_uid);
	assert_true(dir < find(&view, PLAN_MOUNT_BIND, "/srv/many/x"));
}

static void test_what_is_shown(void **state)
{
	struct fixture *f = *state;

	assert_true(plan_closes_sockets(&f->spec));
	assert_true(plan_shows(&f->spec, &f->context, "/srv/s"));
	assert_false(plan_shows(&f->spec, &f->context, "/run/s"));
	assert_false(plan_shows(&f->spec, &f->context, "/var/tmp/tmux/s"));
	assert_false(plan_shows(&f->spec, &f->context, "/home/me/s"));
	fixture_add(f, NIDUS_BIND, "/srv", "/srv");
	assert_false(plan_shows(&f->spec, &f->context, "/srv/s"));
	f->spec.root = "/tree";
	assert_false(plan_closes_sockets(&f->spec));
}

static void test_abstract_sockets_of_the_callers_network_are_out_of_scope(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_int_equal(view.header->landlock_scoped, 0);
	assert_false(plan_reads_landlock_abi(&f->spec));
	f->spec.net = NIDUS_NET_HOST;
	read_plan(f, &view);
	assert_int_equal(view.header->landlock_scoped, 1);
	assert_int_equal(view.header->landlock_fs, 0);
	assert_true(plan_reads_landlock_abi(&f->spec));
	f->context.landlock_abi = 5;
	read_plan(f, &view);
	assert_int_equal(view.header->landlock_scoped, 0);
}

static void test_core_dumps_start_no_handler(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->context.no_core_handler = true;
	read_plan(f, &view);
	assert_int_equal(view.header->rlimits.count, 1);
	assert_int_equal(view.rlimits[0].resource, RLIMIT_CORE);
	assert_int_equal(view.rlimits[0].soft, 1);
	assert_int_equal(view.rlimits[0].hard, 1);
}

static void test_default_of_processes(void **state)
{
	struct limit_room room = { .free_pids = 100000, .nproc_hard = RLIM_INFINITY };
	struct nidus_rlimit own = { RLIMIT_NPROC, 10, 10 };
	struct fixture *f = *state;

	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 4096);
	room.free_pids = 1000;
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 250);
	room.free_pids = 3; /* 0 would be no limit at all */
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 1);
	room.free_pids = 0;
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 1);
	room.free_pids = UINT64_MAX; /* what can't be told is no reason to have none */
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 4096);
	room.free_pids = 1000;
	f->ids.watch_uid = f->ids.work_uid; /* PID 1 counts as well */
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 251);
	room.nproc_hard = 60;
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 60);
	f->spec.pids = 5;
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 0);
	f->spec.pids = 0;
	f->ids.new_userns = false;
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 0);
	f->ids.new_userns = true;
	nidus_spec_add_rlimit(&f->spec, &own);
	assert_int_equal(limit_default_nproc(&f->spec, &f->ids, &room), 0);
}

static void test_chmod_keeps_the_default(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_CHMOD, NULL, "/tmp")->perms = 0700;
	read_plan(f, &view);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/tmp"));
	assert_int_equal(find(&view, PLAN_MOUNT_CHMOD, "/tmp")->mode, 0700);
}

static void test_no_defaults(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->spec.default_mounts = false;
	read_plan(f, &view);
	assert_int_equal(view.header->mounts.count, 1);
}

static void test_root_directory(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->spec.root = "tree";
	read_plan(f, &view);
	assert_string_equal(src(&view, &view.mounts[0]), "/home/me/tree");
	assert_true(view.mounts[0].flags & PLAN_MOUNT_F_RDONLY);
	assert_true(find(&view, PLAN_MOUNT_SCRATCH, "/tmp")->flags & PLAN_MOUNT_F_OPTIONAL);
	assert_true(find(&view, PLAN_MOUNT_BIND, "/dev/null")->flags & PLAN_MOUNT_F_OPTIONAL);
	assert_null(find(&view, PLAN_MOUNT_MASK, "/sys/firmware"));
}

static bool is_of(const struct plan_mount *mount, enum nidus_option option, uint32_t index)
{
	return mount && mount->option == option && mount->index == index;
}

static void test_mounts_carry_the_operation_that_they_come_from(void **state)
{
	const enum nidus_option mounts = NIDUS_OPTION_MOUNTS;
	struct fixture *f = *state;
	struct plan_view view;
	uint32_t layer = 0;

	f->spec.root = "/srv/tree";
	fixture_add(f, NIDUS_BIND, "/srv", "/tmp/x");
	fixture_add(f, NIDUS_DEV, NULL, "/mnt/dev");
	fixture_add(f, NIDUS_OVERLAY_SRC, "/low", NULL);
	fixture_add(f, NIDUS_OVERLAY_SRC, "/high", NULL);
	fixture_add(f, NIDUS_TMP_OVERLAY, NULL, "/over");
	read_plan(f, &view);
	assert_true(is_of(&view.mounts[0], NIDUS_OPTION_ROOT, 0));
	assert_true(is_of(find(&view, PLAN_MOUNT_SCRATCH, "/tmp"), NIDUS_OPTION_NONE, 0));
	assert_true(is_of(find(&view, PLAN_MOUNT_BIND, "/tmp/x"), mounts, 0));
	assert_true(is_of(find(&view, PLAN_MOUNT_DEVPTS, "/mnt/dev/pts"), mounts, 1));
	assert_true(is_of(find(&view, PLAN_MOUNT_REMOUNT_RO, "/mnt/dev"), mounts, 1));
	assert_true(is_of(find(&view, PLAN_MOUNT_REMOUNT_RO, "/dev"), NIDUS_OPTION_NONE, 0));
	assert_true(is_of(find(&view, PLAN_MOUNT_OVERLAY, "/over"), mounts, 4));
	while (view.mounts[layer].kind != PLAN_MOUNT_LAYER)
		layer++;
	assert_true(is_of(&view.mounts[layer], mounts, 3));
	assert_true(is_of(&view.mounts[layer + 1], mounts, 2));
}

static void test_an_operation_that_makes_the_root_is_named(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_TMPFS, NULL, "/");
	read_plan(f, &view);
	assert_true(is_of(&view.mounts[0], NIDUS_OPTION_MOUNTS, 0));
	assert_true(is_of(find(&view, PLAN_MOUNT_PROC, "/proc"), NIDUS_OPTION_NONE, 0));
}

static void test_relative_source_without_a_directory(void **state)
{
	struct fixture *f = *state;
	struct fault fault;

	f->spec.root = "tree";
	f->context.host_cwd = NULL;
	assert_int_equal(plan_make(&f->spec, &f->context, &f->plan, &fault), -1);
	assert_int_equal(fault.err, ENOENT);
}

static void test_root_by_bind_is_writable(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_BIND, "/srv/tree", "/");
	read_plan(f, &view);
	assert_string_equal(src(&view, &view.mounts[0]), "/srv/tree");
	assert_false(view.mounts[0].flags & PLAN_MOUNT_F_RDONLY);
	assert_int_equal(count_at(&view, "/"), 1);
	assert_true(find(&view, PLAN_MOUNT_PROC, "/proc")->flags & PLAN_MOUNT_F_OPTIONAL);
}

static void test_root_by_tmpfs_gets_every_default(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_TMPFS, NULL, "/");
	read_plan(f, &view);
	assert_int_equal(view.mounts[0].kind, PLAN_MOUNT_TMPFS);
	assert_false(find(&view, PLAN_MOUNT_PROC, "/proc")->flags & PLAN_MOUNT_F_OPTIONAL);
	assert_false(find(&view, PLAN_MOUNT_SCRATCH, "/tmp")->flags & PLAN_MOUNT_F_OPTIONAL);
}

static void test_root_by_overlay(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_OVERLAY_SRC, "/a", NULL);
	fixture_add(f, NIDUS_TMP_OVERLAY, NULL, "/");
	read_plan(f, &view);
	assert_int_equal(view.mounts[0].kind, PLAN_MOUNT_LAYER);
	assert_int_equal(view.mounts[1].kind, PLAN_MOUNT_OVERLAY);
	assert_true(view.mounts[1].flags & PLAN_MOUNT_F_TMP_UPPER);
}

static void test_shared_mount_namespace_has_no_operations(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->spec.share = 1u << NIDUS_NS_MNT;
	read_plan(f, &view);
	assert_int_equal(view.header->mounts.count, 0);
	assert_true(plan_has(&view, PLAN_NO_ROOT));
}

/* ---- own operations ---- */

static void test_bind_flags(void **state)
{
	struct fixture *f = *state;
	struct nidus_mount *bind = fixture_add(f, NIDUS_BIND, "/srv", "/srv");
	struct plan_view view;

	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_BIND, "/srv")->flags,
			 PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV | PLAN_MOUNT_F_RECURSIVE);
	bind->read_only = bind->optional = bind->devices = true;
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_BIND, "/srv")->flags,
			 PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_RECURSIVE | PLAN_MOUNT_F_RDONLY |
				 PLAN_MOUNT_F_TRY);
}

static void test_bind_of_a_prepared_tree(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_source sources[] = { { .tree_fd = -1 }, { .tree_fd = 40 } };

	fixture_add(f, NIDUS_BIND, "/a", "/a");
	fixture_add(f, NIDUS_BIND, "/b", "/b");
	f->context.sources = sources;
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_BIND, "/a")->fd, -1);
	assert_int_equal(find(&view, PLAN_MOUNT_BIND, "/b")->fd, 40);
	assert_true(find(&view, PLAN_MOUNT_BIND, "/b")->flags & PLAN_MOUNT_F_TREE_FD);
}

static void test_sources_without_links_replace_what_was_asked(void **state)
{
	struct fixture *f = *state;
	const struct plan_source sources[] = {
		{ .src = "/real/a", .tree_fd = -1 }, { .is_missing = true, .tree_fd = -1 },
		{ .src = "/real/low", .tree_fd = 41 }, { .src = "/u", .src2 = "/w", .tree_fd = 42 },
	};
	const struct plan_mount *mount;
	struct plan_view view;

	fixture_add(f, NIDUS_BIND, "a", "/a");
	fixture_add(f, NIDUS_BIND, "b", "/b")->optional = true;
	fixture_add(f, NIDUS_OVERLAY_SRC, "low", NULL);
	fixture_add(f, NIDUS_OVERLAY, "up/u", "/o")->src2 = "up/w";
	f->context.sources = sources;
	read_plan(f, &view);
	assert_string_equal(src(&view, find(&view, PLAN_MOUNT_BIND, "/a")), "/real/a");
	for (uint32_t i = 0; i < view.header->mounts.count; i++)
		assert_string_not_equal(plan_string(&view, view.mounts[i].dst), "/b");
	mount = find(&view, PLAN_MOUNT_OVERLAY, "/o");
	assert_int_equal(mount->fd, 42);
	assert_string_equal(src(&view, mount), "/u");
	assert_string_equal(plan_string(&view, mount->src2), "/w");
	assert_int_equal(mount->uid, f->ids.work_uid);
	assert_int_equal(mount[-1].kind, PLAN_MOUNT_LAYER);
	assert_int_equal(mount[-1].fd, 41);
	assert_string_equal(src(&view, &mount[-1]), "/real/low");
}

static void test_bind_fd_is_pinned(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *bind;

	fixture_add(f, NIDUS_BIND_FD, "/srv/x", "/x")->fd = 12;
	read_plan(f, &view);
	bind = find(&view, PLAN_MOUNT_BIND, "/x");
	assert_true(bind->flags & PLAN_MOUNT_F_PIN_FD);
	assert_int_equal(bind->fd, 12);
	assert_string_equal(src(&view, bind), "/srv/x");
}

static void test_overlay_layers_are_top_first(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *overlay;

	fixture_add(f, NIDUS_OVERLAY_SRC, "/bottom", NULL);
	fixture_add(f, NIDUS_OVERLAY_SRC, "/top", NULL);
	fixture_add(f, NIDUS_OVERLAY, "/upper", "/x")->src2 = "/work";
	read_plan(f, &view);
	overlay = find(&view, PLAN_MOUNT_OVERLAY, "/x");
	assert_int_equal(overlay[-2].kind, PLAN_MOUNT_LAYER);
	assert_string_equal(src(&view, &overlay[-2]), "/top");
	assert_string_equal(src(&view, &overlay[-1]), "/bottom");
	assert_string_equal(src(&view, overlay), "/upper");
	assert_string_equal(plan_string(&view, overlay->src2), "/work");
}

static void test_read_only_overlay(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	const struct plan_mount *overlay;

	fixture_add(f, NIDUS_OVERLAY_SRC, "/a", NULL);
	fixture_add(f, NIDUS_OVERLAY_SRC, "/b", NULL);
	fixture_add(f, NIDUS_RO_OVERLAY, NULL, "/x");
	read_plan(f, &view);
	overlay = find(&view, PLAN_MOUNT_OVERLAY, "/x");
	assert_int_equal(overlay->src.len, 0);
	assert_true(overlay->flags & PLAN_MOUNT_F_RDONLY);
}

static void test_default_permissions(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_TMPFS, NULL, "/a");
	fixture_add(f, NIDUS_DIR, NULL, "/b");
	fixture_add(f, NIDUS_FILE, NULL, "/c")->fd = 10;
	fixture_add(f, NIDUS_BIND_DATA, NULL, "/d")->fd = 11;
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_SCRATCH, "/a")->mode, 0755);
	assert_int_equal(find(&view, PLAN_MOUNT_DIR, "/b")->mode, 0755);
	assert_int_equal(find(&view, PLAN_MOUNT_FILE, "/c")->mode, 0666);
	assert_int_equal(find(&view, PLAN_MOUNT_DATA, "/d")->mode, 0600);
}

static void test_permissions_of_zero(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_DIR, NULL, "/b")->perms = 0;
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_DIR, "/b")->mode, 0);
}

static void test_tmpfs_is_bounded_by_the_memory_limit(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->spec.memory_bytes = 64 << 20;
	fixture_add(f, NIDUS_TMPFS, NULL, "/a");
	fixture_add(f, NIDUS_TMPFS, NULL, "/b")->size = 4096;
	read_plan(f, &view);
	assert_int_equal(view.header->scratch_bytes, 64 << 20);
	assert_non_null(find(&view, PLAN_MOUNT_SCRATCH, "/a"));
	assert_int_equal(find(&view, PLAN_MOUNT_TMPFS, "/b")->size, 4096);
}

static void test_symlink_target_is_kept_as_given(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_SYMLINK, "../usr/bin", "/x/bin");
	read_plan(f, &view);
	assert_string_equal(src(&view, find(&view, PLAN_MOUNT_SYMLINK, "/x/bin")), "../usr/bin");
}

static void test_operations_keep_their_order(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_add(f, NIDUS_TMPFS, NULL, "/a");
	fixture_add(f, NIDUS_BIND, "/usr", "/a/usr");
	fixture_add(f, NIDUS_REMOUNT_RO, NULL, "/a");
	read_plan(f, &view);
	assert_true(find(&view, PLAN_MOUNT_SCRATCH, "/a") < find(&view, PLAN_MOUNT_BIND, "/a/usr"));
	assert_true(find(&view, PLAN_MOUNT_BIND, "/a/usr") <
		    find(&view, PLAN_MOUNT_REMOUNT_RO, "/a"));
}

static void test_too_many_operations(void **state)
{
	struct fixture *f = *state;
	struct fault fault;

	for (uint32_t i = 0; i < PLAN_MOUNTS_MAX; i++)
		fixture_add(f, NIDUS_DIR, NULL, "/tmp/x");
	assert_int_equal(plan_make(&f->spec, &f->context, &f->plan, &fault), -1);
	assert_int_equal(fault.step, STEP_PLAN);
	assert_int_equal(fault.err, E2BIG);
	assert_int_equal(fault.option, NIDUS_OPTION_MOUNTS);
	assert_string_equal(fault.what, "dir /tmp/x");
	assert_non_null(strstr(fault.why, "more than 4 MiB"));
	assert_null(f->plan.bytes);
}

/* ---- command and environment ---- */

static void test_candidates_follow_path(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	nidus_spec_setenv(&f->spec, "PATH", ":/opt/bin::/bin/:");
	read_plan(f, &view);
	assert_int_equal(view.header->exec.count, 2);
	assert_string_equal(plan_string(&view, view.exec[0]), "/opt/bin/prog");
	assert_string_equal(plan_string(&view, view.exec[1]), "/bin/prog");
}

static void test_candidates_without_path(void **state)
{
	struct plan_view view;

	read_plan(*state, &view);
	assert_int_equal(view.header->exec.count, 5);
	assert_string_equal(plan_string(&view, view.exec[0]), "/usr/local/bin/prog");
}

static void test_candidate_with_a_slash(void **state)
{
	struct fixture *f = *state;
	char *argv[] = { (char *)"./prog" };
	struct plan_view view;

	nidus_spec_set_argv(&f->spec, argv, 1);
	read_plan(f, &view);
	assert_int_equal(view.header->exec.count, 1);
	assert_string_equal(plan_string(&view, view.exec[0]), "./prog");
}

static void test_nowhere_to_look(void **state)
{
	struct fixture *f = *state;
	struct fault fault;

	nidus_spec_setenv(&f->spec, "PATH", "");
	assert_int_equal(plan_make(&f->spec, &f->context, &f->plan, &fault), -1);
	assert_int_equal(fault.step, STEP_EXEC);
	assert_int_equal(fault.err, ENOENT);
	assert_string_equal(fault.what, "prog");
}

static void test_long_path_is_cut_at_the_maximum(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	char path[400] = "";

	for (int i = 0; i < 99; i++)
		strcat(path, "/a:");
	nidus_spec_setenv(&f->spec, "PATH", path);
	read_plan(f, &view);
	assert_int_equal(view.header->exec.count, PLAN_EXEC_MAX);
}

static void test_arguments_are_kept_even_empty(void **state)
{
	struct plan_view view;

	read_plan(*state, &view);
	assert_int_equal(view.header->argv.count, 3);
	assert_string_equal(plan_string(&view, view.argv[1]), "-x");
	assert_int_equal(view.argv[2].len, 0);
	assert_true(view.argv[2].off > 0);
}

static void test_home_moves_with_a_shifted_user(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	nidus_spec_setenv(&f->spec, "HOME", "/root");
	f->spec.home_set = false; /* as inherited */
	read_plan(f, &view);
	assert_int_equal(view.header->envp.count, 1);
	assert_string_equal(plan_string(&view, view.envp[0]), "HOME=/tmp");
}

static void test_home_stays_where_it_was_chosen(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	nidus_spec_setenv(&f->spec, "HOME", "/work");
	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.envp[0]), "HOME=/work");
}

static void test_home_stays_with_the_own_user(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	nidus_spec_setenv(&f->spec, "HOME", "/home/me");
	f->spec.home_set = false;
	f->ids.shifted = false;
	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.envp[0]), "HOME=/home/me");
}

static void test_directory(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.header->cwd), "/home/me");
	assert_true(plan_has(&view, PLAN_CWD_OPTIONAL));
	f->spec.cwd = "/srv";
	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.header->cwd), "/srv");
	assert_false(plan_has(&view, PLAN_CWD_OPTIONAL));
	f->spec.cwd = NULL;
	f->context.host_cwd = "(unreachable)/x";
	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.header->cwd), "/");
}

/* ---- identity, namespaces, limits ---- */

static void test_protections_are_always_on(void **state)
{
	struct plan_view view;

	read_plan(*state, &view);
	assert_true(plan_has(&view, PLAN_NO_NEW_PRIVS));
	assert_true(plan_has(&view, PLAN_NEW_KEYRING));
	assert_int_equal(view.header->caps, 0);
}

static void test_identity(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->ids.deny_setgroups = true;
	f->spec.caps = 1 << 5;
	read_plan(f, &view);
	assert_int_equal(view.header->work_uid, 65534);
	assert_int_equal(view.header->work_gid, 65533);
	assert_true(plan_has(&view, PLAN_KEEP_GROUPS));
	assert_true(plan_has(&view, PLAN_NEW_USERNS));
	assert_int_equal(view.header->caps, 1 << 5);
}

static void test_hostname(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.header->hostname), "nidus");
	f->spec.name = "web";
	read_plan(f, &view);
	assert_string_equal(plan_string(&view, view.header->hostname), "web");
	f->spec.share = 1u << NIDUS_NS_UTS;
	read_plan(f, &view);
	assert_int_equal(view.header->hostname.len, 0);
}

static void test_loopback_only_in_a_new_network(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_true(plan_has(&view, PLAN_LOOPBACK));
	f->spec.net = NIDUS_NET_HOST;
	read_plan(f, &view);
	assert_false(plan_has(&view, PLAN_LOOPBACK));
	f->spec.net = NIDUS_NET_NONE;
	f->spec.join[NIDUS_NS_NET] = "/run/netns/x";
	read_plan(f, &view);
	assert_false(plan_has(&view, PLAN_LOOPBACK));
}

static void test_loopback_of_every_new_network(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->spec.net = NIDUS_NET_NAT;
	read_plan(f, &view);
	assert_true(plan_has(&view, PLAN_LOOPBACK));
	f->spec.net = NIDUS_NET_USER;
	read_plan(f, &view);
	assert_true(plan_has(&view, PLAN_LOOPBACK));
	f->spec.net = NIDUS_NET_PATH;
	f->spec.net_path = "/run/netns/x";
	read_plan(f, &view);
	assert_false(plan_has(&view, PLAN_LOOPBACK));
}

static const char *sysctl_of(const struct plan_view *view, const char *name)
{
	for (uint32_t i = 0; i < view->header->sysctls.count; i++)
		if (strcmp(plan_string(view, view->sysctls[i].name), name) == 0)
			return plan_string(view, view->sysctls[i].value);
	return NULL;
}

static void test_sysctls_of_a_network(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_int_equal(view.header->sysctls.count, 0);
	f->ids.work_gid = 4711;
	f->spec.net = NIDUS_NET_NAT;
	read_plan(f, &view);
	assert_string_equal(sysctl_of(&view, "net/ipv4/ip_unprivileged_port_start"), "0");
	assert_string_equal(sysctl_of(&view, "net/ipv4/ping_group_range"), "4711 4711");
	f->spec.net = NIDUS_NET_USER;
	read_plan(f, &view);
	assert_int_equal(view.header->sysctls.count, 2);
	f->spec.net = NIDUS_NET_HOST;
	read_plan(f, &view);
	assert_int_equal(view.header->sysctls.count, 0);
}

/* ---- files about names ---- */

static void test_no_name_files_unless_made(void **state)
{
	struct plan_view view;

	read_plan(*state, &view);
	assert_int_equal(count_at(&view, "/etc/resolv.conf"), 0);
	assert_int_equal(count_at(&view, "/etc/hosts"), 0);
}

static void test_name_files(void **state)
{
	struct fixture *f = *state;
	const struct plan_mount *resolv, *own;
	struct plan_view view;

	f->context.resolv_fd = 30;
	f->context.hosts_fd = 31;
	f->context.hostname_fd = 32;
	fixture_add(f, NIDUS_BIND, "/srv/etc", "/srv");
	read_plan(f, &view);
	resolv = find(&view, PLAN_MOUNT_DATA, "/etc/resolv.conf");
	own = find(&view, PLAN_MOUNT_BIND, "/srv");
	assert_non_null(resolv);
	assert_int_equal(resolv->fd, 30);
	assert_int_equal(resolv->mode, 0644);
	assert_int_equal(resolv->uid, 0);
	assert_int_equal(resolv->flags, RO_PLAIN | PLAN_MOUNT_F_NOEXEC | PLAN_MOUNT_F_OPTIONAL);
	assert_int_equal(find(&view, PLAN_MOUNT_DATA, "/etc/hosts")->fd, 31);
	assert_int_equal(find(&view, PLAN_MOUNT_DATA, "/etc/hostname")->fd, 32);
	assert_true(find(&view, PLAN_MOUNT_SCRATCH, "/run") < resolv);
	assert_true(resolv < own);
}

static void test_own_name_files_win(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->context.resolv_fd = 30;
	f->context.hosts_fd = 31;
	fixture_add(f, NIDUS_BIND, "/srv/resolv.conf", "/etc/resolv.conf");
	read_plan(f, &view);
	assert_int_equal(count_at(&view, "/etc/resolv.conf"), 1);
	assert_int_equal(find(&view, PLAN_MOUNT_BIND, "/etc/resolv.conf")->fd, -1);
	assert_non_null(find(&view, PLAN_MOUNT_DATA, "/etc/hosts"));
	fixture_add(f, NIDUS_TMPFS, NULL, "/etc");
	read_plan(f, &view);
	assert_null(find(&view, PLAN_MOUNT_DATA, "/etc/hosts"));
}

static void test_name_files_are_made_in_a_root_of_ours(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->context.hosts_fd = 31;
	fixture_add(f, NIDUS_TMPFS, NULL, "/");
	read_plan(f, &view);
	assert_int_equal(find(&view, PLAN_MOUNT_DATA, "/etc/hosts")->flags,
			 RO_PLAIN | PLAN_MOUNT_F_NOEXEC);
}

static void test_cgroup_namespace(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	read_plan(f, &view);
	assert_true(plan_has(&view, PLAN_NEW_CGROUP_NS));
	f->spec.share = 1u << NIDUS_NS_CGROUP;
	read_plan(f, &view);
	assert_false(plan_has(&view, PLAN_NEW_CGROUP_NS));
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	f->spec.wall_us = 5000000;
	f->spec.cpu_us = 6000000;
	f->spec.grace_us = 0;
	f->spec.memory_bytes = 64 << 20;
	read_plan(f, &view);
	assert_int_equal(view.header->wall_us, 5000000);
	assert_int_equal(view.header->cpu_us, 6000000);
	assert_int_equal(view.header->grace_us, 0);
	assert_int_equal(view.header->memory_bytes, 0); /* a cgroup does it */
	f->context.monitor_bytes = 64 << 20;
	read_plan(f, &view);
	assert_int_equal(view.header->memory_bytes, 64 << 20);
	assert_int_equal(view.header->memory_interval_us, 100000);
}

static void test_memory_that_nobody_could_watch(void **state)
{
	struct fixture *f = *state;
	struct fault fault;

	f->spec.as_pid_1 = true;
	f->context.monitor_bytes = 64 << 20;
	assert_int_equal(plan_make(&f->spec, &f->context, &f->plan, &fault), -1);
	assert_int_equal(fault.step, STEP_OPTIONS);
}

static void test_process_count_by_rlimit(void **state)
{
	struct fixture *f = *state;
	struct nidus_rlimit limit = { RLIMIT_NPROC, 10, 100 };
	struct plan_view view;

	f->context.nproc_limit = 20;
	read_plan(f, &view);
	assert_int_equal(view.header->rlimits.count, 1);
	assert_int_equal(view.rlimits[0].hard, 20);
	nidus_spec_add_rlimit(&f->spec, &limit);
	read_plan(f, &view);
	assert_int_equal(view.header->rlimits.count, 1);
	assert_int_equal(view.rlimits[0].soft, 10);
	assert_int_equal(view.rlimits[0].hard, 20);
}

static void test_landlock(void **state)
{
	struct fixture *f = *state;
	struct nidus_landlock path = { NIDUS_LANDLOCK_RX, "/usr", 0 };
	struct nidus_landlock port = { NIDUS_LANDLOCK_CONNECT_TCP, NULL, 443 };
	struct plan_view view;

	nidus_spec_add_landlock(&f->spec, &path);
	read_plan(f, &view);
	assert_int_equal(view.landlock[0].access, 0xd); /* execute, read file, read directory */
	assert_int_equal(view.header->landlock_fs, 0xffff);
	assert_int_equal(view.header->landlock_net, 0);
	nidus_spec_add_landlock(&f->spec, &port);
	read_plan(f, &view);
	assert_int_equal(view.header->landlock_net, 2); /* binding stays free */
	assert_int_equal(view.landlock[1].port, 443);
}

static void test_landlock_of_an_older_kernel(void **state)
{
	struct fixture *f = *state;
	struct nidus_landlock path = { NIDUS_LANDLOCK_RW, "/srv", 0 };
	struct plan_view view;

	nidus_spec_add_landlock(&f->spec, &path);
	f->context.landlock_abi = 1;
	read_plan(f, &view);
	assert_int_equal(view.header->landlock_fs, 0x1fff);
	assert_int_equal(view.landlock[0].access, 0x1ffe);
}

static void test_landlock_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct nidus_landlock port = { NIDUS_LANDLOCK_CONNECT_TCP, NULL, 443 };
	struct fault fault;

	nidus_spec_add_landlock(&f->spec, &port);
	f->context.landlock_abi = 3;
	assert_int_equal(plan_make(&f->spec, &f->context, &f->plan, &fault), -1);
	assert_int_equal(fault.step, STEP_LANDLOCK);
	assert_string_equal(fault.what, "Landlock for TCP ports: needs Linux 6.7 or newer");
	f->context.landlock_abi = 0;
	assert_int_equal(plan_make(&f->spec, &f->context, &f->plan, &fault), -1);
	assert_int_equal(fault.err, EOPNOTSUPP);
}

static void test_passed_descriptors_are_sorted(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	nidus_spec_add_pass_fd(&f->spec, 9);
	nidus_spec_add_pass_fd(&f->spec, 4);
	read_plan(f, &view);
	assert_int_equal(view.pass_fds[0], 4);
	assert_int_equal(view.pass_fds[1], 9);
}

/* ---- the bytes ---- */

static void test_everything_at_once_is_read_back(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;

	fixture_fill(f);
	read_plan(f, &view);
	assert_int_equal(view.header->hold_fds.count, 2);
	assert_int_equal(view.header->seccomp.count, 1);
	assert_string_equal(src(&view, find(&view, PLAN_MOUNT_OVERLAY, "/over")), "/home/me/upper");
}

static void test_same_spec_same_bytes(void **state)
{
	struct fixture *f = *state;
	struct plan first;

	fixture_fill(f);
	fixture_make(f);
	first = f->plan;
	f->plan = (struct plan){ 0 };
	fixture_make(f);
	assert_int_equal(first.size, f->plan.size);
	assert_memory_equal(first.bytes, f->plan.bytes, first.size);
	plan_free(&first);
}

static void test_every_truncation_is_refused(void **state)
{
	struct fixture *f = *state;
	struct plan_view view;
	struct fault fault;

	fixture_fill(f);
	fixture_make(f);
	for (size_t size = 0; size < f->plan.size; size++) {
		/* An allocation of just that size: a read past it is seen. */
		void *part = malloc(size ? size : 1);

		assert_non_null(part);
		memcpy(part, f->plan.bytes, size);
		assert_int_equal(decode_plan(part, size, &view, &fault), -1);
		assert_int_equal(fault.step, STEP_PLAN);
		free(part);
	}
}

static void test_every_flipped_byte_is_survived(void **state)
{
	struct fixture *f = *state;
	unsigned char *bytes;
	struct plan_view view;
	struct fault fault;

	fixture_fill(f);
	fixture_make(f);
	bytes = f->plan.bytes;
	for (size_t i = 0; i < f->plan.size; i++) {
		unsigned char kept = bytes[i];

		bytes[i] ^= 0xff;
		if (decode_plan(bytes, f->plan.size, &view, &fault) < 0)
			assert_int_equal(fault.step, STEP_PLAN);
		bytes[i] = kept;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_default_root_is_the_host_read_only),
		TEST(test_default_mounts),
		TEST(test_dev_has_six_nodes),
		TEST(test_dev_is_closed_last),
		TEST(test_replaced_dev_stays_open),
		TEST(test_proc_is_hardened),
		TEST(test_nesting_has_a_whole_proc_under_the_hardened_one),
		TEST(test_own_proc_is_hardened_where_it_is),
		TEST(test_own_operation_replaces_a_default),
		TEST(test_private_directories_are_bounded_in_sum),
		TEST(test_homes_are_hidden_in_the_default_view),
		TEST(test_a_home_elsewhere_is_hidden),
		TEST(test_var_run_is_private_where_it_is_no_link),
		TEST(test_system_directories_are_no_homes),
		TEST(test_homes_of_other_roots_and_choices),
		TEST(test_what_is_hidden),
		TEST(test_masks_of_proc_start_from_its_mount),
		TEST(test_places_of_sockets_are_closed),
		TEST(test_what_is_shown),
		TEST(test_abstract_sockets_of_the_callers_network_are_out_of_scope),
		TEST(test_core_dumps_start_no_handler),
		TEST(test_default_of_processes),
		TEST(test_chmod_keeps_the_default),
		TEST(test_no_defaults),
		TEST(test_root_directory),
		TEST(test_mounts_carry_the_operation_that_they_come_from),
		TEST(test_an_operation_that_makes_the_root_is_named),
		TEST(test_relative_source_without_a_directory),
		TEST(test_root_by_bind_is_writable),
		TEST(test_root_by_tmpfs_gets_every_default),
		TEST(test_root_by_overlay),
		TEST(test_shared_mount_namespace_has_no_operations),
		TEST(test_bind_flags),
		TEST(test_bind_of_a_prepared_tree),
		TEST(test_sources_without_links_replace_what_was_asked),
		TEST(test_bind_fd_is_pinned),
		TEST(test_overlay_layers_are_top_first),
		TEST(test_read_only_overlay),
		TEST(test_default_permissions),
		TEST(test_permissions_of_zero),
		TEST(test_tmpfs_is_bounded_by_the_memory_limit),
		TEST(test_symlink_target_is_kept_as_given),
		TEST(test_operations_keep_their_order),
		TEST(test_too_many_operations),
		TEST(test_candidates_follow_path),
		TEST(test_candidates_without_path),
		TEST(test_candidate_with_a_slash),
		TEST(test_nowhere_to_look),
		TEST(test_long_path_is_cut_at_the_maximum),
		TEST(test_arguments_are_kept_even_empty),
		TEST(test_home_moves_with_a_shifted_user),
		TEST(test_home_stays_where_it_was_chosen),
		TEST(test_home_stays_with_the_own_user),
		TEST(test_directory),
		TEST(test_protections_are_always_on),
		TEST(test_identity),
		TEST(test_hostname),
		TEST(test_loopback_only_in_a_new_network),
		TEST(test_loopback_of_every_new_network),
		TEST(test_sysctls_of_a_network),
		TEST(test_no_name_files_unless_made),
		TEST(test_name_files),
		TEST(test_own_name_files_win),
		TEST(test_name_files_are_made_in_a_root_of_ours),
		TEST(test_cgroup_namespace),
		TEST(test_limits),
		TEST(test_memory_that_nobody_could_watch),
		TEST(test_process_count_by_rlimit),
		TEST(test_landlock),
		TEST(test_landlock_of_an_older_kernel),
		TEST(test_landlock_that_is_not_there),
		TEST(test_passed_descriptors_are_sorted),
		TEST(test_everything_at_once_is_read_back),
		TEST(test_same_spec_same_bytes),
		TEST(test_every_truncation_is_refused),
		TEST(test_every_flipped_byte_is_survived),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
