/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "../../init/small_file.h"
#include "../../init/text.h"
#include "../spec/refuse.h"

/* A bound of the kernel's. What can't be read bounds nothing: the default limit stays. */
static uint64_t read_bound(const char *path)
{
	char text[TEXT_NUMBER_MAX];
	ssize_t len = small_file_read(AT_FDCWD, path, text, sizeof(text));

	return len > 0 ? strtoull(text, NULL, 10) : UINT64_MAX;
}

/* Threads count as processes do. */
static void find_room(const struct sysinfo *info, struct limit_room *room)
{
	uint64_t threads = read_bound("/proc/sys/kernel/threads-max");
	uint64_t pids = read_bound("/proc/sys/kernel/pid_max");
	struct rlimit nproc = { .rlim_max = RLIM_INFINITY }, core = nproc;

	if (threads > pids)
		threads = pids;
	if (threads == UINT64_MAX)
		room->free_pids = threads;
	else
		room->free_pids = threads > info->procs ? threads - info->procs : 0;
	getrlimit(RLIMIT_NPROC, &nproc); /* these fail only for bad arguments */
	getrlimit(RLIMIT_CORE, &core);
	room->nproc_hard = nproc.rlim_max;
	room->core_hard = core.rlim_max;
}

/* What can't be told counts as there: to hide too much fails loudly. */
static bool is_directory(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno != ENOENT && errno != ENOTDIR && errno != EACCES;
	return S_ISDIR(st.st_mode);
}

int view_find(const struct nidus_spec *spec, struct view *view, struct fault *fault)
{
	struct plan_context context = { .home = NULL };
	struct sysinfo info;

	sysinfo(&info); /* fails only for a bad address */
	view->ram_bytes = (uint64_t)info.totalram * info.mem_unit;
	find_room(&info, &view->room);
	view->has_var_run = is_directory("/var/run");
	if (ids_find_home(&view->home, fault) < 0)
		return -1;
	view_lend(view, &context);
	sockets_find(spec, &context, &view->sockets);
	return 0;
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
	context->has_var_run = view->has_var_run;
	context->closed = view->sockets.closed;
	context->closed_count = view->sockets.count;
}

/* ---- a command, or its directory, in a hidden home ---- */

static bool blame_if_hidden(const struct view *view, const struct nidus_spec *spec,
			    const char *path, struct fault *fault)
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

static void blame_command(const struct view *view, const struct nidus_spec *spec,
			  struct fault *fault)
{
	const char *name = spec->argv[0], *at = plan_search_path(spec);
	char path[PATH_MAX];

	if (strchr(name, '/')) {
		if (name[0] == '/' || !spec->cwd)
			blame_if_hidden(view, spec, name, fault);
		return;
	}
	for (size_t len;; at += len + 1) {
		len = strcspn(at, ":");
		if (len > 0 && len + strlen(name) + 2 <= sizeof(path)) {
			snprintf(path, sizeof(path), "%.*s/%s", (int)len, at, name);
			if (blame_if_hidden(view, spec, path, fault))
				return;
		}
		if (at[len] == '\0')
			return;
	}
}

void view_blame_hidden(const struct view *view, const struct nidus_spec *spec, struct fault *fault)
{
	if (fault->err != ENOENT && fault->err != ENOTDIR)
		return;
	if (fault->step == STEP_EXEC)
		blame_command(view, spec, fault);
	else if (fault->step == STEP_CHDIR && spec->cwd)
		blame_if_hidden(view, spec, spec->cwd, fault);
}
