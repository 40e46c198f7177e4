/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of a spec: every value in its range, nothing that excludes another. */
#include "check.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../init/contract.h"
#include "path.h"

#define LABEL_KEY_MAX 128 /* bytes */
#define LABEL_VALUE_MAX 1024 /* bytes: a journal line */
#define HOSTNAME_MAX 64 /* bytes: the kernel's utsname */

int spec_refuse(struct fault *fault, int err, const char *format, ...)
{
	char text[FAULT_WHAT_MAX];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	for (char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at))
			*at = '?';
	return fault_set(fault, STEP_OPTIONS, err, text);
}

int spec_check_path(const char *option, const char *path, struct fault *fault)
{
	if (!path || path[0] == '\0')
		return spec_refuse(fault, EINVAL, "%s: a path can't be empty", option);
	if (strlen(path) >= PATH_MAX)
		return spec_refuse(fault, EINVAL, "%s %.80s...: a path has less than %d bytes",
				   option, path, PATH_MAX);
	return 0;
}

int spec_check_inside(const char *option, const char *path, struct fault *fault)
{
	if (spec_check_path(option, path, fault) < 0)
		return -1;
	if (path[0] != '/')
		return spec_refuse(fault, EINVAL, "%s %.120s: a path inside begins with /", option,
				   path);
	if (path_has_dotdot(path))
		return spec_refuse(fault, EINVAL, "%s %.120s: a path inside has no \"..\"", option,
				   path);
	return 0;
}

/* ---- command and environment ---- */

static int check_command(const struct nidus_spec *spec, struct fault *fault)
{
	uint64_t total = 0;

	if (spec->argc == 0 || !spec->argv || !spec->argv[0] || spec->argv[0][0] == '\0')
		return spec_refuse(fault, EINVAL, "no command was given");
	for (size_t i = 0; i < spec->argc; i++)
		total += strlen(spec->argv[i]) + 1 + sizeof(struct plan_ref);
	for (size_t i = 0; i < spec->envc; i++)
		total += strlen(spec->envp[i]) + 1 + sizeof(struct plan_ref);
	if (spec->argc > PLAN_STRINGS_MAX || spec->envc > PLAN_STRINGS_MAX - 1 ||
	    total > PLAN_SIZE_MAX)
		return spec_refuse(fault, E2BIG,
				   "arguments and environment: allowed are %d strings each, "
				   "%u bytes together",
				   PLAN_STRINGS_MAX - 1, PLAN_SIZE_MAX);
	for (size_t i = 0; i < spec->envc; i++) {
		const char *equals = strchr(spec->envp[i], '=');

		if (!equals || equals == spec->envp[i])
			return spec_refuse(fault, EINVAL, "environment entry %zu: has no name",
					   i + 1);
	}
	if (spec->cwd && spec_check_inside("--chdir", spec->cwd, fault) < 0)
		return -1;
	return 0;
}

static int check_fds(const struct nidus_spec *spec, struct fault *fault)
{
	const struct {
		const char *option;
		int fd;
	} single[] = {
		{ "--block-fd", spec->block_fd },
		{ "--sync-fd", spec->sync_fd },
		{ "--info-fd", spec->info_fd },
		{ "--events", spec->events_fd },
		{ "--report", spec->report_fd },
		{ "--init", spec->init_fd },
		{ "standard input", spec->stdio[0] < 0 ? -2 : 0 },
		{ "standard output", spec->stdio[1] < 0 ? -2 : 0 },
		{ "standard error", spec->stdio[2] < 0 ? -2 : 0 },
	};

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (single[i].fd < -1)
			return spec_refuse(fault, EINVAL, "%s: not a descriptor", single[i].option);
	if (spec->pass_fd_count > PLAN_FDS_MAX)
		return spec_refuse(fault, E2BIG, "%zu descriptors to pass: allowed are %d",
				   spec->pass_fd_count, PLAN_FDS_MAX);
	for (size_t i = 0; i < spec->pass_fd_count; i++) {
		if (spec->pass_fds[i] < 3)
			return spec_refuse(fault, EINVAL,
					   "descriptor %d to pass: allowed are 3 and up",
					   spec->pass_fds[i]);
		for (size_t k = 0; k < i; k++)
			if (spec->pass_fds[k] == spec->pass_fds[i])
				return spec_refuse(fault, EINVAL,
						   "descriptor %d to pass: given twice",
						   spec->pass_fds[i]);
	}
	return 0;
}

/* ---- names ---- */

bool spec_is_word(const char *text, const char *extra)
{
	if (!isalnum((unsigned char)text[0]) || (text[0] & 0x80))
		return false;
	for (; *text; text++)
		if ((*text & 0x80) || (!isalnum((unsigned char)*text) && !strchr(extra, *text)))
			return false;
	return true;
}

static int check_label(const struct nidus_label *label, struct fault *fault)
{
	if (!spec_is_word(label->key, "_.-/") || strlen(label->key) > LABEL_KEY_MAX)
		return spec_refuse(
			fault, EINVAL,
			"--label %.64s: a key is at most %d letters, digits, _ . - and /, "
			"the first a letter or digit",
			label->key, LABEL_KEY_MAX);
	if (strlen(label->value) > LABEL_VALUE_MAX)
		return spec_refuse(fault, EINVAL, "--label %s: a value has at most %d bytes",
				   label->key, LABEL_VALUE_MAX);
	for (const char *at = label->value; *at; at++)
		if (iscntrl((unsigned char)*at))
			return spec_refuse(fault, EINVAL,
					   "--label %s: a value has no control bytes", label->key);
	return 0;
}

static int check_names(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->name && (!spec_is_word(spec->name, "_.-") || strlen(spec->name) > NIDUS_NAME_MAX))
		return spec_refuse(fault, EINVAL,
				   "--name %.80s: allowed are at most %d letters, digits, "
				   "_ . and -, the first a letter or digit",
				   spec->name, NIDUS_NAME_MAX);
	if (spec->hostname &&
	    (!spec_is_word(spec->hostname, ".-") || strlen(spec->hostname) > HOSTNAME_MAX))
		return spec_refuse(fault, EINVAL,
				   "--hostname %.80s: allowed are at most %d letters, "
				   "digits, . and -, the first a letter or digit",
				   spec->hostname, HOSTNAME_MAX);
	if (spec->label_count > NIDUS_LABELS_MAX)
		return spec_refuse(fault, EINVAL, "%zu labels: allowed are %d", spec->label_count,
				   NIDUS_LABELS_MAX);
	for (size_t i = 0; i < spec->label_count; i++)
		if (check_label(&spec->labels[i], fault) < 0)
			return -1;
	if (spec->lock_file && spec_check_path("--lock-file", spec->lock_file, fault) < 0)
		return -1;
	if (spec->lock_wait_us > 0 && !spec->lock_file)
		return spec_refuse(fault, EINVAL, "--lock-wait: needs --lock-file");
	return 0;
}

/* ---- how it runs ---- */

static int check_process(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->foreground && !spec->terminal)
		return spec_refuse(fault, EINVAL, "foreground: of the caller's terminal alone");
	if (spec->tty && spec->terminal)
		return spec_refuse(fault, EINVAL, "--tty: not with the caller's own terminal");
	if (spec->new_session && spec->terminal)
		return spec_refuse(fault, EINVAL, "--new-session: not with the caller's terminal");
	if (spec->hold_step != STEP_NONE &&
	    (spec->hold_step < STEP_NAMESPACES || spec->hold_step > STEP_EXEC))
		return spec_refuse(fault, EINVAL,
				   "--hold %u: allowed are the steps from namespaces to exec",
				   spec->hold_step);
	if (!spec->as_pid_1)
		return 0;
	/* The workload takes the init's place: nobody is left to do these. */
	if (spec->wall_us)
		return spec_refuse(fault, EINVAL, "--as-pid-1: not with --timeout");
	if (spec->cpu_us)
		return spec_refuse(fault, EINVAL, "--as-pid-1: not with --cpu-time");
	if (spec->tty)
		return spec_refuse(fault, EINVAL, "--as-pid-1: not with --tty");
	return 0;
}

int nidus_spec_check(const struct nidus_spec *spec, struct fault *fault)
{
	if (check_command(spec, fault) < 0 || check_fds(spec, fault) < 0 ||
	    check_names(spec, fault) < 0 || check_process(spec, fault) < 0 ||
	    spec_check_mounts(spec, fault) < 0 || spec_check_identity(spec, fault) < 0)
		return -1;
	if (spec_check_network(spec, fault) < 0)
		return -1;
	return spec_check_limits(spec, fault);
}
