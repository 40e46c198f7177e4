/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: files with options of `nidus run`, one a line. Here they are found, opened and taken
 * apart into words; what the words mean is run_profile.c's. nidus-profile(5) has the language.
 */
#ifndef NIDUS_CLI_PROFILE_H
#define NIDUS_CLI_PROFILE_H

#include <limits.h>
#include <stddef.h>

#include "../../init/fault.h"

#define PROFILE_BYTES_MAX (64u << 10) /* of one file */
#define PROFILE_LINES_MAX 1000u /* of one file */
#define PROFILE_WORDS_MAX 4u /* of a line: an option and RUN_VALUES_MAX values */

/* ---- the language: pure ---- */

/* What is left of a file; the text is NUL-terminated, writable, and changed while it is read. */
struct profile_text {
	char *at;
	size_t left; /* bytes */
	unsigned int line; /* number of the last line that was read; begin with 0 */
};

enum profile_next { PROFILE_END, PROFILE_LINE, PROFILE_WRONG };

/*
 * The words of the next line that has any: `count` of them in `words`, which stay within the
 * text. PROFILE_WRONG: *why says what is wrong in line text->line.
 */
enum profile_next profile_next(struct profile_text *text, const char *words[PROFILE_WORDS_MAX],
			       unsigned int *count, const char **why);

/* ---- the files ---- */

/*
 * Opens the profile of that name: a word with a slash is a path, relative to the directory of
 * the file `from` (NULL: to the current one); any other is looked up in the directories of
 * nidus-profile(5). Only a regular file is opened that belongs to root or the caller and that
 * nobody else may write, nor its directory. `path` gets where it is. Returns a descriptor;
 * or -1 with a fault of STEP_OPTIONS whose object is the file, or empty.
 */
int profile_open(const char *name, const char *from, char path[PATH_MAX], struct fault *fault);

#endif
