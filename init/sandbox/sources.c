/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STEP_SOURCES: everything that must be opened with the rights of the caller is opened
 * here, while the filesystem ids are still those of the caller. The ids after
 * STEP_IDENTITY may not even reach the home of the caller.
 */
#include <errno.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"

#define SOURCES_AT_ONCE 256 /* descriptors: a quarter of the usual limit */

/* Checks that the clone is of the inode that the caller checked and holds open. */
static int check_pin(int tree, int fd)
{
	struct stat found, expected;

	if (fstat(tree, &found) < 0 || fstat(fd, &expected) < 0)
		return -1;
	if (found.st_dev == expected.st_dev && found.st_ino == expected.st_ino)
		return 0;
	errno = ESTALE;
	return -1;
}

/*
 * The spawner has followed the links that may be followed, and its path has none: one that
 * is there by now was put there for us.
 */
static int open_path(const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_NO_SYMLINKS,
	};

	return sys_openat2(AT_FDCWD, path, &how);
}

static int open_bind(const struct plan_mount *op, const char *path)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
	cleanup_fd int place = -1, tree = -1;

	if (op->flags & PLAN_MOUNT_F_TREE_FD)
		return op->fd;
	if (op->flags & PLAN_MOUNT_F_RECURSIVE)
		flags |= AT_RECURSIVE;
	place = open_path(path, 0);
	if (place < 0)
		return -1;
	tree = sys_open_tree(place, "", flags);
	if (tree < 0)
		return -1;
	if ((op->flags & PLAN_MOUNT_F_PIN_FD) && check_pin(tree, op->fd) < 0)
		return -1;
	return fd_take(&tree);
}

static int open_dir(const char *path)
{
	return open_path(path, O_DIRECTORY);
}

static int open_source(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	const char *path = plan_string(&in->plan, op->src);
	const char *work = plan_string(&in->plan, op->src2);

	switch (op->kind) {
	case PLAN_MOUNT_BIND:
		in->source[index] = open_bind(op, path);
		break;
	case PLAN_MOUNT_LAYER:
		in->source[index] = op->flags & PLAN_MOUNT_F_TREE_FD ? op->fd : open_dir(path);
		break;
	case PLAN_MOUNT_OVERLAY:
		/* with a tree: opened once that is attached */
		if (op->src.len == 0 || op->flags & PLAN_MOUNT_F_TREE_FD)
			return 0;
		in->work[index] = open_dir(work);
		if (in->work[index] < 0)
			return fault_errno(fault, STEP_SOURCES, work);
		in->source[index] = open_dir(path);
		break;
	default:
		return 0;
	}
	if (in->source[index] >= 0)
		return 0;
	if (errno != ENOENT || !(op->flags & PLAN_MOUNT_F_TRY))
		return fault_errno(fault, STEP_SOURCES, path);
	in->source[index] = SOURCE_LEFT_OUT; /* optional, and does not exist */
	return 0;
}

/*
 * The opener: a second process, with the ids of the caller for as long as the root is built,
 * for plans with more sources than there may be descriptors. Both share one table of
 * descriptors, so what the one opens is the other's at once, and open only as long as it
 * takes to mount it.
 */

struct answer {
	int source, work;
	int failed;
	struct fault fault;
};

static void __attribute__((noreturn)) be_opener(struct init *in, int asked, int answers)
{
	uint32_t index;

	while (read(asked, &index, sizeof(index)) == sizeof(index) &&
	       index < in->plan.header->mounts.count) {
		struct answer answer = {0};

		answer.failed = open_source(in, index, &answer.fault);
		answer.source = in->source[index];
		answer.work = in->work[index];
		if (fd_write_whole(answers, &answer, sizeof(answer)) < 0)
			break;
	}
	_exit(0);
}

static int start_opener(struct init *in, struct fault *fault)
{
	int asked, answers;

	if (fd_pipe(0, &asked, &in->opener_ask) < 0 ||
	    fd_pipe(0, &in->opener_answer, &answers) < 0)
		return fault_errno(fault, STEP_SOURCES, "pipe");
	in->opener = sys_fork_signal(CLONE_FILES);
	if (in->opener == 0)
		be_opener(in, asked, answers);
	return in->opener < 0 ? fault_errno(fault, STEP_SOURCES, "fork") : 0;
}

int sources_get(struct init *in, uint32_t index, struct fault *fault)
{
	struct answer answer;

	if (in->opener_ask < 0)
		return 0;
	if (fd_write_whole(in->opener_ask, &index, sizeof(index)) < 0 ||
	    control_await_input(in, in->opener_answer, clock_now_us() + HANDSHAKE_US) < 0 ||
	    read(in->opener_answer, &answer, sizeof(answer)) != sizeof(answer))
		return fault_errno(fault, STEP_SOURCES, "sources");
	/* not those of an overlay that overlay_prepare has made */
	if (answer.source != SOURCE_NONE)
		in->source[index] = answer.source;
	if (answer.work != SOURCE_NONE)
		in->work[index] = answer.work;
	if (answer.failed)
		*fault = answer.fault;
	return answer.failed;
}

int sources_end(struct init *in, struct fault *fault)
{
	const uint32_t none = UINT32_MAX;

	if (in->opener_ask < 0)
		return 0;
	if (fd_write_whole(in->opener_ask, &none, sizeof(none)) < 0 ||
	    syscall(SYS_wait4, in->opener, NULL, __WALL, NULL) < 0)
		return fault_errno(fault, STEP_SOURCES, "sources");
	fd_close(&in->opener_ask);
	fd_close(&in->opener_answer);
	return 0;
}

/*
 * Needs: the mount namespace as it was copied, without propagation.
 * Must not have happened yet: STEP_IDENTITY.
 */
int sources_open(struct init *in, struct fault *fault)
{
	uint32_t count = in->plan.header->mounts.count;

	for (uint32_t i = 0; i < count; i++)
		in->source[i] = in->work[i] = SOURCE_NONE;
	/* with PLAN_AS_PID_1 the root is built by another process, with a table of its own */
	if (count > SOURCES_AT_ONCE && !plan_has(&in->plan, PLAN_AS_PID_1))
		return start_opener(in, fault);
	/*
	 * The root last. Programs look in mountinfo for a cgroup file system and take the first;
	 * since Linux 6.8 it lists mounts in the order in which they were made, and the root may
	 * bring those of the host, which the sandbox's own cover.
	 */
	for (uint32_t i = count; i-- > 0;)
		if (open_source(in, i, fault) < 0)
			return fault_about(fault, in->plan.mounts[i].option,
					   in->plan.mounts[i].index);
	return 0;
}
