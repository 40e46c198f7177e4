/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command line asks for: a program after `--`, or a configuration file. The kernel
 * passes its init all words that it does not know, without the `--`; /proc/cmdline shows
 * how many came after it.
 */
#include "cmdline.h"

#include <fcntl.h>
#include <string.h>

#include "../small_file.h"
#include "files.h"
#include "tell.h"

#define KEY "nidus.config="
#define CMDLINE_MAX 4096 /* no architecture's COMMAND_LINE_SIZE is larger */

/* Like next_arg() in the kernel: quotes hide blanks. Ends the word with a NUL; NULL: no more. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \n\t"), *end = word;
	bool quoted = false;

	for (; *end && (quoted || !strchr(" \n\t", *end)); end++)
		quoted ^= *end == '"';
	*text = end + (*end != '\0');
	*end = '\0';
	return *word ? word : NULL;
}

unsigned cmdline_read(char *text, const char **config)
{
	unsigned behind = 0;
	bool counting = false;
	const char *word;

	while ((word = next_word(&text))) {
		if (counting)
			behind++;
		else if (strncmp(word, KEY, strlen(KEY)) == 0)
			*config = word + strlen(KEY);
		else
			counting = strcmp(word, "--") == 0;
	}
	return behind;
}

/* argv as the kernel passed it. Returns the argv of the program, or NULL. */
static char **of_the_kernel(char **argv, const char **path)
{
	static char text[CMDLINE_MAX];
	unsigned behind, count = 0;

	small_file_read(AT_FDCWD, "/proc/cmdline", text, sizeof(text)); /* no /proc: "" */
	behind = cmdline_read(text, path);
	while (argv[count])
		count++;
	return behind > 0 && behind < count ? argv + count - behind : NULL;
}

/* -1: the error has been reported. */
static int of_a_container(char **argv, const char **path, char ***program)
{
	while (*++argv) {
		if (strcmp(*argv, "--") == 0 && argv[1]) {
			*program = argv + 1;
			return 0;
		}
		if (strcmp(*argv, "--config") == 0 && argv[1]) {
			*path = *++argv;
		} else if (strncmp(*argv, "--config=", strlen("--config=")) == 0) {
			*path = *argv + strlen("--config=");
		} else if (strcmp(*argv, "--machine") != 0) {
			machine_tell(*argv, "unknown option: use --config PATH, -- PROGRAM [ARG...]");
			return -1;
		}
	}
	return 0;
}

int cmdline_take(bool ours, char **argv, const char **path, char ***program)
{
	*program = NULL;
	if (!ours)
		return of_a_container(argv, path, program);
	*program = of_the_kernel(argv, path);
	return 0;
}
