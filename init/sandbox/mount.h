/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building the root: primitives for detached mounts (mount.c), places in the new root
 * (place.c), and the operations of the plan, grouped by kind.
 */
#ifndef NIDUS_INIT_MOUNT_H
#define NIDUS_INIT_MOUNT_H

#include "sandbox.h"

/* ---- mount.c: -1 and errno ---- */

struct fs_option {
	const char *key;
	const char *value; /* NULL: a flag */
};

/* A new filesystem as a detached mount with the MOUNT_ATTR_* `attrs`. Returns its descriptor. */
int mount_make_fs(const char *type, const struct fs_option *options, size_t count, unsigned attrs);

/* The MOUNT_ATTR_* for PLAN_MOUNT_F_* flags. */
unsigned mount_attrs(uint32_t flags);

/* Adds attributes to all mounts of a detached tree and makes them private. */
int mount_restrict(int tree, unsigned attrs);

/* A tmpfs as `op` describes it, plus the attributes given; inodes 0: the kernel's default. */
int mount_make_tmpfs(const struct plan_mount *op, uint64_t inodes, unsigned attrs);

/* Gives an open file owner and permissions as `op` says. */
int mount_own(int fd, const struct plan_mount *op);

/* ---- place.c: paths in the new root that never lead out of it ---- */

enum place_type {
	PLACE_DIR,
	PLACE_FILE,
	PLACE_NEVER, /* must exist, is never made */
};

#define PLACE_PATH_MAX 4096 /* PATH_MAX */

struct place_name {
	char path[PLACE_PATH_MAX];
	char *last; /* the last component, in path */
};

/* openat2 below root_fd. Returns a descriptor, or -1 and errno. */
int place_open(int root_fd, const char *path, uint64_t flags);

/* The same for a path that has no links any more: one that is there by now fails (ELOOP). */
int place_open_straight(int root_fd, const char *path, uint64_t flags);

/* True for a directory in a tmpfs of the plan, which nobody outside can reach. */
bool place_is_own_tmpfs(const struct init *in, int fd);

/* The destination of an operation: a path from a descriptor that is taken for its root. */
struct place_start {
	int fd; /* -1: what it is below was left out */
	const char *path;
};
struct place_start place_start(const struct init *in, const struct plan_mount *op);

/*
 * True for a name in a /dev or /proc that this plan has just mounted: nobody else can have put
 * anything there, so that it needs no second look.
 */
bool place_is_private(const struct init *in, const struct plan_mount *op);

/*
 * Makes an entry: a directory or an empty file with the mode and type `mode`, or a link to
 * `target`. In a tmpfs of the plan it is init's, anywhere else the workload's: a writable bind
 * may be mapped for the workload alone, and what init makes would be a sub-id's outside.
 * -1 and errno.
 */
int place_make(const struct init *in, int parent, const char *name, mode_t mode,
	       const char *target);

/*
 * Opens (O_PATH) the destination of `op`; if it is missing, makes it and the directories
 * above it. Returns a descriptor; -1 with the fault filled in; or SOURCE_LEFT_OUT for an
 * optional operation without a place. An optional destination is made only in a tmpfs that
 * the plan makes, so that nothing appears in a directory of the host.
 */
int place_of(const struct init *in, const struct plan_mount *op, enum place_type type,
	     struct fault *fault);

/* The same, but returns the parent of the entry that a SYMLINK, DIR or FILE makes. */
int place_parent_of(const struct init *in, const struct plan_mount *op, struct place_name *name,
		    struct fault *fault);

/*
 * True if the destination, which is missing, can never show anything of the host's: it would be
 * in a tmpfs of the plan, or on a mount that is read-only.
 */
bool place_is_closed(const struct init *in, const struct plan_mount *op);

/* ---- attach.c ---- */

/* Attaches a tree at its destination; the first becomes the root. SOURCE_LEFT_OUT as above. */
int attach_tree(struct init *in, const struct plan_mount *op, int tree, struct fault *fault);

/*
 * Attaches a new file system, and checks that the destination now shows the one that was put
 * there, of that type, and read-only or not as asked. Returns 0 for one that was left out, too.
 */
int attach_verified(struct init *in, const struct plan_mount *op, int tree, uint32_t magic,
		    struct fault *fault);

int attach_bind(struct init *in, uint32_t index, struct fault *fault);
int attach_tmpfs(struct init *in, const struct plan_mount *op, struct fault *fault);
int attach_scratch(struct init *in, uint32_t index, struct fault *fault);
int attach_kernel_fs(struct init *in, const struct plan_mount *op, struct fault *fault);
int attach_mask(struct init *in, const struct plan_mount *op, struct fault *fault);
int attach_readonly(struct init *in, const struct plan_mount *op, struct fault *fault);
int attach_remount_ro(struct init *in, const struct plan_mount *op, struct fault *fault);

/* ---- stage.c: the mounts that must be below the new root ---- */

/* Remembers a tmpfs that the plan makes: what is in it is the sandbox's own, and memory. */
int stage_note_tmpfs(struct init *in, int tree, struct fault *fault);

/* Before the first operation: makes them. */
int stage_prepare(struct init *in, struct fault *fault);

/*
 * A detached mount of one directory or file of the stage, private, with the MOUNT_ATTR_*
 * `attrs`; stage_directory makes the directory first. Descriptors, or -1 and errno.
 */
int stage_clone(const struct init *in, const char *name, unsigned attrs);
int stage_directory(const struct init *in, const char *name, const struct plan_mount *op,
		    unsigned attrs);

/* ---- overlay.c ---- */

int overlay_attach(struct init *in, uint32_t index, struct fault *fault);

/* ---- entry.c ---- */

int entry_dir(struct init *in, const struct plan_mount *op, struct fault *fault);
int entry_file(struct init *in, const struct plan_mount *op, struct fault *fault);
int entry_data(struct init *in, uint32_t index, struct fault *fault);
int entry_symlink(struct init *in, const struct plan_mount *op, struct fault *fault);
int entry_chmod(struct init *in, const struct plan_mount *op, struct fault *fault);

#endif
