/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One control group per sandbox, on whatever the machine offers.
 *
 * A machine has a cgroup2 tree, v1 controllers each with its own tree, or both.
 * Tracking and killing use the cgroup2 tree if there is one (even the bare one of
 * a hybrid machine has cgroup.kill and CLONE_INTO_CGROUP), limits the tree that
 * has their controller. v2.c and v1.c each know one version; callers know neither.
 *
 * Order of use: cg_find, cg_plan, [journal the names], cg_create, cg_limit_*,
 * clone into cg_clone_fd, cg_enter, … cg_read, cg_kill, cg_wait_empty,
 * cg_remove. Every function but the last two fails with a fault that names the
 * file. A `struct cg` is a plain value without heap; cg_close ends it.
 */
#ifndef NIDUS_CGROUP_H
#define NIDUS_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "../init/fault.h"

#define CG_NAME_MAX 128  /* bytes of one group's name */
#define CG_PATH_MAX 512  /* bytes of an absolute path of a group */
#define CG_ID_MAX 32

/* What a group can do; also the index of a controller. */
enum cg_control {
	CG_MEMORY,
	CG_PIDS,
	CG_CPU,
	CG_CPUSET,
	CG_IO,
	CG_CPUACCT, /* v1 cpuacct, or the cpu.stat that every v2 group has */
	CG_FREEZER, /* v1 freezer: only for a kill without cgroup.kill */
	CG_CONTROL_COUNT
};

enum cg_mode { CG_NONE, CG_V1, CG_HYBRID, CG_V2, CG_V2_DELEGATED };

/* What this machine offers: cheap to find out, once per process. */
struct cg_machine {
	enum cg_mode mode;
	char v2_parent[CG_PATH_MAX]; /* directory below which we make v2 groups; "" none */
	uint32_t v2_controls;        /* bit 1 << CG_X: can be limited there */
	bool v2_beside;              /* v1 controllers are mounted too */
	char v1_parent[CG_CONTROL_COUNT][CG_PATH_MAX]; /* "" none */
	char why_not[FAULT_WHAT_MAX];/* if mode is CG_NONE: the reason, as text */
	int unknown; /* errno of a look that failed, so that more may be usable than is known; 0: none */
	char unknown_path[CG_PATH_MAX];
};

/* The groups of one sandbox. */
struct cg {
	char v2_path[CG_PATH_MAX];                   /* "" none */
	bool v2_beside;                              /* of a machine with v1 controllers too */
	char v1_path[CG_CONTROL_COUNT][CG_PATH_MAX]; /* "" none; co-mounted controllers share one */
	int v2_fd;                                   /* directory of v2_path; -1 */
	int v1_fd[CG_CONTROL_COUNT];
	int leaf_fd; /* a group below the v2 one, where the processes are; -1: they are in that itself */
	bool killed; /* once cg_kill ran: never clone into it again (Linux 6.18) */
};

/* Counters for the report. A field is CG_UNKNOWN if the machine doesn't have it. */
#define CG_UNKNOWN UINT64_MAX
struct cg_usage {
	uint64_t memory_peak;    /* bytes */
	uint64_t memory_current;
	uint64_t oom_kills;      /* processes that the kernel killed because of the limit of this group */
	uint64_t pids_peak;
	uint64_t pids_current;
	uint64_t pids_max_hits;  /* forks refused */
	uint64_t cpu_user_us;
	uint64_t cpu_sys_us;
	uint64_t cpu_usage_us;
	uint64_t cpu_throttled_us;
};

/*
 * Finds the hierarchies and the parent groups that this process may use, from
 * /proc/self/mountinfo and /proc/self/cgroup. For root: "nidus" at the root of each
 * hierarchy. For an ordinary user: below the topmost group, on the path from the root to
 * the caller's own, that is delegated to the user (v2: writable cgroup.procs and
 * cgroup.subtree_control), otherwise none. A controller counts only if it can be passed on
 * ("no internal processes"). Creates nothing. Never fails: without a cgroup, mode is
 * CG_NONE and why_not says why.
 */
void cg_find(struct cg_machine *machine);

/*
 * The same for a start that limits nothing: a cgroup2 tree at one of its two usual places is
 * taken as it is, without a look at all mounts and controllers. Anything else is cg_find.
 */
void cg_find_place(struct cg_machine *machine);

/*
 * Chooses the groups for sandbox `id`: only paths, nothing is touched. `wanted` has bit
 * 1 << CG_X for each control that will be limited. On v1, controls that are not wanted get
 * no group, except one that holds the processes (that of the freezer) if there is no
 * cgroup2 tree. *missing (may be NULL) becomes the mask of controls that this machine
 * doesn't have; take them out of `wanted` before cg_create, or it fails. An id that is not
 * a plain file name gets no groups.
 */
void cg_plan(const struct cg_machine *machine, const char *id, uint32_t wanted, struct cg *cg,
	     uint32_t *missing);

/*
 * A cg for recovery, from paths in a journal: cg_init, then this once for each path.
 * `path` is absolute; its file system says whether it is the v2 group or the v1 group of a
 * controller. Returns -1 if it is not in a cgroup tree or its last component is not `id`.
 * A group that is gone is left out: 0.
 */
int cg_adopt(struct cg *cg, const char *id, const char *path, struct fault *fault);

/* The empty value: no group, all descriptors closed. */
void cg_init(struct cg *cg);

/* True if there is any group. */
bool cg_exists(const struct cg *cg);

/* Where a planned group is looked for by who is in it. */
struct cg_view {
	const char *path;       /* of the group; the cg's */
	char name[CG_NAME_MAX]; /* of the hierarchy below /sys/fs/cgroup: "memory", "cpu,cpuacct",
				 * "unified"; "": that place itself (cgroup2 alone) */
};

/* The groups of the sandbox, each once; returns how many. */
size_t cg_list_views(const struct cg *cg, struct cg_view views[CG_CONTROL_COUNT + 1]);

/*
 * Creates the groups (and the shared parent "nidus", with its controllers enabled on v2)
 * and opens them. On failure, what was created is removed again. A group of that name
 * that existed before is a fault (EEXIST) and stays.
 */
int cg_create(struct cg *cg, uint32_t wanted, struct fault *fault);

/* Limits. Each is written whole, or fails with the name of the file. 0: none asked for. */
/* v1: raising it above memory + swap removes the swap limit: set that again afterwards. */
int cg_limit_memory(struct cg *cg, uint64_t bytes, struct fault *fault);
/*
 * Swap on top of memory; v1: memory.memsw, after memory. 0 is a limit here;
 * UINT64_MAX: unlimited. ENOENT if the kernel does not account for swap (or the
 * machine has none): an error only for a caller that asked for it.
 */
int cg_limit_swap(struct cg *cg, uint64_t memory_bytes, uint64_t swap_bytes, struct fault *fault);
int cg_limit_pids(struct cg *cg, uint64_t count, struct fault *fault);
/* Thousandths of a processor: 1500 is one and a half. Period 100 ms; 1 s below 10. */
int cg_limit_cpu(struct cg *cg, uint64_t millicpus, struct fault *fault);
/* `cpus` in the kernel's list format, "0-2,5"; v1: mems are copied from the parent. */
int cg_limit_cpuset(struct cg *cg, const char *cpus, struct fault *fault);
/* The processors of the group above, from which it can choose, as a list. -1 with errno. */
int cg_read_cpus(const struct cg *cg, char *text, size_t size);
/* 1..10000, default 100. ENOENT if the kernel has no scheduler with weights (BFQ, iocost). */
int cg_limit_io_weight(struct cg *cg, uint32_t weight, struct fault *fault);

/*
 * Puts a group below the v2 group (if there is one), for the processes: it is the root of their
 * cgroup namespace, so whoever mounts the hierarchy there can't reach the limits, even with the
 * ids that the files belong to. After the limits, before the clone; removed with the groups.
 */
int cg_add_leaf(struct cg *cg, struct fault *fault);

/* A descriptor for CLONE_INTO_CGROUP, or -1. The cg keeps owning it. */
int cg_clone_fd(const struct cg *cg);

/*
 * Puts process `pid` into all groups; `in_v2`: CLONE_INTO_CGROUP has done the v2 part.
 * Call it before the process runs anything that should count.
 */
int cg_enter(struct cg *cg, pid_t pid, bool in_v2, struct fault *fault);

/*
 * A descriptor that becomes readable (v1: an eventfd of memory.oom_control) or reports
 * POLLPRI (v2: memory.events) when the oom killer may have run; -1 if there is none.
 * *events gets the poll(2) events to wait for. The caller closes it and then calls
 * cg_read: only oom_kills is proof. If that has not grown (v2 also reports a limit that
 * was reached), the caller may open another one.
 */
int cg_oom_fd(const struct cg *cg, short *events);

/* The form of the file with the cpu time of the planned groups: an enum plan_cpu_form. */
uint32_t cg_cpu_form(const struct cg *cg);

/*
 * Opens that file, for init to read. Returns the descriptor, which the caller owns, or -1
 * with *form PLAN_CPU_NONE if there is none.
 */
int cg_cpu_fd(const struct cg *cg, uint32_t *form);

/* Reads the counters. Never fails: what can't be read is CG_UNKNOWN. */
void cg_read(const struct cg *cg, struct cg_usage *usage);

/* Counters that nobody has read: every field is CG_UNKNOWN. */
static inline void cg_no_usage(struct cg_usage *usage)
{
	memset(usage, 0xff, sizeof(*usage));
}

/*
 * Kills every process in the groups: by cgroup.kill, or on v1 by freezing, sending KILL to
 * everything in cgroup.procs, and thawing, until the list is empty or a bound is reached.
 * Returns 0 when the kill was delivered; it does not wait.
 */
int cg_kill(struct cg *cg, struct fault *fault);

/* True when no live process is in any of the groups. */
bool cg_is_empty(const struct cg *cg);

/* Waits at most timeout_ms until the groups are empty. 0, or -1 with ETIMEDOUT. */
int cg_wait_empty(const struct cg *cg, int timeout_ms, struct fault *fault);

/*
 * Removes the groups and every group that the sandbox created below them (delegation),
 * deepest first, with bounded retries on EBUSY (a v1 group stays busy for a moment after
 * its last process). A missing group is not an error.
 */
int cg_remove(struct cg *cg, struct fault *fault);

/* Closes the descriptors; the groups stay. */
void cg_close(struct cg *cg);

#endif
