/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libnidus: start a program in a sandbox and own it until nothing is left.
 *
 *     struct nidus_spec spec;
 *     nidus_spec_init(&spec); … nidus_spec_check(&spec, &fault);
 *     nidus_start(&spec, &sandbox, &fault);
 *     while (poll(nidus_fd(sandbox)), nidus_step(sandbox) != NIDUS_GONE)
 *             ;
 *     nidus_result(sandbox)->exit_code …
 *     nidus_free(sandbox);
 *
 * The readiness of one descriptor drives a sandbox: a caller may have thousands in
 * one event loop. No function prints, installs a signal handler, or changes state of
 * the whole process. Only one thread at a time may use a struct nidus_sandbox.
 */
#ifndef NIDUS_H
#define NIDUS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../init/fault.h"
#include "spec/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NIDUS_VERSION "0.1.0"

struct nidus_sandbox;

enum nidus_phase {
	NIDUS_STARTING, /* cloned; the init is at work */
	NIDUS_HELD,     /* waiting before the requested step; nidus_release continues */
	NIDUS_RUNNING,  /* ready: the workload's exec has succeeded */
	NIDUS_ENDING,   /* init has reported the end or died; resources are being removed */
	NIDUS_GONE,     /* nothing is left; the result is complete */
};

/* Why it ended: the words of the exit report. */
enum nidus_reason {
	NIDUS_EXITED, NIDUS_SIGNALED, NIDUS_WALL_TIMEOUT, NIDUS_CPU_TIMEOUT, NIDUS_OOM,
	NIDUS_PIDS_LIMIT, NIDUS_OUTPUT_LIMIT, NIDUS_START_ERROR, NIDUS_CANCELED,
	NIDUS_SPAWNER_LOST, NIDUS_INIT_LOST, NIDUS_INTERNAL, NIDUS_REASON_COUNT
};

/* A limit that is enforced in a weaker way than its name says, or left out as allowed. */
struct nidus_weaker {
	enum nidus_option option;
	const char *how; /* a literal: "watched, not limited: …" */
};

#define NIDUS_WEAKER_MAX 8 /* more limits than there are controllers */

/* Where memory_peak comes from. */
enum nidus_memory_source {
	NIDUS_MEMORY_UNKNOWN,
	NIDUS_MEMORY_CGROUP,  /* the kernel's counter of the whole sandbox */
	NIDUS_MEMORY_MONITOR, /* the largest sum that PID 1 saw */
	NIDUS_MEMORY_MAX_RSS, /* the largest single process: the whole may have been larger */
};

/* The contents of the exit report. NIDUS_UNSET: the machine could not measure it. */
struct nidus_result {
	enum nidus_reason reason;
	int exit_code;         /* what `nidus run` exits with: see nidus-run(1) */
	int signal;            /* 0: none */
	bool core_dumped;
	struct fault fault;    /* NIDUS_START_ERROR, NIDUS_INTERNAL */
	uint64_t setup_us, wall_us, cpu_user_us, cpu_sys_us;
	enum nidus_memory_source memory_source;
	uint64_t max_rss;      /* bytes of the largest single process; memory_peak is never less */
	uint64_t memory_peak, pids_peak, pids_max_hits, oom_kills, cpu_throttled_us;
	uint64_t zombies_reaped;
	uint64_t net_rx_bytes, net_tx_bytes; /* nat networks: as the sandbox saw them */
	uint32_t degraded;     /* number of degraded events */
	struct nidus_weaker weaker[NIDUS_WEAKER_MAX];
	size_t weaker_count;
	uint64_t events_lost;  /* that could not be written */
	int events_errno;      /* why the last of them */
	int report_errno;      /* why the report could not be written; 0: it was, or none was asked for */
	struct fault lost_cwd; /* STEP_CHDIR: why the workload started in / and not in the caller's
				* directory, which its view of the host should have had */
	bool cleaned;          /* false: something is left for `nidus gc` */
	struct fault cleanup;  /* then: what */
};

/* What a start and an end come to, in order of a default start; of spec->timeline. */
enum nidus_moment {
	NIDUS_AT_RECORD,  /* directory, lock, journal, name */
	NIDUS_AT_IDS,     /* the ids chosen */
	NIDUS_AT_GROUPS,  /* cgroups made, limits set */
	NIDUS_AT_CLONED,
	NIDUS_AT_SETTLED, /* PID 1 on record, in its groups, its id maps written */
	NIDUS_AT_SOURCES, /* what the view hides known, sources open: where these make descriptors
			   * for PID 1, before the clone */
	NIDUS_AT_PLAN,    /* the plan made and sealed */
	NIDUS_AT_GO,      /* the network attached, GO sent */
	NIDUS_AT_EXEC,    /* by the clock of init: the workload's exec is proven */
	NIDUS_AT_READY,   /* READY received */
	NIDUS_AT_EXITED,  /* by the clock of init: everything inside has been reaped */
	NIDUS_AT_GONE,    /* PID 1 reaped */
	NIDUS_AT_REMOVED, /* nothing is left on the host */
	NIDUS_MOMENT_COUNT,
};

/* Microseconds of CLOCK_MONOTONIC; 0: not yet, or never. */
struct nidus_timeline {
	uint64_t us[NIDUS_MOMENT_COUNT];
};

/*
 * Starts a sandbox from a checked spec and returns right after the clone. On -1 nothing is
 * left behind and *sandbox is NULL. The caller must not ignore SIGCHLD. The spec must stay
 * alive and unchanged until nidus_free.
 */
int nidus_start(const struct nidus_spec *spec, struct nidus_sandbox **sandbox, struct fault *fault);

/* A descriptor (epoll) that is readable when nidus_step has something to do. */
int nidus_fd(const struct nidus_sandbox *sandbox);

/*
 * Does whatever is due, and never blocks longer than single file-system calls take.
 * Returns the phase reached; faults go into the result.
 */
enum nidus_phase nidus_step(struct nidus_sandbox *sandbox);
enum nidus_phase nidus_get_phase(const struct nidus_sandbox *sandbox);

const char *nidus_id(const struct nidus_sandbox *sandbox);
/* PID 1 of the sandbox as this process numbers it. */
pid_t nidus_pid(const struct nidus_sandbox *sandbox);

/* Forward a signal (1..64 except KILL and STOP) to the process group of the workload. */
int nidus_signal(struct nidus_sandbox *sandbox, int signal, struct fault *fault);
/* End everything: TERM, grace, KILL; or at once. The reason becomes NIDUS_CANCELED. */
int nidus_stop(struct nidus_sandbox *sandbox, struct fault *fault);
int nidus_kill(struct nidus_sandbox *sandbox, struct fault *fault);
int nidus_release(struct nidus_sandbox *sandbox, struct fault *fault);
/* After nidus_take_stopped: continue the workload, with or without the terminal. */
int nidus_resume(struct nidus_sandbox *sandbox, bool foreground, struct fault *fault);
/* Takes the signal that stopped the workload since the last call (job control); 0: none. */
int nidus_take_stopped(struct nidus_sandbox *sandbox);
/* The pty master of a spec with `tty`, once RUNNING; the caller owns it. -1: none. */
int nidus_take_tty(struct nidus_sandbox *sandbox);

const struct nidus_result *nidus_result(const struct nidus_sandbox *sandbox);

/* Kills what still lives, removes what can be removed, frees. NULL is allowed. */
void nidus_free(struct nidus_sandbox *sandbox);

/* Names for people: "pivot_root", "wall_timeout". Never NULL. */
const char *nidus_step_name(uint32_t step);
const char *nidus_reason_name(enum nidus_reason reason);
/* The exit status of `nidus run` for such a failed start: 127, 126 or 125. */
int nidus_fault_exit_code(const struct fault *fault);
/* Writes "init: pivot_root /x: Invalid argument" into `text`; returns text. */
const char *nidus_fault_text(const struct fault *fault, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
