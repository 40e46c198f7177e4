/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems at the end: swap off; all mounts unmounted, the last first; those that
 * can't be, and the root, are made read-only. In several passes, as a mount may lie below
 * another and the table may be longer than the buffer; the number is bounded.
 */
#include <errno.h>
#include <string.h>
#include <sys/swap.h>

#include "../kernel_abi.h"
#include "../small_file.h"
#include "choice.h"
#include "files.h"
#include "role.h"

#define TABLE_BYTES (1u << 20)
#define PASSES_MAX 16

/* Ends a word and decodes its escapes (\040 for a blank); returns the next word. */
static char *cut_word(char *text)
{
	char *to = text;

	for (; *text && *text != ' ' && *text != '\t'; text++) {
		*to++ = *text;
		if (*text == '\\') {
			to[-1] = (char)((text[1] & 7) << 6 | (text[2] & 7) << 3 | (text[3] & 7));
			text += 3; /* the kernel always writes three digits */
		}
	}
	text += *text != '\0';
	*to = '\0';
	return text;
}

/* From the last line of the table to the first. Returns whether `act` succeeded for any. */
static bool backwards(const char *path, bool (*act)(char *line))
{
	static char table[TABLE_BYTES];
	ssize_t len = small_file_read(AT_FDCWD, path, table, sizeof(table));
	bool any = false, whole = false;

	while (len-- > 0) {
		if (table[len] == '\n') {
			table[len] = '\0';
			whole = true; /* the cut last line of a long table waits for a later pass */
		}
		if (whole && (len == 0 || table[len - 1] == '\n'))
			any |= act(table + len);
	}
	return any;
}

static bool swap_off(char *line)
{
	cut_word(line);
	/* the heading does not begin with '/' */
	if (line[0] == '/' && swapoff(line) < 0)
		machine_tell_errno(line);
	return false;
}

static int remount_readonly(const char *point)
{
	return path_mount(NULL, point, NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

/*
 * The point of "SOURCE POINT TYPE …". NULL for the root, which comes last, and for the
 * kernel's pseudo file systems, which have nothing to lose and are needed to the end.
 */
static const char *point_of(char *line)
{
	char *point = cut_word(line), *type = cut_word(point);

	cut_word(type);
	if (choice_find("proc|sysfs|devtmpfs|devpts|cgroup2", type, strlen(type)) >= 0)
		return NULL;
	return point[0] && point[1] ? point : NULL;
}

static bool unmount(char *line)
{
	const char *point = point_of(line);

	return point && syscall(SYS_umount2, point, 8 /* UMOUNT_NOFOLLOW */) == 0;
}

static bool make_readonly(char *line)
{
	const char *point = point_of(line);

	if (point && remount_readonly(point) < 0)
		machine_tell_errno(point);
	return false;
}

/* A file system mounted over /proc hides the table: these are unmounted until none is left. */
static void uncover_table(void)
{
	while (access("/proc/mounts", R_OK) < 0)
		if (syscall(SYS_umount2, "/proc", 0) < 0) {
			machine_tell_errno("/proc");
			break;
		}
}

void unmount_all(void)
{
	int passes = PASSES_MAX;

	sync();
	uncover_table();
	backwards("/proc/swaps", swap_off);
	while (backwards("/proc/mounts", unmount) && --passes > 0)
		;
	backwards("/proc/mounts", make_readonly);
	/* EBUSY, EINVAL: an initramfs, which has nothing to save */
	if (remount_readonly("/") < 0 && errno != EINVAL && errno != EBUSY)
		machine_tell_errno("/");
	sync();
}
