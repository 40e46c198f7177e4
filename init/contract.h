/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract between the spawner and nidus-init. Both sides include this file
 * and nothing else of the other side.
 *
 *   spawner                                   nidus-init (PID 1 of the sandbox)
 *   -------                                   ---------------------------------
 *   all signals blocked
 *   clone3(namespaces, PIDFD, INTO_CGROUP) -> child of the spawner's image:
 *                                             ambient capabilities, descriptors,
 *                                             execveat(sealed memfd)
 *   id maps, v1 cgroup.procs, network         decode plan (bounds first)
 *   control: GO ----------------------------> execute the plan, stage by stage
 *            <------------------- report: HELD (only where the plan holds)
 *   control: RELEASE ----------------------->
 *                                             fork; the child confines itself,
 *                                             execveat(workload), close-on-exec
 *            <------------------ report: READY   pipe shows that it succeeded
 *   control: SIGNAL, STOP, KILL, RESUME ----> forward, end, continue
 *            <------- report: STOPPED, LIMIT     as it happens
 *            <----------------- report: EXITED   everything reaped; init exits
 *
 * At any point instead: report FAULT (step, errno, object, the mount it is about),
 * then init exits, and with it everything inside.
 * EOF on the control socket means that the spawner is gone: init kills all and
 * exits, unless PLAN_OUTLIVE_PARENT. EOF on the report pipe means that init is.
 *
 * The init is started as `nidus-init --sandbox PLAN,CONTROL,REPORT`: the descriptors of the
 * plan's memfd, which is complete and sealed before GO, and of the two channels. The plan
 * names every other descriptor that init may use; each has the same number as in the
 * spawner and is not close-on-exec.
 *
 * All integers are in host byte order (both sides run on one machine), all
 * reserved bytes zero, all sizes asserted. Offsets count from the plan's start.
 */
#ifndef NIDUS_CONTRACT_H
#define NIDUS_CONTRACT_H

#include <assert.h>
#include <stdint.h>

#include "fault.h"

#define CONTRACT_VERSION 4

/* The kernel floor: mount_setattr (5.12), cgroup.kill (5.14). Checked at start. */
#define KERNEL_FLOOR_MAJOR 5
#define KERNEL_FLOOR_MINOR 14

/*
 * The steps of a launch, in order; a fault names one. spawn/report/fault.c has the names
 * that people see. Values are part of the wire format.
 */
enum step {
	STEP_NONE = 0,
	/* spawner, before there is a process */
	STEP_OPTIONS,  /* command line or spec refused */
	STEP_KERNEL,   /* kernel older than the floor, or lacks what was asked for */
	STEP_STATE,    /* state directory, lock, name, journal */
	STEP_LOCK_FILE,
	STEP_CGROUP,
	STEP_SECCOMP,  /* compile a profile (spawner), install it (init) */
	STEP_PLAN,     /* make (spawner) or decode (init) the plan */
	STEP_INIT_IMAGE,
	STEP_NETWORK,
	/* between clone and go */
	STEP_CLONE,
	STEP_EXEC_INIT,
	STEP_ID_MAP,
	STEP_HANDSHAKE,
	/* init, stage by stage: also the values of --hold */
	STEP_NAMESPACES, /* cgroup namespace, propagation */
	STEP_SOURCES,    /* clone the mount sources, still with the identity of the caller */
	STEP_IDENTITY,   /* become root of the user namespace */
	STEP_ROOT,       /* build the new root, operation by operation */
	STEP_PIVOT,      /* enter it, drop the old one */
	STEP_HOST,       /* hostname, loopback, sysctls */
	STEP_TTY,
	STEP_RLIMIT,
	STEP_LIMITS,     /* timers and monitors */
	STEP_FORK,
	STEP_USER,       /* in the workload's process from here: ids, capabilities */
	STEP_CHDIR,
	STEP_LANDLOCK,
	STEP_EXEC,
	/* after ready */
	STEP_WATCH,
	STEP_CLEANUP,
	STEP_COUNT
};

/* ---- the plan ---- */

#define PLAN_MAGIC 0x3150444eu /* "NDP1" */
#define PLAN_SIZE_MAX (4u << 20) /* bytes: ARG_MAX-sized argv + envp, with room */
#define PLAN_MOUNTS_MAX (PLAN_SIZE_MAX / 64) /* bytes are the bound: of a struct plan_mount */
#define PLAN_RLIMITS_MAX 16
#define PLAN_STRINGS_MAX 65536 /* argv or envp entries */
#define PLAN_SYSCTLS_MAX 32
#define PLAN_LANDLOCK_MAX 64
#define PLAN_FDS_MAX 64
#define PLAN_SECCOMP_MAX 4096 /* BPF_MAXINSNS: struct sock_filter each */
#define PLAN_EXEC_MAX 64 /* candidate paths of the command */

/* A run of bytes in the plan. The len of a string excludes the NUL that follows it. */
struct plan_ref {
	uint32_t off;
	uint32_t len;
};

/* An array in the plan: `count` elements of a fixed size, 8-byte aligned. */
struct plan_array {
	uint32_t off;
	uint32_t count;
};

/* plan_header.flags */
#define PLAN_OUTLIVE_PARENT   (1ull << 0)  /* EOF on control is not the end */
#define PLAN_NEW_SESSION      (1ull << 1)  /* the workload calls setsid */
#define PLAN_TTY              (1ull << 2)  /* a pty from the sandbox's devpts; its master goes to the spawner by SCM_RIGHTS over control, before READY */
#define PLAN_FOREGROUND       (1ull << 3)  /* the workload's group takes the terminal at tty_fd */
#define PLAN_AS_PID_1         (1ull << 4)  /* the workload is PID 1 of a pid namespace inside that of init */
#define PLAN_KEEP_GROUPS      (1ull << 5)  /* setgroups is denied here: do not call it */
#define PLAN_CWD_OPTIONAL     (1ull << 6)  /* if cwd can't be entered: / instead, and DEGRADED */
#define PLAN_NEW_CGROUP_NS    (1ull << 7)  /* unshare the cgroup namespace after GO */
#define PLAN_LOOPBACK         (1ull << 8)  /* bring up lo: a new network namespace */
#define PLAN_NO_ROOT          (1ull << 9)  /* no new mount namespace: leave the root alone */
#define PLAN_NO_NEW_PRIVS     (1ull << 10)
#define PLAN_NEW_USERNS       (1ull << 11) /* init was cloned into a new user namespace */
#define PLAN_NEW_KEYRING      (1ull << 12) /* join a fresh session keyring */
/*
 * The workload's process is forked before the root is built, and confines itself meanwhile.
 * Not with what it would have to do in the new root first: a terminal, Landlock, a hold, PLAN_AS_PID_1.
 */
#define PLAN_FORK_FIRST       (1ull << 13)
#define PLAN_MAKE_NET         (1ull << 14) /* with that: it makes the network namespace, which init joins */
#define PLAN_FLAGS_ALL        ((1ull << 15) - 1)

struct plan_header {
	uint32_t magic;
	uint16_t version;
	uint16_t header_size; /* sizeof(struct plan_header) */
	uint32_t size;        /* of the whole plan, bytes */
	uint32_t hold_step;   /* enum step before which to stop until RELEASE; 0 none */
	uint64_t flags;

	/* descriptors; -1 where absent */
	int32_t control_fd;   /* those that init was started with */
	int32_t report_fd;
	int32_t tty_fd;       /* the terminal of PLAN_FOREGROUND */
	int32_t cpu_usage_fd; /* cgroup file to read cpu time from; its form is cpu_usage_form */
	uint32_t cpu_usage_form; /* enum plan_cpu_form */
	uint32_t init_uid;    /* ids inside: of PID 1 after STEP_IDENTITY … */
	uint32_t init_gid;
	uint32_t work_uid;    /* … and of the workload */
	uint32_t work_gid;
	int32_t oom_score_adj; /* of the workload, 0..1000; 0: leave */

	uint64_t caps;        /* the workload's capabilities: bit n is CAP n */

	/* limits; 0 is none; microseconds on CLOCK_MONOTONIC */
	uint64_t wall_us;
	uint64_t cpu_us;
	uint64_t grace_us;           /* from TERM to KILL */
	uint64_t memory_bytes;       /* for init's own monitor: only where no cgroup limits it */
	uint64_t memory_interval_us;

	struct plan_ref hostname;    /* len 0: leave */
	struct plan_ref cwd;
	struct plan_array exec;      /* struct plan_ref: candidate paths, in order (PATH search) */
	struct plan_array argv;      /* struct plan_ref */
	struct plan_array envp;      /* struct plan_ref, "K=V" */
	struct plan_array mounts;    /* struct plan_mount, in order; the first makes the root */
	struct plan_array rlimits;   /* struct plan_rlimit */
	struct plan_array sysctls;   /* struct plan_sysctl */
	struct plan_array landlock;  /* struct plan_landlock */
	struct plan_array seccomp;   /* struct sock_filter (8 bytes each) */
	struct plan_array pass_fds;  /* int32_t, ascending: descriptors > 2 the workload inherits */
	struct plan_array hold_fds;  /* int32_t, ascending: kept open by init until it exits (locks, --sync-fd) */

	uint64_t landlock_fs;        /* handled access rights (linux/landlock.h); 0: no Landlock */
	uint64_t landlock_net;
	uint64_t landlock_scoped;
	uint64_t signal_mask;        /* the workload's: bit n-1 is signal n, as rt_sigprocmask has it */
	uint32_t watch_uid;          /* of PID 1 from the fork on: not the workload's, where … */
	uint32_t watch_gid;          /* … another id is mapped */
	uint64_t scratch_bytes;      /* of the tmpfs that all SCRATCH directories share; 0: the kernel's default */
	uint64_t scratch_inodes;     /* 0: the same */
	uint16_t tty_rows, tty_cols; /* PLAN_TTY: its size; 0: unknown */
	uint32_t reserved[1];
};

static_assert(sizeof(struct plan_header) == 272, "plan header layout");

enum plan_cpu_form {
	PLAN_CPU_NONE = 0, /* init sums /proc and its reaped children */
	PLAN_CPU_STAT,     /* v2 cpu.stat: the line "usage_usec N" */
	PLAN_CPU_ACCT,     /* v1 cpuacct.usage: nanoseconds */
};

enum plan_mount_kind {
	PLAN_MOUNT_BIND = 1,  /* src (path or fd) onto dst */
	PLAN_MOUNT_TMPFS,     /* one of its own: size, mode, uid, gid */
	PLAN_MOUNT_SCRATCH,   /* an empty directory of the tmpfs that these share: mode, uid, gid */
	PLAN_MOUNT_PROC,
	PLAN_MOUNT_DEVPTS,
	PLAN_MOUNT_MQUEUE,
	PLAN_MOUNT_OVERLAY,   /* over the LAYERs since the last overlay; src upper, src2 work */
	PLAN_MOUNT_LAYER,     /* src: a lower directory of the next OVERLAY, top first */
	PLAN_MOUNT_DIR,       /* mkdir -p dst, mode, uid, gid */
	PLAN_MOUNT_FILE,      /* fd's content becomes the file dst, mode, uid, gid */
	PLAN_MOUNT_DATA,      /* fd's content becomes a private file, bound onto dst */
	PLAN_MOUNT_SYMLINK,   /* dst -> src */
	PLAN_MOUNT_CHMOD,     /* dst, mode */
	PLAN_MOUNT_REMOUNT_RO,/* the mount at dst alone, not those below it */
	PLAN_MOUNT_MASK,      /* hide dst: /dev/null over a file, an empty ro tmpfs over a directory; one that is missing must be on a read-only mount */
	PLAN_MOUNT_READONLY,  /* bind dst onto itself, read-only, recursively */
	PLAN_MOUNT_KIND_END
};

/* plan_mount.flags */
#define PLAN_MOUNT_F_RDONLY    (1u << 0)
#define PLAN_MOUNT_F_NOSUID    (1u << 1)
#define PLAN_MOUNT_F_NODEV     (1u << 2)
#define PLAN_MOUNT_F_NOEXEC    (1u << 3)
#define PLAN_MOUNT_F_RECURSIVE (1u << 4) /* BIND: with the mounts below src */
#define PLAN_MOUNT_F_TRY       (1u << 5) /* a missing src is not an error: leave the operation out */
#define PLAN_MOUNT_F_OPTIONAL  (1u << 6) /* a dst that is missing, or that init can't reach, is not an error: leave the
					  * operation out, create nothing */
#define PLAN_MOUNT_F_TREE_FD   (1u << 7) /* fd is a detached mount (open_tree): BIND, ready to move; LAYER, the layer; OVERLAY, where src and src2 are */
#define PLAN_MOUNT_F_PIN_FD    (1u << 8) /* BIND: src is a path that must be the same inode as fd */
#define PLAN_MOUNT_F_TMP_UPPER (1u << 9) /* OVERLAY: upper and work on a tmpfs of its own */
#define PLAN_MOUNT_F_BELOW     (1u << 10) /* dst is below that of the last PROC or SCRATCH without this flag: it is
					   * looked up from the mount made there, not from the root again */
#define PLAN_MOUNT_F_NO_LINKS  (1u << 11) /* dst has no symbolic link in it: one is not followed */
#define PLAN_MOUNT_F_REPORT    (1u << 12) /* DATA, OPTIONAL: DEGRADED where it is left out */
#define PLAN_MOUNT_F_ALL       ((1u << 13) - 1)

struct plan_mount {
	uint32_t kind;  /* enum plan_mount_kind */
	uint32_t flags;
	int32_t fd;     /* -1: none */
	uint32_t mode;  /* permission bits, 07777 */
	uint32_t uid;   /* owner inside; for an OVERLAY with TMP_UPPER, mode and owner of its root */
	uint32_t gid;
	uint64_t size;  /* bytes, of a tmpfs; 0: the kernel's default */
	struct plan_ref src;
	struct plan_ref src2;
	struct plan_ref dst; /* absolute, in the new root */
	uint32_t option; /* the spawner's: init copies both into a fault about this operation */
	uint32_t index;
};

static_assert(sizeof(struct plan_mount) == PLAN_SIZE_MAX / PLAN_MOUNTS_MAX, "plan mount layout");

struct plan_rlimit {
	uint32_t resource; /* RLIMIT_* */
	uint32_t reserved;
	uint64_t soft;
	uint64_t hard;
};

static_assert(sizeof(struct plan_rlimit) == 24, "plan rlimit layout");

struct plan_sysctl {
	struct plan_ref name; /* path below /proc/sys: "net/ipv4/ping_group_range" */
	struct plan_ref value;
};

static_assert(sizeof(struct plan_sysctl) == 16, "plan sysctl layout");

enum plan_landlock_kind {
	PLAN_LANDLOCK_PATH = 1, /* path beneath which `access` is allowed */
	PLAN_LANDLOCK_PORT,     /* TCP port on which `access` is allowed */
};

struct plan_landlock {
	uint32_t kind;
	uint32_t port;
	uint64_t access; /* LANDLOCK_ACCESS_FS_* or _NET_* */
	struct plan_ref path;
};

static_assert(sizeof(struct plan_landlock) == 24, "plan landlock layout");

/* ---- control: spawner to init, SOCK_SEQPACKET, one struct a message ---- */

#define CONTROL_MAGIC 0x3143444eu /* "NDC1" */

enum control_kind {
	CONTROL_GO = 1,
	CONTROL_RELEASE,  /* leave the hold */
	CONTROL_SIGNAL,   /* arg: signal for the workload's process group */
	CONTROL_STOP,     /* end everything: TERM, grace, KILL */
	CONTROL_KILL,     /* end everything at once; arg: enum limit_kind that asks for it, or 0 */
	CONTROL_RESUME,   /* arg: 1 when the workload gets the terminal; SIGCONT to its group */
	CONTROL_EXEC,     /* reserved: start a further program, plan memfd by SCM_RIGHTS */
	CONTROL_KIND_END
};

struct control {
	uint32_t magic;
	uint32_t kind;
	uint32_t arg;
	uint32_t reserved;
};

static_assert(sizeof(struct control) == 16, "control layout");

/* ---- reports: init to spawner, a pipe, one struct a write ---- */

#define REPORT_MAGIC 0x3152444eu /* "NDR1" */

enum report_kind {
	REPORT_FAULT = 1, /* u.fault: the start failed, or after READY a limit can't be
			     enforced any more; init exits next */
	REPORT_HELD,      /* u.held.step */
	REPORT_READY,     /* u.ready */
	REPORT_STOPPED,   /* u.stopped: the workload stopped (job control); the next one comes
			     only after a RESUME, or a SIGNAL of SIGCONT */
	REPORT_LIMIT,     /* u.limit: a limit was hit, the end has begun */
	REPORT_EXITED,    /* u.exited; init exits next */
	REPORT_DEGRADED,  /* u.fault: not available, the plan allowed going on */
	REPORT_KIND_END
};

enum limit_kind {
	LIMIT_NONE = 0,
	LIMIT_WALL,   /* microseconds */
	LIMIT_CPU,    /* microseconds */
	LIMIT_MEMORY, /* bytes */
	LIMIT_KIND_END
};

struct report {
	uint32_t magic;
	uint16_t version;
	uint16_t kind;
	uint64_t at_us; /* CLOCK_MONOTONIC, microseconds */
	union {
		struct fault fault;
		struct {
			uint32_t step;
		} held;
		struct {
			uint32_t pid; /* as the sandbox numbers it */
		} ready;
		struct {
			uint32_t signal;
		} stopped;
		struct {
			uint32_t kind; /* enum limit_kind */
			uint32_t reserved;
			uint64_t used;
			uint64_t limit;
		} limit;
		struct {
			uint32_t code;   /* si_code of the workload's end: CLD_EXITED, CLD_KILLED, CLD_DUMPED */
			uint32_t status; /* exit code or signal */
			uint32_t limit;  /* enum limit_kind that ended it, 0 none */
			uint32_t by_stop;/* 1: CONTROL_STOP or CONTROL_KILL began the end */
			uint64_t cpu_user_us; /* of all that was reaped */
			uint64_t cpu_sys_us;
			uint64_t max_rss_bytes; /* largest single process */
			uint64_t memory_peak;   /* the monitor's; 0 where it did not run */
			uint64_t zombies_reaped;/* processes other than the workload */
		} exited;
		uint8_t bytes[456];
	} u;
};

static_assert(sizeof(struct report) == 472, "report layout");

#endif
