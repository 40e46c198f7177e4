/* SPDX-License-Identifier: Apache-2.0 */
#include "range.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "state.h"

#define RANGE_DIR "ids"

static int range_fault(struct fault *fault, int err, const char *text)
{
	char what[FAULT_WHAT_MAX];

	snprintf(what, sizeof(what), RANGE_DIR "/%s", text);
	return fault_set(fault, STEP_ID_MAP, err, what);
}

int range_open(int root_fd, struct fault *fault)
{
	int fd;

	if (mkdirat(root_fd, RANGE_DIR, 0700) < 0 && errno != EEXIST)
		return range_fault(fault, errno, "");
	fd = openat(root_fd, RANGE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? range_fault(fault, errno, "") : fd;
}

const char *range_text(uint32_t first, char text[RANGE_TEXT_MAX])
{
	snprintf(text, RANGE_TEXT_MAX, "%u", first);
	return text;
}

int range_is_held(int dir_fd, uint32_t first)
{
	char text[RANGE_TEXT_MAX];
	struct stat st;

	if (fstatat(dir_fd, range_text(first, text), &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

int range_claim(int dir_fd, const char *id, uint32_t first, struct fault *fault)
{
	char text[RANGE_TEXT_MAX];

	if (symlinkat(id, dir_fd, range_text(first, text)) == 0)
		return 1;
	return errno == EEXIST ? 0 : range_fault(fault, errno, text);
}

int range_release(int root_fd, const char *id, const char *text, struct fault *fault)
{
	cleanup_fd int dir_fd = openat(root_fd, RANGE_DIR,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char holder[STATE_ID_LEN + 2];
	ssize_t len;

	/* a forged record must not make us remove another file */
	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
		return fault_set(fault, STEP_CLEANUP, EINVAL, text);
	if (dir_fd < 0)
		return errno == ENOENT ? 0 : range_fault(fault, errno, "");
	len = readlinkat(dir_fd, text, holder, sizeof(holder));
	if (len < 0)
		return errno == ENOENT ? 0 : range_fault(fault, errno, text);
	if (len != (ssize_t)strlen(id) || memcmp(holder, id, (size_t)len) != 0)
		return 0;
	if (unlinkat(dir_fd, text, 0) < 0 && errno != ENOENT)
		return range_fault(fault, errno, text);
	return 0;
}
