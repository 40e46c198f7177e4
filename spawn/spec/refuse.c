/* SPDX-License-Identifier: Apache-2.0 */
#include "refuse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../init/contract.h"
#include "../../net/publish.h"
#include "path.h"

#define READ_ONLY_HINT                                                                             \
	"the destination does not exist and can't be created where everything is read-only; "      \
	"use a path below /tmp or /run, or one that exists, such as /mnt"

#define UPPER_HINT                                                                                 \
	"the kernel makes this overlay read-only: the directory for writes and that for work "     \
	"must be on one file system that can be an upper layer, and writable"

#define TMPFS_HINT                                                                                 \
	"at most 64 tmpfs mounts that have a size of their own, temporary overlays included"
#define LAYERS_HINT "too many layers: the kernel takes about 60 for one overlay"
#define LAYERS_FEW 50 /* that many always fit, whatever the numbers of their descriptors */
#define DESCRIPTORS_HINT "more descriptors are needed than RLIMIT_NOFILE (ulimit -n) allows"
#define DENY_HINT "there is nothing to hide, and the command could make it: its place is writable"

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

static const char *const kind_names[] = {
	[NIDUS_BIND] = "bind",
	[NIDUS_BIND_FD] = "bind_fd",
	[NIDUS_TMPFS] = "tmpfs",
	[NIDUS_PROC] = "proc",
	[NIDUS_DEV] = "dev",
	[NIDUS_MQUEUE] = "mqueue",
	[NIDUS_DIR] = "dir",
	[NIDUS_FILE] = "file",
	[NIDUS_BIND_DATA] = "bind_data",
	[NIDUS_SYMLINK] = "symlink",
	[NIDUS_CHMOD] = "chmod",
	[NIDUS_REMOUNT_RO] = "remount_ro",
	[NIDUS_OVERLAY_SRC] = "overlay_src",
	[NIDUS_OVERLAY] = "overlay",
	[NIDUS_TMP_OVERLAY] = "tmp_overlay",
	[NIDUS_RO_OVERLAY] = "ro_overlay",
	[NIDUS_DENY] = "deny",
};

const char *spec_word(const struct nidus_spec *spec, enum nidus_option option)
{
	const char *word = spec->option_words ? spec->option_words[option] : NULL;

	return word ? word : nidus_option_name(option);
}

const char *spec_mount_word(const struct nidus_mount *mount)
{
	if ((size_t)mount->kind >= sizeof(kind_names) / sizeof(kind_names[0]))
		return "";
	return mount->word ? mount->word : kind_names[mount->kind];
}

/* ---- what the fault is about ---- */

static void clean(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

struct fault *spec_about(const struct nidus_spec *spec, enum nidus_option option,
			 struct fault *fault)
{
	fault_about(fault, option, 0);
	snprintf(fault->what, sizeof(fault->what), "%s", spec_word(spec, option));
	return fault;
}

struct fault *spec_about_value(const struct nidus_spec *spec, enum nidus_option option,
			       struct fault *fault, const char *format, ...)
{
	va_list values;
	size_t len;

	spec_about(spec, option, fault);
	len = strlen(fault->what);
	fault->what[len++] = ' ';
	va_start(values, format);
	vsnprintf(fault->what + len, sizeof(fault->what) - len, format, values);
	va_end(values);
	clean(fault->what);
	return fault;
}

/* A NULL path is about to be refused: it is shown as empty. */
static const char *shown(const char *path)
{
	return path ? path : "";
}

/* Long values are cut at their end, so that the option before them stays visible. */
struct fault *spec_about_mount(const struct nidus_spec *spec, size_t index, struct fault *fault)
{
	const struct nidus_mount *mount = &spec->mounts[index];
	const char *word = spec_mount_word(mount);
	const char *src = shown(mount->src), *dst = shown(mount->dst);
	char *what = fault->what;

	fault_about(fault, NIDUS_OPTION_MOUNTS, (uint32_t)index);
	switch (mount->kind) {
	case NIDUS_BIND:
	case NIDUS_SYMLINK:
		snprintf(what, FAULT_WHAT_MAX, "%s %.90s %.90s", word, src, dst);
		break;
	case NIDUS_BIND_FD:
	case NIDUS_FILE:
	case NIDUS_BIND_DATA:
		snprintf(what, FAULT_WHAT_MAX, "%s %d %.180s", word, mount->fd, dst);
		break;
	case NIDUS_CHMOD:
		if (mount->perms < 0)
			snprintf(what, FAULT_WHAT_MAX, "%s %.180s", word, dst);
		else
			snprintf(what, FAULT_WHAT_MAX, "%s %04o %.180s", word,
				 (unsigned int)mount->perms, dst);
		break;
	case NIDUS_OVERLAY_SRC:
		snprintf(what, FAULT_WHAT_MAX, "%s %.180s", word, src);
		break;
	case NIDUS_OVERLAY:
		snprintf(what, FAULT_WHAT_MAX, "%s %.60s %.60s %.60s", word, src,
			 shown(mount->src2), dst);
		break;
	case NIDUS_TMPFS:
	case NIDUS_PROC:
	case NIDUS_DEV:
	case NIDUS_MQUEUE:
	case NIDUS_DIR:
	case NIDUS_REMOUNT_RO:
	case NIDUS_TMP_OVERLAY:
	case NIDUS_RO_OVERLAY:
	case NIDUS_DENY:
		snprintf(what, FAULT_WHAT_MAX, "%s %.180s", word, dst);
		break;
	}
	clean(what);
	return fault;
}

struct fault *spec_about_publish(const struct nidus_spec *spec, size_t index, struct fault *fault)
{
	char text[PUBLISH_TEXT_MAX];

	spec_about_value(spec, NIDUS_OPTION_PUBLISH, fault, "%s",
			 publish_value_text(&spec->net_options.publish[index], text));
	fault->index = (uint32_t)index;
	return fault;
}

/* What an errno about a destination means for such an operation; NULL: what it says. */
static const char *hint_of(enum nidus_mount_kind kind, int err)
{
	switch (err) {
	case EROFS: /* a chmod needs an existing path, and a file may be one already */
		return kind != NIDUS_CHMOD && kind != NIDUS_FILE ? READ_ONLY_HINT : NULL;
	case EISDIR:
		return kind == NIDUS_FILE || kind == NIDUS_BIND_DATA
			       ? "the destination is a directory; name the file in it"
			       : "the source is a file and the destination a directory; name a "
				 "file "
				 "as the destination";
	case ENOTDIR:
		return kind == NIDUS_BIND || kind == NIDUS_BIND_FD
			       ? "the destination, or a part of its path, is a file, and the "
				 "source "
				 "a directory"
			       : "the destination, or a part of its path, is a file and not a "
				 "directory";
	case E2BIG:
		return kind == NIDUS_TMPFS ? TMPFS_HINT : NULL;
	case ENOENT:
		return kind == NIDUS_DENY ? DENY_HINT : NULL;
	case EOPNOTSUPP:
		return kind == NIDUS_OVERLAY ? UPPER_HINT : NULL;
	case EEXIST:
		return kind == NIDUS_SYMLINK ? "something else is at the destination already"
					     : NULL;
	default:
		return NULL;
	}
}

/* An overlay is refused for one of two limits. NULL: the operation is no overlay. */
static const char *too_big_hint(const struct nidus_spec *spec, size_t index)
{
	enum nidus_mount_kind kind = spec->mounts[index].kind;
	size_t layers = 0;

	if (kind != NIDUS_OVERLAY && kind != NIDUS_TMP_OVERLAY && kind != NIDUS_RO_OVERLAY)
		return NULL;
	while (layers < index && spec->mounts[index - layers - 1].kind == NIDUS_OVERLAY_SRC)
		layers++;
	return layers > LAYERS_FEW ? LAYERS_HINT : TMPFS_HINT;
}

void spec_blame(const struct nidus_spec *spec, struct fault *fault)
{
	if (fault->option == NIDUS_OPTION_ROOT && spec->root) {
		spec_about_value(spec, NIDUS_OPTION_ROOT, fault, "%.180s", spec->root);
		if (fault->err == ENOTDIR || fault->err == EISDIR)
			fault_because(fault, "must be a directory");
	} else if (fault->option == NIDUS_OPTION_MOUNTS && fault->index < spec->mount_count) {
		enum nidus_mount_kind kind = spec->mounts[fault->index].kind;

		spec_about_mount(spec, fault->index, fault);
		if (fault->step == STEP_ROOT && hint_of(kind, fault->err))
			fault_because(fault, hint_of(kind, fault->err));
		if (fault->step == STEP_ROOT && fault->err == E2BIG &&
		    too_big_hint(spec, fault->index))
			fault_because(fault, too_big_hint(spec, fault->index));
		if (fault->step == STEP_SOURCES && fault->err == EMFILE)
			fault_because(fault, DESCRIPTORS_HINT);
	}
}

int spec_blame_profile(const struct nidus_spec *spec, struct fault *fault)
{
	/* one that is wrong inside has its line in the object */
	if (strcmp(fault->what, spec->seccomp_file) != 0)
		return -1;
	spec_about_value(spec, NIDUS_OPTION_SECCOMP, fault, "%.180s", spec->seccomp_file);
	if (fault->err == EISDIR || fault->err == EINVAL)
		fault_because(fault, fault->err == EISDIR
					     ? "is a directory; it must be default, none or a file"
					     : "is not a file; it must be default, none or a file");
	return -1;
}

/* ---- what is wrong ---- */

static void explain(struct fault *fault, uint32_t step, int err, const char *why, va_list values)
{
	fault->step = step;
	fault->err = err;
	vsnprintf(fault->why, sizeof(fault->why), why, values);
	clean(fault->why);
}

int spec_fault(struct fault *fault, uint32_t step, int err, const char *why, ...)
{
	va_list values;

	va_start(values, why);
	explain(fault, step, err, why, values);
	va_end(values);
	return -1;
}

int spec_refuse(struct fault *fault, int err, const char *why, ...)
{
	va_list values;

	va_start(values, why);
	explain(fault, STEP_OPTIONS, err, why, values);
	va_end(values);
	return -1;
}

/* ---- values that several options have ---- */

const char *spec_path_refused(const char *path)
{
	if (!path || path[0] == '\0')
		return "a path must not be empty";
	if (strlen(path) >= PATH_MAX)
		return "a path must be shorter than " TEXT(PATH_MAX) " bytes";
	return NULL;
}

const char *spec_inside_refused(const char *path)
{
	const char *why = spec_path_refused(path);

	if (why)
		return why;
	if (path[0] != '/')
		return "a path inside the sandbox must begin with /";
	return path_has_dotdot(path) ? "a path inside the sandbox must not contain \"..\"" : NULL;
}

static int check(const struct nidus_spec *spec, enum nidus_option option, const char *path,
		 const char *why, struct fault *fault)
{
	if (!why)
		return 0;
	if (!path || path[0] == '\0')
		spec_about(spec, option, fault);
	else
		spec_about_value(spec, option, fault, "%.120s%s", path,
				 strlen(path) >= PATH_MAX ? "..." : "");
	return spec_refuse(fault, EINVAL, "%s", why);
}

int spec_check_path(const struct nidus_spec *spec, enum nidus_option option, const char *path,
		    struct fault *fault)
{
	return check(spec, option, path, spec_path_refused(path), fault);
}

int spec_check_inside(const struct nidus_spec *spec, enum nidus_option option, const char *path,
		      struct fault *fault)
{
	return check(spec, option, path, spec_inside_refused(path), fault);
}

bool spec_is_word(const char *text, const char *extra)
{
	if (!isalnum((unsigned char)text[0]) || (text[0] & 0x80))
		return false;
	for (; *text; text++)
		if ((*text & 0x80) || (!isalnum((unsigned char)*text) && !strchr(extra, *text)))
			return false;
	return true;
}
