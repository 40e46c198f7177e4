/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: the process and its environment. */
#include <string.h>

#include "run_set.h"

static bool is_variable(const char *name)
{
	return name[0] != '\0' && !strchr(name, '=');
}

int run_set_cwd(struct run_request *request, const struct run_option *option, const char *value,
		struct fault *fault)
{
	static const struct {
		const char *name;
		enum run_cwd cwd;
	} kinds[] = { { "ro", RUN_CWD_RO }, { "rw", RUN_CWD_RW }, { "none", RUN_CWD_NONE } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(value, kinds[i].name) != 0)
			continue;
		request->cwd = kinds[i].cwd;
		return 0;
	}
	return run_refuse(fault, option, value,
			  "must be ro, rw or none; a directory inside is for --chdir");
}

/* Values of variables are secrets: no message contains more than the name. */
int run_set_variable(struct nidus_spec *spec, const struct run_option *option,
		     const char *const *values, struct fault *fault)
{
	if (!is_variable(values[0]))
		return run_refuse(fault, option, NULL,
				  "takes two arguments, NAME VALUE; the name must not be empty or "
				  "contain '='");
	return nidus_spec_setenv(spec, values[0], values[1]) < 0 ? run_no_memory(fault, option) : 0;
}

int run_unset_variable(struct nidus_spec *spec, const struct run_option *option,
		       const char *name, struct fault *fault)
{
	if (!is_variable(name))
		return run_refuse(fault, option, NULL,
				  "the name of a variable must not be empty or contain '='");
	return nidus_spec_unsetenv(spec, name) < 0 ? run_no_memory(fault, option) : 0;
}

int run_clear_variables(struct nidus_spec *spec, const struct run_option *option,
			struct fault *fault)
{
	return nidus_spec_clearenv(spec) < 0 ? run_no_memory(fault, option) : 0;
}

int run_add_pass_fd(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault)
{
	int fd;

	if (cli_parse_fd(option->name, value, &fd, fault) < 0)
		return -1;
	if (fd <= 2)
		return run_refuse(fault, option, value, "0, 1 and 2 are always passed");
	if (nidus_spec_add_pass_fd(spec, fd) < 0)
		return run_no_memory(fault, option);
	return 0;
}
