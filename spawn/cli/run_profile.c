/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --profile: a layer of options below the command line. All profiles are read before the
 * command line is taken, so that it wins wherever --profile stands, and lists begin with what
 * the profiles hold.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "profile.h"
#include "run_set.h"

#define DEPTH_MAX 8u /* files that include each other */
#define FILES_MAX 64u /* in all: a file may be included more than once */
#define SHOWN_MAX 100 /* bytes of a path in a fault: its end */

/* A file that is being read, and who included it. */
struct layer {
	const struct layer *outer; /* NULL: named by the command line */
	dev_t dev;
	ino_t ino;
	unsigned int depth;
};

static int include(struct run_parse *parse, const struct layer *outer, const char *word,
		   const char *name, struct fault *fault);

/* ---- faults ---- */

/* "FILE:LINE: " before the object, where it is a line of a profile that is wrong. */
static int locate(const struct run_parse *parse, struct fault *fault)
{
	char what[FAULT_WHAT_MAX];
	size_t len = strlen(parse->file);

	snprintf(what, sizeof(what), "%s:%u%s%.110s",
		 parse->file + (len > SHOWN_MAX ? len - SHOWN_MAX : 0), parse->line,
		 fault->what[0] ? ": " : "", fault->what);
	memcpy(fault->what, what, sizeof(what));
	return -1;
}

/* What is said of a file that can't be read becomes a sentence about the word that named it. */
static int about_word(const char *word, const char *name, struct fault *fault)
{
	char why[FAULT_WHY_MAX];
	struct fault file = *fault;

	if (strcmp(file.what, name) == 0)
		file.what[0] = '\0'; /* it stands there anyway */
	snprintf(why, sizeof(why), "%.80s%s%.120s", file.what, file.what[0] ? ": " : "",
		 file.why[0] ? file.why : strerror(file.err));
	return cli_refuse(fault, word, name, why);
}

/* ---- one line ---- */

static int refuse_name(const char *name, struct fault *fault)
{
	char shown[64], dashed[64];

	/* what stands behind a = may be a secret */
	snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(name, "="), name);
	if (strncmp(name, "--", 2) == 0)
		return cli_refuse(fault, shown, NULL,
				  "in a profile an option stands without the dashes (memory 64M)");
	if (strchr(name, '='))
		return cli_refuse(fault, shown, NULL,
				  "in a profile a value follows after a blank (memory 64M)");
	snprintf(dashed, sizeof(dashed), "--%.60s", name);
	return run_refuse_unknown(fault, dashed, strlen(dashed));
}

static int check_values(const struct run_option *option, const char *const *values,
			unsigned int count, struct fault *fault)
{
	char why[FAULT_WHY_MAX];

	if (option->not_in_profile) {
		snprintf(why, sizeof(why), "not in a profile: it %s", option->not_in_profile);
		return run_refuse(fault, option, NULL, why);
	}
	if (count != option->values) {
		snprintf(why, sizeof(why), "takes %u value%s; %u %s given%s", option->values,
			 option->values == 1 ? "" : "s", count, count == 1 ? "is" : "are",
			 count > option->values ? " (one with blanks needs quotes)" : "");
		return run_refuse(fault, option, NULL, why);
	}
	if ((option->id == RUN_EVENTS || option->id == RUN_REPORT) && run_is_descriptor(values[0]))
		return run_refuse(fault, option, values[0],
				  "must be a path in a profile: a descriptor is something that "
				  "only the caller of nidus has");
	return 0;
}

static int apply_option(struct run_parse *parse, const char *const *words, unsigned int count,
			struct fault *fault)
{
	const char *const *values = words + 1;
	const struct run_option *option;
	char dashed[64];

	option = snprintf(dashed, sizeof(dashed), "--%s", words[0]) < (int)sizeof(dashed)
			 ? run_find_option(dashed, strlen(dashed))
			 : NULL;
	if (!option)
		return refuse_name(words[0], fault);
	if (check_values(option, values, count - 1, fault) < 0 ||
	    run_set(parse, option, values, fault) < 0 ||
	    run_origin_add(parse, option, values, fault) < 0)
		return -1;
	return option->id == RUN_PERMS || option->id == RUN_SIZE ? 0
								 : run_check_waiting(parse, fault);
}

static int apply_include(struct run_parse *parse, const struct layer *layer,
			 const char *const *words, unsigned int count, struct fault *fault)
{
	if (count != 2)
		return cli_refuse(fault, "include", NULL, "takes one value, NAME or FILE");
	if (run_check_waiting(parse, fault) < 0)
		return -1;
	return include(parse, layer, words[0], words[1], fault);
}

/* ---- one file ---- */

static int apply_text(struct run_parse *parse, const struct layer *layer, struct profile_text *text,
		      struct fault *fault)
{
	const char *words[PROFILE_WORDS_MAX], *why;
	enum profile_next next;
	unsigned int count;

	while ((next = profile_next(text, words, &count, &why)) == PROFILE_LINE) {
		const char *file = parse->file;

		parse->line = text->line;
		if (strcmp(words[0], "include") == 0) {
			if (apply_include(parse, layer, words, count, fault) < 0)
				return parse->file == file ? locate(parse, fault) : -1;
		} else if (apply_option(parse, words, count, fault) < 0) {
			return locate(parse, fault);
		}
	}
	parse->line = text->line;
	if (next == PROFILE_WRONG) {
		fault_set(fault, STEP_OPTIONS, EINVAL, NULL);
		fault_because(fault, why);
		return locate(parse, fault);
	}
	return run_check_waiting(parse, fault) < 0 ? locate(parse, fault) : 0;
}

static int read_text(struct run_parse *parse, int fd, struct profile_text *text,
		     struct fault *fault)
{
	char *bytes = arena_alloc(&parse->spec->arena, PROFILE_BYTES_MAX + 2);
	ssize_t n;

	if (!bytes)
		return fault_set(fault, STEP_OPTIONS, ENOMEM, NULL);
	*text = (struct profile_text){ .at = bytes };
	do {
		n = read(fd, bytes + text->left, PROFILE_BYTES_MAX + 1 - text->left);
		if (n < 0 && errno != EINTR)
			return fault_set(fault, STEP_OPTIONS, errno, NULL);
		text->left += n > 0 ? (size_t)n : 0;
	} while (n != 0 && text->left <= PROFILE_BYTES_MAX);
	if (text->left <= PROFILE_BYTES_MAX)
		return 0;
	fault_set(fault, STEP_OPTIONS, EFBIG, NULL);
	return fault_because(fault, "a profile has at most 64 KiB");
}

/* Opens and reads a file that `outer` includes. Fault: about the file. */
static int open_layer(struct run_parse *parse, struct layer *layer, const char *name,
		      const char **file, struct profile_text *text, struct fault *fault)
{
	char path[PATH_MAX];
	cleanup_fd int fd = profile_open(name, parse->file, path, fault);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return fault_set(fault, STEP_OPTIONS, errno, path);
	layer->dev = st.st_dev;
	layer->ino = st.st_ino;
	fault_set(fault, STEP_OPTIONS, ELOOP, path);
	for (const struct layer *up = layer->outer; up; up = up->outer)
		if (up->dev == st.st_dev && up->ino == st.st_ino)
			return fault_because(fault, "a profile must not include itself");
	if (layer->depth > DEPTH_MAX)
		return fault_because(fault, "profiles include each other at most 8 deep");
	if (++parse->files > FILES_MAX)
		return fault_because(fault, "at most 64 profiles can be read for one start");
	*file = arena_strdup(&parse->spec->arena, path);
	return *file ? read_text(parse, fd, text, fault)
		     : fault_set(fault, STEP_OPTIONS, ENOMEM, path);
}

static int include(struct run_parse *parse, const struct layer *outer, const char *word,
		   const char *name, struct fault *fault)
{
	struct layer layer = { .outer = outer, .depth = outer ? outer->depth + 1 : 1 };
	const char *outer_file = parse->file, *file = NULL;
	unsigned int outer_line = parse->line;
	struct profile_text text;

	if (open_layer(parse, &layer, name, &file, &text, fault) < 0)
		return about_word(word, name, fault);
	parse->file = file;
	parse->pools = 0;
	if (apply_text(parse, &layer, &text, fault) < 0)
		return -1; /* parse->file stays: the fault has been located in it */
	parse->file = outer_file;
	parse->line = outer_line;
	parse->pools = 0;
	return 0;
}

/* ---- the command line ---- */

/* What --profile at argv[0] names, else NULL. *used gets the arguments of this option; 0: the end. */
static const char *find_profile(int argc, char *const *argv, int *used)
{
	size_t len = strcspn(argv[0], "=");
	const struct run_option *option = run_find_option(argv[0], len);
	bool attached = argv[0][len] == '=';

	*used = !option ? 0 : attached ? 1 : 1 + (int)option->values;
	if (*used > argc || (option && option->id == RUN_HELP))
		*used = 0;
	if (*used == 0 || option->id != RUN_PROFILE)
		return NULL;
	return attached ? argv[0] + len + 1 : argv[1];
}

int run_apply_profiles(struct run_parse *parse, int argc, char *const *argv, struct fault *fault)
{
	int used;

	for (; argc > 0 && argv[0][0] == '-' && strcmp(argv[0], "--") != 0;
	     argc -= used, argv += used) {
		const char *name = find_profile(argc, argv, &used);

		if (name && include(parse, NULL, "--profile", name, fault) < 0)
			return -1;
		if (used == 0) /* --help, or what parsing will refuse */
			return 0;
	}
	return 0;
}
