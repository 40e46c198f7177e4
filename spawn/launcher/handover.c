/* SPDX-License-Identifier: Apache-2.0 */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../cli/cli.h"
#include "../cli/signals.h"
#include "whole.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static char **arguments;

void handover_keep(char **argv)
{
	arguments = argv;
}

/* ---- where it is installed ---- */

/* Owned and writable by nobody but root and this user: nobody else chose what it is. */
static bool is_ours(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* The program of this very build: its first page has the build id. */
static bool is_same(int fd)
{
	unsigned char head[4096];
	struct stat st;

	return fstat(fd, &st) == 0 && (unsigned long)st.st_size == nidus_whole_image_size &&
	       pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       memcmp(head, nidus_whole_image, sizeof(head)) == 0;
}

/* ../libexec/nidus/nidus-whole, from the directory of the launcher. */
static int find_installed(void)
{
	static const char *const names[] = { "libexec", "nidus", "nidus-whole" };
	cleanup_fd int fd = -1;
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	for (int up = 0; up < 2; up++) {
		while (len > 0 && path[len - 1] != '/')
			len--;
		len--;
	}
	if (len < 0)
		return -1;
	path[len] = '\0';
	fd = open(path[0] ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && fd >= 0; i++) {
		int next = openat(fd, names[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		close(fd);
		fd = next;
		if (fd < 0 || !is_ours(fd, i == 2 ? S_IFREG : S_IFDIR))
			return -1;
	}
	return is_same(fd) ? fd_take(&fd) : -1;
}

/* ---- a copy of what this program carries ---- */

static int write_image(int fd)
{
	return fd_write_whole(fd, nidus_whole_image, nidus_whole_image_size);
}

/* Where no memfd may be executed (sysctl vm.memfd_noexec), a file without a name. */
static int make_file(void)
{
	static const char *const places[] = { "/run", "/dev/shm", "/tmp", "/var/tmp" };
	char path[64];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		cleanup_fd int fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);

		if (fd < 0 || write_image(fd) < 0)
			continue;
		/* a file that is open for writing can't be executed */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		return open(path, O_RDONLY | O_CLOEXEC);
	}
	return -1;
}

static int make_memfd(void)
{
	int fd = memfd_create("nidus", MFD_CLOEXEC | MFD_EXEC);

	/* before Linux 6.3 the flag is unknown, and every memfd is executable */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("nidus", MFD_CLOEXEC);
	if (fd >= 0 && write_image(fd) < 0)
		fd_close(&fd);
	return fd;
}

/* ---- its execution ---- */

/* The caller's limit on file sizes counts for a memfd, too, and is given back before the exec. */
static int make_image(int (*make)(void))
{
	struct rlimit callers, lifted = { RLIM_INFINITY, RLIM_INFINITY };
	int fd;

	if (getrlimit(RLIMIT_FSIZE, &callers) < 0)
		return -1;
	if (setrlimit(RLIMIT_FSIZE, &lifted) < 0) {
		lifted.rlim_cur = lifted.rlim_max = callers.rlim_max;
		setrlimit(RLIMIT_FSIZE, &lifted);
	}
	fd = make();
	return setrlimit(RLIMIT_FSIZE, &callers) < 0 ? -1 : fd;
}

/*
 * Returns if it can't. The signals for our output are ignored until then. A copy has no place of
 * its own, but looks for profiles beside the launcher: argv[0] says where that is.
 */
static void execute(char **argv)
{
	static int (*const kinds[])(void) = { find_installed, make_memfd, make_file };
	static char self[PATH_MAX];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0)
		argv[0] = self;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		cleanup_fd int fd = make_image(kinds[i]);

		if (fd < 0)
			continue;
		signals_survive_no_more();
		syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
		signals_survive_output();
	}
}

void handover_execute(void)
{
	execute(arguments);
	cli_say(CLI_LOG_ERROR, "the part of nidus that does this can't be executed: %s",
		strerror(errno));
	_exit(CLI_EXIT_INTERNAL);
}

void handover_collect(void)
{
	char *argv[] = { arguments[0], (char[]){ "gc" }, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

		signals_restore(0);
		if (null_fd >= 0)
			dup2(null_fd, STDOUT_FILENO);
		execute(argv);
		_exit(CLI_EXIT_INTERNAL);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
