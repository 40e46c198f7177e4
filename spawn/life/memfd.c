/* SPDX-License-Identifier: Apache-2.0 */
#include "memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "image.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

#define IMAGE_SIZE_MAX (8 << 20) /* bytes of another nidus-init given by the caller */

static int open_kind(const char *name, unsigned int kind)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | kind);

	/* before Linux 6.3 the flag is unknown, and every memfd is executable */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

/* A memfd is a file, and subject to the limit on their sizes, which is then worth naming. */
static int refuse_size(const char *what, uint32_t step, size_t size, struct fault *fault)
{
	char why[FAULT_WHY_MAX];
	struct rlimit limit;
	int err = errno;

	fault_set(fault, step, err, what);
	if ((err != EFBIG && err != EIO) || getrlimit(RLIMIT_FSIZE, &limit) < 0 ||
	    limit.rlim_cur >= size)
		return -1;
	fault->err = EFBIG;
	snprintf(why, sizeof(why), "the limit on file sizes (ulimit -f) is %llu bytes; %zu are needed",
		 (unsigned long long)limit.rlim_cur, size);
	return fault_because(fault, why);
}

static int seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

int memfd_empty(const char *name, struct fault *fault)
{
	int fd = open_kind(name, MFD_NOEXEC_SEAL);

	return fd < 0 ? fault_set(fault, STEP_PLAN, errno, name) : fd;
}

int memfd_seal_plan(int fd, const struct plan *plan, struct fault *fault)
{
	if (fd_write_whole(fd, plan->bytes, plan->size) < 0 || seal(fd) < 0)
		return refuse_size("memfd", STEP_PLAN, plan->size, fault);
	return 0;
}

int memfd_fill(int fd, const char *name, const char *text, struct fault *fault)
{
	if (fd_write_whole(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return refuse_size(name, STEP_PLAN, strlen(text), fault);
	return 0;
}

int memfd_text(const char *name, const char *text, struct fault *fault)
{
	cleanup_fd int fd = memfd_empty(name, fault);

	return fd < 0 || memfd_fill(fd, name, text, fault) < 0 ? -1 : fd_take(&fd);
}

/* A full copy: changing the caller's file must not change what the sandbox runs. */
static int copy_image(int fd, int from_fd, size_t *size)
{
	struct stat file;
	off_t offset = 0;

	*size = fstat(from_fd, &file) == 0 ? (size_t)file.st_size : 0;
	while (offset < IMAGE_SIZE_MAX) {
		ssize_t n = sendfile(fd, from_fd, &offset, (size_t)(IMAGE_SIZE_MAX - offset));

		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
	}
	errno = EFBIG;
	return -1;
}

int memfd_init_image(int from_fd, struct fault *fault)
{
	cleanup_fd int fd = open_kind("nidus-init", MFD_EXEC);
	size_t size = nidus_init_image_size;
	int failed;

	if (fd < 0)
		return fault_set(fault, STEP_INIT_IMAGE, errno, "memfd");
	if (from_fd >= 0)
		failed = copy_image(fd, from_fd, &size);
	else
		failed = fd_write_whole(fd, nidus_init_image, nidus_init_image_size);
	if (failed || seal(fd) < 0)
		return refuse_size("nidus-init", STEP_INIT_IMAGE, size, fault);
	return fd_take(&fd);
}
