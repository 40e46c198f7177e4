/* SPDX-License-Identifier: Apache-2.0 */
#include "outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../host/open.h"
#include "../report/events.h"
#include "../spec/path.h"
#include "../spec/root.h"

/* The fault of host_open becomes one about the option. */
static int about_path(const char *option, const char *path, struct fault *fault)
{
	snprintf(fault->what, sizeof(fault->what), "%s %.160s", option, path);
	return -1;
}

/* A fault with errno about a given path. */
static int refuse_path(const char *option, const char *path, struct fault *fault)
{
	fault_set(fault, STEP_OPTIONS, errno, NULL);
	return about_path(option, path, fault);
}

/* ---- what the command could write as well ---- */

/* The path of a file that may not exist yet, without links; false: not even its directory. */
static bool find_real(const char *path, char real[PATH_MAX])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[PATH_MAX];
	size_t len;

	if (realpath(path, real))
		return true;
	if (errno != ENOENT || (slash && slash - path >= PATH_MAX))
		return false;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	if (!realpath(folder, real))
		return false;
	len = strlen(real);
	return snprintf(real + len, PATH_MAX - len, "/%s", name) < (int)(PATH_MAX - len);
}

/* The directory or file of the host that a mount shows inside; NULL: none. */
static const char *source_of(const struct nidus_mount *mount)
{
	switch (mount->kind) {
	case NIDUS_BIND:
	case NIDUS_BIND_FD:
	case NIDUS_OVERLAY: /* the upper layer */
		return mount->src;
	default:
		return NULL;
	}
}

enum access_kind { SHOWN, WRITABLE };

/* The first mount that shows `path` inside, or makes it writable there; NULL: none. */
static const struct nidus_mount *find_mount(const struct nidus_spec *spec, const char *path,
					    enum access_kind kind)
{
	char source[PATH_MAX];

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];

		if (kind == WRITABLE && mount->read_only)
			continue;
		if (source_of(mount) && realpath(source_of(mount), source) &&
		    path_is_within(path, source))
			return mount;
	}
	return NULL;
}

/* A read-only mount keeps nobody from writing to a FIFO. */
static bool is_shown_fifo(const struct nidus_spec *spec, const char *path)
{
	static const char *const hidden[] = { "/tmp", "/run", "/dev", "/proc" };
	bool shown = spec_shows_host(spec);
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISFIFO(st.st_mode))
		return false;
	/* the command of root is somebody else */
	if (geteuid() == 0 && !(st.st_mode & S_IWOTH))
		return false;
	for (size_t i = 0; spec->default_mounts && i < sizeof(hidden) / sizeof(hidden[0]); i++)
		shown = shown && !path_is_within(path, hidden[i]);
	return shown || find_mount(spec, path, SHOWN);
}

static void warn(const char *option, const char *path, const char *why)
{
	cli_say(CLI_LOG_WARN, "%s %s: %s: the command can forge what is written there", option,
		path, why);
}

/* `by_path`: nothing is open yet, and the caller can name another place. */
static int check_place(const struct nidus_spec *spec, const char *option, const char *given,
		       const char *real, bool by_path, struct fault *fault)
{
	const struct nidus_mount *mount = find_mount(spec, real, WRITABLE);
	char why[FAULT_WHY_MAX];

	if (mount) {
		snprintf(why, sizeof(why), "%s %.100s makes it writable inside",
			 mount->word ? mount->word : "a mount", mount->src);
		if (!by_path) {
			warn(option, given, why);
			return 0;
		}
		snprintf(why, sizeof(why),
			 "%s %.60s makes it writable inside, where the command could forge it; "
			 "choose a place outside",
			 mount->word ? mount->word : "a mount", mount->src);
		return cli_refuse(fault, option, given, why);
	}
	if (spec->share & 1u << NIDUS_NS_MNT && geteuid() != 0)
		warn(option, given, "the command shares all mounts");
	else if (is_shown_fifo(spec, real))
		warn(option, given, "a FIFO that is visible inside");
	return 0;
}

static int check_output(const struct nidus_spec *spec, const char *option, const char *path,
			int fd, struct fault *fault)
{
	char link[32], real[PATH_MAX];
	ssize_t len;

	if (path)
		return find_real(path, real) ?
			       check_place(spec, option, path, real, true, fault) : 0;
	if (fd < 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, real, sizeof(real) - 1);
	if (len <= 0 || real[0] != '/')
		return 0;
	real[len] = '\0';
	snprintf(link, sizeof(link), "%d", fd);
	return check_place(spec, option, link, real, false, fault);
}

/* ---- opening them ---- */

/* Opens the file for appending, and creates it if it is missing. */
static int open_output(const char *option, const char *path, int *fd, struct fault *fault)
{
	/* non-blocking: a FIFO without a reader is an error, a full one loses lines but no time */
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK;

	if (!path)
		return 0;
	*fd = host_open(path, HOST_GIVE, flags, 0644, STEP_OPTIONS, fault);
	return *fd >= 0 ? 0 : about_path(option, path, fault);
}

/* A report replaces an earlier one; if events go to the same file, it comes after them. */
static int open_report(const char *path, int events_fd, int *fd, struct fault *fault)
{
	struct stat report, events;

	if (!path)
		return 0;
	if (open_output("--report", path, fd, fault) < 0)
		return -1;
	if (fstat(*fd, &report) < 0)
		return refuse_path("--report", path, fault);
	if (!S_ISREG(report.st_mode) ||
	    (events_fd >= 0 && fstat(events_fd, &events) == 0 &&
	     events.st_dev == report.st_dev && events.st_ino == report.st_ino))
		return 0;
	return ftruncate(*fd, 0) < 0 ? refuse_path("--report", path, fault) : 0;
}

int outputs_open(struct nidus_spec *spec, const struct run_request *request, struct fault *fault)
{
	if (check_output(spec, "--events", request->events_path, spec->events_fd, fault) < 0 ||
	    check_output(spec, "--report", request->report_path, spec->report_fd, fault) < 0)
		return -1;
	if (open_output("--events", request->events_path, &spec->events_fd, fault) < 0)
		return -1;
	return open_report(request->report_path, spec->events_fd, &spec->report_fd, fault);
}

void outputs_refused(struct nidus_spec *spec, const struct run_request *request,
		     const struct fault *fault)
{
	struct nidus_result result;
	struct fault ignored; /* the refusal is what counts, and has been printed */

	if (spec->report_fd < 0 && request->report_path) {
		/* first the events, as the report may have to go behind them */
		if (spec->events_fd < 0 &&
		    check_output(spec, "--events", request->events_path, -1, &ignored) == 0)
			(void)open_output("--events", request->events_path, &spec->events_fd,
					  &ignored);
		if (check_output(spec, "--report", request->report_path, -1, &ignored) < 0 ||
		    open_report(request->report_path, spec->events_fd, &spec->report_fd,
				&ignored) < 0)
			return;
	}
	report_init(&result);
	result.reason = NIDUS_START_ERROR;
	result.exit_code = CLI_EXIT_INTERNAL;
	result.fault = *fault;
	result.cleaned = true;
	report_write(spec->report_fd, NULL, spec, &result, &ignored);
}
