/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the state root, and checks that it can be trusted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../host/open.h"
#include "state.h"

/* 1, 0; -1 with errno: it can't be told, and to go elsewhere would lose sight of records. */
static int is_own_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP
			       ? 0
			       : -1;
	return S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* The user's runtime directory in *runtime, NULL: there is none. */
static int find_runtime(char run_user[32], const char **runtime, struct fault *fault)
{
	int usable = 0;

	/* After su or sudo the variable often still belongs to the other user. */
	*runtime = secure_getenv("XDG_RUNTIME_DIR");
	if (*runtime && (*runtime)[0] == '/')
		usable = is_own_directory(*runtime);
	if (usable == 0) {
		snprintf(run_user, 32, "/run/user/%u", (unsigned int)geteuid());
		*runtime = run_user;
		usable = is_own_directory(run_user);
	}
	if (usable < 0)
		return fault_set(fault, STEP_STATE, errno, *runtime);
	if (usable == 0)
		*runtime = NULL;
	return 0;
}

static int choose_root(char path[STATE_PATH_MAX], struct fault *fault)
{
	const char *admin = secure_getenv("NIDUS_STATE_DIR");
	const char *runtime = NULL;
	unsigned int uid = geteuid();
	char run_user[32];
	int len;

	if (uid != 0 && !(admin && admin[0]) && find_runtime(run_user, &runtime, fault) < 0)
		return -1;
	if (admin && admin[0])
		len = snprintf(path, STATE_PATH_MAX, "%s", admin);
	else if (uid == 0)
		len = snprintf(path, STATE_PATH_MAX, "/run/nidus");
	else if (runtime)
		len = snprintf(path, STATE_PATH_MAX, "%s/nidus", runtime);
	else
		len = snprintf(path, STATE_PATH_MAX, "/tmp/nidus-%u", uid);
	if (len >= STATE_PATH_MAX)
		return fault_set(fault, STEP_STATE, ENAMETOOLONG,
				 admin ? "NIDUS_STATE_DIR" : runtime);
	if (path[0] != '/')
		return fault_set(fault, STEP_STATE, EINVAL,
				 "NIDUS_STATE_DIR: not an absolute path");
	while (len > 1 && path[len - 1] == '/') /* what follows is its last component */
		path[--len] = '\0';
	return 0;
}

/*
 * The directory above the root, walked as what is written is: no link that somebody else may
 * have made leads to another directory of ours. *name: the last component of the path.
 */
static int open_above(const char *path, const char **name, struct fault *fault)
{
	char above[STATE_PATH_MAX];
	size_t len;

	*name = strrchr(path, '/') + 1; /* it is absolute */
	len = (size_t)(*name - path);
	memcpy(above, path, len);
	above[len] = '\0';
	return host_open(above, HOST_GIVE, O_PATH | O_DIRECTORY, 0, STEP_STATE, fault);
}

/* Opened before it is checked: what was checked is what is used. */
static int open_checked(int above_fd, const char *name, const char *path, struct fault *fault)
{
	cleanup_fd int fd = openat(above_fd, name[0] ? name : ".",
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char what[STATE_PATH_MAX + 64];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_set(fault, STEP_STATE, errno, path);
	if (st.st_uid != geteuid()) {
		snprintf(what, sizeof(what), "%s: belongs to uid %u", path,
			 (unsigned int)st.st_uid);
		return fault_set(fault, STEP_STATE, EPERM, what);
	}
	if (st.st_mode & 077) {
		snprintf(what, sizeof(what), "%s: mode %04o gives others access", path,
			 (unsigned int)(st.st_mode & 07777));
		return fault_set(fault, STEP_STATE, EPERM, what);
	}
	return fd_take(&fd);
}

int state_find_root(char path[STATE_PATH_MAX], struct fault *fault)
{
	cleanup_fd int above_fd = -1;
	const char *name;

	if (choose_root(path, fault) < 0)
		return -1;
	above_fd = open_above(path, &name, fault);
	return above_fd < 0 ? -1 : open_checked(above_fd, name, path, fault);
}

int state_open_root(char path[STATE_PATH_MAX], struct fault *fault)
{
	cleanup_fd int above_fd = -1;
	const char *name;
	int fd;

	if (choose_root(path, fault) < 0)
		return -1;
	above_fd = open_above(path, &name, fault);
	if (above_fd < 0)
		return -1;
	fd = open_checked(above_fd, name, path, fault);
	if (fd >= 0 || fault->err != ENOENT)
		return fd;
	/* EEXIST: another launch was faster. */
	if (mkdirat(above_fd, name, 0700) < 0 && errno != EEXIST)
		return fault_set(fault, STEP_STATE, errno, path);
	return open_checked(above_fd, name, path, fault);
}
