/* SPDX-License-Identifier: Apache-2.0 */
/* A state root of its own for each test, in a directory that goes with it. */
#ifndef NIDUS_TEST_STATE_DIR_H
#define NIDUS_TEST_STATE_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char state_base[64], state_root[80]; /* the root is not made yet */
static int state_entries;

static inline int state_dir_setup(void **state)
{
	(void)state;
	strcpy(state_base, "/tmp/nidus-test-state-XXXXXX");
	if (!mkdtemp(state_base))
		return -1;
	snprintf(state_root, sizeof(state_root), "%s/root", state_base);
	return setenv("NIDUS_STATE_DIR", state_root, 1);
}

static inline int state_dir_remove_one(const char *path, const struct stat *st, int type,
				       struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int state_dir_teardown(void **state)
{
	(void)state;
	return nftw(state_base, state_dir_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline int state_dir_count_one(const char *path, const struct stat *st, int type,
				      struct FTW *at)
{
	const char *name = path + at->base;

	(void)st;
	(void)type;
	if (at->level > 0 && strcmp(name, "names") != 0 && strcmp(name, "ids") != 0)
		state_entries++;
	return 0;
}

/* Files and directories below the root, those left out that stay for good. */
static inline int state_dir_count(void)
{
	state_entries = 0;
	nftw(state_root, state_dir_count_one, 8, FTW_PHYS);
	return state_entries;
}

#endif
