/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: files. Names, meaning and order as in bubblewrap. */
#include <stdlib.h>
#include <string.h>

#include "run_set.h"

#define PERMS_MAX 07777

int run_set_home(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault)
{
	if (strcmp(value, "hide") == 0)
		spec->home = NIDUS_HOME_HIDE;
	else if (strcmp(value, "ro") == 0)
		spec->home = NIDUS_HOME_RO;
	else if (strcmp(value, "rw") == 0)
		spec->home = NIDUS_HOME_RW;
	else
		return run_refuse(fault, option, value, "must be hide, ro or rw");
	return 0;
}

static int parse_perms(const struct run_option *option, const char *text, int *perms,
		       struct fault *fault)
{
	char *end;
	unsigned long value = strtoul(text, &end, 8);

	if (text[0] < '0' || text[0] > '7' || *end != '\0' || value > PERMS_MAX)
		return run_refuse(fault, option, text, "must be octal permissions, 0 to 7777");
	*perms = (int)value;
	return 0;
}

/* Modifiers apply to the next operation; a second one before it is a mistake. */
int run_set_perms(struct run_parse *parse, const struct run_option *option, const char *value,
		  struct fault *fault)
{
	if (parse->perms >= 0)
		return run_refuse(fault, option, value, "given twice for one operation");
	return parse_perms(option, value, &parse->perms, fault);
}

int run_set_size(struct run_parse *parse, const struct run_option *option, const char *value,
		 struct fault *fault)
{
	uint64_t size;

	if (parse->size > 0)
		return run_refuse(fault, option, value, "given twice for one operation");
	if (cli_parse_size(option->name, value, &size, fault) < 0)
		return -1;
	if (size == 0)
		return run_refuse(fault, option, value, "must be more than 0");
	parse->size = size;
	return 0;
}

static int add(struct run_parse *parse, const struct run_option *option, struct nidus_mount *mount,
	       struct fault *fault)
{
	mount->word = option->name;
	return nidus_spec_add_mount(parse->spec, mount) < 0 ? run_no_memory(fault, option) : 0;
}

int run_add_mount(struct run_parse *parse, const struct run_option *option,
		  struct nidus_mount mount, struct fault *fault)
{
	mount.fd = -1;
	mount.perms = -1;
	return add(parse, option, &mount, fault);
}

int run_add_made(struct run_parse *parse, const struct run_option *option,
		 struct nidus_mount mount, struct fault *fault)
{
	mount.fd = -1;
	mount.perms = parse->perms;
	parse->perms = -1;
	if (mount.kind == NIDUS_TMPFS) {
		mount.size = parse->size;
		parse->size = 0;
	}
	return add(parse, option, &mount, fault);
}

int run_add_bind_fd(struct run_parse *parse, const struct run_option *option, const char *fd,
		    struct nidus_mount mount, struct fault *fault)
{
	mount.kind = NIDUS_BIND_FD;
	mount.perms = -1;
	if (cli_parse_fd(option->name, fd, &mount.fd, fault) < 0)
		return -1;
	return add(parse, option, &mount, fault);
}

int run_add_data(struct run_parse *parse, const struct run_option *option, const char *fd,
		 struct nidus_mount mount, struct fault *fault)
{
	mount.perms = parse->perms;
	parse->perms = -1;
	if (cli_parse_fd(option->name, fd, &mount.fd, fault) < 0)
		return -1;
	return add(parse, option, &mount, fault);
}

int run_add_chmod(struct run_parse *parse, const struct run_option *option,
		  const char *const *values, struct fault *fault)
{
	struct nidus_mount mount = { .kind = NIDUS_CHMOD, .dst = values[1], .fd = -1 };

	if (parse_perms(option, values[0], &mount.perms, fault) < 0)
		return -1;
	return add(parse, option, &mount, fault);
}
