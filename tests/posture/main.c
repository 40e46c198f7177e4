/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posture.h"

#define TRY_S 5 /* for one try */

static const char *class;
static unsigned escapes;

static void say(const char *verdict, const char *name, const char *detail, va_list args)
{
	printf("%s %s %s", verdict, class, name);
	if (detail) {
		printf(": ");
		vprintf(detail, args);
	}
	putchar('\n');
	fflush(stdout);
}

void contained(const char *name)
{
	printf("contained %s %s\n", class, name);
	fflush(stdout);
}

void escaped(const char *name, const char *detail, ...)
{
	va_list args;

	va_start(args, detail);
	say("escaped", name, detail, args);
	va_end(args);
	escapes++;
}

void skipped(const char *name, const char *detail, ...)
{
	va_list args;

	va_start(args, detail);
	say("skipped", name, detail, args);
	va_end(args);
}

int in_child(int (*try)(const void *arg), const void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -1;
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(TRY_S);
		_exit(try(arg));
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WTERMSIG(status) == SIGALRM ? -1 : 128 + WTERMSIG(status);
}

void closed(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		contained(path);
	else
		escaped(path, "opened for %s", (flags & O_ACCMODE) == O_RDONLY ? "reading" : "writing");
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} classes[] = {
		{ "capabilities", try_capabilities },
		{ "filter", try_filter },
		{ "kernel", try_kernel_files },
		{ "groups", try_groups },
		{ "pid1", try_pid_1 },
		{ "descriptors", try_descriptors },
		{ "terminal", try_terminal },
		{ "sockets", try_sockets },
		{ "setid", try_set_id },
		{ "others", try_others },
		{ "network", try_network },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		bool wanted = argc < 2;

		for (int arg = 1; arg < argc; arg++)
			wanted |= strcmp(argv[arg], classes[i].name) == 0;
		class = classes[i].name;
		if (wanted)
			classes[i].run();
	}
	return escapes > 0;
}
