/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that make or change one entry of the new root, without a mount from the host. */
#include <errno.h>
#include <sys/stat.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"
#include "../text.h"

#define COPY_CHUNK 65536
#define MADE_MODE 01777 /* what mkdir(2) takes of a mode */
#define COPY_MAX (1ull << 32) /* bytes: a source that never ends is a fault, not a full disk */

static int op_fault(const struct init *in, const struct plan_mount *op, struct fault *fault)
{
	return fault_errno(fault, STEP_ROOT, plan_string(&in->plan, op->dst));
}

/*
 * Made as it is to be. In a directory of the host somebody may put another in its place at
 * once, which must not get its mode: it is changed only for bits that mkdir(2) drops, and if
 * it is what was made.
 */
int entry_dir(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	const char *path = plan_string(&in->plan, op->dst);
	cleanup_fd int found = place_open(in->root_fd, path, O_PATH | O_DIRECTORY);
	cleanup_fd int parent = -1, dir = -1;
	struct place_name name;
	struct stat st;

	if (found >= 0)
		return 0; /* one that exists keeps its mode and owner */
	if (errno != ENOENT)
		return op_fault(in, op, fault);
	parent = place_parent_of(in, op, &name, fault);
	if (parent < 0)
		return parent == SOURCE_LEFT_OUT ? 0 : -1;
	if (place_make(in, parent, name.last, S_IFDIR | op->mode, NULL) < 0)
		return op_fault(in, op, fault);
	if (!place_is_own_tmpfs(in, parent) && !(op->mode & ~MADE_MODE))
		return 0;
	dir = openat(parent, name.last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) < 0)
		return op_fault(in, op, fault);
	errno = ESTALE;
	if (st.st_mode != (S_IFDIR | (op->mode & MADE_MODE)) || mount_own(dir, op) < 0)
		return op_fault(in, op, fault);
	return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Copies from the current offset of `from` to its end. It may be a pipe with a writer elsewhere. */
static int copy(struct init *in, int from, int to)
{
	static char chunk[COPY_CHUNK];
	uint64_t deadline = clock_now_us() + HANDSHAKE_US;

	for (uint64_t total = 0; total < COPY_MAX;) {
		ssize_t n;

		if (control_await_input(in, from, deadline) < 0)
			return -1;
		n = read(from, chunk, sizeof(chunk));
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0)
			return (int)n;
		if (write_all(to, chunk, (size_t)n) < 0)
			return -1;
		total += (uint64_t)n;
	}
	errno = EFBIG;
	return -1;
}

/*
 * Opens the regular file at a path of the new root for writing, and creates it if it is
 * missing. Anything but a regular file is not opened: that could block or reach a device.
 */
static int open_file(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	cleanup_fd int place = place_of(in, op, PLACE_FILE, fault);
	cleanup_fd int file = -1;
	struct stat st, opened;

	if (place < 0)
		return place;
	if (fstat(place, &st) < 0)
		return op_fault(in, op, fault);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (!S_ISREG(st.st_mode))
		return op_fault(in, op, fault);
	file = place_open(in->root_fd, plan_string(&in->plan, op->dst),
			  O_WRONLY | O_NONBLOCK | O_NOCTTY);
	if (file < 0 || fstat(file, &opened) < 0)
		return op_fault(in, op, fault);
	errno = ESTALE;
	if (st.st_dev != opened.st_dev || st.st_ino != opened.st_ino)
		return op_fault(in, op, fault);
	return fd_take(&file);
}

int entry_file(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	cleanup_fd int file = open_file(in, op, fault);

	if (file < 0)
		return file == SOURCE_LEFT_OUT ? 0 : -1;
	if (ftruncate(file, 0) < 0 || copy(in, op->fd, file) < 0 || mount_own(file, op) < 0)
		return op_fault(in, op, fault);
	return 0;
}

/* A file in the stage tmpfs, named by its operation; its clone is what gets attached. */
int entry_data(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	char buffer[TEXT_NUMBER_MAX], *name = text_number(buffer, index, 10);
	cleanup_fd int file = openat(in->stage_fd, name,
				     O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	cleanup_fd int tree = -1;
	int result;

	if (file < 0 || copy(in, op->fd, file) < 0 || mount_own(file, op) < 0)
		return op_fault(in, op, fault);
	tree = stage_clone(in, name, mount_attrs(op->flags));
	if (tree < 0)
		return op_fault(in, op, fault);
	result = attach_tree(in, op, tree, fault);
	if (result != SOURCE_LEFT_OUT)
		return result;
	if (op->flags & PLAN_MOUNT_F_REPORT) {
		fault_set(fault, STEP_ROOT, ENOENT, plan_string(&in->plan, op->dst));
		fault_about(fault, op->option, op->index);
		report_fault(in, REPORT_DEGRADED, fault);
	}
	return 0;
}

static bool same_link(int parent, const char *name, const char *target)
{
	char found[4096]; /* PATH_MAX */
	ssize_t n = readlinkat(parent, name, found, sizeof(found));

	return n >= 0 && (size_t)n == strlen(target) && memcmp(found, target, (size_t)n) == 0;
}

int entry_symlink(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	const char *target = plan_string(&in->plan, op->src);
	struct place_name name;
	cleanup_fd int parent = place_parent_of(in, op, &name, fault);

	if (parent < 0)
		return parent == SOURCE_LEFT_OUT ? 0 : -1;
	if (place_make(in, parent, name.last, 0, target) == 0)
		return 0;
	if (errno == EEXIST && same_link(parent, name.last, target))
		return 0; /* the link exists already */
	errno = errno == EINVAL ? EEXIST : errno; /* EINVAL of readlink: not a symlink */
	return op_fault(in, op, fault);
}

int entry_chmod(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	cleanup_fd int place = place_of(in, op, PLACE_NEVER, fault);
	cleanup_fd int file = -1;
	struct stat st;

	if (place < 0)
		return place == SOURCE_LEFT_OUT ? 0 : -1;
	if (sys_fchmodat2(place, op->mode) == 0)
		return 0;
	if (errno != ENOSYS)
		return op_fault(in, op, fault);
	/* Before Linux 6.6 O_PATH descriptors can't be used for chmod; open only what is safe. */
	errno = EINVAL;
	if (fstat(place, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return op_fault(in, op, fault);
	file = place_open(in->root_fd, plan_string(&in->plan, op->dst),
			  O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (file < 0 || fchmod(file, op->mode) < 0)
		return op_fault(in, op, fault);
	return 0;
}
