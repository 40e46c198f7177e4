/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"

#define PROCESSES_MAX 256
#define NOTED_MAX 32
#define STOP_SYSCALL (SIGTRAP | 0x80)
#define TICK_MS 50
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

static struct process {
	pid_t pid;
	char name[TRACE_NAME_MAX]; /* empty: its parent has not told of it yet */
	bool waiting; /* it stands at its first stop until then */
	bool is_command; /* it counts from its exec on */
	int children, execs;
	long calls;
	bool failing; /* in the call that is hit */
	unsigned long loader_begin, loader_end; /* where ld.so is mapped */
	struct trace_calls *notes;
} processes[PROCESSES_MAX];
static int process_count;

static const struct shot *shot;
static struct trace_report report;
static struct trace_calls noted[NOTED_MAX];
static int noted_count;
static int child_signals = -1;

long trace_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct process *find(pid_t pid)
{
	for (int i = 0; i < process_count; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	return NULL;
}

static struct process *add(pid_t pid)
{
	if (process_count == PROCESSES_MAX)
		errx(1, "more than %d processes", PROCESSES_MAX);
	processes[process_count] = (struct process){ .pid = pid };
	return &processes[process_count++];
}

static void forget(pid_t pid)
{
	struct process *process = find(pid);

	if (process)
		*process = processes[--process_count];
}

static void note_under(struct process *process)
{
	if (shot)
		return;
	if (noted_count == NOTED_MAX)
		errx(1, "more than %d processes to note the calls of", NOTED_MAX);
	process->notes = &noted[noted_count++];
	memcpy(process->notes->process, process->name, sizeof(process->name));
}

static void note(struct trace_calls *calls, int number, bool by_loader)
{
	if (calls->count % 256 == 0) {
		calls->numbers = realloc(calls->numbers,
					 (size_t)(calls->count + 256) * sizeof(*calls->numbers));
		if (!calls->numbers)
			err(1, "calls");
	}
	calls->numbers[calls->count++] = by_loader ? -1 : number;
}

/* Only the calls of whom it is about need a stop each. */
static bool counts(const struct process *process)
{
	return !shot || (!report.fired && strcmp(process->name, shot->process) == 0) ||
	       process->failing;
}

static void go_on(const struct process *process, int signal)
{
	ptrace(counts(process) ? PTRACE_SYSCALL : PTRACE_CONT, process->pid, NULL,
	       (void *)(intptr_t)signal);
}

/* ---- system calls ---- */

static void set_register(pid_t pid, size_t offset, long value)
{
	ptrace(PTRACE_POKEUSER, pid, (void *)offset, (void *)value);
}

/* The first call of a program is its loader's, when nothing else is mapped but the program. */
static void find_loader(struct process *process)
{
	char path[64], line[512];
	unsigned long begin, end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", process->pid);
	file = fopen(path, "re");
	process->loader_end = 1;
	while (file && fgets(line, sizeof(line), file)) {
		if (!strstr(line, "/ld-") || sscanf(line, "%lx-%lx", &begin, &end) != 2)
			continue;
		if (!process->loader_begin)
			process->loader_begin = begin;
		process->loader_end = end;
	}
	if (file)
		fclose(file);
}

static bool is_of_loader(const struct process *process, const struct __ptrace_syscall_info *info)
{
	return info->instruction_pointer >= process->loader_begin &&
	       info->instruction_pointer < process->loader_end;
}

static bool is_hit(const struct process *process)
{
	return shot && !report.fired && process->calls == shot->call &&
	       strcmp(process->name, shot->process) == 0;
}

/* A wait that does not sleep can't be interrupted. */
static bool waits(const struct __ptrace_syscall_info *info)
{
	if (info->entry.nr == SYS_waitid)
		return !(info->entry.args[3] & WNOHANG);
	return info->entry.nr != SYS_wait4 || !(info->entry.args[2] & WNOHANG);
}

static void enter(struct process *process, const struct __ptrace_syscall_info *info)
{
	if (process->is_command && process->execs == 0)
		return;
	process->calls++;
	if (process->is_command && process->loader_end == 0)
		find_loader(process);
	if (process->notes)
		note(process->notes, (int)info->entry.nr, is_of_loader(process, info));
	if (!is_hit(process))
		return;
	/* in another order than when they were counted: that call can't fail so */
	if (shot->kind == SHOT_ERROR && (!calls_may_fail((int)info->entry.nr, shot->error) ||
					 (shot->error == EINTR && !waits(info))))
		return;
	report.fired = true;
	report.number = (int)info->entry.nr;
	report.first_argument = (long)info->entry.args[0];
	if (shot->kind == SHOT_KILL_BEFORE)
		kill(process->pid, SIGKILL);
	else
		process->failing = true;
	if (shot->kind == SHOT_ERROR && !calls_fail_when_done((int)info->entry.nr))
		set_register(process->pid, offsetof(struct user_regs_struct, orig_rax), -1);
}

static void leave(struct process *process)
{
	if (!process->failing)
		return;
	process->failing = false;
	if (shot->kind == SHOT_KILL_AFTER)
		kill(process->pid, SIGKILL);
	else
		set_register(process->pid, offsetof(struct user_regs_struct, rax), -shot->error);
}

static void at_call(struct process *process)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, (void *)sizeof(info), &info) < 0)
		return; /* killed meanwhile */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(process, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(process);
}

/* ---- children ---- */

/* In how many pid namespaces it has a pid, as seen from here. */
static int depth(pid_t pid)
{
	char path[64], line[256];
	int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		for (char *word = strtok(line + 6, " \t\n"); word; word = strtok(NULL, " \t\n"))
			count++;
	}
	if (file)
		fclose(file);
	return count;
}

static void at_fork(struct process *parent)
{
	struct process *child;
	unsigned long pid;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0 || pid == 0)
		return;
	child = find((pid_t)pid);
	if (!child)
		child = add((pid_t)pid);
	if (strncmp(parent->name, "init", 4) != 0 && depth((pid_t)pid) > depth(parent->pid))
		snprintf(child->name, sizeof(child->name), "init");
	else
		snprintf(child->name, sizeof(child->name), "%.30s.%d", parent->name,
			 ++parent->children);
	note_under(child);
	if (child->waiting) {
		child->waiting = false;
		go_on(child, 0);
	}
}

/*
 * A command executes nidus, and the launcher the whole program in its place; init executes
 * nidus-init. All others run free.
 */
static bool stays(struct process *process)
{
	return strchr(process->name, '.') == NULL && (process->execs++ == 0 || process->is_command);
}

/* A child whose parent was killed before it could tell. */
static void release_unknown(void)
{
	for (int i = 0; i < process_count; i++)
		if (processes[i].waiting) {
			snprintf(processes[i].name, sizeof(processes[i].name), "unknown");
			processes[i].waiting = false;
			go_on(&processes[i], 0);
		}
}

/* ---- stops ---- */

static void look_for_crash(const struct process *process, int signal)
{
	switch (signal) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGABRT:
		report.crash = signal;
		memcpy(report.crashed, process->name, sizeof(process->name));
	}
}

static void at_event(struct process *process, int event, int signal)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		at_fork(process);
		break;
	case PTRACE_EVENT_EXEC:
		if (stays(process)) {
			if (strcmp(process->name, "init") != 0)
				note_under(process);
			break;
		}
		ptrace(PTRACE_DETACH, process->pid, NULL, NULL);
		forget(process->pid);
		return;
	case PTRACE_EVENT_STOP:
		if (signal != SIGTRAP) { /* a group stop lasts until SIGCONT */
			ptrace(PTRACE_LISTEN, process->pid, NULL, NULL);
			return;
		}
		break;
	}
	go_on(process, 0);
}

static void at_stop(pid_t pid, int status)
{
	struct process *process = find(pid);
	int signal = WSTOPSIG(status);

	if (!process || !process->name[0]) {
		if (!process)
			process = add(pid);
		process->waiting = true;
		return;
	}
	if (status >> 16) {
		at_event(process, status >> 16, signal);
		return;
	}
	if (signal == STOP_SYSCALL) {
		at_call(process);
		go_on(process, 0);
		return;
	}
	look_for_crash(process, signal);
	go_on(process, signal);
}

static void pause_for_signal(void)
{
	struct pollfd ready = { .fd = child_signals, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&ready, 1, TICK_MS) == 0)
		release_unknown();
	else if (read(child_signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
		err(1, "signalfd");
}

int trace_serve(pid_t pid, int *status, bool (*until)(void), long deadline_ms)
{
	for (;;) {
		int seen;
		pid_t ended = waitpid(-1, &seen, __WALL | WNOHANG);

		if (ended < 0 && errno == ECHILD)
			return pid == 0;
		if (ended > 0 && WIFSTOPPED(seen))
			at_stop(ended, seen);
		else if (ended > 0)
			forget(ended);
		if (ended > 0 && ended == pid && !WIFSTOPPED(seen)) {
			*status = seen;
			return 1;
		}
		if (ended > 0)
			continue;
		if (until && until())
			return 1;
		if (trace_now_ms() > deadline_ms)
			return 0;
		pause_for_signal();
	}
}

/* ---- begin and end ---- */

void trace_begin(const struct shot *wanted)
{
	sigset_t set;

	if (child_signals < 0) {
		sigemptyset(&set);
		sigaddset(&set, SIGCHLD);
		sigprocmask(SIG_BLOCK, &set, NULL);
		child_signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		/* orphans come to us, so that nobody gets lost */
		if (child_signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			err(1, "signalfd");
	}
	shot = wanted;
	memset(&report, 0, sizeof(report));
	process_count = 0;
	if (shot)
		return;
	for (int i = 0; i < noted_count; i++)
		free(noted[i].numbers);
	memset(noted, 0, sizeof(noted));
	noted_count = 0;
}

static void __attribute__((noreturn)) become(const struct trace_command *command, int go)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;
	char byte;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(command->out, 1) < 0 ||
	    dup2(command->err, 2) < 0 ||
	    (command->pass >= 0 && fcntl(command->pass, F_SETFD, 0) < 0) ||
	    (command->uid &&
	     (setgroups(0, NULL) < 0 || setresgid(command->uid, command->uid, command->uid) < 0 ||
	      setresuid(command->uid, command->uid, command->uid) < 0)))
		_exit(90);
	if (read(go, &byte, 1) != 1)
		_exit(91);
	close(go);
	execve(command->argv[0], command->argv, command->environment);
	_exit(92);
}

pid_t trace_start(const struct trace_command *command, const char *name)
{
	struct process *process;
	int go[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0)
		become(command, go[0]);
	close(go[0]);
	if (name) {
		if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)(uintptr_t)OPTIONS) < 0)
			err(1, "PTRACE_SEIZE");
		process = add(pid);
		snprintf(process->name, sizeof(process->name), "%s", name);
		process->is_command = true;
	}
	if (write(go[1], "", 1) != 1)
		err(1, "pipe");
	close(go[1]);
	return pid;
}

/* The parent of a process, 0 if it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[64], text[512], *rest;
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	rest = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	if (!rest || sscanf(rest + 1, " %*c %d", &parent) != 1)
		parent = 0;
	fclose(file);
	return parent;
}

/* Our children; theirs are ours next time. */
static void kill_children(void)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 1 && parent_of(pid) == getpid())
			kill(pid, SIGKILL);
	}
	if (directory)
		closedir(directory);
}

bool trace_kill_all(void)
{
	long deadline = trace_now_ms() + 5000;

	do {
		kill_children();
		if (trace_serve(0, NULL, NULL, trace_now_ms() + 200))
			return true;
	} while (trace_now_ms() < deadline);
	return false;
}

const struct trace_report *trace_result(void)
{
	return &report;
}

const struct trace_calls *trace_noted(int *count)
{
	*count = noted_count;
	return noted;
}
