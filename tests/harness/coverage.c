/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into what `make coverage` measures. gcov writes its counts when a process exits,
 * into files. A PID 1 has neither an exit nor files, its children exec or are killed. So
 * the counts themselves (mk/coverage.ld puts them in one place) are memory of a file, COUNTERS,
 * that all processes of the program share, from its first instruction on. Whoever runs
 * the program with NIDUS_COVERAGE_DUMP afterwards gets gcov's files of all of them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef COUNTERS
#define COUNTERS "/dev/null" /* for the checkers; mk/coverage.mk names the file */
#endif

extern char coverage_start[], coverage_end[];

void __gcov_dump(void);
void __wrap___gcov_exit(void);

/* Not at each exit. */
void __wrap___gcov_exit(void)
{
}

/* Where the file can't be had (a container's root, another user), nothing is counted. */
__attribute__((constructor)) static void share_counts(void)
{
	/* the two ends of one section: mk/coverage.ld */
	/* cppcheck-suppress comparePointers */
	size_t size = (size_t)(coverage_end - coverage_start);
	int fd = open(COUNTERS, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return;
	if (fchmod(fd, 0666) < 0 || ftruncate(fd, (off_t)size) < 0 ||
	    mmap(coverage_start, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		close(fd);
		return;
	}
	close(fd);
	if (getenv("NIDUS_COVERAGE_DUMP")) {
		__gcov_dump();
		_exit(0);
	}
}
