/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only code that reads plan bytes: it checks bounds first, then kinds, flags and
 * ranges. After that a plan is used without further checks of its shape.
 */
#include "decode.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#define ARRAY_ALIGN 8u
#define HOSTNAME_BYTES_MAX 64
#define LIMIT_VALUE_MAX (1ull << 62) /* this many microseconds can be added to the current time */
#define NO_ID UINT32_MAX
#define FD_FIRST_FREE 3 /* 0, 1 and 2 belong to the workload */

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

struct decoder {
	const char *bytes;
	uint64_t size;
	uint64_t string_budget; /* bytes of strings that may still be checked: bounds the work */
	struct fault *fault;
	bool failed;
};

static int refuse(const struct decoder *d, int err, const char *what)
{
	return fault_set(d->fault, STEP_PLAN, err, what);
}

/* First element of an array, in bounds and aligned; NULL if empty or (d->failed) refused. */
static const void *take_array(struct decoder *d, struct plan_array array, uint64_t element,
			      uint32_t max, const char *what)
{
	uint64_t end = array.off + array.count * element;

	if (array.count == 0 || d->failed)
		return NULL;
	d->failed = array.count > max || array.off % ARRAY_ALIGN != 0 ||
		    array.off < sizeof(struct plan_header) || end > d->size;
	if (!d->failed)
		return d->bytes + array.off;
	refuse(d, array.count > max ? E2BIG : EINVAL, what);
	return NULL;
}

/* An absent string is {0, 0}; any other is in bounds, NUL-terminated, without inner NUL. */
static int check_string(struct decoder *d, struct plan_ref ref, const char *what)
{
	uint64_t end = (uint64_t)ref.off + ref.len;

	if (ref.off == 0 && ref.len == 0)
		return 0;
	if (ref.off < sizeof(struct plan_header) || end >= d->size)
		return refuse(d, EINVAL, what);
	if (ref.len >= d->string_budget)
		return refuse(d, E2BIG, what);
	d->string_budget -= ref.len + 1ull;
	if (d->bytes[end] != '\0' || memchr(d->bytes + ref.off, '\0', ref.len))
		return refuse(d, EINVAL, what);
	return 0;
}

static int check_strings(struct decoder *d, const struct plan_ref *refs, uint32_t count,
			 const char *what)
{
	for (uint32_t i = 0; i < count; i++)
		if (check_string(d, refs[i], what) < 0)
			return -1;
	return 0;
}

/* An absolute path that is short enough for the kernel. */
static int check_path(struct decoder *d, struct plan_ref ref, const char *what)
{
	if (check_string(d, ref, what) < 0)
		return -1;
	if (ref.len >= PATH_MAX)
		return refuse(d, ENAMETOOLONG, what);
	if (ref.len == 0 || d->bytes[ref.off] != '/')
		return refuse(d, EINVAL, what);
	return 0;
}

static int check_identity(const struct decoder *d, const struct plan_header *h)
{
	if (h->init_uid == NO_ID || h->init_gid == NO_ID || h->work_uid == NO_ID ||
	    h->work_gid == NO_ID || h->watch_uid == NO_ID || h->watch_gid == NO_ID)
		return refuse(d, EINVAL, "ids");
	if (h->oom_score_adj < 0 || h->oom_score_adj > 1000)
		return refuse(d, EINVAL, "oom_score_adj");
	return 0;
}

/* What has to be done in the new root before the confinement is complete. */
static int check_order(const struct decoder *d, const struct plan_header *h)
{
	const uint64_t late = PLAN_TTY | PLAN_AS_PID_1 | PLAN_NO_ROOT;

	if ((h->flags & PLAN_FORK_FIRST) &&
	    ((h->flags & late) || !(h->flags & PLAN_NO_NEW_PRIVS) || h->hold_step != STEP_NONE ||
	     h->landlock_fs || h->landlock_net || h->landlock_scoped))
		return refuse(d, EINVAL, "fork first");
	if ((h->flags & PLAN_MAKE_NET) && !(h->flags & PLAN_FORK_FIRST))
		return refuse(d, EINVAL, "network namespace");
	return 0;
}

static int check_limits(const struct decoder *d, const struct plan_header *h)
{
	if (h->wall_us > LIMIT_VALUE_MAX || h->cpu_us > LIMIT_VALUE_MAX ||
	    h->grace_us > LIMIT_VALUE_MAX || h->memory_interval_us > LIMIT_VALUE_MAX)
		return refuse(d, ERANGE, "limits");
	/* The workload's process makes the tmpfs mounts there: init can't measure them. */
	if ((h->flags & PLAN_AS_PID_1) && h->memory_bytes)
		return refuse(d, EINVAL, "a watched memory limit with as-pid-1");
	return 0;
}

static int check_descriptors(const struct decoder *d, const struct plan_header *h)
{
	if (h->control_fd < -1 || h->report_fd < -1 || h->tty_fd < -1 || h->cpu_usage_fd < -1)
		return refuse(d, EBADF, "descriptors");
	if ((h->control_fd >= 0 && h->control_fd < FD_FIRST_FREE) ||
	    (h->report_fd >= 0 && h->report_fd < FD_FIRST_FREE) ||
	    (h->control_fd >= 0 && h->control_fd == h->report_fd))
		return refuse(d, EBADF, "control and report descriptors");
	if (h->cpu_usage_form > PLAN_CPU_ACCT ||
	    (h->cpu_usage_form != PLAN_CPU_NONE) != (h->cpu_usage_fd >= 0))
		return refuse(d, EINVAL, "cpu_usage_form");
	if ((h->flags & PLAN_FOREGROUND) && h->tty_fd < 0)
		return refuse(d, EBADF, "tty_fd");
	return 0;
}

static int check_header(const struct decoder *d, const struct plan_header *h)
{
	if (h->magic != PLAN_MAGIC)
		return refuse(d, EPROTO, "magic");
	if (h->version != CONTRACT_VERSION || h->header_size != sizeof(*h))
		return refuse(d, EPROTONOSUPPORT, "version");
	if (h->size != d->size)
		return refuse(d, EPROTO, "size");
	if (h->flags & ~PLAN_FLAGS_ALL)
		return refuse(d, EINVAL, "flags");
	if (h->hold_step != STEP_NONE &&
	    (h->hold_step < STEP_NAMESPACES || h->hold_step > STEP_EXEC))
		return refuse(d, EINVAL, "hold_step");
	for (size_t i = 0; i < sizeof(h->reserved) / sizeof(h->reserved[0]); i++)
		if (h->reserved[i] != 0)
			return refuse(d, EINVAL, "reserved");
	if (check_descriptors(d, h) < 0 || check_identity(d, h) < 0 || check_order(d, h) < 0)
		return -1;
	return check_limits(d, h);
}

/* Checks that descriptor and flags fit the kind. */
static int check_mount_shape(const struct decoder *d, const struct plan_mount *m)
{
	bool by_fd = m->flags & (PLAN_MOUNT_F_TREE_FD | PLAN_MOUNT_F_PIN_FD);
	bool wants_fd = by_fd || m->kind == PLAN_MOUNT_FILE || m->kind == PLAN_MOUNT_DATA;

	if (m->kind == 0 || m->kind >= PLAN_MOUNT_KIND_END)
		return refuse(d, EINVAL, "mounts: kind");
	if (m->flags & ~PLAN_MOUNT_F_ALL)
		return refuse(d, EINVAL, "mounts: flags");
	if (by_fd && m->kind != PLAN_MOUNT_BIND &&
	    ((m->flags & PLAN_MOUNT_F_PIN_FD) ||
	     (m->kind != PLAN_MOUNT_LAYER && m->kind != PLAN_MOUNT_OVERLAY)))
		return refuse(d, EINVAL, "mounts: flags");
	if ((m->flags & PLAN_MOUNT_F_TREE_FD) && (m->flags & PLAN_MOUNT_F_PIN_FD))
		return refuse(d, EINVAL, "mounts: flags");
	if ((m->flags & PLAN_MOUNT_F_TMP_UPPER) && m->kind != PLAN_MOUNT_OVERLAY)
		return refuse(d, EINVAL, "mounts: flags");
	if (m->fd < -1 || wants_fd != (m->fd >= 0))
		return refuse(d, EBADF, "mounts: fd");
	if (m->mode > 07777)
		return refuse(d, EINVAL, "mounts: mode");
	return 0;
}

static int check_overlay(struct decoder *d, const struct plan_mount *m)
{
	if (m->src.len == 0 && m->src2.len == 0)
		return m->flags & PLAN_MOUNT_F_TREE_FD ? refuse(d, EINVAL, "mounts: upper") : 0;
	if (m->flags & PLAN_MOUNT_F_TMP_UPPER)
		return refuse(d, EINVAL, "mounts: upper");
	if (check_path(d, m->src2, "mounts: work") < 0)
		return -1;
	return check_path(d, m->src, "mounts: upper");
}

static int check_mount_source(struct decoder *d, const struct plan_mount *m)
{
	if (check_string(d, m->src, "mounts: src") < 0 ||
	    check_string(d, m->src2, "mounts: src2") < 0)
		return -1;
	if (m->kind == PLAN_MOUNT_OVERLAY)
		return check_overlay(d, m);
	if (m->src2.len != 0)
		return refuse(d, EINVAL, "mounts: src2");
	if (m->kind == PLAN_MOUNT_SYMLINK && (m->src.len == 0 || m->src.len >= PATH_MAX))
		return refuse(d, EINVAL, "mounts: symlink");
	if (m->kind == PLAN_MOUNT_LAYER ||
	    (m->kind == PLAN_MOUNT_BIND && !(m->flags & PLAN_MOUNT_F_TREE_FD)))
		return check_path(d, m->src, "mounts: src");
	return 0;
}

/* The operation that makes the root must provide a tree. */
static int check_first_mount(const struct decoder *d, const struct plan_mount *m)
{
	if (m->dst.len != 1)
		return refuse(d, EINVAL, "mounts: the first must be at /");
	if (m->kind != PLAN_MOUNT_BIND && m->kind != PLAN_MOUNT_TMPFS &&
	    m->kind != PLAN_MOUNT_OVERLAY)
		return refuse(d, EINVAL, "mounts: the first must be a tree");
	return 0;
}

/* What is below another operation's mount has that one's path in front, and more behind it. */
static int check_base(const struct decoder *d, const struct plan_mount *m,
		      const struct plan_mount **base)
{
	const char *path = d->bytes + m->dst.off;
	const struct plan_mount *b = *base;

	if (!(m->flags & PLAN_MOUNT_F_BELOW)) {
		if (plan_makes_base(m))
			*base = m;
		return 0;
	}
	if (m->kind == PLAN_MOUNT_DIR || m->kind == PLAN_MOUNT_FILE ||
	    m->kind == PLAN_MOUNT_CHMOD || !b || m->dst.len <= b->dst.len || path[b->dst.len] != '/' ||
	    memcmp(path, d->bytes + b->dst.off, b->dst.len) != 0)
		return refuse(d, EINVAL, "mounts: below");
	return 0;
}

static int check_mounts(struct decoder *d, const struct plan_view *v)
{
	const struct plan_mount *base = NULL;
	uint32_t layers = 0;
	bool has_root = false;

	for (uint32_t i = 0; i < v->header->mounts.count; i++) {
		const struct plan_mount *m = &v->mounts[i];

		if (check_mount_shape(d, m) < 0 || check_mount_source(d, m) < 0)
			return -1;
		if (m->kind == PLAN_MOUNT_LAYER) {
			if (m->dst.len != 0 || m->dst.off != 0)
				return refuse(d, EINVAL, "mounts: layer");
			layers++;
			continue;
		}
		if (check_path(d, m->dst, "mounts: dst") < 0 || check_base(d, m, &base) < 0)
			return -1;
		if (!has_root && check_first_mount(d, m) < 0)
			return -1;
		has_root = true;
		if (m->kind != PLAN_MOUNT_OVERLAY)
			continue;
		if (layers == 0)
			return refuse(d, EINVAL, "mounts: overlay without layers");
		layers = 0;
	}
	if (layers > 0)
		return refuse(d, EINVAL, "mounts: layers without overlay");
	/* Without a mount namespace of its own, init would change the caller's. */
	if (has_root == ((v->header->flags & PLAN_NO_ROOT) != 0))
		return refuse(d, EINVAL, "mounts: root");
	return 0;
}

static int check_rlimits(const struct decoder *d, const struct plan_view *v)
{
	for (uint32_t i = 0; i < v->header->rlimits.count; i++) {
		const struct plan_rlimit *r = &v->rlimits[i];

		if (r->resource >= PLAN_RLIMITS_MAX || r->reserved != 0 || r->soft > r->hard)
			return refuse(d, EINVAL, "rlimits");
	}
	return 0;
}

static int check_sysctls(struct decoder *d, const struct plan_view *v)
{
	for (uint32_t i = 0; i < v->header->sysctls.count; i++) {
		const struct plan_sysctl *s = &v->sysctls[i];

		if (check_string(d, s->name, "sysctls") < 0 ||
		    check_string(d, s->value, "sysctls") < 0)
			return -1;
		/* ".." and symlinks are refused when the path is opened. */
		if (s->name.len == 0 || s->name.len >= 256 || d->bytes[s->name.off] == '/')
			return refuse(d, EINVAL, "sysctls");
	}
	return 0;
}

static int check_landlock(struct decoder *d, const struct plan_view *v)
{
	for (uint32_t i = 0; i < v->header->landlock.count; i++) {
		const struct plan_landlock *l = &v->landlock[i];
		uint64_t handled = l->kind == PLAN_LANDLOCK_PATH ? v->header->landlock_fs
								 : v->header->landlock_net;

		if (l->access == 0 || (l->access & ~handled))
			return refuse(d, EINVAL, "landlock: access");
		if (l->kind == PLAN_LANDLOCK_PATH) {
			if (l->port != 0)
				return refuse(d, EINVAL, "landlock: port");
			if (check_path(d, l->path, "landlock: path") < 0)
				return -1;
		} else if (l->kind != PLAN_LANDLOCK_PORT || l->port > 65535 || l->path.len != 0) {
			return refuse(d, EINVAL, "landlock: kind");
		}
	}
	return 0;
}

static int check_fd_list(const struct decoder *d, const struct plan_header *h, const int32_t *fds,
			 uint32_t count, const char *what)
{
	int32_t last = FD_FIRST_FREE - 1;

	for (uint32_t i = 0; i < count; i++) {
		if (fds[i] <= last || fds[i] == h->control_fd || fds[i] == h->report_fd)
			return refuse(d, EBADF, what);
		last = fds[i];
	}
	return 0;
}

static int check_command(struct decoder *d, const struct plan_view *v)
{
	const struct plan_header *h = v->header;

	if (h->exec.count == 0 || h->argv.count == 0)
		return refuse(d, EINVAL, "command");
	if (check_strings(d, v->exec, h->exec.count, "exec") < 0 ||
	    check_strings(d, v->argv, h->argv.count, "argv") < 0 ||
	    check_strings(d, v->envp, h->envp.count, "envp") < 0)
		return -1;
	for (uint32_t i = 0; i < h->exec.count; i++)
		if (v->exec[i].len == 0)
			return refuse(d, EINVAL, "exec");
	if (check_string(d, h->hostname, "hostname") < 0)
		return -1;
	if (h->hostname.len > HOSTNAME_BYTES_MAX)
		return refuse(d, ENAMETOOLONG, "hostname");
	if (h->cwd.len == 0)
		return check_string(d, h->cwd, "cwd");
	return check_path(d, h->cwd, "cwd");
}

static int take_arrays(struct decoder *d, struct plan_view *v)
{
	const struct plan_header *h = v->header;

	v->exec = take_array(d, h->exec, sizeof(*v->exec), PLAN_EXEC_MAX, "exec");
	v->argv = take_array(d, h->argv, sizeof(*v->argv), PLAN_STRINGS_MAX, "argv");
	v->envp = take_array(d, h->envp, sizeof(*v->envp), PLAN_STRINGS_MAX, "envp");
	v->mounts = take_array(d, h->mounts, sizeof(*v->mounts), PLAN_MOUNTS_MAX, "mounts");
	v->rlimits = take_array(d, h->rlimits, sizeof(*v->rlimits), PLAN_RLIMITS_MAX, "rlimits");
	v->sysctls = take_array(d, h->sysctls, sizeof(*v->sysctls), PLAN_SYSCTLS_MAX, "sysctls");
	v->landlock =
		take_array(d, h->landlock, sizeof(*v->landlock), PLAN_LANDLOCK_MAX, "landlock");
	v->seccomp = take_array(d, h->seccomp, sizeof(*v->seccomp), PLAN_SECCOMP_MAX, "seccomp");
	v->pass_fds = take_array(d, h->pass_fds, sizeof(*v->pass_fds), PLAN_FDS_MAX, "pass_fds");
	v->hold_fds = take_array(d, h->hold_fds, sizeof(*v->hold_fds), PLAN_FDS_MAX, "hold_fds");
	return d->failed ? -1 : 0;
}

int decode_plan(const void *bytes, size_t size, struct plan_view *view, struct fault *fault)
{
	struct decoder d = {bytes, size, 4ull * PLAN_SIZE_MAX, fault, false};
	const struct plan_header *h = bytes;

	memset(view, 0, sizeof(*view));
	if (size < sizeof(*h) || size > PLAN_SIZE_MAX || (uintptr_t)bytes % ARRAY_ALIGN != 0)
		return refuse(&d, EPROTO, "size");
	view->bytes = bytes;
	view->header = h;
	if (check_header(&d, h) < 0 || take_arrays(&d, view) < 0)
		return -1;
	if (check_command(&d, view) < 0 || check_mounts(&d, view) < 0 ||
	    check_rlimits(&d, view) < 0 || check_sysctls(&d, view) < 0 ||
	    check_landlock(&d, view) < 0)
		return -1;
	if (check_fd_list(&d, h, view->pass_fds, h->pass_fds.count, "pass_fds") < 0)
		return -1;
	return check_fd_list(&d, h, view->hold_fds, h->hold_fds.count, "hold_fds");
}
