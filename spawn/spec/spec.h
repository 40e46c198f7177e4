/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec: what was asked for, in words of sandboxes. Every front end (the
 * `run` options, a config file, a program using the library) fills one; nothing
 * here knows a command line. Three steps, three functions:
 *
 *     nidus_spec_init   the defaults: what `nidus run COMMAND` means
 *     (the front end fills the fields and appends with nidus_spec_add_…)
 *     nidus_spec_check  validation; pure; after it the spec is const
 *
 * Strings and arrays belong to the spec's arena (nidus_spec_strdup copies into
 * it) or outlive the spec; nidus_spec_free frees all of the arena at once.
 */
#ifndef NIDUS_SPEC_H
#define NIDUS_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/fault.h"
#include "../../net/net.h"
#include "arena.h"
#include "option.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NIDUS_NAME_MAX 64   /* of a sandbox's name: [A-Za-z0-9][A-Za-z0-9_.-]* */
#define NIDUS_LABELS_MAX 64
#define NIDUS_ID_RANGES_MAX 8
#define NIDUS_UNSET UINT64_MAX

/* File operations, in the order given. Destinations are absolute paths inside. */
enum nidus_mount_kind {
	NIDUS_BIND,        /* src -> dst; writable unless read_only */
	NIDUS_BIND_FD,     /* the directory or file open at fd -> dst; src: the path that
			    * /proc/self/fd/FD links to, read by the front end */
	NIDUS_TMPFS,       /* perms, size */
	NIDUS_PROC,
	NIDUS_DEV,         /* a private /dev: six nodes, pts, shm, the usual links */
	NIDUS_MQUEUE,
	NIDUS_DIR,         /* perms */
	NIDUS_FILE,        /* content read from fd; perms */
	NIDUS_BIND_DATA,   /* content read from fd, bound over dst; read_only; perms */
	NIDUS_SYMLINK,     /* dst becomes a link to src */
	NIDUS_CHMOD,       /* dst, perms */
	NIDUS_REMOUNT_RO,
	NIDUS_OVERLAY_SRC, /* src: a lower layer of the next overlay, bottom first */
	NIDUS_OVERLAY,     /* src: upper, src2: work -> dst */
	NIDUS_TMP_OVERLAY,
	NIDUS_RO_OVERLAY,
	NIDUS_DENY,        /* hides dst; one that is missing must be where nothing can be made */
};

struct nidus_mount {
	enum nidus_mount_kind kind;
	const char *src;
	const char *src2;
	const char *dst;
	int fd;             /* -1: none; the caller keeps owning it */
	int perms;          /* 0..07777; -1: the kind's default */
	uint64_t size;      /* bytes of a tmpfs; 0: default */
	bool read_only;
	bool devices;       /* device nodes work */
	bool optional;      /* a missing src is no error */
	const char *word;   /* what the front end calls this operation; NULL: its kind */
};

/* /root, all of /home, and the home that the caller's line of /etc/passwd names. */
enum nidus_home {
	NIDUS_HOME_AUTO, /* hidden where the root is the default view, else as the root has them */
	NIDUS_HOME_HIDE, /* empty; the caller's own is the workload's */
	NIDUS_HOME_RO,   /* as the root has them */
	NIDUS_HOME_RW,   /* the caller's own is bound writable, the others are read-only */
};

enum nidus_userns {
	NIDUS_USERNS_AUTO, /* root: a range per sandbox; user: sub-ids or the caller's own id */
	NIDUS_USERNS_KEEP, /* new namespace, the caller's ids mapped onto themselves */
	NIDUS_USERNS_HOST, /* no new one: ids inside are ids outside */
	NIDUS_USERNS_MAP,  /* as in uid_map/gid_map */
};

struct nidus_id_range {
	uint32_t inside, outside, count;
};

/* Namespaces, as a mask for share[] and join[]. */
enum nidus_ns { NIDUS_NS_USER, NIDUS_NS_MNT, NIDUS_NS_PID, NIDUS_NS_NET, NIDUS_NS_IPC,
		NIDUS_NS_UTS, NIDUS_NS_CGROUP, NIDUS_NS_TIME, NIDUS_NS_COUNT };

enum nidus_seccomp { NIDUS_SECCOMP_DEFAULT, NIDUS_SECCOMP_NONE, NIDUS_SECCOMP_FILE };
enum nidus_net { NIDUS_NET_NONE, NIDUS_NET_HOST, NIDUS_NET_NAT, NIDUS_NET_USER, NIDUS_NET_PATH };

struct nidus_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard; /* RLIM_INFINITY: unlimited */
};

/* One landlock rule. */
enum nidus_landlock_kind { NIDUS_LANDLOCK_RO, NIDUS_LANDLOCK_RW, NIDUS_LANDLOCK_RX,
			   NIDUS_LANDLOCK_BIND_TCP, NIDUS_LANDLOCK_CONNECT_TCP };
struct nidus_landlock {
	enum nidus_landlock_kind kind;
	const char *path;
	uint16_t port;
};

struct nidus_label {
	const char *key, *value;
};

struct nidus_timeline; /* nidus.h */

struct nidus_spec {
	struct arena arena;

	/*
	 * What the front end calls its options, for faults, events and reports: an array of
	 * NIDUS_OPTION_COUNT words. NULL, also of one word: the field's name.
	 */
	const char *const *option_words;

	/* command: argv[0] is looked up in PATH of the workload's environment */
	char **argv;  /* NULL-terminated */
	size_t argc;
	char **envp;  /* NULL-terminated "K=V"; init copies the caller's environ */
	size_t envc;
	size_t inherited_envc; /* the first ones: the caller's, not set on purpose */
	bool home_set; /* HOME was set, unset or cleared on purpose: the plan leaves it alone */

	/* files */
	const char *root;   /* NULL: a read-only view of the host's / */
	bool default_mounts;/* private /proc /dev /tmp /run /var/tmp and /dev/shm; default true */
	enum nidus_home home;
	struct nidus_mount *mounts;
	size_t mount_count;

	/* identity */
	enum nidus_userns userns;
	struct nidus_id_range *id_ranges; /* NIDUS_USERNS_MAP: for uids and gids alike */
	size_t id_range_count;
	bool has_user;
	uint32_t uid, gid;  /* inside */
	const char *hostname; /* NULL: the sandbox's name, else "nidus" */
	uint64_t caps;      /* to keep in the workload; default 0 */
	enum nidus_seccomp seccomp;
	const char *seccomp_file;
	bool nest;          /* sandboxes can be made inside: user namespaces, mounts, a new /proc */
	uint32_t share;     /* bit 1 << NIDUS_NS_X: stay in the caller's */
	const char *join[NIDUS_NS_COUNT]; /* path of a namespace to join; NULL none */
	struct nidus_landlock *landlock;
	size_t landlock_count;

	/* process */
	const char *cwd;    /* NULL: the caller's if it exists inside, otherwise / */
	bool new_session, tty, as_pid_1, outlive_parent;
	uint16_t tty_rows, tty_cols; /* with tty: its size; 0: unknown */
	uint64_t signal_mask; /* blocked in the workload, bit n-1 for signal n; default: what the
				 caller blocked when the spec was initialized */
	uint64_t signals_ignored; /* the same of signals that the workload finds ignored */
	int *pass_fds;      /* descriptors > 2 that the workload inherits under the same numbers */
	size_t pass_fd_count;

	/* limits; 0: none */
	uint64_t memory_bytes;
	uint64_t swap_bytes;      /* on top of memory; NIDUS_UNSET: not asked for */
	uint64_t millicpus;
	uint64_t pids;
	const char *cpuset;       /* "0-2,5"; NULL */
	uint32_t io_weight;       /* 1..10000 */
	uint64_t wall_us, cpu_us;
	uint64_t grace_us;        /* default 2 s */
	uint64_t memory_interval_us; /* default 100 ms */
	struct nidus_rlimit *rlimits;
	size_t rlimit_count;
	bool best_effort;         /* degraded events instead of errors */

	/* network */
	enum nidus_net net;
	const char *net_path;     /* NIDUS_NET_PATH: of a network namespace */
	struct net_options net_options; /* NIDUS_NET_NAT and _USER; arrays in the arena */

	/* lifecycle */
	const char *name;         /* NULL: none */
	struct nidus_label *labels;
	size_t label_count;
	const char *lock_file;
	uint64_t lock_wait_us;
	uint32_t hold_step;       /* enum step, contract.h; 0 none */
	int block_fd, sync_fd, info_fd; /* -1: none */
	bool usage_unread;        /* nobody asks what it used: without limits, groups aren't read for it */
	struct nidus_timeline *timeline; /* filled in as it happens; NULL: not wanted */
	int events_fd, report_fd; /* -1: none; JSON lines, and one JSON object at the end */
	int init_fd;              /* another nidus-init, open for reading; -1: the embedded one */
	int stdio[3];             /* what becomes 0, 1, 2 inside; default 0, 1, 2 */
	bool terminal;            /* share the caller's terminal, which stdio[0] is */
	bool foreground;          /* … and have its foreground from the start */
};

/* The defaults. Copies the caller's environment. -1 with ENOMEM. */
int nidus_spec_init(struct nidus_spec *spec);

char *nidus_spec_strdup(struct nidus_spec *spec, const char *text);

/*
 * Appenders: copy the struct (not the strings; setenv copies) into the spec. A limit or
 * label given again replaces the earlier one. -1 with ENOMEM, with EINVAL for a name of a
 * variable that is empty or has a '=', and with E2BIG for more than NET_DNS_MAX name
 * servers.
 */
int nidus_spec_add_mount(struct nidus_spec *spec, const struct nidus_mount *mount);
int nidus_spec_add_rlimit(struct nidus_spec *spec, const struct nidus_rlimit *rlimit);
int nidus_spec_add_label(struct nidus_spec *spec, const char *key, const char *value);
int nidus_spec_add_landlock(struct nidus_spec *spec, const struct nidus_landlock *rule);
int nidus_spec_add_id_range(struct nidus_spec *spec, const struct nidus_id_range *range);
int nidus_spec_add_pass_fd(struct nidus_spec *spec, int fd);
int nidus_spec_add_publish(struct nidus_spec *spec, const struct net_publish *publish);
int nidus_spec_add_net_rule(struct nidus_spec *spec, const struct net_rule *rule);
int nidus_spec_add_host_port(struct nidus_spec *spec, uint16_t port);
int nidus_spec_add_dns(struct nidus_spec *spec, const struct ip_addr *addr);
int nidus_spec_set_argv(struct nidus_spec *spec, char *const *argv, size_t argc);
int nidus_spec_setenv(struct nidus_spec *spec, const char *key, const char *value);
int nidus_spec_unsetenv(struct nidus_spec *spec, const char *key);
int nidus_spec_clearenv(struct nidus_spec *spec);
/* Of what is there, only PATH, HOME, TERM, LANG and USER stay. -1 with ENOMEM. */
int nidus_spec_cleanenv(struct nidus_spec *spec);

/*
 * Validates: every value in its range, no two that exclude each other, names
 * well-formed. Pure: opens and touches nothing. The fault's option is the field, its
 * object the option in the front end's words with its value, and why says what is
 * allowed ("io_weight 20000", "must be 1 to 10000"); its errno is EINVAL, or E2BIG
 * for too much of something. No value of an environment variable is in it.
 */
int nidus_spec_check(const struct nidus_spec *spec, struct fault *fault);

void nidus_spec_free(struct nidus_spec *spec);

#ifdef __cplusplus
}
#endif

#endif
