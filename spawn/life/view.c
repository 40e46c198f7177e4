/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "../spec/refuse.h"

void view_find(const struct nidus_spec *spec, struct view *view)
{
	struct plan_context context = { .home = NULL };
	struct sysinfo info;

	ids_find_home(&view->home);
	view->ram_bytes = sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
	view_lend(view, &context);
	sockets_find(spec, &context, &view->sockets);
}

void view_free(struct view *view)
{
	arena_free(&view->sockets.arena);
}

void view_lend(const struct view *view, struct plan_context *context)
{
	context->home = view->home.path[0] ? view->home.path : NULL;
	context->home_real = view->home.real[0] ? view->home.real : NULL;
	context->ram_bytes = view->ram_bytes;
	context->closed = view->sockets.closed;
	context->closed_count = view->sockets.count;
}

/* ---- a command in a hidden home ---- */

static bool is_hidden(const struct view *view, const struct nidus_spec *spec, const char *path,
		      struct fault *fault)
{
	struct plan_context context = { .home = NULL };
	char real[PATH_MAX];

	view_lend(view, &context);
	if (!realpath(path, real) || access(real, X_OK) < 0 ||
	    (!plan_hides(spec, &context, real) && !plan_hides(spec, &context, path)))
		return false;
	fault_set(fault, fault->step, fault->err, path);
	fault_about(fault, NIDUS_OPTION_HOME, 0);
	spec_fault(fault, fault->step, fault->err,
		   "it is in a home, and homes are hidden inside: %s ro shows them, a read-only "
		   "bind shows one directory",
		   spec_word(spec, NIDUS_OPTION_HOME));
	return true;
}

bool view_blame_hidden(const struct view *view, const struct nidus_spec *spec,
		       struct fault *fault)
{
	const char *name = spec->argv[0], *at = plan_search_path(spec);
	char path[PATH_MAX];

	if (strchr(name, '/'))
		return (name[0] == '/' || !spec->cwd) && is_hidden(view, spec, name, fault);
	for (size_t len;; at += len + 1) {
		len = strcspn(at, ":");
		if (len > 0 && len + strlen(name) + 2 <= sizeof(path)) {
			snprintf(path, sizeof(path), "%.*s/%s", (int)len, at, name);
			if (is_hidden(view, spec, path, fault))
				return true;
		}
		if (at[len] == '\0')
			return false;
	}
}
