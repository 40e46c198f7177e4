/* SPDX-License-Identifier: Apache-2.0 */
#include "option.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "../../init/contract.h"
#include "path.h"

static const char *bind_option(const struct nidus_mount *mount)
{
	if (mount->devices)
		return mount->optional ? "--dev-bind-try" : "--dev-bind";
	if (mount->read_only)
		return mount->optional ? "--ro-bind-try" : "--ro-bind";
	return mount->optional ? "--bind-try" : "--bind";
}

const char *spec_mount_option(const struct nidus_mount *mount)
{
	switch (mount->kind) {
	case NIDUS_BIND:
		return bind_option(mount);
	case NIDUS_BIND_FD:
		return mount->read_only ? "--ro-bind-fd" : "--bind-fd";
	case NIDUS_TMPFS:
		return "--tmpfs";
	case NIDUS_PROC:
		return "--proc";
	case NIDUS_DEV:
		return "--dev";
	case NIDUS_MQUEUE:
		return "--mqueue";
	case NIDUS_DIR:
		return "--dir";
	case NIDUS_FILE:
		return "--file";
	case NIDUS_BIND_DATA:
		return mount->read_only ? "--ro-bind-data" : "--bind-data";
	case NIDUS_SYMLINK:
		return "--symlink";
	case NIDUS_CHMOD:
		return "--chmod";
	case NIDUS_REMOUNT_RO:
		return "--remount-ro";
	case NIDUS_OVERLAY_SRC:
		return "--overlay-src";
	case NIDUS_OVERLAY:
		return "--overlay";
	case NIDUS_TMP_OVERLAY:
		return "--tmp-overlay";
	case NIDUS_RO_OVERLAY:
		return "--ro-overlay";
	}
	return NULL;
}

/* Of long values the beginning: the option in front must stay in sight. */
void spec_blame_mount(const struct nidus_mount *mount, struct fault *fault)
{
	const char *option = spec_mount_option(mount);
	char what[FAULT_WHAT_MAX];

	switch (mount->kind) {
	case NIDUS_BIND:
	case NIDUS_SYMLINK:
		snprintf(what, sizeof(what), "%s %.90s %.90s", option, mount->src, mount->dst);
		break;
	case NIDUS_BIND_FD:
	case NIDUS_FILE:
	case NIDUS_BIND_DATA:
		snprintf(what, sizeof(what), "%s %d %.180s", option, mount->fd, mount->dst);
		break;
	case NIDUS_CHMOD:
		snprintf(what, sizeof(what), "%s %04o %.180s", option, (unsigned int)mount->perms,
			 mount->dst);
		break;
	case NIDUS_OVERLAY_SRC:
		snprintf(what, sizeof(what), "%s %.180s", option, mount->src);
		break;
	case NIDUS_OVERLAY:
		snprintf(what, sizeof(what), "%s %.60s %.60s %.60s", option, mount->src, mount->src2,
			 mount->dst);
		break;
	default:
		snprintf(what, sizeof(what), "%s %.180s", option, mount->dst);
	}
	fault_set(fault, fault->step, fault->err, what);
}

static bool is_source(const char *path, const char *src, const char *cwd)
{
	char absolute[2 * PATH_MAX];

	if (!src || (src[0] != '/' && !cwd))
		return false;
	snprintf(absolute, sizeof(absolute), "%s/%s", src[0] == '/' ? "" : cwd, src);
	return path_same(path, absolute);
}

static bool comes_from(const struct nidus_mount *mount, const char *path, const char *cwd)
{
	switch (mount->kind) {
	case NIDUS_BIND:
	case NIDUS_BIND_FD:
	case NIDUS_OVERLAY_SRC:
		return is_source(path, mount->src, cwd);
	case NIDUS_OVERLAY:
		return is_source(path, mount->src, cwd) || is_source(path, mount->src2, cwd);
	default:
		return false;
	}
}

static bool stands_at(const struct nidus_mount *mount, const char *path)
{
	if (mount->kind == NIDUS_OVERLAY_SRC)
		return false;
	/* these two bring more than one mount */
	if (mount->kind == NIDUS_DEV || mount->kind == NIDUS_PROC)
		return path_is_within(path, mount->dst);
	return path_same(path, mount->dst);
}

static bool is_about(const struct nidus_mount *mount, const struct fault *fault, const char *cwd)
{
	return fault->step == STEP_ROOT ? stands_at(mount, fault->what) :
					  comes_from(mount, fault->what, cwd);
}

void spec_blame(const struct nidus_spec *spec, const char *cwd, struct fault *fault)
{
	char what[FAULT_WHAT_MAX];

	if ((fault->step != STEP_ROOT && fault->step != STEP_SOURCES) || fault->what[0] != '/')
		return;
	for (size_t i = 0; i < spec->mount_count; i++) {
		if (!is_about(&spec->mounts[i], fault, cwd))
			continue;
		spec_blame_mount(&spec->mounts[i], fault);
		return;
	}
	if (!spec->root || !(fault->step == STEP_ROOT ? path_is_root(fault->what) :
							is_source(fault->what, spec->root, cwd)))
		return;
	snprintf(what, sizeof(what), "--root %.180s", spec->root);
	fault_set(fault, fault->step, fault->err, what);
}
