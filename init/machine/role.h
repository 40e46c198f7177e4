/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the machine role, and its stages. */
#ifndef NIDUS_INIT_MACHINE_ROLE_H
#define NIDUS_INIT_MACHINE_ROLE_H

#include <signal.h>
#include <sys/types.h>

#include "../fault.h"
#include "../core/end.h"
#include "../core/job.h"
#include "../core/signals.h"
#include "conf.h"
#include "tell.h"

#define CONSOLE_FIRST "/dev/console" /* unless configured otherwise */
#define CONSOLE_NONE "/dev/null"
#define MACHINE_SERVICES (CONF_SERVICES_MAX + 1) /* services and the shell */

enum service_state {
	SERVICE_WAITING,  /* for its turn */
	SERVICE_PAUSING,  /* ended; started again at wake_us */
	SERVICE_STARTING, /* forked; not known yet whether its exec succeeds */
	SERVICE_RUNNING,
	SERVICE_STOPPING, /* asked to end; `end` says how far that is */
	SERVICE_DOWN,     /* ended for good */
};

struct service {
	struct conf_service *conf;
	enum service_state state;
	struct job job;
	struct end end;
	int ready_fd;               /* where it reports that it is ready; else -1 */
	bool ready;                 /* the next one may start */
	bool fault_told, kill_told;
	bool out_of_memory;         /* the kernel killed a process of it for that */
	uint64_t started_us;
	uint64_t wake_us, ready_until_us; /* CLOCK_NEVER: no deadline */
	uint64_t backoff_us, fails;
	uint64_t oom_kills;         /* in its group so far */
	int group_error;            /* errno; 0: it has its group */
};

enum stop_stage {
	STOP_NOT,
	STOP_SERVICES, /* one after the other, the last first */
	STOP_OTHERS,   /* all other processes */
	STOP_DONE,
};

struct machine {
	bool ours;        /* a machine, not a container */
	bool has_console;
	const char *console;   /* CONSOLE_NONE: none; in a container it is stdio */
	bool alone;       /* no process is left except PID 1 */
	int unable;       /* exit status if it could not run its program; else 0 */
	int groups_fd;    /* directory of our cgroup; -1: no groups */
	unsigned count;   /* of services, including the shell */
	char *const *envp;
	struct signals signals;

	enum conf_end end;     /* chosen once */
	enum stop_stage stage;
	unsigned stop_left;    /* services [0, stop_left) are not stopped yet */
	struct end others;     /* of STOP_OTHERS */

	struct service services[MACHINE_SERVICES];
	struct machine_conf conf;
};

/* early.c. 0, also for a failure with `nofail`; else -1. Every failure is reported. */
void early_devices(const struct machine *m);
void early_mounts(const struct machine *m);
int early_mount(const struct conf_mount *mount);

/* console.c */
void console_open(struct machine *m, const char *path);

/* group.c: the cgroup of a service, in PID 1. */
void groups_open(struct machine *m);
void groups_remove(const struct machine *m);
int group_take(const struct machine *m, const char *name); /* 0, or an errno */
void group_kill(const struct machine *m, const struct service *s);
uint64_t group_oom_kills(const struct machine *m, const char *name); /* 0 if unknown */

/* service.c: one start, up to the fork. -1: the fault says why it failed. */
int service_fork(const struct machine *m, struct service *s, struct fault *fault);

/*
 * child.c: in the child. child_must returns `result` unless it is below 0: then it reports
 * the fault to PID 1 and ends the child.
 */
void child_is(struct job *job);
int child_must(int result, uint32_t step, const char *object);

/* The rest of the work in the child: console.c, group.c, private.c. */
void console_stdio(const struct machine *m, const struct conf_service *conf);
void group_enter(const struct machine *m, const struct service *s);
void private_mounts(struct conf_list *writable);

/* supervise.c: services over time. */
void services_begin(struct machine *m);
void services_add_shell(struct machine *m);
void services_advance(struct machine *m);
void service_look(struct machine *m, struct service *s); /* its start may be decided */
void service_notified(struct service *s);
void service_ended(struct machine *m, struct service *s, const siginfo_t *info);
void service_pass_time(struct machine *m, struct service *s, uint64_t now);
void service_stop(const struct machine *m, struct service *s);

/* emergency.c: a shell, or the end. status: exit status of a container without a console. */
void emergency(struct machine *m, int status);

/* watch.c */
void machine_watch(struct machine *m);

/* choose.c */
void shutdown_begin(struct machine *m, enum conf_end end); /* END_NONE: nothing */

/* stop.c */
void shutdown_advance(struct machine *m);
void shutdown_finish(struct machine *m) __attribute__((noreturn));

/* unmount.c: brings all file systems to a clean state; bounded. */
void unmount_all(void);

#endif
