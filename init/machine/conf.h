/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.conf, from bytes to one struct of fixed size. Nothing is opened or looked up;
 * errors are printed. nidus-machine.conf(5) describes the language.
 */
#ifndef NIDUS_INIT_MACHINE_CONF_H
#define NIDUS_INIT_MACHINE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/program.h"

#define CONF_TEXT_MAX 65536  /* bytes of the file */
#define CONF_LINE_MAX 4096   /* bytes of one line */
#define CONF_LINE_WORDS 64
#define CONF_WORDS_MAX 1024  /* in all exec and shell lines together */
#define CONF_SERVICES_MAX 32
#define CONF_MOUNTS_MAX 32
#define CONF_LIST_MAX 32     /* setenv lines, and writable paths, for each service */
#define CONF_NAME_MAX 31     /* characters in the name of a service */
#define CONF_SHELL_NAME "init.shell" /* not a valid service name */
#define CONF_READY_FD_MAX 63

enum conf_end {
	END_NONE, /* stay; ignore */
	END_POWEROFF,
	END_REBOOT,
	END_HALT,
};

enum conf_respawn {
	RESPAWN_ALWAYS,
	RESPAWN_ON_FAILURE,
	RESPAWN_NEVER,
};

enum conf_ready {
	READY_EXEC,
	READY_EXIT,
	READY_FD,
};

struct conf_list {
	unsigned count;
	const char *words[CONF_LIST_MAX + 1]; /* private.c adds one */
};

struct conf_service {
	const char *name;
	uint8_t respawn, on_give_up, ready, ready_fd, stop_signal;
	bool private;
	bool terminal;             /* gets the console as its controlling terminal */
	const char *user;
	const char *output;        /* "console", "null" or a path */
	uint64_t backoff_us, backoff_max_us;
	uint64_t grace_us;
	uint64_t ready_us;         /* how long the next service waits */
	uint64_t limit;            /* starts in a row; 0: no limit */
	uint64_t memory, pids;     /* bytes, processes; 0: no limit */
	uint64_t cpus;             /* millionths of a cpu; 0: no limit */
	uint32_t seen;             /* while parsing: directives that were given, bits of conf.c */
	unsigned line;
	struct program program;    /* argv, chdir, seccomp, drop_caps, no_new_privs */
	struct conf_list env, writable;
};

struct conf_mount {
	const char *source, *target, *type, *options;
};

struct machine_conf {
	/* argv is NULL without a shell; env and grace are the defaults of all services. */
	struct conf_service shell;
	const char *hostname;
	const char *console; /* NULL: the default */
	unsigned mount_count, service_count, word_count;
	uint8_t ctrl_alt_del, when_done;
	struct conf_service services[CONF_SERVICES_MAX + 1]; /* one more, parsed for its errors */
	struct conf_mount mounts[CONF_MOUNTS_MAX + 1]; /* the same */
	char *words[CONF_WORDS_MAX];
};

/* The defaults; no service yet. Needs: zeroes. */
void conf_begin(struct machine_conf *conf);

/* The defaults of a service. */
void conf_begin_service(struct conf_service *service, const char *name);

/*
 * Parses `text` (`len` bytes and a NUL) in place: the conf points into it. Each error is
 * printed as one line (tell.h), "FILE:12: …"; returns the number of errors. Needs:
 * conf_begin.
 */
unsigned conf_parse(struct machine_conf *conf, char *text, size_t len, const char *file);

/*
 * conf_words.c: splits a line in place into words and a NULL. Returns NULL, or a text
 * that says what is wrong.
 */
const char *conf_split(char *line, char *words[CONF_LINE_WORDS + 1]);

#endif
