/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: files. Names, meaning and order are bubblewrap's. */
#include <stdlib.h>
#include <string.h>

#include "run_options.h"

#define PERMS_MAX 07777

static int parse_perms(const struct run_option *option, const char *text, int *perms,
		       struct fault *fault)
{
	char *end;
	unsigned long value = strtoul(text, &end, 8);

	if (text[0] < '0' || text[0] > '7' || *end != '\0' || value > PERMS_MAX)
		return run_refuse(fault, option, text, "octal permissions, 0 to 7777");
	*perms = (int)value;
	return 0;
}

/* Modifiers wait for the next operation; a second one before it is a mistake. */
static int set_modifier(struct run_parse *parse, const struct run_option *option,
			const char *value, struct fault *fault)
{
	uint64_t size;

	if (option->id == RUN_PERMS) {
		if (parse->perms >= 0)
			return run_refuse(fault, option, value, "given twice for one operation");
		return parse_perms(option, value, &parse->perms, fault);
	}
	if (parse->size > 0)
		return run_refuse(fault, option, value, "given twice for one operation");
	if (cli_parse_size(option->name, value, &size, fault) < 0)
		return -1;
	if (size == 0)
		return run_refuse(fault, option, value, "must be more than 0");
	parse->size = size;
	return 0;
}

static void fill_bind(struct nidus_mount *mount, enum run_option_id id, const char *const *values)
{
	mount->kind = NIDUS_BIND;
	mount->src = values[0];
	mount->dst = values[1];
	mount->read_only = id == RUN_RO_BIND || id == RUN_RO_BIND_TRY;
	mount->devices = id == RUN_DEV_BIND || id == RUN_DEV_BIND_TRY;
	mount->optional = id == RUN_BIND_TRY || id == RUN_RO_BIND_TRY || id == RUN_DEV_BIND_TRY;
}

/* Operations on a descriptor: FD DEST. */
static int fill_fd(struct run_parse *parse, struct nidus_mount *mount,
		   const struct run_option *option, const char *const *values, struct fault *fault)
{
	mount->dst = values[1];
	mount->read_only = option->id == RUN_RO_BIND_FD || option->id == RUN_RO_BIND_DATA;
	if (option->id == RUN_BIND_FD || option->id == RUN_RO_BIND_FD) {
		mount->kind = NIDUS_BIND_FD;
	} else {
		mount->kind = option->id == RUN_FILE ? NIDUS_FILE : NIDUS_BIND_DATA;
		mount->perms = parse->perms;
		parse->perms = -1;
	}
	return cli_parse_fd(option->name, values[0], &mount->fd, fault);
}

/* Operations that make something of their own at DEST. */
static void fill_new(struct run_parse *parse, struct nidus_mount *mount, enum run_option_id id,
		     const char *const *values)
{
	mount->dst = values[0];
	switch (id) {
	case RUN_TMPFS:
		mount->kind = NIDUS_TMPFS;
		mount->size = parse->size;
		parse->size = 0;
		break;
	case RUN_PROC:
		mount->kind = NIDUS_PROC;
		return;
	case RUN_DEV:
		mount->kind = NIDUS_DEV;
		return;
	case RUN_MQUEUE:
		mount->kind = NIDUS_MQUEUE;
		return;
	default:
		mount->kind = NIDUS_DIR;
		break;
	}
	mount->perms = parse->perms;
	parse->perms = -1;
}

static void fill_overlay(struct nidus_mount *mount, enum run_option_id id,
			 const char *const *values)
{
	mount->dst = values[0];
	switch (id) {
	case RUN_OVERLAY_SRC:
		mount->kind = NIDUS_OVERLAY_SRC;
		mount->src = values[0];
		mount->dst = NULL;
		break;
	case RUN_OVERLAY:
		mount->kind = NIDUS_OVERLAY;
		mount->src = values[0];
		mount->src2 = values[1];
		mount->dst = values[2];
		break;
	case RUN_TMP_OVERLAY:
		mount->kind = NIDUS_TMP_OVERLAY;
		break;
	default:
		mount->kind = NIDUS_RO_OVERLAY;
		break;
	}
}

static int fill_mount(struct run_parse *parse, struct nidus_mount *mount,
		      const struct run_option *option, const char *const *values,
		      struct fault *fault)
{
	switch (option->id) {
	case RUN_BIND_FD:
	case RUN_RO_BIND_FD:
	case RUN_FILE:
	case RUN_BIND_DATA:
	case RUN_RO_BIND_DATA:
		return fill_fd(parse, mount, option, values, fault);
	case RUN_SYMLINK:
		mount->kind = NIDUS_SYMLINK;
		mount->src = values[0];
		mount->dst = values[1];
		return 0;
	case RUN_CHMOD:
		mount->kind = NIDUS_CHMOD;
		mount->dst = values[1];
		return parse_perms(option, values[0], &mount->perms, fault);
	case RUN_REMOUNT_RO:
		mount->kind = NIDUS_REMOUNT_RO;
		mount->dst = values[0];
		return 0;
	case RUN_OVERLAY_SRC:
	case RUN_OVERLAY:
	case RUN_TMP_OVERLAY:
	case RUN_RO_OVERLAY:
		fill_overlay(mount, option->id, values);
		return 0;
	case RUN_TMPFS:
	case RUN_PROC:
	case RUN_DEV:
	case RUN_MQUEUE:
	case RUN_DIR:
		fill_new(parse, mount, option->id, values);
		return 0;
	default:
		fill_bind(mount, option->id, values);
		return 0;
	}
}

int run_set_files(struct run_parse *parse, const struct run_option *option,
		  const char *const *values, struct fault *fault)
{
	struct nidus_mount mount = { .fd = -1, .perms = -1 };

	if (option->id == RUN_ROOT) {
		parse->spec->root = values[0];
		return 0;
	}
	if (option->id == RUN_PERMS || option->id == RUN_SIZE)
		return set_modifier(parse, option, values[0], fault);
	if (fill_mount(parse, &mount, option, values, fault) < 0)
		return -1;
	if (nidus_spec_add_mount(parse->spec, &mount) < 0)
		return run_no_memory(fault, option);
	return 0;
}
