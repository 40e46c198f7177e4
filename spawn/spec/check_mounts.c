/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of the spec's root and file operations. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "../../init/contract.h"
#include "check.h"
#include "path.h"
#include "refuse.h"
#include "root.h"

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

static int check_numbers(const struct nidus_mount *mount, struct fault *fault)
{
	if (needs_fd(mount) && mount->fd < 0)
		return spec_refuse(fault, EINVAL, "not a descriptor");
	if (mount->perms > PERMS_MAX || mount->perms < -1)
		return spec_refuse(fault, EINVAL, "permissions %o: must be 0 to 7777",
				   (unsigned int)mount->perms);
	if (mount->perms >= 0 && !takes_perms(mount))
		return spec_refuse(fault, EINVAL, "permissions %o: this operation takes none",
				   (unsigned int)mount->perms);
	if (mount->kind == NIDUS_CHMOD && mount->perms < 0)
		return spec_refuse(fault, EINVAL, "needs permissions");
	if (mount->size > 0 && mount->kind != NIDUS_TMPFS)
		return spec_refuse(fault, EINVAL, "takes no size: only a tmpfs does");
	if (mount->size > INT64_MAX)
		return spec_refuse(fault, EINVAL, "size %llu: too large",
				   (unsigned long long)mount->size);
	return 0;
}

static int check_one(const struct nidus_spec *spec, size_t index, struct fault *fault)
{
	const struct nidus_mount *mount = &spec->mounts[index];
	const char *why = NULL;

	if (spec_mount_word(mount)[0] == '\0')
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_MOUNTS, fault, "%zu", index),
				   EINVAL, "kind %u is unknown", mount->kind);
	spec_about_mount(spec, index, fault);
	if (needs_src(mount))
		why = spec_path_refused(mount->src);
	if (!why && mount->kind == NIDUS_OVERLAY)
		why = spec_path_refused(mount->src2);
	if (!why && mount->kind != NIDUS_OVERLAY_SRC)
		why = spec_inside_refused(mount->dst);
	return why ? spec_refuse(fault, EINVAL, "%s", why) : check_numbers(mount, fault);
}

/* Overlay sources come right before their overlay: enough of them, and none without one. */
static int check_overlays(const struct nidus_spec *spec, struct fault *fault)
{
	size_t layers = 0, last = 0;

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];
		/* The kernel refuses a single read-only layer. */
		size_t least = mount->kind == NIDUS_RO_OVERLAY ? 2 : 1;

		if (mount->kind == NIDUS_OVERLAY_SRC) {
			layers++;
			last = i;
			continue;
		}
		if (is_overlay(mount) && layers < least)
			return spec_refuse(spec_about_mount(spec, i, fault), EINVAL,
					   "needs at least %zu overlay source%s right before it",
					   least, least == 1 ? "" : "s");
		if (!is_overlay(mount) && layers > 0)
			break;
		layers = 0;
	}
	if (layers > 0)
		return spec_refuse(spec_about_mount(spec, last, fault), EINVAL,
				   "must come right before an overlay");
	return 0;
}

static bool can_be_on_root(const struct nidus_mount *mount)
{
	return mount->kind == NIDUS_DIR || mount->kind == NIDUS_CHMOD ||
	       mount->kind == NIDUS_REMOUNT_RO;
}

/*
 * An operation with the destination / makes the root. There may be only one, and it must
 * be the first: it would hide whatever came before.
 */
static int check_root(const struct nidus_spec *spec, struct fault *fault)
{
	bool is_first = true;

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];

		if (mount->kind == NIDUS_OVERLAY_SRC)
			continue;
		if (!path_is_root(mount->dst) || can_be_on_root(mount)) {
			is_first = false;
			continue;
		}
		spec_about_mount(spec, i, fault);
		if (mount->kind != NIDUS_BIND && mount->kind != NIDUS_BIND_FD &&
		    mount->kind != NIDUS_TMPFS && !is_overlay(mount))
			return spec_refuse(fault, EINVAL, "can't be the root");
		if (mount->optional)
			return spec_refuse(fault, EINVAL, "the root can't be left out");
		if (spec->root)
			return spec_refuse(fault, EINVAL, "%s already sets the root",
					   spec_word(spec, NIDUS_OPTION_ROOT));
		if (!is_first)
			return spec_refuse(fault, EINVAL,
					   "must come before every other file operation");
		is_first = false;
	}
	return 0;
}

static bool hides_what_is_below(const struct nidus_mount *mount)
{
	return mount->kind != NIDUS_OVERLAY_SRC && mount->kind != NIDUS_DIR &&
	       mount->kind != NIDUS_CHMOD && mount->kind != NIDUS_REMOUNT_RO &&
	       mount->kind != NIDUS_DENY;
}

/* What a later operation covers would be hidden no more. */
static int check_denied(const struct nidus_spec *spec, struct fault *fault)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *denied = &spec->mounts[i];

		if (denied->kind != NIDUS_DENY)
			continue;
		for (size_t k = i + 1; k < spec->mount_count; k++) {
			const struct nidus_mount *mount = &spec->mounts[k];

			if (hides_what_is_below(mount) && path_is_within(denied->dst, mount->dst))
				return spec_refuse(spec_about_mount(spec, i, fault), EINVAL,
						   "must come after %s %.100s, which covers it",
						   spec_mount_word(mount), mount->dst);
		}
	}
	return 0;
}

static int check_shared_root(const struct nidus_spec *spec, struct fault *fault)
{
	const char *why = spec_word(spec, spec->join[NIDUS_NS_MNT] ? NIDUS_OPTION_JOIN :
								     NIDUS_OPTION_SHARE);

	if (!spec_leaves_root(spec))
		return 0;
	if (spec->root)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_ROOT, fault), EINVAL,
				   "cannot be used with %s mnt", why);
	if (spec->mount_count > 0)
		return spec_refuse(spec_about_mount(spec, 0, fault), EINVAL,
				   "cannot be used with %s mnt", why);
	return 0;
}

/* A choice about homes is one about the view of the host's files. */
static int check_home(const struct nidus_spec *spec, struct fault *fault)
{
	spec_about(spec, NIDUS_OPTION_HOME, fault);
	if (spec->home > NIDUS_HOME_RW)
		return spec_refuse(fault, EINVAL, "must be hide, ro or rw");
	if (spec->home == NIDUS_HOME_AUTO)
		return 0;
	if (spec_leaves_root(spec))
		return spec_refuse(fault, EINVAL, "needs a mount namespace of its own");
	if (!spec->default_mounts)
		return spec_refuse(fault, EINVAL, "needs default_mounts");
	if (!spec_shows_host(spec))
		return spec_refuse(fault, EINVAL, "only where the root is the host's");
	return 0;
}

int spec_check_mounts(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->root && spec_check_path(spec, NIDUS_OPTION_ROOT, spec->root, fault) < 0)
		return -1;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (check_one(spec, i, fault) < 0)
			return -1;
	if (check_overlays(spec, fault) < 0 || check_root(spec, fault) < 0 ||
	    check_denied(spec, fault) < 0)
		return -1;
	return check_shared_root(spec, fault) < 0 ? -1 : check_home(spec, fault);
}
