/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orphans COUNT: makes that many processes whose parent dies before them, so
 * that PID 1 has to reap them; then waits at most 10 s until no zombie is left
 * in /proc. Prints "orphans N zombies M".
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_ROUNDS 1000 /* of 10 ms */

static int is_zombie(const char *pid)
{
	char path[300], text[512];
	const char *end;
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] == 'Z';
}

static int zombies(void)
{
	int count = 0;
	const struct dirent *entry;
	DIR *proc = opendir("/proc");

	if (!proc)
		return -1;
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			count += is_zombie(entry->d_name);
	closedir(proc);
	return count;
}

static void make_orphan(void)
{
	pid_t child = fork();

	if (child == 0) {
		/* a loaded machine may refuse for a moment; bounded, and counted by who asked */
		for (int i = 0; i < 1000 && fork() < 0; i++)
			usleep(1000);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1, left = 0;
	const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < count; i++)
		make_orphan();
	for (int i = 0; i < WAIT_ROUNDS && (left = zombies()) != 0; i++)
		nanosleep(&pause, NULL);
	printf("orphans %d zombies %d\n", count, left);
	return left != 0;
}
