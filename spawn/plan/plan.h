/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spec to plan bytes. Pure: opens, reads and touches nothing, so a plan can be made
 * without any privilege, and printed (spawn/explain/). Whatever takes a look at
 * the machine or an open descriptor comes in through struct plan_context.
 */
#ifndef NIDUS_PLAN_H
#define NIDUS_PLAN_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "../../cgroup/cgroup.h"
#include "../../init/contract.h"
#include "../ids/ids.h"
#include "../spec/spec.h"

/*
 * Added to the workload's badness: half of all memory (or of its group's limit in a
 * limited group). So PID 1 survives to report, and a process of the host is killed before
 * a sandbox only if it fills half the machine by itself.
 */
#define PLAN_OOM_SCORE_ADJ 500

/* Where a file operation of the spec finds its source. */
struct plan_source {
	const char *src, *src2; /* without links; absolute, of an overlay with a tree_fd below that;
				 * NULL: as the spec says */
	bool is_missing;        /* and optional: the operation is left out */
	int tree_fd;            /* a detached mount: what is bound, a layer, or where the upper and
				 * the work directory of an overlay are; -1: none */
};

/* A place of the host that is closed inside. */
struct plan_closed {
	const char *path; /* without links */
	bool directory;   /* else a socket */
};

/* A file of the host that a link leads to, at a place in a private directory. */
struct plan_linked {
	const char *src; /* where it is, without links */
	const char *dst; /* where the link leads to */
};

struct plan_context {
	const struct ids *ids;
	const char *host_cwd;   /* the caller's directory: for specs without cwd, and where
				 * relative source paths start; NULL: it has none */
	int control_fd, report_fd, tty_fd; /* -1: not opened (explain) */
	int cpu_usage_fd;       /* -1: none, or not opened (explain) */
	uint32_t cpu_usage_form; /* enum plan_cpu_form */
	uint64_t monitor_bytes; /* memory limit that init must watch itself; 0: a cgroup does */
	bool no_core_handler;   /* RLIMIT_CORE is 1 byte: no handler of the host's runs on crashes */
	uint64_t nproc_limit;   /* RLIMIT_NPROC in place of a pids controller; 0: none */
	const struct sock_filter *filter; /* compiled seccomp; NULL: none */
	size_t filter_count;
	int landlock_abi;       /* of this machine, 0: none; if plan_reads_landlock_abi() */
	const char *root_src;   /* of a spec with a root: absolute, without links; NULL: as it says */
	const struct plan_source *sources; /* per spec mount; NULL: as the spec says (explain) */
	const struct plan_linked *linked; /* shown again where the links lead */
	size_t linked_count;
	int resolv_fd, hosts_fd, hostname_fd; /* memfds, read from their start: the contents of
				 * /etc/resolv.conf, /etc/hosts, /etc/hostname; -1: the root's own */
	const char *resolv_dst, *hosts_dst, *hostname_dst; /* where the root's links of these names
				 * lead, in a private directory; NULL: they are no such links */
	const char *home, *home_real; /* of the caller, as passwd has it and without links; NULL: none */
	int home_tree_fd;       /* a detached mount of it, for NIDUS_HOME_RW; -1: by path */
	bool has_var_run;       /* the host's /var/run is a directory, no link to /run */
	const struct plan_closed *closed; /* for plan_closes_sockets() */
	size_t closed_count;
	const struct cg *groups; /* of the sandbox; NULL: none */
	bool has_bare_sys;      /* the root has an empty directory /sys */
	uint64_t ram_bytes;     /* of this machine; 0: unknown, nothing is bounded by it */
	const int *hold_fds;    /* for init to keep open, in any order */
	size_t hold_fd_count;
};

struct plan {
	void *bytes; /* malloc'ed; plan_free */
	size_t size;
};

#define PLAN_LANDLOCK_ABI 6 /* the newest that this code knows: Linux 6.12 */

/* A context with nothing opened, on a machine that has everything: for explain and tests. */
void plan_context_init(struct plan_context *context, const struct ids *ids);

/*
 * Makes the plan of a checked spec. Fault: STEP_PLAN with E2BIG, ENOMEM, or
 * ENOENT for a relative source without host_cwd; STEP_LANDLOCK with EOPNOTSUPP;
 * STEP_EXEC with ENOENT if PATH has no directory to look in; STEP_OPTIONS for what
 * turns out to be impossible only with the context.
 */
int plan_make(const struct nidus_spec *spec, const struct plan_context *context, struct plan *plan,
	      struct fault *fault);
void plan_free(struct plan *plan);

/*
 * True when the network namespace is made inside (PLAN_MAKE_NET), and not with that of init.
 * Only one that nobody outside has to reach before the workload runs.
 */
bool plan_makes_net(const struct nidus_spec *spec);

/* Where a command without a slash is looked for: PATH of the workload. */
const char *plan_search_path(const struct nidus_spec *spec);

/* True when `path` of the host is not seen inside because it lies in a hidden home. */
bool plan_hides(const struct nidus_spec *spec, const struct plan_context *context,
		const char *path);

/* True when sockets of the host are closed: in the default view, without a root that was given. */
bool plan_closes_sockets(const struct nidus_spec *spec);

#define PLAN_PRIVATE_MAX 8

/*
 * The directories that are private inside, homes aside, and that no operation of the spec
 * covers. Returns how many.
 */
size_t plan_private_dirs(const struct nidus_spec *spec, const char *dirs[PLAN_PRIVATE_MAX]);

/* True when `path` lies in one of them or in a hidden home. */
bool plan_is_private(const struct nidus_spec *spec, const struct plan_context *context,
		     const char *path);

/*
 * False when `path` of the host is not seen inside anyway, since it is private, or is the
 * caller's own business: an operation of the spec covers it.
 */
bool plan_shows(const struct nidus_spec *spec, const struct plan_context *context,
		const char *path);

/* True when what Landlock can do here decides what is in the plan. */
bool plan_reads_landlock_abi(const struct nidus_spec *spec);

/* The host name that the sandbox gets; NULL if its uts namespace is another's. */
const char *plan_hostname(const struct nidus_spec *spec);

#endif
