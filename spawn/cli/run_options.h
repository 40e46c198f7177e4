/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of `nidus run`: one table of names (run_table.c), one loop that
 * takes arguments apart (run_options.c), one switch that says what each does
 * (run_set.c), with the values that need more than an assignment in a file a group
 * (run_set.h). Nothing here opens or changes anything outside of spec and request.
 */
#ifndef NIDUS_CLI_RUN_OPTIONS_H
#define NIDUS_CLI_RUN_OPTIONS_H

#include "cli.h"

#define RUN_VALUES_MAX 3 /* --overlay RWSRC WORKDIR DEST */

enum run_option_id {
	/* files */
	RUN_ROOT, RUN_HOME, RUN_BIND, RUN_BIND_TRY, RUN_RO_BIND, RUN_RO_BIND_TRY, RUN_DEV_BIND,
	RUN_DEV_BIND_TRY, RUN_BIND_FD, RUN_RO_BIND_FD, RUN_TMPFS, RUN_PROC, RUN_DEV, RUN_MQUEUE,
	RUN_DIR, RUN_FILE, RUN_BIND_DATA, RUN_RO_BIND_DATA, RUN_SYMLINK, RUN_CHMOD, RUN_PERMS,
	RUN_SIZE, RUN_REMOUNT_RO, RUN_DENY_PATH, RUN_OVERLAY_SRC, RUN_OVERLAY, RUN_TMP_OVERLAY, RUN_RO_OVERLAY,
	/* identity */
	RUN_USER, RUN_USERNS, RUN_HOSTNAME, RUN_CAP_ADD, RUN_CAP_DROP, RUN_SECCOMP, RUN_NEST,
	RUN_LANDLOCK_RO, RUN_LANDLOCK_RW, RUN_LANDLOCK_RX, RUN_LANDLOCK_BIND_TCP,
	RUN_LANDLOCK_CONNECT_TCP, RUN_SHARE, RUN_JOIN,
	/* process */
	RUN_CHDIR, RUN_CWD, RUN_SETENV, RUN_UNSETENV, RUN_CLEARENV, RUN_CLEAN_ENV, RUN_NEW_SESSION, RUN_TTY, RUN_AS_PID_1,
	RUN_ARGS, RUN_PROFILE, RUN_OUTLIVE_PARENT, RUN_PASS_FD,
	/* limits */
	RUN_MEMORY, RUN_SWAP, RUN_CPUS, RUN_CPUSET, RUN_IO_WEIGHT, RUN_PIDS, RUN_TIMEOUT,
	RUN_CPU_TIME, RUN_GRACE, RUN_MEMORY_INTERVAL, RUN_RLIMIT, RUN_LIMITS_MODE,
	/* network */
	RUN_NET, RUN_PUBLISH, RUN_NET_ALLOW, RUN_NET_DENY, RUN_NET_PEER, RUN_NET_HOST_PORTS, RUN_DNS,
	RUN_NET_POOL, RUN_NET_FORWARD,
	/* lifecycle */
	RUN_NAME, RUN_LABEL, RUN_DETACH, RUN_LOCK_FILE, RUN_LOCK_WAIT, RUN_EVENTS, RUN_REPORT,
	RUN_REPORT_STRICT,
	RUN_INFO_FD, RUN_BLOCK_FD, RUN_SYNC_FD, RUN_INIT, RUN_EXPLAIN, RUN_HOLD, RUN_LOG_LEVEL,
	RUN_LOG_FORMAT, RUN_HELP,
};

/* Which of an option's values are paths. */
#define RUN_PATH_1 (1u << 0)
#define RUN_PATH_2 (1u << 1)
#define RUN_PATH_3 (1u << 2)

struct run_option {
	const char *name; /* "--bind" */
	enum run_option_id id;
	unsigned int values; /* how many arguments follow */
	enum nidus_option word_for; /* the option of the spec that faults call by this name */
	const char *words; /* "default none": what the first value may be; NULL: no fixed words */
	unsigned int paths; /* RUN_PATH_… */
	const char *not_in_profile; /* why a profile must not have it; NULL: it may */
};

extern const struct run_option run_options[];
extern const size_t run_option_count;

struct run_parse {
	struct nidus_spec *spec;
	struct run_request *request;
	int perms;        /* --perms for the next operation; -1: none */
	uint64_t size;    /* --size for the next operation; 0: none */
	bool in_args;     /* within the arguments that --args has read */
	size_t arg_bytes; /* that --args has read so far */
	unsigned int pools; /* --net-pool on this layer, a bit a family (run_network.c) */

	/* profiles: a layer each, below the command line */
	const char *file;    /* that is being read; NULL: the command line */
	unsigned int line;
	unsigned int files;  /* that have been read so far */
};

/* The option of that name ("--bind"); NULL: there is none. */
const struct run_option *run_find_option(const char *name, size_t len);

/* Refuses a name that is no option, with the one that was meant where that can be seen. */
int run_refuse_unknown(struct fault *fault, const char *name, size_t len);

/* Refuses --perms and --size that no operation has followed. */
int run_check_waiting(const struct run_parse *parse, struct fault *fault);

/*
 * Reads the profiles that the arguments name, in order, and does what their lines say, before
 * the arguments themselves are taken: so these win (run_profile.c).
 */
int run_apply_profiles(struct run_parse *parse, int argc, char *const *argv, struct fault *fault);

/* Remembers what was set where, if there are profiles (run_origin.c). */
int run_origin_add(struct run_parse *parse, const struct run_option *option,
		   const char *const *values, struct fault *fault);

/* The setting that has replaced `origin`; NULL: it counts. */
const struct run_origin *run_origin_replaced(const struct run_request *request,
					     const struct run_origin *origin);

/* Does what the option asks for: to the spec, the request, or what waits in `parse`. */
int run_set(struct run_parse *parse, const struct run_option *option, const char *const *values,
	    struct fault *fault);

/*
 * Reads the NUL-separated arguments of --args from `fd` into the spec's arena
 * and closes it. *argv is NULL-terminated. Bounded in bytes and number.
 */
int run_read_args(struct run_parse *parse, int fd, char ***argv, int *argc, struct fault *fault);

/* Faults: "--option VALUE: why" with EINVAL, and no memory for an option. Both return -1. */
int run_refuse(struct fault *fault, const struct run_option *option, const char *value,
	       const char *why);
int run_no_memory(struct fault *fault, const struct run_option *option);

#endif
