/* SPDX-License-Identifier: Apache-2.0 */
/* Private to cgroup/: what find.c, v2.c, v1.c and the front share. */
#ifndef NIDUS_CGROUP_BACKEND_H
#define NIDUS_CGROUP_BACKEND_H

#include "cgroup.h"

#define CG_GROUP "nidus"   /* the shared parent of all sandboxes' groups */
#define CG_TEXT_MAX 4096   /* bytes read of one small file; the kernel's own limit */
#define CG_TREE_DEPTH 128  /* levels of sub-groups to follow */
#define CG_TREE_GROUPS 65536 /* sub-groups to visit in one walk */

#define CG_BIT(control) (1u << (control))

/* ---- parse.c: parses text of /proc, opens nothing ---- */

/* Where a hierarchy is mounted. score: of several mounts, the best one is kept. */
struct cg_mount {
	char point[CG_PATH_MAX]; /* "" not mounted */
	char root[CG_PATH_MAX];  /* the group of the hierarchy that is mounted at the point */
	int score;
};

struct cg_mounts {
	struct cg_mount v2;
	struct cg_mount v1[CG_CONTROL_COUNT];
};

/*
 * Takes the complete lines of a mountinfo text and returns how many bytes it used: all
 * but an incomplete last line. Lines that don't match proc(5), or whose paths are too
 * long, are left out.
 */
size_t cg_parse_mounts(const char *text, size_t len, struct cg_mounts *mounts);

/* Puts the v2 group in a text of /proc/PID/cgroup into `path`; false: there is none. */
bool cg_parse_own(const char *text, char *path, size_t size);

/* A list of v2 controller names ("cpu io memory") as a mask. */
uint32_t cg_parse_controllers(const char *text);
const char *cg_v2_controller(enum cg_control control); /* NULL: not one */

/* The number after `key` at a line's start ("oom_kill 3"), or CG_UNKNOWN. */
uint64_t cg_parse_key(const char *text, const char *key);
uint64_t cg_parse_number(const char *text);

/* ---- find.c ---- */

/* Chooses from what was parsed. own: the v2 group of the caller, or NULL. */
void cg_choose(const struct cg_mounts *mounts, const char *own, bool root,
	       struct cg_machine *machine);

/* ---- file.c: files below a group's directory ---- */

/* Writes the whole text at once. -1 with errno and the fault. */
int cg_file_write(int dir_fd, const char *dir, const char *file, const char *text,
		  struct fault *fault);
int cg_file_write_number(int dir_fd, const char *dir, const char *file, uint64_t number,
			 struct fault *fault);
/* Sets a fault of STEP_CGROUP on dir/file. */
int cg_file_fault(const char *dir, const char *file, int err, struct fault *fault);
/* True, too, with errno, where that can't be told: whatever is done with the file then fails. */
bool cg_file_exists(int dir_fd, const char *file);
uint64_t cg_file_number(int dir_fd, const char *file);
/* Creates the group `path`, and its parent if that is missing; opens it. */
int cg_file_make_group(const char *path, int *dir_fd, struct fault *fault);

/* ---- tree.c ---- */

/*
 * Visits every group below dir_fd, deepest first, dir_fd itself excluded.
 * `visit` gets the parent directory of the group, its name and the open group; if it
 * returns anything but 0, the walk ends and returns that. -1 with errno: ELOOP too
 * deep, E2BIG too many.
 */
typedef int cg_visit(int parent_fd, const char *name, int group_fd, void *arg);
int cg_tree_walk(int dir_fd, cg_visit *visit, void *arg);

/*
 * Removes the group at `path`, open as dir_fd, and those below it. `wait` is
 * called (at most a bounded number of times) while the group is busy.
 */
int cg_tree_remove(int dir_fd, const char *path, void (*wait)(int dir_fd), struct fault *fault);

/* ---- v2.c and v1.c: the same functions for each version ---- */

int v2_create(struct cg *cg, uint32_t wanted, struct fault *fault);
int v2_limit_memory(struct cg *cg, uint64_t bytes, struct fault *fault);
int v2_limit_swap(struct cg *cg, uint64_t swap_bytes, struct fault *fault);
int v2_limit_cpu(struct cg *cg, uint64_t quota_us, uint64_t period_us, struct fault *fault);
int v2_limit_io_weight(struct cg *cg, uint32_t weight, struct fault *fault);
int v2_oom_fd(const struct cg *cg, short *events);
void v2_read(const struct cg *cg, struct cg_usage *usage);
int v2_kill(struct cg *cg, struct fault *fault);
bool v2_is_empty(const struct cg *cg);
/* Waits until it is empty, or until the CLOCK_MONOTONIC time in ms. */
bool v2_wait_empty(const struct cg *cg, int64_t until_ms);
void v2_wait_busy(int dir_fd);

/* True for the first of the controls that share one group. */
bool v1_is_first(const struct cg *cg, enum cg_control control);
int v1_create(struct cg *cg, enum cg_control control, struct fault *fault);
int v1_adopt(struct cg *cg, int dir_fd, const char *path, struct fault *fault);
int v1_limit_memory(struct cg *cg, uint64_t bytes, struct fault *fault);
int v1_limit_swap(struct cg *cg, uint64_t memory_bytes, uint64_t swap_bytes, struct fault *fault);
int v1_limit_cpu(struct cg *cg, uint64_t quota_us, uint64_t period_us, struct fault *fault);
int v1_limit_io_weight(struct cg *cg, uint32_t weight, struct fault *fault);
int v1_oom_fd(const struct cg *cg, short *events);
/* Overwrites only the fields that a v1 group has. */
void v1_read(const struct cg *cg, struct cg_usage *usage);
bool v1_is_empty(const struct cg *cg);
bool v1_wait_empty(const struct cg *cg, int64_t until_ms);
void v1_wait_busy(int dir_fd);

/* v1_kill.c */
int v1_kill(struct cg *cg, struct fault *fault);

/* BFQ's 1..1000 for our 1..10000; 100 is the default of both. */
uint32_t cg_bfq_weight(uint32_t weight);

#endif
