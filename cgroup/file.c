/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the small files of a group, each in one call. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "backend.h"

#define MAKE_TRIES 3 /* another launcher may remove the empty parent between our two mkdirs */

int cg_file_fault(const char *dir, const char *file, int err, struct fault *fault)
{
	char path[CG_PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fault_set(fault, STEP_CGROUP, err, path);
	errno = err;
	return -1;
}

int cg_file_write(int dir_fd, const char *dir, const char *file, const char *text,
		  struct fault *fault)
{
	cleanup_fd int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_whole(fd, text, strlen(text)) < 0)
		return cg_file_fault(dir, file, errno, fault);
	return 0;
}

int cg_file_write_number(int dir_fd, const char *dir, const char *file, uint64_t number,
			 struct fault *fault)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return cg_file_write(dir_fd, dir, file, text, fault);
}

bool cg_file_exists(int dir_fd, const char *file)
{
	return faccessat(dir_fd, file, F_OK, 0) == 0 || (errno != ENOENT && errno != ENODEV);
}

uint64_t cg_file_number(int dir_fd, const char *file)
{
	char text[64];

	if (small_file_read(dir_fd, file, text, sizeof(text)) <= 0)
		return CG_UNKNOWN;
	return cg_parse_number(text);
}

/* The parent is shared by all sandboxes, so it usually exists already. */
static int make_parent(const char *path)
{
	char parent[CG_PATH_MAX];
	size_t len = (size_t)(strrchr(path, '/') - path);

	memcpy(parent, path, len);
	parent[len] = '\0';
	return mkdir(parent, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

int cg_file_make_group(const char *path, int *dir_fd, struct fault *fault)
{
	int made = mkdir(path, 0755);

	for (int i = 0; made < 0 && errno == ENOENT && i < MAKE_TRIES; i++)
		made = make_parent(path) == 0 ? mkdir(path, 0755) : -1;
	if (made < 0)
		return fault_set(fault, STEP_CGROUP, errno, path);
	*dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*dir_fd < 0) {
		fault_set(fault, STEP_CGROUP, errno, path);
		rmdir(path); /* ours and empty; a failure does not replace the fault above */
		return -1;
	}
	return 0;
}

uint32_t cg_bfq_weight(uint32_t weight)
{
	if (weight <= 100)
		return weight;
	return 100 + (weight - 100) * (1000 - 100) / (10000 - 100);
}
