/* SPDX-License-Identifier: Apache-2.0 */
/* File operations in words. */
#include <string.h>

#include "parts.h"
#include "units.h"

static const char *const verbs[PLAN_MOUNT_KIND_END] = {
	[PLAN_MOUNT_BIND] = "bind",
	[PLAN_MOUNT_TMPFS] = "tmpfs",
	[PLAN_MOUNT_SCRATCH] = "private",
	[PLAN_MOUNT_PROC] = "proc",
	[PLAN_MOUNT_DEVPTS] = "devpts",
	[PLAN_MOUNT_MQUEUE] = "mqueue",
	[PLAN_MOUNT_OVERLAY] = "overlay",
	[PLAN_MOUNT_LAYER] = "layer",
	[PLAN_MOUNT_DIR] = "directory",
	[PLAN_MOUNT_FILE] = "file",
	[PLAN_MOUNT_DATA] = "data",
	[PLAN_MOUNT_SYMLINK] = "symlink",
	[PLAN_MOUNT_CHMOD] = "chmod",
	[PLAN_MOUNT_REMOUNT_RO] = "remount-ro",
	[PLAN_MOUNT_MASK] = "mask",
	[PLAN_MOUNT_READONLY] = "read-only",
};

static const struct {
	uint32_t flag;
	const char *word;
} flag_words[] = {
	{ PLAN_MOUNT_F_RDONLY, "read-only" },	   { PLAN_MOUNT_F_NOSUID, "nosuid" },
	{ PLAN_MOUNT_F_NODEV, "nodev" },	   { PLAN_MOUNT_F_NOEXEC, "noexec" },
	{ PLAN_MOUNT_F_RECURSIVE, "recursive" },   { PLAN_MOUNT_F_TRY, "if the source exists" },
	{ PLAN_MOUNT_F_OPTIONAL, "if it exists" }, { PLAN_MOUNT_F_TREE_FD, "prepared mount" },
	{ PLAN_MOUNT_F_NO_LINKS, "links not followed" },
	{ PLAN_MOUNT_F_PIN_FD, "pinned" },	   { PLAN_MOUNT_F_TMP_UPPER, "writes to a tmpfs" },
	{ PLAN_MOUNT_F_REPORT, "reported if left out" },
};

static bool has_owner(uint32_t kind)
{
	return kind == PLAN_MOUNT_TMPFS || kind == PLAN_MOUNT_SCRATCH || kind == PLAN_MOUNT_DEVPTS || kind == PLAN_MOUNT_DIR ||
	       kind == PLAN_MOUNT_FILE || kind == PLAN_MOUNT_DATA;
}

static void print_places(const struct explain *explain, const struct plan_mount *mount)
{
	if (mount->kind == PLAN_MOUNT_LAYER) {
		explain_string(explain, mount->src);
		return;
	}
	explain_string(explain, mount->dst);
	if (mount->src.len > 0) {
		fputs(mount->kind == PLAN_MOUNT_SYMLINK ? " -> " : " from ", explain->out);
		explain_string(explain, mount->src);
	}
	if (mount->src2.len > 0) {
		fputs(" work ", explain->out);
		explain_string(explain, mount->src2);
	}
}

static void print_mount(const struct explain *explain, const struct plan_mount *mount)
{
	const char *verb = mount->kind < PLAN_MOUNT_KIND_END ? verbs[mount->kind] : NULL;
	char text[UNITS_TEXT_MAX];

	explain_label(explain, "file");
	fprintf(explain->out, "%-11s", verb ? verb : "(unknown)");
	print_places(explain, mount);
	if (mount->fd >= 0)
		fprintf(explain->out, ", fd %d", mount->fd);
	if (has_owner(mount->kind) || mount->kind == PLAN_MOUNT_CHMOD)
		fprintf(explain->out, ", mode %04o", mount->mode);
	if (has_owner(mount->kind))
		fprintf(explain->out, ", owner %u:%u", mount->uid, mount->gid);
	if (mount->size > 0)
		fprintf(explain->out, ", size %s", units_size_text(mount->size, text));
	for (size_t i = 0; i < sizeof(flag_words) / sizeof(flag_words[0]); i++)
		if (mount->flags & flag_words[i].flag)
			fprintf(explain->out, ", %s", flag_words[i].word);
	fputc('\n', explain->out);
}

static void print_scratch(const struct explain *explain, const struct plan_header *header)
{
	char text[UNITS_TEXT_MAX];

	if (header->mounts.count == 0)
		return;
	explain_label(explain, "private");
	if (header->scratch_bytes)
		fprintf(explain->out, "at most %s and %llu files together, in memory\n",
			units_size_text(header->scratch_bytes, text),
			(unsigned long long)header->scratch_inodes);
	else
		fputs("as much as the kernel's default allows, in memory\n", explain->out);
}

void explain_mounts(const struct explain *explain, const struct plan_header *header)
{
	if (header->flags & PLAN_NO_ROOT) {
		explain_label(explain, "root");
		fputs("left as it is: no mount namespace of its own\n", explain->out);
	}
	if (!explain_has_array(explain, "files", header->mounts, sizeof(struct plan_mount),
			       PLAN_MOUNTS_MAX))
		return;
	print_scratch(explain, header);
	for (uint32_t i = 0; i < header->mounts.count; i++) {
		struct plan_mount mount;

		explain_element(explain, header->mounts, i, sizeof(mount), &mount);
		print_mount(explain, &mount);
	}
}
