/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program from the fork to its exec, in its own process. Each step takes away what
 * the one before needed: groups and ids before capabilities, capabilities before
 * no_new_privs, signals before the filter, which may deny everything but the exec.
 */
#include "program.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "caps.h"
#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../text.h"
#include "exec.h"
#include "start.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin" /* if the environment has none */
#define PATH_LENGTH 4096
#define LISTEN_PID "LISTEN_PID="
#define EXIT_NO_PARENT 125 /* nothing reads it */

char **program_variable(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp; envp++)
		if (strncmp(*envp, name, len) == 0)
			return (char **)(uintptr_t)envp;
	return NULL;
}

/* ---- the child: confinement ---- */

/* Read, not mapped: it may be a pipe. */
static void load_filter(struct job *job, const char *path, struct sock_fprog *filter)
{
	static struct sock_filter instructions[BPF_MAXINSNS + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC); /* until the exec */
	size_t len = 0;
	ssize_t n;

	do {
		n = fd < 0 ? -1 : read(fd, (char *)instructions + len, sizeof(instructions) - len);
		if (n < 0)
			start_refuse(job, STEP_SECCOMP, path);
		len += (size_t)n;
	} while (n > 0);
	errno = EINVAL;
	if (len == 0 || len == sizeof(instructions) || len % sizeof(instructions[0]) != 0)
		start_refuse(job, STEP_SECCOMP, path);
	filter->len = (unsigned short)(len / sizeof(instructions[0]));
	filter->filter = instructions;
}

/* EPERM: not allowed to an ordinary user; with no_new_privs an exec gains nothing anyway. */
static int empty_bounding(const struct program *program)
{
	if (caps_limit_bounding(0) == 0)
		return 0;
	return errno == EPERM && program->no_new_privs ? 0 : -1;
}

/*
 * Without no_new_privs, installing a filter needs CAP_SYS_ADMIN. It stays permitted but
 * not inheritable, so it is lost at the exec unless the program is root and the bounding
 * set is not empty.
 */
static void assume_identity(const struct program *program, struct job *job)
{
	const struct account *account = program->account;
	uint64_t until_exec = 0;

	if (program->seccomp && !program->no_new_privs)
		until_exec = caps_of_init() & 1ull << CAP_SYS_ADMIN;
	if (program->drop_caps && (empty_bounding(program) < 0 || caps_set_ambient(0) < 0))
		start_refuse(job, STEP_USER, "bounding set");
	if (account) {
		if (sys_setgroups(account->group_count, account->groups) < 0)
			start_refuse(job, STEP_USER, "groups");
		if (sys_setresgid(account->gid) < 0)
			start_refuse(job, STEP_USER, "group");
		if ((until_exec && prctl(PR_SET_KEEPCAPS, 1) < 0) ||
		    sys_setresuid(account->uid) < 0)
			start_refuse(job, STEP_USER, "user");
	}
	if (program->drop_caps || (account && account->uid != 0 && until_exec))
		if (caps_set(until_exec, 0) < 0)
			start_refuse(job, STEP_USER, "capabilities");
}

/* Called again after the change of ids, which resets it. The parent may be gone already. */
static void die_with_parent(const struct program *program, struct job *job)
{
	if (program->parent_death_signal == 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, program->parent_death_signal) < 0)
		start_refuse(job, STEP_USER, "parent-death signal");
	if (getppid() != job->parent)
		_exit(EXIT_NO_PARENT);
}

static void confine(const struct program *program, struct job *job,
		    const struct signals *signals)
{
	struct sock_fprog filter;

	die_with_parent(program, job); /* here too: load_filter may block on a FIFO */
	/* With the caller's ids and working directory. */
	if (program->seccomp)
		load_filter(job, program->seccomp, &filter);
	assume_identity(program, job);
	die_with_parent(program, job);
	if (program->chdir && chdir(program->chdir) < 0)
		start_refuse(job, STEP_CHDIR, program->chdir);
	if (program->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		start_refuse(job, STEP_USER, "no_new_privs");
	if (signals_give_back(signals) < 0)
		start_refuse(job, STEP_EXEC, "signals");
	if (program->seccomp && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		start_refuse(job, STEP_SECCOMP, program->seccomp);
}

/* ---- the child: exec ---- */

/* sd_listen_fds(3) takes descriptors only if LISTEN_PID is its own pid. */
static void pass_listen_pid(char *const *envp, pid_t parent)
{
	static char text[sizeof(LISTEN_PID) + TEXT_NUMBER_MAX];
	char **variable = program_variable(envp, LISTEN_PID), number[TEXT_NUMBER_MAX];

	if (!variable || strcmp(*variable + sizeof(LISTEN_PID) - 1,
				text_number(number, (uint64_t)parent, 10)) != 0)
		return;
	strcpy(text, LISTEN_PID);
	strcat(text, text_number(number, (uint64_t)getpid(), 10));
	*variable = text; /* in this process's own copy */
}

/*
 * Tries each candidate in turn, as execvp(3) does: one that does not exist is skipped, one
 * that may not be reached or executed is remembered, any other failure ends the search. Sets
 * errno.
 */
static void search(const struct program *program)
{
	char **variable = program_variable(program->envp, "PATH=");
	const char *name = program->argv[0], *from = variable ? *variable + 5 : DEFAULT_PATH;
	size_t name_len = strlen(name);
	bool denied = false, more = true;
	char path[PATH_LENGTH];

	while (more) {
		size_t len = strcspn(from, ":"), slash = len > 0; /* empty: the current directory */

		if (len + slash + name_len < sizeof(path)) {
			memcpy(path, from, len);
			path[len] = '/';
			strcpy(path + len + slash, name);
			exec_file(path, program->argv, program->envp);
			if (errno == EACCES)
				denied = true;
			else if (errno != ENOENT && errno != ENOTDIR)
				return;
		}
		more = from[len] == ':';
		from += len + 1;
	}
	errno = denied ? EACCES : ENOENT;
}

void program_execute(const struct program *program, struct job *job,
		     const struct signals *signals)
{
	const char *name = program->argv[0];

	pass_listen_pid(program->envp, job->parent); /* a filter may deny getpid(2) */
	confine(program, job, signals);
	start_executing(job);
	errno = ENOENT;
	if (strchr(name, '/'))
		exec_file(name, program->argv, program->envp);
	else if (*name)
		search(program);
	start_refuse(job, STEP_EXEC, name);
}

int program_fault_status(const struct fault *fault)
{
	if (fault->step != STEP_EXEC)
		return 125;
	return fault->err == ENOENT || fault->err == ENOTDIR ? 127 : 126;
}
