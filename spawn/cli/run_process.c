/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: the process and its environment. */
#include <string.h>

#include "run_options.h"

/* Values of variables are secrets: no message has more than the name. */
static int set_environment(struct nidus_spec *spec, const struct run_option *option,
			   const char *const *values, struct fault *fault)
{
	int rc;

	if (option->id == RUN_CLEARENV)
		rc = nidus_spec_clearenv(spec);
	else if (values[0][0] == '\0' || strchr(values[0], '='))
		return run_refuse(fault, option, NULL, option->id == RUN_SETENV ?
				  "takes two words, NAME VALUE; a variable's name is not empty and "
				  "has no '='" :
				  "a variable's name is not empty and has no '='");
	else if (option->id == RUN_SETENV)
		rc = nidus_spec_setenv(spec, values[0], values[1]);
	else
		rc = nidus_spec_unsetenv(spec, values[0]);
	return rc < 0 ? run_no_memory(fault, option) : 0;
}

static int add_pass_fd(struct nidus_spec *spec, const struct run_option *option, const char *value,
		       struct fault *fault)
{
	int fd;

	if (cli_parse_fd(option->name, value, &fd, fault) < 0)
		return -1;
	if (fd <= 2)
		return run_refuse(fault, option, value, "0, 1 and 2 are passed always");
	if (nidus_spec_add_pass_fd(spec, fd) < 0)
		return run_no_memory(fault, option);
	return 0;
}

int run_set_process(struct run_parse *parse, const struct run_option *option,
		    const char *const *values, struct fault *fault)
{
	struct nidus_spec *spec = parse->spec;

	switch (option->id) {
	case RUN_CHDIR:
		spec->cwd = values[0];
		return 0;
	case RUN_NEW_SESSION:
		spec->new_session = true;
		return 0;
	case RUN_TTY:
		spec->tty = true;
		return 0;
	case RUN_AS_PID_1:
		spec->as_pid_1 = true;
		return 0;
	case RUN_OUTLIVE_PARENT:
		spec->outlive_parent = true;
		return 0;
	case RUN_PASS_FD:
		return add_pass_fd(spec, option, values[0], fault);
	default:
		return set_environment(spec, option, values, fault);
	}
}
