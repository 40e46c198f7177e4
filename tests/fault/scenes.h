/* SPDX-License-Identifier: Apache-2.0 */
/* What is run, hit, and checked. */
#ifndef NIDUS_FAULT_SCENES_H
#define NIDUS_FAULT_SCENES_H

#include <stdbool.h>

#include "trace.h"

enum scene_form {
	SCENE_RUN, /* `nidus run`, to its end */
	SCENE_DETACH, /* `nidus run --detach`, then `nidus stop` */
	SCENE_GC, /* `nidus gc`, after a `nidus run` that was killed */
};

struct scene {
	const char *name;
	enum scene_form form;
	uid_t uid;
	bool tells; /* the workload says on a socket that it runs */
	bool has_network; /* its own: it needs helpers/net-stage, which shows no groups */
	bool by_name; /* only where it is asked for: tests/e2e/net_crash.bats does */
	const char *options; /* of `nidus run`; @ is the scene's directory */
	const char *checks; /* of the workload, besides those of all */
	const char *memory, *pids; /* limits of its groups; NULL: not looked at */
};

extern const struct scene scenes[];
extern const int scene_count;

/* NULL: there is none. */
const struct scene *scene_find(const char *name);

/* Its directory, its files, what was there before. Before anything else of it. */
void scene_prepare(const struct scene *scene);

/*
 * Once from start to end, with the shot; then what is left is collected and looked at.
 * Returns NULL if all was as it should be, else what was not. With `shot` NULL the command must
 * succeed.
 */
const char *scene_play(const struct scene *scene, const struct shot *shot);

/* After a failure: ends and removes what can be, and takes the rest for granted. */
void scene_recover(const struct scene *scene);

/* The whole census, and a run that is not hit. */
const char *scene_finish(const struct scene *scene);

#endif
