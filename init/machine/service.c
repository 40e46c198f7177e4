/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One start of a service: the fork, and the preparation in its process before
 * program_execute (program.h). PID 1 reads and opens nothing for it.
 */
#include <asm/ioctls.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../contract.h"
#include "../core/start.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "role.h"

#define ENV_MAX 256 /* strings; any beyond that are dropped */
#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* ---- the child ---- */

static const char *env_strings[ENV_MAX + 1];

static void env_set(const char *string)
{
	size_t key = strcspn(string, "=") + 1;
	unsigned i = 0;

	while (env_strings[i] && strncmp(env_strings[i], string, key) != 0)
		i++;
	if (i < ENV_MAX)
		env_strings[i] = string;
}

static void env_set_all(const struct conf_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		env_set(list->words[i]);
}

/* The environment of PID 1, overridden by the file: for all services, then for this one. */
static void env_make(const struct machine *m, const struct conf_service *conf)
{
	env_set(DEFAULT_PATH);
	for (char *const *string = m->envp; *string; string++)
		env_set(*string);
	env_set_all(&m->conf.shell.env);
	env_set_all(&conf->env);
}

/* start_fd may have the number that the service expects: it is moved out of the way. */
static void pass_ready_fd(struct job *child, int ready_fd, int number)
{
	child->start_fd = child_must(fcntl(child->start_fd, F_DUPFD_CLOEXEC,
					   CONF_READY_FD_MAX + 1), STEP_EXEC, "ready fd");
	dup2(ready_fd, number);
	fcntl(number, F_SETFD, 0); /* if it had the number already, dup2 kept FD_CLOEXEC */
}

static void __attribute__((noreturn)) run(const struct machine *m, struct service *s, int ready_fd)
{
	struct conf_service *conf = s->conf;
	static struct account account;
	static struct fault fault;
	struct program *program = &conf->program;

	child_is(&s->job);
	env_make(m, conf);
	program->envp = (char *const *)env_strings;
	child_must(setsid(), STEP_TTY, "session");
	group_enter(m, s);
	console_stdio(m, conf);
	if (conf->private)
		private_mounts(&conf->writable);
	if (conf->user) {
		if (account_find(conf->user, &account, &fault) < 0)
			start_fail(&s->job, &fault);
		program->account = &account;
	}
	if (conf->ready == READY_FD)
		pass_ready_fd(&s->job, ready_fd, conf->ready_fd);
	program_execute(program, &s->job, &m->signals);
}

/* ---- PID 1 ---- */

int service_fork(const struct machine *m, struct service *s, struct fault *fault)
{
	int ends[2] = {-1, -1}, forked;

	if (s->conf->ready == READY_FD && pipe2(ends, O_CLOEXEC) < 0)
		return fault_errno(fault, STEP_FORK, "pipe");
	/* frees the terminal for the service, if the manager made PID 1 a session leader with it */
	if (s->conf->terminal && !m->ours)
		ioctl(STDIN_FILENO, TIOCNOTTY);
	forked = start_fork(&s->job, fault);
	if (forked == 0)
		run(m, s, ends[1]);
	fd_close(&ends[1]);
	if (forked < 0) {
		fd_close(&ends[0]);
		return -1;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK); /* only this end; EBADF: no pipe */
	s->ready_fd = ends[0];
	return 0;
}
