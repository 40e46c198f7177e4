/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems at the end: swap off; every mount undone, the last first; what can't
 * be is made read-only, as the root is. In passes, as one may lie below another
 * and the table may be longer than the buffer; bounded.
 */
#include <errno.h>
#include <string.h>
#include <sys/swap.h>

#include "../kernel_abi.h"
#include "choice.h"
#include "files.h"
#include "role.h"

#define TABLE_BYTES (1u << 20)
#define PASSES_MAX 16

/* Ends a word, in which the kernel writes blanks and the like as \040; returns the next. */
static char *cut_word(char *text)
{
	char *to = text;

	for (; *text && *text != ' ' && *text != '\t'; text++) {
		*to++ = *text;
		if (*text == '\\') {
			to[-1] = (char)((text[1] & 7) << 6 | (text[2] & 7) << 3 | (text[3] & 7));
			text += 3; /* the kernel's word: three digits follow */
		}
	}
	text += *text != '\0';
	*to = '\0';
	return text;
}

/* From the last line of the table to the first. Returns whether `act` did of any. */
static bool backwards(const char *path, bool (*act)(char *line))
{
	static char table[TABLE_BYTES];
	ssize_t len = file_read(AT_FDCWD, path, table, sizeof(table));
	bool any = false, whole = false;

	while (len-- > 0) {
		if (table[len] == '\n') {
			table[len] = '\0';
			whole = true; /* what a table too long ends with is not: of a later pass */
		}
		if (whole && (len == 0 || table[len - 1] == '\n'))
			any |= act(table + len);
	}
	return any;
}

static bool swap_off(char *line)
{
	cut_word(line);
	/* the heading is no path */
	if (line[0] == '/' && swapoff(line) < 0)
		machine_tell_errno(line);
	return false;
}

static int remount_readonly(const char *point)
{
	return path_mount(NULL, point, NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

/*
 * Of "SOURCE POINT TYPE …" the point. NULL: of the root, whose turn is the last, and of
 * what is the kernel's own: nothing to lose, and needed to the end.
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

/* A file system over /proc hides the table, and itself. In the end there is none to undo. */
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
	/* EBUSY and EINVAL: an initramfs, which has nothing to keep */
	if (remount_readonly("/") < 0 && errno != EINVAL && errno != EBUSY)
		machine_tell_errno("/");
	sync();
}
