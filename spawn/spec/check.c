/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of a spec: every value in its range, no two that exclude each other. */
#include "check.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "../../init/contract.h"
#include "refuse.h"

#define LABEL_KEY_MAX 128 /* bytes */
#define LABEL_VALUE_MAX 1024 /* bytes: a journal line */
#define HOSTNAME_MAX 64 /* bytes: the kernel's utsname */

/* ---- command and environment ---- */

/* For a fault that is not about an option. */
static struct fault *no_option(struct fault *fault, const char *what)
{
	fault_set(fault, STEP_OPTIONS, EINVAL, what);
	return fault;
}

static int check_command(const struct nidus_spec *spec, struct fault *fault)
{
	uint64_t total = 0;

	if (spec->argc == 0 || !spec->argv || !spec->argv[0] || spec->argv[0][0] == '\0')
		return spec_refuse(no_option(fault, ""), EINVAL, "no command was given");
	for (size_t i = 0; i < spec->argc; i++)
		total += strlen(spec->argv[i]) + 1 + sizeof(struct plan_ref);
	for (size_t i = 0; i < spec->envc; i++)
		total += strlen(spec->envp[i]) + 1 + sizeof(struct plan_ref);
	if (spec->argc > PLAN_STRINGS_MAX || spec->envc > PLAN_STRINGS_MAX - 1 ||
	    total > PLAN_SIZE_MAX)
		return spec_refuse(no_option(fault, "arguments and environment"), E2BIG,
				   "at most %d strings each and %u bytes together are allowed",
				   PLAN_STRINGS_MAX - 1, PLAN_SIZE_MAX);
	for (size_t i = 0; i < spec->envc; i++) {
		const char *equals = strchr(spec->envp[i], '=');

		if (!equals || equals == spec->envp[i])
			return spec_refuse(no_option(fault, "environment"), EINVAL,
					   "entry %zu has no name", i + 1);
	}
	return spec->cwd ? spec_check_inside(spec, NIDUS_OPTION_CWD, spec->cwd, fault) : 0;
}

static int check_pass_fds(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->pass_fd_count > PLAN_FDS_MAX)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_PASS_FDS, fault), E2BIG,
				   "%zu descriptors: at most %d are allowed", spec->pass_fd_count,
				   PLAN_FDS_MAX);
	for (size_t i = 0; i < spec->pass_fd_count; i++) {
		spec_about_value(spec, NIDUS_OPTION_PASS_FDS, fault, "%d", spec->pass_fds[i]);
		if (spec->pass_fds[i] < 3)
			return spec_refuse(fault, EINVAL, "must be 3 or higher");
		for (size_t k = 0; k < i; k++)
			if (spec->pass_fds[k] == spec->pass_fds[i])
				return spec_refuse(fault, EINVAL, "given twice");
	}
	return 0;
}

static int check_fds(const struct nidus_spec *spec, struct fault *fault)
{
	const struct {
		enum nidus_option option;
		int fd;
	} single[] = {
		{ NIDUS_OPTION_BLOCK_FD, spec->block_fd },
		{ NIDUS_OPTION_SYNC_FD, spec->sync_fd },
		{ NIDUS_OPTION_INFO_FD, spec->info_fd },
		{ NIDUS_OPTION_EVENTS, spec->events_fd },
		{ NIDUS_OPTION_REPORT, spec->report_fd },
		{ NIDUS_OPTION_INIT, spec->init_fd },
	};

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (single[i].fd < -1)
			return spec_refuse(spec_about(spec, single[i].option, fault), EINVAL,
					   "not a descriptor");
	for (int i = 0; i < 3; i++)
		if (spec->stdio[i] < 0)
			return spec_refuse(spec_about_value(spec, NIDUS_OPTION_STDIO, fault, "%d", i),
					   EINVAL, "not a descriptor");
	return check_pass_fds(spec, fault);
}

/* ---- names ---- */

static int check_label(const struct nidus_spec *spec, const struct nidus_label *label,
		       struct fault *fault)
{
	spec_about_value(spec, NIDUS_OPTION_LABELS, fault, "%.128s", label->key);
	if (!spec_is_word(label->key, "_.-/") || strlen(label->key) > LABEL_KEY_MAX)
		return spec_refuse(fault, EINVAL,
				   "a key has at most %d letters, digits, _ . - and /, and begins "
				   "with a letter or digit",
				   LABEL_KEY_MAX);
	if (strlen(label->value) > LABEL_VALUE_MAX)
		return spec_refuse(fault, EINVAL, "a value must not be longer than %d bytes",
				   LABEL_VALUE_MAX);
	for (const char *at = label->value; *at; at++)
		if (iscntrl((unsigned char)*at))
			return spec_refuse(fault, EINVAL, "a value must not contain control bytes");
	return 0;
}

static int check_name(const struct nidus_spec *spec, enum nidus_option option, const char *name,
		      size_t max, const char *extra, const char *allowed, struct fault *fault)
{
	if (!name || (spec_is_word(name, extra) && strlen(name) <= max))
		return 0;
	return spec_refuse(
		spec_about_value(spec, option, fault, "%.80s", name), EINVAL,
		"must be at most %zu letters, digits, %s, and begin with a letter or digit", max,
		allowed);
}

static int check_names(const struct nidus_spec *spec, struct fault *fault)
{
	if (check_name(spec, NIDUS_OPTION_NAME, spec->name, NIDUS_NAME_MAX, "_.-", "_ . and -",
		       fault) < 0 ||
	    check_name(spec, NIDUS_OPTION_HOSTNAME, spec->hostname, HOSTNAME_MAX, ".-", ". and -",
		       fault) < 0)
		return -1;
	if (spec->label_count > NIDUS_LABELS_MAX)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_LABELS, fault), EINVAL,
				   "%zu labels: at most %d are allowed", spec->label_count,
				   NIDUS_LABELS_MAX);
	for (size_t i = 0; i < spec->label_count; i++)
		if (check_label(spec, &spec->labels[i], fault) < 0)
			return -1;
	if (spec->lock_file &&
	    spec_check_path(spec, NIDUS_OPTION_LOCK_FILE, spec->lock_file, fault) < 0)
		return -1;
	if (spec->lock_wait_us > 0 && !spec->lock_file)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_LOCK_WAIT, fault), EINVAL, "needs %s",
				   spec_word(spec, NIDUS_OPTION_LOCK_FILE));
	return 0;
}

/* ---- how it runs ---- */

static int check_process(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->foreground && !spec->terminal)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_FOREGROUND, fault), EINVAL,
				   "only possible with the caller's terminal");
	if (spec->tty && spec->terminal)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_TTY, fault), EINVAL,
				   "cannot be used with the caller's own terminal");
	if (spec->new_session && spec->terminal)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_NEW_SESSION, fault), EINVAL,
				   "cannot be used with the caller's terminal");
	if (spec->hold_step != STEP_NONE &&
	    (spec->hold_step < STEP_NAMESPACES || spec->hold_step > STEP_EXEC))
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_HOLD, fault, "%u",
						    spec->hold_step),
				   EINVAL, "must be a step from namespaces to exec");
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
