/* SPDX-License-Identifier: Apache-2.0 */
#include "cwd.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../ids/ids.h"
#include "../spec/path.h"
#include "../spec/root.h"

#define COVER_BYTES 65536 /* of the tmpfs over a closed directory: it holds directories only */

static bool is_same(const char *a, const char *b)
{
	return path_is_within(a, b) && path_is_within(b, a);
}

/* ---- what is in the way ---- */

/* The command of root has an id that owns nothing outside. */
static bool is_somebody_else(const struct nidus_spec *spec)
{
	return geteuid() == 0 && spec->userns != NIDUS_USERNS_HOST &&
	       spec->userns != NIDUS_USERNS_KEEP;
}

/*
 * The length of the path of the outermost directory above `cwd` that somebody else can't
 * enter; 0: none.
 */
static size_t find_closed(const struct nidus_spec *spec, const char *cwd)
{
	char above[PATH_MAX];
	struct stat st;

	if (!is_somebody_else(spec) || path_is_within(cwd, "/tmp"))
		return 0;
	for (size_t len = 1; cwd[len]; len++) {
		if (cwd[len] != '/')
			continue;
		memcpy(above, cwd, len);
		above[len] = '\0';
		if (stat(above, &st) == 0 && !(st.st_mode & S_IXOTH))
			return len;
	}
	return 0;
}

/* ---- where nothing is asked for ---- */

/* Directories of which the default view shows nothing, or that hold homes. */
static bool may_be_hidden(const char *cwd, const char *home)
{
	static const char *const hidden[] = { "/tmp", "/var/tmp", "/root", "/home" };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (path_is_within(cwd, hidden[i]) && !is_same(cwd, hidden[i]))
			return true;
	return home && path_is_within(cwd, home);
}

/* A home, or above one: its secrets are not what the command was given. */
static bool holds_home(const char *cwd, const char *home)
{
	const char *slash = strrchr(cwd, '/'), *variable = getenv("HOME");

	if (path_is_within("/root", cwd) || path_is_within("/home", cwd))
		return true;
	if (path_is_within(cwd, "/home") && slash && slash - cwd == (ptrdiff_t)strlen("/home"))
		return true;
	return (home && path_is_within(home, cwd)) || (variable && path_is_within(variable, cwd));
}

/* The caller arranges what is there by other operations. */
static bool is_arranged(const struct nidus_spec *spec, const char *path)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].dst && path_is_within(spec->mounts[i].dst, path))
			return true;
	return false;
}

static bool is_given(const struct nidus_spec *spec, const char *cwd)
{
	struct ids_home home;
	struct fault unknown;
	const char *known;
	struct stat st;

	if (ids_find_home(&home, &unknown) < 0)
		return false; /* the start will say so */
	known = home.path[0] ? home.path : NULL;
	if (spec->cwd || !spec_shows_host(spec) || spec->share & 1u << NIDUS_NS_MNT)
		return false;
	if (!may_be_hidden(cwd, known) && find_closed(spec, cwd) == 0)
		return false; /* it is in view as it is */
	if (holds_home(cwd, known) || is_arranged(spec, cwd))
		return false;
	return stat(cwd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & S_IWOTH);
}

/* ---- the operations ---- */

/* With a new directory in its place: what it holds besides was closed to the command anyway. */
static int cover_closed(struct nidus_spec *spec, const char *cwd, const char *word)
{
	struct nidus_mount cover = { .kind = NIDUS_TMPFS, .fd = -1, .perms = 0755, .word = word };
	size_t len = find_closed(spec, cwd);
	char *path;

	if (len == 0)
		return 0;
	path = arena_strndup(&spec->arena, cwd, len);
	if (!path)
		return -1;
	if (is_arranged(spec, path))
		return 0;
	cover.dst = path;
	cover.size = COVER_BYTES;
	return nidus_spec_add_mount(spec, &cover);
}

/* Moves the operations from `from` on to the front. */
static void put_first(struct nidus_spec *spec, size_t from)
{
	for (size_t to = 0; from < spec->mount_count; from++, to++) {
		struct nidus_mount mount = spec->mounts[from];

		memmove(&spec->mounts[to + 1], &spec->mounts[to], (from - to) * sizeof(mount));
		spec->mounts[to] = mount;
	}
}

int cwd_give(struct nidus_spec *spec, const struct run_request *request, struct fault *fault)
{
	bool writable = request->cwd == RUN_CWD_RW, asked = request->cwd > RUN_CWD_NONE;
	struct nidus_mount bind = { .kind = NIDUS_BIND, .fd = -1, .perms = -1 };
	const char *word = writable ? "--cwd rw" : "--cwd ro";
	size_t before = spec->mount_count;
	char cwd[PATH_MAX];
	struct stat st;

	if (request->cwd == RUN_CWD_NONE)
		return 0;
	if (!getcwd(cwd, sizeof(cwd)) || cwd[0] != '/') {
		if (!asked)
			return 0; /* it was removed, or can't be reached: there is nothing to give */
		return cli_refuse(fault, word, NULL, "the current directory is gone");
	}
	if (!asked && !is_given(spec, cwd))
		return 0;
	if (asked && !writable && is_somebody_else(spec) && stat(cwd, &st) == 0 &&
	    !(st.st_mode & S_IXOTH))
		return cli_refuse(fault, word, NULL,
				  "only its owner may enter the current directory, which --cwd rw "
				  "makes the command");
	bind.src = bind.dst = nidus_spec_strdup(spec, cwd);
	bind.read_only = !writable;
	bind.word = word;
	if (!bind.src || cover_closed(spec, cwd, word) < 0 || nidus_spec_add_mount(spec, &bind) < 0)
		return fault_set(fault, STEP_OPTIONS, ENOMEM, word);
	if (asked && !spec->cwd)
		spec->cwd = bind.dst;
	if (!asked)
		put_first(spec, before);
	return 0;
}

bool cwd_is_named(const struct nidus_spec *spec)
{
	for (size_t i = 0; i < spec->argc; i++) {
		const char *word = spec->argv[i];

		/* the command itself only as a path: its name is looked up in PATH */
		if (word[0] == '/' || word[0] == '-' || word[0] == '\0' ||
		    (i == 0 && !strchr(word, '/')))
			continue;
		if (access(word, F_OK) == 0)
			return true;
	}
	return false;
}
