/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus-init's command lines over arbitrary bytes: the first says whose, the rest
 * are arguments, each behind a NUL. What is accepted must hold together: a program
 * within argv, signals that exist.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile size_t said; /* so that what is written is read */

/* Instead of write(2): of what is said each byte must be there. */
static ssize_t listen_to(const void *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		said += ((const unsigned char *)text)[i];
	return (ssize_t)len;
}

#define write(fd, text, len) ((void)(fd), listen_to(text, len))
#include "../unit/wrapper_options.h"
#undef write

#define ARGUMENTS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool in_range(int signal, int min)
{
	return signal >= min && signal < WRAPPER_SIGNALS;
}

static void check(const struct wrapper_options *options, int status, char **argv, size_t argc)
{
	if (status != WRAPPER_GO) {
		require(status == 0 || status == 1 || status == 125);
		return;
	}
	if (options->program)
		require(options->program > argv && options->program < argv + argc &&
			*options->program);
	else
		require(options->as == AS_CATATONIT);
	for (int i = 1; i < WRAPPER_SIGNALS; i++)
		require(in_range(options->rewrite[i], 0));
	require(in_range(options->parent_death_signal, 0));
	require(in_range(options->memory_signal, 0));
	require(options->ready_fd >= -1);
	require(options->name && options->name[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *const names[] = { "nidus-init", "/sbin/tini", "dumb-init", "catatonit" };
	static char *const empty_envp[] = { NULL };
	static char *const envp[] = { "TINI_VERBOSITY=2", "DUMB_INIT_DEBUG=1", "NOTIFY_SOCKET=/n",
				      NULL };
	char *argv[ARGUMENTS_MAX + 2], *text;
	struct wrapper_options options;
	size_t argc = 1;

	if (size == 0)
		return 0;
	text = malloc(size); /* of exactly this size, so that one byte too far is seen */
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	argv[0] = names[data[0] % 4];
	for (size_t at = 0; at < size && argc <= ARGUMENTS_MAX; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	argv[argc] = NULL;
	check(&options, wrapper_parse(argv, data[0] & 0x80 ? envp : empty_envp, &options), argv,
	      argc);
	free(text);
	return 0;
}
