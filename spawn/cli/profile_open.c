/* SPDX-License-Identifier: Apache-2.0 */
/* Finds and opens profiles. Who could have written one decides how open a sandbox is. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../host/open.h"
#include "../spec/refuse.h"
#include "profile.h"

#define PLACES_MAX 4u
#define NAME_BYTES_MAX 64u
#define SYSTEM_PLACE "/etc/nidus/profiles"
#define SHARED_PLACE "share/nidus/profiles"
#define WHOLE "/libexec/nidus/nidus-whole"

/* Where names are looked up, in order. */
struct places {
	char paths[PLACES_MAX][PATH_MAX];
	unsigned int count;
};

static int no_profile(struct fault *fault, int err, const char *path, const char *why)
{
	fault_set(fault, STEP_OPTIONS, err, path);
	return why ? fault_because(fault, why) : -1;
}

/* ---- who could have written it ---- */

static bool is_closed_to_others(const struct stat *st)
{
	return host_is_trusted_owner(st->st_uid) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int refuse_untrusted(const struct stat *st, const char *what, const char *path,
			    struct fault *fault)
{
	char why[FAULT_WHY_MAX];

	if (!host_is_trusted_owner(st->st_uid))
		snprintf(why, sizeof(why),
			 "%s belongs to uid %u; a profile must belong to root or to who runs nidus",
			 what, (unsigned int)st->st_uid);
	else
		snprintf(why, sizeof(why), "others may write %s (mode %04o): chmod go-w", what,
			 (unsigned int)st->st_mode & 07777u);
	return no_profile(fault, EPERM, path, why);
}

/*
 * The file, and the directory that it is in after all links. In a sticky directory nobody else
 * can put another file in its place.
 */
static int check_trust(int fd, const char *path, struct fault *fault)
{
	char real[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return no_profile(fault, errno, path, NULL);
	if (!S_ISREG(st.st_mode))
		return no_profile(fault, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, path,
				  "a profile must be a regular file");
	if (!is_closed_to_others(&st))
		return refuse_untrusted(&st, "it", path, fault);
	if (host_path_of(fd, real) < 0)
		return no_profile(fault, errno, path, NULL);
	*(strrchr(real, '/') + 1) = '\0';
	if (stat(real, &st) < 0)
		return no_profile(fault, errno, path, NULL);
	if (!is_closed_to_others(&st) && !(st.st_mode & S_ISVTX))
		return refuse_untrusted(&st, "its directory", path, fault);
	return 0;
}

static int open_file(const char *path, struct fault *fault)
{
	/* O_NONBLOCK: a FIFO there must not block a launch */
	cleanup_fd int fd = host_open(path, HOST_SHOW, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
				      STEP_OPTIONS, fault);

	if (fd < 0 || check_trust(fd, path, fault) < 0)
		return -1;
	return fd_take(&fd);
}

/* ---- where names are looked up ---- */

static void add_place(struct places *places, const char *base, size_t len, const char *below)
{
	char *path = places->paths[places->count];

	if (base[0] != '/' || len + strlen(below) >= PATH_MAX)
		return;
	memcpy(path, base, len);
	strcpy(path + len, below);
	for (unsigned int i = 0; i < places->count; i++)
		if (strcmp(places->paths[i], path) == 0)
			return;
	places->count++;
}

/* What nidus was installed to: of PREFIX/bin/nidus, and of the whole program, PREFIX/. */
static size_t prefix_of(const char *program)
{
	size_t len = strlen(program), whole = strlen(WHOLE);

	if (len >= whole && strcmp(program + (len - whole), WHOLE) == 0)
		return len - whole + 1;
	for (unsigned int up = 0; up < 2; up++)
		for (len -= len > 0; len > 0 && program[len - 1] != '/'; len--)
			;
	return len > 0 || program[0] != '/' ? len : 1; /* above / is / */
}

static void find_places(struct places *places)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	places->count = 0;
	if (config && config[0] == '/')
		add_place(places, config, strlen(config), "/nidus/profiles");
	else if (home)
		add_place(places, home, strlen(home), "/.config/nidus/profiles");
	add_place(places, SYSTEM_PLACE, strlen(SYSTEM_PLACE), "");
	program[len > 0 ? len : 0] = '\0';
	/* a copy in memory has no place; the launcher has called it by its own path (handover.c) */
	if (program[0] != '/' || strstr(program, " (deleted)"))
		snprintf(program, sizeof(program), "%s", program_invocation_name);
	add_place(places, program, prefix_of(program), SHARED_PLACE);
}

/* A directory that isn't there, or that the caller can't enter, has no profiles. */
static bool is_there(const char *place)
{
	struct fault ignored;
	cleanup_fd int fd =
		host_open(place, HOST_SHOW, O_PATH | O_DIRECTORY, 0, STEP_OPTIONS, &ignored);

	return fd >= 0 ||
	       (ignored.err != ENOENT && ignored.err != ENOTDIR && ignored.err != EACCES);
}

static int not_found(const struct places *places, struct fault *fault)
{
	char why[FAULT_WHY_MAX] = "no such profile in";
	size_t len = strlen(why);

	for (unsigned int i = 0; i < places->count && len < sizeof(why); i++)
		len += (size_t)snprintf(why + len, sizeof(why) - len, "%s %s", i > 0 ? "," : "",
					places->paths[i]);
	if (len < sizeof(why))
		snprintf(why + len, sizeof(why) - len, "; a file needs a / (./NAME)");
	return no_profile(fault, ENOENT, NULL, why);
}

static int open_named(const char *name, char path[PATH_MAX], struct fault *fault)
{
	struct places places;

	if (strlen(name) > NAME_BYTES_MAX || !spec_is_word(name, "._-"))
		return no_profile(
			fault, EINVAL, NULL,
			"the name of a profile is letters, digits, '.', '_' and '-' (at most "
			"64, the first a letter or digit); a file has a / in its name");
	find_places(&places);
	for (unsigned int i = 0; i < places.count; i++) {
		int fd;

		if (!is_there(places.paths[i]) ||
		    snprintf(path, PATH_MAX, "%s/%s", places.paths[i], name) >= PATH_MAX)
			continue;
		fd = open_file(path, fault);
		if (fd >= 0 || fault->err != ENOENT)
			return fd;
	}
	return not_found(&places, fault);
}

int profile_open(const char *name, const char *from, char path[PATH_MAX], struct fault *fault)
{
	const char *slash = from && name[0] != '/' ? strrchr(from, '/') : NULL;
	int dir_len = slash ? (int)(slash - from) + 1 : 0;

	if (!strchr(name, '/'))
		return open_named(name, path, fault);
	while (slash && strncmp(name, "./", 2) == 0 && name[2] != '/' && name[2] != '\0')
		name += 2;
	if (snprintf(path, PATH_MAX, "%.*s%s", dir_len, from ? from : "", name) >= PATH_MAX)
		return no_profile(fault, ENAMETOOLONG, NULL, NULL);
	return open_file(path, fault);
}
