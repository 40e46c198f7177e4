/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /sys/fs/cgroup: what the sandbox's own groups say, and nothing of the host's tree. Programs
 * size themselves by it. Each group is bound by its path, read-only. Init does that in the new
 * cgroup namespace, whose root the group is: so /proc/self/mountinfo and /proc/self/cgroup
 * agree, as if the hierarchy had been mounted there.
 */
#include <string.h>

#include "../spec/root.h"
#include "build.h"

#define PLACE "/sys/fs/cgroup"
#define QUIET (PLAN_MOUNT_PLAIN | PLAN_MOUNT_F_NOEXEC)

static size_t list_views(const struct plan_build *build, struct cg_view views[CG_CONTROL_COUNT + 1])
{
	/* in another's cgroup namespace they would stand outside of its root */
	if (!build->context->groups || build->spec->join[NIDUS_NS_CGROUP])
		return 0;
	return cg_list_views(build->context->groups, views);
}

/* Of cgroup2 alone: what is mounted there is the group itself. */
static bool is_whole(const struct cg_view *views, size_t count)
{
	return count == 1 && views[0].name[0] == '\0';
}

/* A root whose /sys is empty gets one of ours; nothing is ever made in the caller's. */
static const char *base_of(const struct plan_build *build)
{
	return build->context->has_bare_sys ? "/sys" : PLACE;
}

static void bind_group(struct plan_build *build, const struct cg_view *view, bool in_base)
{
	const char *base = base_of(build);
	char below[sizeof(PLACE) + CG_NAME_MAX];
	struct plan_mount *mount;

	if (!in_base) {
		mount = plan_add(build, PLAN_MOUNT_BIND,
				 QUIET | PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_OPTIONAL, PLACE, NULL);
	} else {
		stpcpy(stpcpy(stpcpy(below, &PLACE[strlen(base)]), "/"), view->name);
		mount = plan_add(build, PLAN_MOUNT_BIND,
				 QUIET | PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_BELOW, base, below);
	}
	mount->src = plan_put_string(build, view->path);
}

/* Controllers that are mounted together, "cpu,cpuacct", are found by the name of each, too. */
static void link_parts(struct plan_build *build, const char *name)
{
	const char *base = base_of(build);
	const char *part = name;

	for (size_t len; strchr(name, ','); part += len + 1) {
		char below[sizeof(PLACE) + CG_NAME_MAX];
		char *end = stpcpy(stpcpy(below, &PLACE[strlen(base)]), "/");

		len = strcspn(part, ",");
		memcpy(end, part, len);
		end[len] = '\0';
		plan_add(build, PLAN_MOUNT_SYMLINK, PLAN_MOUNT_F_BELOW, base, below)->src =
			plan_put_string(build, name);
		if (part[len] == '\0')
			return;
	}
}

void plan_add_groups(struct plan_build *build)
{
	struct cg_view views[CG_CONTROL_COUNT + 1];
	size_t count = list_views(build, views);
	bool in_base = !is_whole(views, count) || build->context->has_bare_sys;

	if (spec_covers(build->spec, 0, PLACE))
		return;
	if (count == 0) {
		if (spec_shows_host(build->spec))
			plan_add(build, PLAN_MOUNT_MASK, PLAN_MOUNT_F_OPTIONAL, PLACE, NULL);
		return;
	}
	if (in_base)
		plan_add_closed(build, QUIET | PLAN_MOUNT_F_OPTIONAL, base_of(build));
	for (size_t i = 0; i < count; i++) {
		bind_group(build, &views[i], in_base);
		link_parts(build, views[i].name);
	}
}

/* At the end, so that the spec's operations find their places below it. */
void plan_close_groups(struct plan_build *build)
{
	struct cg_view views[CG_CONTROL_COUNT + 1];
	size_t count = list_views(build, views);

	if (count == 0 || spec_covers(build->spec, 0, PLACE) ||
	    (is_whole(views, count) && !build->context->has_bare_sys))
		return;
	plan_add(build, PLAN_MOUNT_REMOUNT_RO, PLAN_MOUNT_F_OPTIONAL, base_of(build), NULL);
}
