/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --report: why it ended, as KEY=VALUE, one a line; a key that does not apply is
 * left out. A path gets it whole or not at all: a new file that is renamed. What is
 * no regular file (a terminal, a FIFO), and a descriptor, get one write.
 */
#include <errno.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../say.h"
#include "../units.h"
#include "supervisor.h"

#define TEMPORARY_SUFFIX ".new"

/* Not one that we ourselves have opened since. */
void report_take_descriptor(struct wrapper *w, int fd, const char *refusal)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_PATH) || (flags & O_ACCMODE) == O_RDONLY ||
	    fd == w->signals.fd)
		finish_failed(w, STEP_OPTIONS, refusal);
	if (fd > STDERR_FILENO)
		fcntl(fd, F_SETFD, FD_CLOEXEC); /* can't fail, as it is open */
}

/* The directory is kept, not the path: we leave the working directory. */
static int take_path(struct report_target *target, const char *path)
{
	char *slash = strrchr(path, '/'), none = '\0', *end = slash ? slash + 1 : &none;
	char first = *end;
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		target->fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		return target->fd;
	}
	target->name = slash ? slash + 1 : path;
	errno = ENAMETOOLONG;
	if (strlen(target->name) > NAME_MAX - sizeof(TEMPORARY_SUFFIX))
		return -1;
	*end = '\0'; /* for a moment: the text is our own argument */
	target->dir_fd = open(slash ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*end = first;
	if (target->dir_fd < 0)
		return -1;
	return (int)syscall(SYS_faccessat, target->dir_fd, ".", W_OK | X_OK);
}

void report_open(struct wrapper *w)
{
	const char *text = w->options.report;
	uint64_t fd;

	if (!text)
		return;
	if (units_number(text, INT_MAX, &fd)) {
		report_take_descriptor(w, (int)fd, "--report: not open for writing");
		w->report.fd = (int)fd;
	} else if (take_path(&w->report, text) < 0) {
		finish_failed(w, STEP_WATCH, text);
	}
}

/* ---- the text ---- */

#define LEFT_OUT UINT64_MAX

/* The numbers' keys, in the order that they are put together in. */
static const char keys[] =
	"exit_code=\0"
	"signal=\0"
	"wall_us=\0"
	"cpu_user_us=\0"
	"cpu_sys_us=\0"
	"max_rss_bytes=\0"
	"memory_peak=\0"
	"zombies_reaped=\0"
	"restarts=\0"
	"pid=";

#define KEY_COUNT 10

static void add_numbers(const struct wrapper *w, const struct rusage *usage, struct say *say)
{
	bool exited = w->code == CLD_EXITED;
	const char *key = keys;
	const uint64_t values[KEY_COUNT] = {
		exited ? (uint64_t)w->status : LEFT_OUT,
		exited ? LEFT_OUT : (uint64_t)w->status,
		clock_now_us() - w->first_us,
		clock_timeval_us(&usage->ru_utime),
		clock_timeval_us(&usage->ru_stime),
		(uint64_t)usage->ru_maxrss * 1024u,
		w->options.memory_bytes ? w->bounds.memory_peak : LEFT_OUT,
		w->zombies_reaped,
		w->restarts,
		(uint64_t)w->pid,
	};

	for (int i = 0; i < KEY_COUNT; i++, key += strlen(key) + 1) {
		if (values[i] == LEFT_OUT)
			continue;
		say_text(say, key);
		say_number(say, values[i]);
		say_text(say, "\n");
	}
}

static const char *reason_name(const struct wrapper *w)
{
	static const char names[][16] = {
		[REASON_STOPPED] = "stopped",
		[REASON_WALL] = "wall_timeout",
		[REASON_CPU] = "cpu_timeout",
		[REASON_MEMORY] = "memory_limit",
	};

	if (w->reason == REASON_PROGRAM)
		return w->code == CLD_EXITED ? "exited" : "signaled";
	return names[w->reason];
}

static void OWN_FRAME compose(const struct wrapper *w, const struct fault *fault, struct say *say)
{
	struct rusage usage;
	size_t at;

	say_begin(say);
	say_text(say, "reason=");
	if (!fault) {
		say_text(say, reason_name(w));
		say_text(say, "\n");
		getrusage(RUSAGE_CHILDREN, &usage);
		add_numbers(w, &usage, say);
		return;
	}
	say_text(say, "start_error\nmessage=");
	at = say->len;
	say_fault(say, fault);
	for (; at < say->len; at++) /* on one line, whatever the object's name is made of */
		if ((unsigned char)say->text[at] < ' ')
			say->text[at] = '?';
	say_text(say, "\n");
}

static int write_file(const struct report_target *target, const struct say *say)
{
	char temporary[NAME_MAX + 1] = ".";
	cleanup_fd int fd = -1;

	strcat(strcat(temporary, target->name), TEMPORARY_SUFFIX);
	/* Whatever stands there, a FIFO to hang on or another name of a file, is not ours. */
	unlinkat(target->dir_fd, temporary, 0);
	fd = openat(target->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	if (fd_write_whole(fd, say->text, say->len) == 0 &&
	    syscall(SYS_renameat2, target->dir_fd, temporary, target->dir_fd, target->name, 0) == 0)
		return 0;
	unlinkat(target->dir_fd, temporary, 0);
	return -1;
}

void report_write(struct wrapper *w, const struct fault *fault)
{
	const struct report_target *target = &w->report;
	struct fault why;
	struct say say;
	int result = 0;

	if (target->fd < 0 && target->dir_fd < 0)
		return;
	compose(w, fault, &say);
	if (target->fd >= 0)
		result = fd_write_whole(target->fd, say.text, say.len);
	else
		result = write_file(target, &say);
	if (result == 0)
		return;
	fault_errno(&why, STEP_WATCH, w->options.report);
	tell_fault(w, &why);
}
