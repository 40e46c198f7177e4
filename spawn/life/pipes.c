/* SPDX-License-Identifier: Apache-2.0 */
#include "pipes.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A pipe without a name: only those who hold it can come to it, whatever its mode says. */
static bool is_pipe(int fd, struct stat *st)
{
	struct statfs fs;

	return fstat(fd, st) == 0 && S_ISFIFO(st->st_mode) && fstatfs(fd, &fs) == 0 &&
	       fs.f_type == PIPEFS_MAGIC;
}

/*
 * The mode and not the owner: several sandboxes may share one pipe, each with ids of its own,
 * and a spawner that is killed would leave a stranger as the owner.
 */
void pipes_open_up(const struct nidus_sandbox *sandbox)
{
	if (!sandbox->prepared.ids.shifted)
		return;
	for (int i = 0; i < 3; i++) {
		int fd = sandbox->spec->stdio[i];
		mode_t others = i == STDIN_FILENO ? S_IROTH : S_IWOTH;
		struct stat st;

		/* EPERM: another user's; then it stays closed */
		if (is_pipe(fd, &st) && (st.st_mode & others) == 0)
			fchmod(fd, (st.st_mode & 07777) | others);
	}
}
