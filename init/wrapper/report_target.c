/* SPDX-License-Identifier: Apache-2.0 */
/* The target of the report, opened before anything runs: one that can't be written is refused. */
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "../contract.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "../say.h"
#include "../values.h"
#include "supervisor.h"

/* Refuses one that is not open for writing, or that we opened ourselves (the signalfd). */
void report_take_descriptor(struct wrapper *w, int fd, uint32_t option, const char *value)
{
	int flags = fcntl(fd, F_GETFL);

	errno = EBADFD;
	if (flags < 0 || (flags & O_PATH) || (flags & O_ACCMODE) == O_RDONLY || fd == w->signals.fd)
		finish_failed(w, option, value);
	if (fd > STDERR_FILENO)
		fcntl(fd, F_SETFD, FD_CLOEXEC); /* can't fail, as it is open */
}

/*
 * "5", and paths such as /dev/fd/5: opening one would give a new open file, and fails for
 * a socket.
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
 * Somebody else who may write to the directory could have put a link there. Those of a procfs
 * are the kernel's: /proc/1/fd/1 is the log of a container.
 */
static int open_as_it_is(const char *path)
{
	int fd = open(path, OPEN_AS_IT_IS | O_APPEND | O_NOFOLLOW);
	cleanup_fd int link = -1;
	struct statfs st;

	if (fd >= 0 || errno != ELOOP)
		return fd;
	link = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (link < 0 || fstatfs(link, &st) < 0)
		return -1;
	errno = ELOOP;
	return st.f_type == PROC_SUPER_MAGIC ? open(path, OPEN_AS_IT_IS | O_APPEND) : -1;
}

/*
 * The directory is kept open, since we leave the working directory. If the file can't be
 * replaced it is opened itself: /dev/termination-log of Kubernetes for a user other than
 * root.
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
		*end = '\0'; /* temporarily: the text is our own argument */
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
	target->fd = open_as_it_is(path);
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
