/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drop-in role: an init that supervises one program and accepts the command lines of
 * tini, dumb-init and catatonit. Each command line is parsed into the same struct; all
 * code after that is shared.
 */
#ifndef NIDUS_INIT_WRAPPER_H
#define NIDUS_INIT_WRAPPER_H

#include <stdbool.h>
#include <stdint.h>

#define WRAPPER_SIGNALS 65 /* 1 to 64 */
#define WRAPPER_GO (-1)

/* The init whose command line, texts and exit codes apply; by the last component of argv[0]. */
enum personality {
	AS_NIDUS,     /* any other name */
	AS_TINI,      /* tini, tini-static, docker-init */
	AS_DUMB_INIT, /* dumb-init */
	AS_CATATONIT, /* catatonit */
};

enum restart {
	RESTART_NEVER,
	RESTART_ON_FAILURE, /* a status other than 0 (after -e), or a signal */
	RESTART_ALWAYS,
};

struct wrapper_options {
	enum personality as;
	enum restart restart;
	uint32_t restart_limit; /* starts in a row that fail to last; 0: no limit */

	/* messages */
	unsigned verbosity;  /* 0: errors; 1: warnings too; above that more messages */
	int ready_fd;        /* a newline once the program runs; -1: none */
	bool ready_notify;   /* the program reports readiness to NOTIFY_SOCKET */
	bool warn_reap;

	/* receivers of signals */
	bool group;          /* the process group of the program, not only the program */
	bool session;        /* dumb-init: a session of its own, which gets the terminal */
	bool single_child;   /* dumb-init -c: neither of the two */
	bool pause;          /* catatonit -P: no program */
	bool foreground;     /* the group of the program gets the terminal, if ours had it */
	bool subreaper;      /* -s; tried anyway if we are not PID 1 */

	/* the end */
	bool end_group;      /* dumb-init: TERM to the group when the program has ended */
	bool wait_all;
	bool kill_all;
	bool die_as_child;
	bool has_grace;      /* without --kill-all: KILL to the program after a TERM */

	/* confinement of the program (program.h) */
	bool drop_caps, no_new_privs;
	const char *user, *chdir, *seccomp;

	char **program;      /* in argv; NULL: pause mode */
	const char *name;    /* our own, in messages */
	const char *own;     /* argv[0] */
	const char *report;  /* PATH, or digits: a descriptor; NULL: none */
	int parent_death_signal; /* -p: sent to us when our parent dies */

	/* limits; 0: none */
	int memory_signal;   /* sent once, near the limit; 0: none */
	uint64_t timeout_us, cpu_us, memory_bytes;

	uint64_t grace_us;
	uint64_t pre_stop_us;/* from the arrival of TERM until it is passed on */
	uint32_t remap[8];   /* bit n: exit code n becomes 0 */
	uint8_t rewrite[WRAPPER_SIGNALS]; /* signal n is forwarded as this; 0: not at all */
};

/*
 * Reads the command line and the environment variables of the personality. Returns
 * WRAPPER_GO, or the status to exit with: help, version or a usage error has been
 * printed, which is its only side effect. `argv` is not changed; the options point into
 * it.
 */
int wrapper_parse(char **argv, char *const *envp, struct wrapper_options *options);

/* The role, from the command line to the exit. */
void wrapper_role(char **argv, char *const *envp) __attribute__((noreturn));

#endif
