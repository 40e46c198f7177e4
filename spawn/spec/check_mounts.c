/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of the spec's root and file operations. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "../../init/contract.h"
#include "path.h"
#include "check.h"
#include "option.h"

#define PERMS_MAX 07777

static bool is_overlay(const struct nidus_mount *mount)
{
	return mount->kind == NIDUS_OVERLAY || mount->kind == NIDUS_TMP_OVERLAY ||
	       mount->kind == NIDUS_RO_OVERLAY;
}

static bool needs_src(const struct nidus_mount *mount)
{
	return mount->kind == NIDUS_BIND || mount->kind == NIDUS_BIND_FD ||
	       mount->kind == NIDUS_SYMLINK || mount->kind == NIDUS_OVERLAY_SRC ||
	       mount->kind == NIDUS_OVERLAY;
}

static bool needs_fd(const struct nidus_mount *mount)
{
	return mount->kind == NIDUS_BIND_FD || mount->kind == NIDUS_FILE ||
	       mount->kind == NIDUS_BIND_DATA;
}

static bool takes_perms(const struct nidus_mount *mount)
{
	return mount->kind == NIDUS_TMPFS || mount->kind == NIDUS_DIR ||
	       mount->kind == NIDUS_FILE || mount->kind == NIDUS_BIND_DATA ||
	       mount->kind == NIDUS_CHMOD;
}

static int check_numbers(const char *option, const struct nidus_mount *mount, struct fault *fault)
{
	if (needs_fd(mount) && mount->fd < 0)
		return spec_refuse(fault, EINVAL, "%s %d: not a descriptor", option, mount->fd);
	if (mount->perms > PERMS_MAX || mount->perms < -1)
		return spec_refuse(fault, EINVAL, "--perms %o: allowed are 0 to 7777",
				   (unsigned int)mount->perms);
	if (mount->perms >= 0 && !takes_perms(mount))
		return spec_refuse(fault, EINVAL, "--perms %o: %s takes none",
				   (unsigned int)mount->perms, option);
	if (mount->kind == NIDUS_CHMOD && mount->perms < 0)
		return spec_refuse(fault, EINVAL, "--chmod %.160s: needs permissions", mount->dst);
	if (mount->size > 0 && mount->kind != NIDUS_TMPFS)
		return spec_refuse(fault, EINVAL, "--size: only --tmpfs takes it, not %s", option);
	if (mount->size > INT64_MAX)
		return spec_refuse(fault, EINVAL, "--size %llu: too large",
				   (unsigned long long)mount->size);
	return 0;
}

static int check_one(const struct nidus_mount *mount, struct fault *fault)
{
	const char *option = spec_mount_option(mount);

	if (!option)
		return spec_refuse(fault, EINVAL, "file operation %u: unknown", mount->kind);
	if (needs_src(mount) && spec_check_path(option, mount->src, fault) < 0)
		return -1;
	if (mount->kind == NIDUS_OVERLAY && spec_check_path(option, mount->src2, fault) < 0)
		return -1;
	if (mount->kind != NIDUS_OVERLAY_SRC && spec_check_inside(option, mount->dst, fault) < 0)
		return -1;
	return check_numbers(option, mount, fault);
}

/* Sources stand right before their overlay: enough of them, and none without one. */
static int check_overlays(const struct nidus_spec *spec, struct fault *fault)
{
	size_t layers = 0;

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];
		/* The kernel refuses one read-only layer alone. */
		size_t least = mount->kind == NIDUS_RO_OVERLAY ? 2 : 1;

		if (mount->kind == NIDUS_OVERLAY_SRC) {
			layers++;
			continue;
		}
		if (is_overlay(mount) && layers < least)
			return spec_refuse(
				fault, EINVAL,
				"%s %.120s: needs at least %zu --overlay-src right before it",
				spec_mount_option(mount), mount->dst, least);
		if (!is_overlay(mount) && layers > 0)
			break;
		layers = 0;
	}
	if (layers > 0)
		return spec_refuse(fault, EINVAL,
				   "--overlay-src: must be right before --overlay, "
				   "--tmp-overlay or --ro-overlay");
	return 0;
}

static bool can_be_on_root(const struct nidus_mount *mount)
{
	return mount->kind == NIDUS_DIR || mount->kind == NIDUS_CHMOD ||
	       mount->kind == NIDUS_REMOUNT_RO;
}

/*
 * An operation with the destination / makes the root: one at most, the first,
 * since whatever came before would vanish beneath it.
 */
static int check_root(const struct nidus_spec *spec, struct fault *fault)
{
	bool is_first = true;

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];
		const char *option = spec_mount_option(mount);

		if (mount->kind == NIDUS_OVERLAY_SRC)
			continue;
		if (!path_is_root(mount->dst) || can_be_on_root(mount)) {
			is_first = false;
			continue;
		}
		if (mount->kind != NIDUS_BIND && mount->kind != NIDUS_BIND_FD &&
		    mount->kind != NIDUS_TMPFS && !is_overlay(mount))
			return spec_refuse(fault, EINVAL, "%s /: can't be the root", option);
		if (mount->optional)
			return spec_refuse(fault, EINVAL, "%s /: the root can't be left out",
					   option);
		if (spec->root)
			return spec_refuse(fault, EINVAL, "%s /: --root makes the root already",
					   option);
		if (!is_first)
			return spec_refuse(fault, EINVAL,
					   "%s /: must come before every other file operation",
					   option);
		is_first = false;
	}
	return 0;
}

static int check_shared_root(const struct nidus_spec *spec, struct fault *fault)
{
	const char *why = spec->join[NIDUS_NS_MNT] ? "--join mnt" : "--share mnt";

	if (!spec->join[NIDUS_NS_MNT] && !(spec->share & 1u << NIDUS_NS_MNT))
		return 0;
	if (spec->root)
		return spec_refuse(fault, EINVAL, "--root: not with %s", why);
	if (spec->mount_count > 0)
		return spec_refuse(fault, EINVAL, "%s: not with %s", spec_mount_option(&spec->mounts[0]),
				   why);
	return 0;
}

int spec_check_mounts(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->root && spec_check_path("--root", spec->root, fault) < 0)
		return -1;
	if (spec->mount_count > PLAN_MOUNTS_MAX)
		return spec_refuse(fault, E2BIG, "%zu file operations: allowed are %d",
				   spec->mount_count, PLAN_MOUNTS_MAX);
	for (size_t i = 0; i < spec->mount_count; i++)
		if (check_one(&spec->mounts[i], fault) < 0)
			return -1;
	if (check_overlays(spec, fault) < 0 || check_root(spec, fault) < 0)
		return -1;
	return check_shared_root(spec, fault);
}
