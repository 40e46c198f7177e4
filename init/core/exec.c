/* SPDX-License-Identifier: Apache-2.0 */
#include "exec.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "../fd.h"

static const char elf_magic[SELFMAG] = ELFMAG;

char **exec_vector(const char *first, char *const *rest)
{
	size_t count = 1;
	char **vector;

	while (rest[count - 1])
		count++;
	vector = mmap(NULL, (count + 1) * sizeof(*vector), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vector == MAP_FAILED)
		return NULL;
	vector[0] = (char *)(uintptr_t)first;
	memcpy(vector + 1, rest, count * sizeof(*vector));
	return vector;
}

/* The head of the file, with a NUL; "" if it can't be read. */
static size_t read_head(const char *path, char text[FAULT_WHY_MAX])
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, FAULT_WHY_MAX - 1);

	n = n < 0 ? 0 : n;
	text[n] = '\0';
	return (size_t)n;
}

void exec_file(const char *path, char *const *argv, char *const *envp)
{
	static const char sh[] = "/bin/sh";
	char head[FAULT_WHY_MAX], **shell;

	execve(path, argv, envp);
	if (errno != ENOEXEC)
		return;
	shell = exec_vector(sh, argv);
	/* what can't be read, the shell can't read either */
	if (shell && read_head(path, head) > 0 && memcmp(head, elf_magic, SELFMAG) != 0) {
		shell[1] = (char *)(uintptr_t)path;
		execve(sh, shell, envp);
	}
	errno = ENOEXEC;
}

/* An empty `why` is left where all directories may be entered. */
static void name_directory(const char *path, char why[FAULT_WHY_MAX])
{
	for (size_t i = 0; i < FAULT_WHY_MAX - 1 && path[i]; i++) {
		if (path[i] == '/' && i > 0 && access(why, X_OK) < 0)
			return;
		why[i] = path[i];
		why[i + 1] = '\0';
	}
	why[0] = '\0';
}

/* The word behind "#!", in place of the file's head; "" for a program, whose loader is missing. */
static void name_interpreter(const char *path, char why[FAULT_WHY_MAX])
{
	size_t len = 0, at = 2;

	read_head(path, why);
	if (why[0] == '#') {
		at += strspn(why + at, " \t");
		len = strcspn(why + at, " \t\n");
		memmove(why, why + at, len);
	}
	why[len] = '\0';
}

void exec_blame(const char *path, struct fault *fault)
{
	fault->why[0] = '\0';
	if (fault->err == EACCES) {
		name_directory(path, fault->why);
	} else if (fault->err == ENOENT && access(path, F_OK) == 0) {
		fault->err = ELIBACC;
		name_interpreter(path, fault->why);
	}
}
