/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../init/kernel_abi.h"
#include "../../init/small_file.h"
#include "../host/open.h"
#include "../plan/plan.h"
#include "../spec/root.h"

#define FILE_MAX                                                                                   \
	(1u << 20) /* bytes; a longer file, such as a list of blocked names, stays as it is */
#define BLANKS " \t\n"

/*
 * The file as the sandbox sees it. The root may be somebody else's: no link leads out of it, and
 * what not everybody may read is not copied into a file that the workload reads. -1: none.
 */
static int open_hosts(const char *root)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	struct fault gone;
	cleanup_fd int root_fd =
		host_open(root, HOST_SHOW, O_PATH | O_DIRECTORY, 0, STEP_SOURCES, &gone);
	cleanup_fd int fd = -1;
	struct stat st;

	if (root_fd < 0)
		return -1;
	fd = sys_openat2_again(root_fd, "etc/hosts", &how);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & S_IROTH) ||
	    st.st_size > (off_t)FILE_MAX)
		return -1;
	return fd_take(&fd);
}

/* Whether a line gives an address to the name. */
static bool has_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at += len) {
		const char *line = at;
		bool is_word = at > text && strchr(BLANKS, at[-1]) &&
			       (at[len] == '\0' || strchr(BLANKS, at[len]));

		while (line > text && line[-1] != '\n')
			line--;
		if (is_word && line < at && !memchr(line, '#', (size_t)(at - line)))
			return true;
	}
	return false;
}

char *hosts_with_own_name(const struct nidus_spec *spec)
{
	const char *hostname = plan_hostname(spec), *root = spec_root_source(spec);
	cleanup_fd int fd = hostname && root ? open_hosts(root) : -1;
	size_t size = FILE_MAX + 512; /* a line, and one byte more than can be read */
	char *text;
	ssize_t len;

	text = fd < 0 ? NULL : malloc(size);
	if (!text)
		return NULL;
	len = small_file_read_fd(fd, text, FILE_MAX + 1);
	if (len < 0 || has_name(text, hostname)) {
		free(text);
		return NULL;
	}
	snprintf(text + len, size - (size_t)len, "%s127.0.1.1\t%.255s\n",
		 len > 0 && text[len - 1] != '\n' ? "\n" : "", hostname);
	return text;
}
