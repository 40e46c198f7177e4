/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at the caller and the machine for the choice of ids, and writes the maps. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../init/small_file.h"
#include "source.h"

#define TEXT_MAX (4u << 20) /* bytes of a file in /etc; longer ones are refused */
#define TEXT_STEP 4096
#define MAP_TEXT_MAX (NIDUS_ID_RANGES_MAX * 36)

/* The whole file as text on the heap; NULL with errno. */
static char *read_text(const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0, room = 0;
	char *text = NULL;
	int err;

	if (fd < 0)
		return NULL;
	for (;;) {
		ssize_t n;

		if (room - len < 2) {
			char *more = room < TEXT_MAX ? realloc(text, room + TEXT_STEP) : NULL;

			if (!more) {
				err = room < TEXT_MAX ? ENOMEM : EFBIG;
				break;
			}
			text = more;
			room += TEXT_STEP;
		}
		n = read(fd, text + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = errno;
			break;
		}
		len += (size_t)n;
		text[len] = '\0';
		if (n == 0)
			return text;
	}
	free(text);
	errno = err;
	return NULL;
}

/*
 * A file of /etc that need not be there: then *text is NULL. Any other failure is one: to take
 * it for an empty file could give away ids that are somebody's.
 */
static int read_table(const char *path, char **text, struct fault *fault)
{
	*text = read_text(path);
	if (*text || errno == ENOENT || errno == ENOTDIR || (errno == EACCES && geteuid() != 0))
		return 0;
	return fault_set(fault, STEP_ID_MAP, errno, path);
}

/* Without it, there would seem to be no ids but the caller's own. */
static int read_map(const char *path, char **text, struct fault *fault)
{
	*text = read_text(path);
	return *text ? 0 : fault_set(fault, STEP_ID_MAP, errno, path);
}

static bool has_id_caps(void)
{
	const uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return (data[0].effective & needed) == needed;
}

/* What is denied in a namespace is denied in all namespaces below it. */
static bool is_setgroups_denied(void)
{
	char text[8];

	return small_file_read(AT_FDCWD, "/proc/self/setgroups", text, sizeof(text)) >= 4 &&
	       memcmp(text, "deny", 4) == 0;
}

/* Without them the workload would have one id, and PID 1 the same. */
static int find_helpers(struct ids_source *source, struct fault *fault)
{
	source->has_helpers = ids_helper_find("newuidmap") && ids_helper_find("newgidmap");
	if (!source->has_helpers && errno != ENOENT)
		return fault_set(fault, STEP_ID_MAP, errno, "newuidmap and newgidmap");
	return 0;
}

static int load_source(const struct nidus_spec *spec, struct ids_source *source,
		       struct fault *fault)
{
	bool automatic = spec->userns == NIDUS_USERNS_AUTO;

	memset(source, 0, sizeof(*source));
	source->uid = geteuid();
	source->gid = getegid();
	source->privileged = source->uid == 0 && has_id_caps();
	source->setgroups_denied = is_setgroups_denied();
	if (source->privileged && !automatic)
		return 0;
	if (source->privileged && (read_map("/proc/self/uid_map", &source->uid_map, fault) < 0 ||
				   read_map("/proc/self/gid_map", &source->gid_map, fault) < 0))
		return -1;
	if (!source->privileged) {
		if (!automatic && spec->userns != NIDUS_USERNS_MAP)
			return 0;
		if (find_helpers(source, fault) < 0)
			return -1;
		if (!automatic || !source->has_helpers)
			return 0;
		if (read_table("/etc/passwd", &source->passwd, fault) < 0)
			return -1;
	}
	if (read_table("/etc/subuid", &source->subuid, fault) < 0)
		return -1;
	return read_table("/etc/subgid", &source->subgid, fault);
}

static void free_source(struct ids_source *source)
{
	free(source->uid_map);
	free(source->gid_map);
	free(source->passwd);
	free(source->subuid);
	free(source->subgid);
}

int ids_choose(const struct nidus_spec *spec, const char *instance_id, ids_is_leased *is_leased,
	       void *arg, struct ids *ids, struct fault *fault)
{
	struct ids_source source;
	int result = load_source(spec, &source, fault);

	source.is_leased = is_leased;
	source.arg = arg;
	if (result == 0)
		result = ids_choose_from(&source, spec, instance_id, ids, fault);
	free_source(&source);
	return result;
}

/* Whether a path failed to resolve because nothing usable is there. */
static bool is_not_there(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES || err == ELOOP;
}

/* 1: it is the caller's; 0: it is nobody's home; -1 with errno. */
static int resolve_home(struct ids_home *home, uint32_t uid)
{
	struct stat st;

	if (stat(home->path, &st) < 0)
		return is_not_there(errno) ? 0 : -1;
	if (st.st_uid != uid || !S_ISDIR(st.st_mode))
		return 0;
	if (realpath(home->path, home->real))
		return 1;
	return is_not_there(errno) ? 0 : -1;
}

int ids_find_home(struct ids_home *home, struct fault *fault)
{
	uint32_t uid = geteuid();
	int found = 0;
	char *passwd;

	home->path[0] = home->real[0] = '\0';
	if (read_table("/etc/passwd", &passwd, fault) < 0)
		return -1;
	if (passwd && subid_user_home(passwd, uid, home->path, sizeof(home->path)) &&
	    home->path[0] == '/')
		found = resolve_home(home, uid);
	free(passwd);
	if (found < 0)
		return fault_set(fault, STEP_SOURCES, errno, home->path);
	if (found == 0)
		home->path[0] = home->real[0] = '\0';
	return 0;
}

static int write_proc(pid_t child, const char *file, const char *text, struct fault *fault)
{
	char path[64];
	cleanup_fd int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", child, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fd_write_whole(fd, text, strlen(text)) < 0)
		return fault_set(fault, STEP_ID_MAP, errno, path);
	return 0;
}

/* The kernel takes a map in one write, once. */
static int write_map(pid_t child, const char *file, const struct nidus_id_range *map, size_t count,
		     struct fault *fault)
{
	char text[MAP_TEXT_MAX];
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u %u %u\n", map[i].inside,
					map[i].outside, map[i].count);
	return write_proc(child, file, text, fault);
}

/*
 * There is no fallback to the single id when a helper fails: the plan is already
 * sealed and names ids that only the full map has.
 */
int ids_write(const struct ids *ids, pid_t child, struct fault *fault)
{
	if (!ids->new_userns)
		return 0;
	/* Before gid_map: a user may write it only after setgroups is denied (CVE-2014-8989). */
	if (ids->deny_setgroups && write_proc(child, "setgroups", "deny", fault) < 0)
		return -1;
	if (ids->use_helpers)
		return ids_helper_run(ids, child, fault);
	if (write_map(child, "uid_map", ids->uid_map, ids->uid_map_count, fault) < 0)
		return -1;
	return write_map(child, "gid_map", ids->gid_map, ids->gid_map_count, fault);
}
