/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people, without stdio. */
#include "say.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract.h"
#include "fd.h"
#include "text.h"

#define WORD_LAST 4 /* bytes 1 to 4 of a text stand for words */

/* fd -1: the text goes nowhere, but a line that is cut still ends in a newline. */
static void add(struct say *say, int fd, const char *text)
{
	for (; *text; text++) {
		if (say->len == SAY_MAX && fd >= 0)
			say_send(say, fd);
		if (say->len == SAY_MAX)
			say->text[SAY_MAX - 1] = '\n';
		else
			say->text[say->len++] = *text;
	}
}

void say_text(struct say *say, const char *text)
{
	add(say, -1, text);
}

void say_number(struct say *say, uint64_t value)
{
	char digits[TEXT_NUMBER_MAX];

	say_text(say, text_number(digits, value, 10));
}

/* The names of nidus_step_name, without the many steps that only the spawner takes. */
static const char *step_name(uint32_t step)
{
	switch (step) {
	case STEP_STATE:
		return "state";
	case STEP_CGROUP:
		return "cgroup";
	case STEP_SECCOMP:
		return "seccomp";
	case STEP_NETWORK:
		return "network";
	case STEP_NAMESPACES:
		return "namespaces";
	case STEP_ROOT:
		return "root";
	case STEP_HOST:
		return "host";
	case STEP_TTY:
		return "tty";
	case STEP_LIMITS:
		return "limits";
	case STEP_FORK:
		return "fork";
	case STEP_USER:
		return "user";
	case STEP_CHDIR:
		return "chdir";
	case STEP_EXEC:
		return "exec";
	case STEP_WATCH:
		return "watch";
	case STEP_CLEANUP:
		return "cleanup";
	case SAY_REPORT:
		return "--report";
	case SAY_READY_FD:
		return "--ready-fd";
	default:
		return NULL;
	}
}

/* The errors that starting and mounting return: strerror(3) costs 4 KB. report.c sets EBADFD. */
static const char *error_text(int err)
{
	switch (err) {
	case EPERM:
		return "Operation not permitted";
	case ENOENT:
		return "No such file or directory";
	case EIO:
		return "Input/output error";
	case ENXIO:
		return "No such device or address";
	case E2BIG:
		return "Argument list too long";
	case ENOEXEC:
		return "Exec format error";
	case EBADF:
		return "Bad file descriptor";
	case EAGAIN:
		return "Resource temporarily unavailable";
	case ENOMEM:
		return "Cannot allocate memory";
	case EACCES:
		return "Permission denied";
	case EBUSY:
		return "Device or resource busy";
	case EEXIST:
		return "File exists";
	case ENODEV:
		return "No such device";
	case ENOTDIR:
		return "Not a directory";
	case EISDIR:
		return "Is a directory";
	case EINVAL:
		return "Invalid argument";
	case EMFILE:
		return "Too many open files";
	case ENOTTY:
		return "Inappropriate ioctl for device";
	case ETXTBSY:
		return "Text file busy";
	case ENOSPC:
		return "No space left on device";
	case EROFS:
		return "Read-only file system";
	case ENAMETOOLONG:
		return "File name too long";
	case ENOSYS:
		return "Function not implemented";
	case ELOOP:
		return "Too many levels of symbolic links";
	case EBADFD:
		return "not open for writing";
	default:
		return NULL;
	}
}

/* `text`, or without one, the kind of number and the number. */
static void say_known(struct say *say, const char *text, const char *kind, uint64_t number)
{
	say_text(say, text ? text : kind);
	if (!text)
		say_number(say, number);
}

void say_errno(struct say *say, int err)
{
	if (err != 0)
		say_known(say, error_text(err), "error ", (uint64_t)err);
}

void say_fault(struct say *say, const struct fault *fault)
{
	/* the object of a refused option is a whole sentence already */
	if (fault->step != STEP_OPTIONS) {
		say_known(say, step_name(fault->step), "step ", fault->step);
		if (fault->what[0])
			say_text(say, fault->err ? " " : ": ");
	}
	say_text(say, fault->what);
	if (fault->step != STEP_OPTIONS && fault->err) {
		say_text(say, ": ");
		say_errno(say, fault->err);
	}
}

void say_send(struct say *say, int fd)
{
	(void)fd_write_whole(fd, say->text, say->len); /* nowhere to report a failure to */
	say_begin(say);
}

int say_open_stderr(void)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
		return -1;
	return open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* A descriptor that polls writable may take only part of the text, or fill up meanwhile. */
void say_offer(struct say *say)
{
	int own = say_open_stderr();
	struct pollfd out = {.fd = own < 0 ? STDERR_FILENO : own, .events = POLLOUT};

	if (poll(&out, 1, 0) == 1)
		say_send(say, out.fd);
	if (own >= 0)
		close(own);
}

void say_words(struct say *say, int fd, const char *text, const char *const *words)
{
	char one[2] = {0};

	for (; *text; text++) {
		unsigned char word = (unsigned char)*text;

		one[0] = *text;
		add(say, fd, word > WORD_LAST || !words ? one : words[word - 1]);
	}
}
