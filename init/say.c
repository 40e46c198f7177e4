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

#define WORD_LAST 4 /* words of a phrase */

/*
 * Numbers that have a word, in the order of their phrases. Not all of them: the names
 * of all steps are the spawner's, and strerror(3) costs 4 KB.
 */
static const uint8_t step_numbers[PHRASE_STEP_NAMES] = {
	STEP_STATE, STEP_CGROUP, STEP_SECCOMP, STEP_NETWORK, STEP_NAMESPACES, STEP_ROOT,
	STEP_HOST,  STEP_TTY,    STEP_LIMITS,  STEP_FORK,    STEP_USER,       STEP_CHDIR,
	STEP_EXEC,  STEP_WATCH,  STEP_CLEANUP, SAY_REPORT,  SAY_READY_FD,
};

/* What starting and mounting end in; EBADFD is report.c's. */
static const uint8_t error_numbers[PHRASE_ERROR_NAMES] = {
	EPERM,   ENOENT, EIO,    ENXIO,  E2BIG,   ENOEXEC, EBADF, EAGAIN,
	ENOMEM,  EACCES, EBUSY,  EEXIST, ENODEV,  ENOTDIR, EISDIR, EINVAL,
	EMFILE,  ENOTTY, ETXTBSY, ENOSPC, EROFS, ENAMETOOLONG, ENOSYS, ELOOP,
	EBADFD,
};

/* Where there is nobody to send to, a line that is cut ends all the same. */
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

/* The word for `number`, which stands behind `kind`; of one that has none those two. */
static void say_word(struct say *say, unsigned kind, const uint8_t *numbers, unsigned count,
		     uint32_t number)
{
	while (count > 0 && numbers[count - 1] != number)
		count--;
	say_phrase(say, -1, kind + count, NULL);
	if (count == 0)
		say_number(say, number);
}

void say_errno(struct say *say, int err)
{
	if (err != 0)
		say_word(say, PHRASE_ERROR, error_numbers, PHRASE_ERROR_NAMES, (uint32_t)err);
}

void say_fault(struct say *say, const struct fault *fault)
{
	/* the object of a refused option is a whole sentence already */
	if (fault->step != STEP_OPTIONS) {
		say_word(say, PHRASE_STEP, step_numbers, PHRASE_STEP_NAMES, fault->step);
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
	(void)fd_write_whole(fd, say->text, say->len); /* nobody to tell that nobody listens */
	say_begin(say);
}

int say_open_stderr(void)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
		return -1;
	return open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* What polls writable may have room for a part only, or be filled meanwhile. */
void say_offer(struct say *say)
{
	int own = say_open_stderr();
	struct pollfd out = {.fd = own < 0 ? STDERR_FILENO : own, .events = POLLOUT};

	if (poll(&out, 1, 0) == 1)
		say_send(say, out.fd);
	if (own >= 0)
		close(own);
}

void say_phrase(struct say *say, int fd, unsigned phrase, const char *const *words)
{
	struct phrase_reader reader;
	char one[2] = {0};

	phrase_begin(&reader, phrase);
	while ((one[0] = phrase_next(&reader)))
		add(say, fd, one[0] > WORD_LAST || !words ? one : words[one[0] - 1]);
}
