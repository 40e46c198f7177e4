/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --report: why it ended, as KEY=VALUE, one a line; a key that does not apply is
 * left out. A path gets it whole or not at all: a new file that is renamed. What is
 * no regular file (a terminal, a FIFO, a link), what can't be replaced, and a
 * descriptor, get one write.
 */
#include <errno.h>
#include <limits.h>
#include <linux/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "../say.h"
#include "../text.h"
#include "../values.h"
#include "supervisor.h"

#define TEMPORARY ".nidus-"
#define TEMPORARY_LEN (sizeof(TEMPORARY) - 1)
#define OPEN_AS_IT_IS (O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)

/* Not one that we ourselves have opened since. */
void report_take_descriptor(struct wrapper *w, int fd, uint32_t option, const char *value)
{
	int flags = fcntl(fd, F_GETFL);

	errno = EBADFD;
	if (flags < 0 || (flags & O_PATH) || (flags & O_ACCMODE) == O_RDONLY ||
	    fd == w->signals.fd)
		finish_failed(w, option, value);
	if (fd > STDERR_FILENO)
		fcntl(fd, F_SETFD, FD_CLOEXEC); /* can't fail, as it is open */
}

/*
 * "5", and the names of descriptors: of a file they are links, and would be opened
 * anew; of a socket they can't be.
 */
static bool is_descriptor(const char *text, uint64_t *fd)
{
	static const char folder[] = "/dev/fd/";

	if (strcmp(text, "/dev/stdout") == 0)
		text = "1";
	else if (strcmp(text, "/dev/stderr") == 0)
		text = "2";
	else if (strncmp(text, folder, sizeof(folder) - 1) == 0)
		text += sizeof(folder) - 1;
	return values_number(text, INT_MAX, fd);
}

/*
 * The directory is kept, not the path: we leave the working directory. A file is opened
 * where nothing can be put in its place: Kubernetes' /dev/termination-log, for one that is
 * not root.
 */
static int take_path(struct report_target *target, const char *path)
{
	char *slash = strrchr(path, '/'), none = '\0', *end = slash ? slash + 1 : &none;
	char first = *end;
	struct stat st;
	int dir_fd;

	st.st_mode = 0;
	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
		return -1;
	if (st.st_mode == 0 || S_ISREG(st.st_mode)) {
		target->name = slash ? slash + 1 : path;
		*end = '\0'; /* for a moment: the text is our own argument */
		dir_fd = open(slash ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		*end = first;
		if (dir_fd < 0)
			return -1;
		if (syscall(SYS_faccessat, dir_fd, ".", W_OK | X_OK) == 0) {
			target->dir_fd = dir_fd;
			return 0;
		}
		close(dir_fd);
		if (st.st_mode == 0)
			return -1;
	}
	target->fd = open(path, OPEN_AS_IT_IS | O_APPEND);
	return target->fd;
}

void report_open(struct wrapper *w)
{
	const char *text = w->options.report;
	uint64_t fd;

	if (!text)
		return;
	if (is_descriptor(text, &fd)) {
		report_take_descriptor(w, (int)fd, SAY_REPORT, text);
		w->report.fd = (int)fd;
	} else if (take_path(&w->report, text) < 0) {
		finish_failed(w, SAY_REPORT, text);
	}
}

/* ---- the text ---- */

static void add(struct say *say, const char *key, uint64_t value)
{
	say_text(say, key);
	say_number(say, value);
}

static void add_numbers(const struct wrapper *w, const struct rusage *usage, struct say *say)
{
	add(say, w->code == CLD_EXITED ? "\nexit_code=" : "\nsignal=", (uint64_t)w->status);
	add(say, "\nwall_us=", clock_now_us() - w->first_us);
	add(say, "\ncpu_user_us=", clock_timeval_us(&usage->ru_utime));
	add(say, "\ncpu_sys_us=", clock_timeval_us(&usage->ru_stime));
	add(say, "\nmax_rss_bytes=", (uint64_t)usage->ru_maxrss * 1024u);
	if (w->options.memory_bytes)
		add(say, "\nmemory_peak=", w->limits.memory_peak);
	add(say, "\nzombies_reaped=", w->zombies_reaped);
	add(say, "\nrestarts=", w->restarts);
	add(say, "\npid=", (uint64_t)w->job.pid);
}

static const char *reason_text(const struct wrapper *w)
{
	switch (w->reason) {
	case REASON_PROGRAM:
		return w->code == CLD_EXITED ? "reason=exited" : "reason=signaled";
	case REASON_STOPPED:
		return "reason=stopped";
	case REASON_WALL:
		return "reason=wall_timeout";
	case REASON_CPU:
		return "reason=cpu_timeout";
	case REASON_MEMORY:
		return "reason=memory_limit";
	}
	return "";
}

static void OWN_FRAME compose(const struct wrapper *w, const struct fault *fault, struct say *say)
{
	struct rusage usage;
	size_t at;

	say_begin(say);
	if (fault) {
		say_text(say, "reason=start_error\nmessage=");
		at = say->len;
		say_fault(say, fault);
		for (; at < say->len; at++) /* on one line, whatever the object's name is made of */
			if ((unsigned char)say->text[at] < ' ')
				say->text[at] = '?';
	} else {
		getrusage(RUSAGE_CHILDREN, &usage);
		say_text(say, reason_text(w));
		add_numbers(w, &usage, say);
	}
	say_text(say, "\n");
}

/* ---- where it goes ---- */

/* What is opened here the exit closes. */
static int write_file(const struct report_target *target, const struct say *say)
{
	char temporary[TEMPORARY_LEN + TEXT_NUMBER_MAX] = TEMPORARY, digits[TEXT_NUMBER_MAX];
	uint64_t number = 0;
	int fd;

	/* In /tmp, what others have put at a name that they can guess would be in the way. */
	syscall(SYS_getrandom, &number, sizeof(number), GRND_NONBLOCK);
	strcpy(temporary + TEMPORARY_LEN, text_number(digits, number, 10));
	fd = openat(target->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	if (fd_write_whole(fd, say->text, say->len) == 0 &&
	    syscall(SYS_renameat2, target->dir_fd, temporary, target->dir_fd, target->name, 0) == 0)
		return 0;
	unlinkat(target->dir_fd, temporary, 0);
	if (errno != EBUSY && errno != EPERM)
		return -1;
	/* A file that is mounted there can't be replaced, nor another user's in /tmp. */
	fd = openat(target->dir_fd, target->name, OPEN_AS_IT_IS | O_NOFOLLOW | O_TRUNC);
	return fd < 0 ? -1 : fd_write_whole(fd, say->text, say->len);
}

void report_write(struct wrapper *w, const struct fault *fault)
{
	const struct report_target *target = &w->report;
	struct fault why;
	struct say say;
	int result;

	if (target->fd < 0 && target->dir_fd < 0)
		return;
	compose(w, fault, &say);
	if (target->fd < 0) {
		result = write_file(target, &say);
	} else {
		if (target->name)
			(void)!ftruncate(target->fd, 0); /* where it fails, so does the write */
		result = fd_write_whole(target->fd, say.text, say.len);
	}
	if (result == 0)
		return;
	fault_errno(&why, SAY_REPORT, w->options.report);
	tell_fault(w, &why);
}
