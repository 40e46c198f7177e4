/* SPDX-License-Identifier: Apache-2.0 */
/* --args FD: options read from a descriptor, NUL-separated as in bubblewrap. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "run_options.h"

#define ARGS_BYTES_MAX (1u << 20) /* of all --args together; more than a plan can use */

static int refuse(struct fault *fault, int fd, int err, const char *why)
{
	char what[FAULT_WHAT_MAX];

	snprintf(what, sizeof(what), "--args %d", fd);
	fault_set(fault, STEP_OPTIONS, err, what);
	return why ? fault_because(fault, why) : -1;
}

/* Reads fd to its end into `buffer`; *used gets the length. */
static int read_all(int fd, char *buffer, size_t size, size_t *used, struct fault *fault)
{
	ssize_t n;

	for (*used = 0; *used < size; *used += (size_t)n) {
		do
			n = read(fd, buffer + *used, size - *used);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return refuse(fault, fd, errno, NULL);
		if (n == 0)
			return 0;
	}
	return refuse(fault, fd, EINVAL, "at most 1 MiB of arguments in all");
}

int run_read_args(struct run_parse *parse, int fd, char ***argv, int *argc, struct fault *fault)
{
	struct arena *arena = &parse->spec->arena;
	size_t room = ARGS_BYTES_MAX - parse->arg_bytes, used, count = 0;
	char *text = arena_alloc(arena, room + 1);
	char **vector;

	if (!text)
		return refuse(fault, fd, ENOMEM, NULL);
	if (read_all(fd, text, room, &used, fault) < 0)
		return -1;
	if (fd > STDERR_FILENO)
		close(fd);
	if (used > 0 && text[used - 1] != '\0')
		used++; /* the last argument may lack its NUL: the arena is zeroed */
	for (size_t i = 0; i < used; i++)
		count += text[i] == '\0';
	vector = arena_alloc(arena, (count + 1) * sizeof(*vector));
	if (!vector)
		return refuse(fault, fd, ENOMEM, NULL);
	for (size_t i = 0; i < count; i++) {
		vector[i] = text;
		text += strlen(text) + 1;
	}
	parse->arg_bytes += used;
	*argv = vector;
	*argc = (int)count;
	return 0;
}
