/* SPDX-License-Identifier: Apache-2.0 */
/* What the process holds: capability sets, no_new_privs, a filter; and what a set-id file gives. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "posture.h"

static bool status_of(const char *key, int base, unsigned long long *value)
{
	FILE *file = fopen("/proc/self/status", "re");
	size_t len = strlen(key);
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		found = strncmp(line, key, len) == 0 && line[len] == ':';
		if (found)
			*value = strtoull(line + len + 1, NULL, base);
	}
	if (file)
		fclose(file);
	return found;
}

static void is_status(const char *key, int base, unsigned long long wanted)
{
	unsigned long long value;

	if (!status_of(key, base, &value))
		skipped(key, "not in /proc/self/status");
	else if (value == wanted)
		contained(key);
	else
		escaped(key, base == 16 ? "%#llx" : "%llu", value);
}

void try_capabilities(void)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	const char *asked = getenv("POSTURE_CAPS");
	unsigned long long mask = asked ? strtoull(asked, NULL, 16) : 0, value;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (!status_of(sets[i], 16, &value))
			skipped(sets[i], "not in /proc/self/status");
		else if ((value & ~mask) == 0)
			contained(sets[i]);
		else
			escaped(sets[i], "%#llx", value);
	}
	is_status("NoNewPrivs", 10, 1);
	is_status("Seccomp", 10, 2);
	if (prctl(PR_SET_SECUREBITS, 0) == 0)
		escaped("securebits", "set");
	else
		contained("securebits");
}

/* A root of its own user namespace may have them, but a set-id file must give nothing. */
static void no_set_id(const char *path)
{
	struct statvfs fs;

	if (statvfs(path, &fs) < 0)
		skipped(path, "%s", strerror(errno));
	else if (fs.f_flag & ST_NOSUID || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		contained(path);
	else
		escaped(path, "set-id files count there");
}

static int make_set_id(const void *arg)
{
	int fd = open(arg, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	struct stat st;
	bool is_set;

	if (fd < 0)
		return 2;
	is_set = fchmod(fd, 06755) == 0 && fstat(fd, &st) == 0 && st.st_mode & (S_ISUID | S_ISGID);
	unlink(arg);
	return is_set;
}

void try_set_id(void)
{
	static const char *const places[] = { "/", "/usr", "/tmp", "/dev/shm", "/run" };
	const char *writable = getenv("POSTURE_WRITABLE");
	char path[4096];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		no_set_id(places[i]);
	if (!writable) {
		skipped("made", "no writable directory is named");
		return;
	}
	snprintf(path, sizeof(path), "%s/posture.XXXXXX", writable);
	switch (in_child(make_set_id, path)) {
	case 0:
		contained("made");
		break;
	case 1:
		escaped("made", "a set-id file in %s", writable);
		break;
	default:
		skipped("made", "%s can't be written", writable);
	}
}
