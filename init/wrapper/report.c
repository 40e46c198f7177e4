/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --report: why the program ended, as KEY=VALUE, one a line; keys that do not apply are
 * left out. A path gets the whole report or nothing: a new file is renamed to it. Anything
 * that is not a regular file (a terminal, a FIFO, a link) or can't be replaced, and a
 * descriptor, gets one write.
 */
#include <errno.h>
#include <linux/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "../say.h"
#include "../text.h"
#include "supervisor.h"

#define TEMPORARY ".nidus-"
#define TEMPORARY_LEN (sizeof(TEMPORARY) - 1)

/* ---- the text ---- */

static void add(struct say *say, const char *key, uint64_t value)
{
	say_text(say, key);
	say_number(say, value);
}

static void add_numbers(const struct wrapper *w, const struct rusage *usage, struct say *say)
{
	uint64_t max_rss = (uint64_t)usage->ru_maxrss * 1024u, peak = w->limits.memory_peak;

	add(say, w->code == CLD_EXITED ? "\nexit_code=" : "\nsignal=", (uint64_t)w->status);
	add(say, "\nwall_us=", clock_now_us() - w->first_us);
	add(say, "\ncpu_user_us=", clock_timeval_us(&usage->ru_utime));
	add(say, "\ncpu_sys_us=", clock_timeval_us(&usage->ru_stime));
	add(say, "\nmax_rss_bytes=", max_rss);
	if (w->options.memory_bytes) /* between two looks a process may have been larger */
		add(say, "\nmemory_peak=", peak > max_rss ? peak : max_rss);
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

static void compose(const struct wrapper *w, const struct fault *fault, struct say *say)
{
	struct rusage usage;
	size_t at;

	say_begin(say);
	if (fault) {
		say_text(say, "reason=start_error\nmessage=");
		at = say->len;
		say_fault(say, fault);
		for (; at < say->len; at++) /* keeps it on one line even if the name has newlines */
			if ((unsigned char)say->text[at] < ' ')
				say->text[at] = '?';
	} else {
		getrusage(RUSAGE_CHILDREN, &usage);
		say_text(say, reason_text(w));
		add_numbers(w, &usage, say);
	}
	say_text(say, "\n");
}

/* ---- writing it ---- */

/* The exit closes what is opened here. */
static int write_file(const struct report_target *target, const struct say *say)
{
	char temporary[TEMPORARY_LEN + TEXT_NUMBER_MAX] = TEMPORARY, digits[TEXT_NUMBER_MAX];
	uint64_t number = 0;
	int fd;

	/* Random, since in /tmp others could occupy a name that they can guess. */
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
	/* A file that is a mount point can't be replaced, nor a file of another user in /tmp. */
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
			(void)!ftruncate(target->fd, 0); /* if it fails, so does the write */
		result = fd_write_whole(target->fd, say.text, say.len);
	}
	if (result == 0)
		return;
	fault_errno(&why, SAY_REPORT, w->options.report);
	tell_fault(w, &why);
}
