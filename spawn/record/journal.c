/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The write-ahead record of one sandbox. It has to survive the death of a process,
 * not of the machine (another boot voids the record), so nothing is synced to disk.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "journal.h"
#include "process.h"

#define JOURNAL_FILE_NAME "journal"
#define JOURNAL_FORMAT "1"
#define JOURNAL_SIZE_MAX (1u << 20) /* bytes: thousands of resources */

static const char *const kind_names[JOURNAL_KIND_COUNT] = {
	[JOURNAL_VERSION] = "version",
	[JOURNAL_BOOT] = "boot",
	[JOURNAL_OWNER] = "owner",
	[JOURNAL_CREATED] = "created",
	[JOURNAL_COMMAND] = "command",
	[JOURNAL_LABEL] = "label",
	[JOURNAL_PUBLISH] = "publish",
	[JOURNAL_GRACE] = "grace",
	[JOURNAL_OUTLIVE] = "outlive",
	[JOURNAL_NAME] = "name",
	[JOURNAL_IDS] = "ids",
	[JOURNAL_CGROUP] = "cgroup",
	[JOURNAL_INIT] = "init",
	[JOURNAL_LEASE] = "lease",
	[JOURNAL_LINK] = "link",
	[JOURNAL_NFT] = "nft",
	[JOURNAL_POOL] = "pool",
	[JOURNAL_FORWARD] = "forward",
	[JOURNAL_HELPER] = "helper",
	[JOURNAL_STUB] = "stub",
	[JOURNAL_READY] = "ready",
	[JOURNAL_EXITED] = "exited",
	[JOURNAL_CLEANUP_FAILED] = "cleanup_failed",
};

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == 0x7f || c == '\\';
}

/* Appends `text` escaped; false if it did not fit (then as much as fits is there). */
static bool put_escaped(char *line, size_t *len, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		size_t need = needs_escape(c) ? 4 : 1;

		if (*len + need > size)
			return false;
		if (need == 1) {
			line[(*len)++] = (char)c;
			continue;
		}
		line[(*len)++] = '\\';
		line[(*len)++] = 'x';
		line[(*len)++] = hex[c >> 4];
		line[(*len)++] = hex[c & 15];
	}
	return true;
}

/*
 * One write. After a short one (a full file system) the torn part is truncated away:
 * otherwise the next line would be read as part of its argument.
 */
static int append(int fd, const char *text, size_t len)
{
	struct stat st;
	ssize_t n;
	int err;

	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len)
		return 0;
	err = n < 0 ? errno : ENOSPC;
	if (n > 0 && (fstat(fd, &st) < 0 || ftruncate(fd, st.st_size - n) < 0))
		err = errno;
	errno = err;
	return -1;
}

int journal_create(struct journal *journal, int dir_fd, struct fault *fault)
{
	cleanup_fd int fd = -1;
	char boot[PROCESS_BOOT_MAX], text[512];
	struct timespec now;
	int len;

	journal->fd = -1;
	if (process_boot(boot) < 0)
		return fault_set(fault, STEP_STATE, errno, "boot id");
	clock_gettime(CLOCK_REALTIME, &now);
	len = snprintf(text, sizeof(text),
		       "version " JOURNAL_FORMAT "\nboot %s\nowner %d %" PRIu64
		       "\ncreated %lld.%09ld\n",
		       boot, (int)getpid(), process_start_time(getpid()), (long long)now.tv_sec,
		       now.tv_nsec);
	fd = openat(dir_fd, JOURNAL_FILE_NAME,
		    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || append(fd, text, (size_t)len) < 0)
		return fault_set(fault, STEP_STATE, errno, JOURNAL_FILE_NAME);
	journal->fd = fd_take(&fd);
	return 0;
}

/* Truncates the file after its last newline: what follows was never acted on. */
static int cut_torn_line(int fd)
{
	char tail[JOURNAL_LINE_MAX];
	struct stat st;
	off_t from;
	ssize_t n;
	const char *newline;

	if (fstat(fd, &st) < 0)
		return -1;
	from = st.st_size > (off_t)sizeof(tail) ? st.st_size - (off_t)sizeof(tail) : 0;
	n = pread(fd, tail, sizeof(tail), from);
	if (n <= 0 || tail[n - 1] == '\n')
		return (int)(n < 0 ? -1 : 0);
	newline = memrchr(tail, '\n', (size_t)n);
	return ftruncate(fd, newline ? from + (newline - tail) + 1 : from);
}

int journal_open(struct journal *journal, int dir_fd, struct fault *fault)
{
	cleanup_fd int fd = openat(dir_fd, JOURNAL_FILE_NAME,
				   O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	journal->fd = -1;
	if (fd < 0 || cut_torn_line(fd) < 0)
		return fault_set(fault, STEP_STATE, errno, JOURNAL_FILE_NAME);
	journal->fd = fd_take(&fd);
	return 0;
}

int journal_write(struct journal *journal, enum journal_kind kind, const char *argument,
		  struct fault *fault)
{
	char line[JOURNAL_LINE_MAX];
	size_t len = strlen(kind_names[kind]);

	memcpy(line, kind_names[kind], len);
	line[len++] = ' ';
	if (!put_escaped(line, &len, sizeof(line) - 1, argument ? argument : "") &&
	    kind != JOURNAL_COMMAND)
		return fault_set(fault, STEP_STATE, E2BIG, argument);
	line[len++] = '\n';
	if (append(journal->fd, line, len) < 0)
		return fault_set(fault, STEP_STATE, errno, JOURNAL_FILE_NAME);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* In place; anything but a complete \xHH stays as it is. A \x00 ends the text. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		int high = -1, low = -1;

		if (text[0] == '\\' && text[1] == 'x' && (high = hex_digit(text[2])) >= 0)
			low = hex_digit(text[3]);
		if (low < 0) {
			*out++ = *text;
			continue;
		}
		*out++ = (char)(high << 4 | low);
		text += 3;
	}
	*out = '\0';
}

/* "kind argument", NUL-terminated; JOURNAL_KIND_COUNT if the kind is unknown. */
static enum journal_kind parse_kind(const char *line, size_t len)
{
	for (int i = 0; i < JOURNAL_KIND_COUNT; i++)
		if (strlen(kind_names[i]) == len && memcmp(kind_names[i], line, len) == 0)
			return (enum journal_kind)i;
	return JOURNAL_KIND_COUNT;
}

static int read_all(int fd, char *text, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, text + len, size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (int)len;
}

int journal_read_fd(int fd, struct arena *arena, struct journal_entry **entries, size_t *count,
		    struct fault *fault)
{
	char *text, *newline;
	struct stat st;
	int len;

	*entries = NULL;
	*count = 0;
	if (fstat(fd, &st) < 0)
		return fault_set(fault, STEP_STATE, errno, JOURNAL_FILE_NAME);
	if (st.st_size > (off_t)JOURNAL_SIZE_MAX)
		return fault_set(fault, STEP_STATE, EFBIG, JOURNAL_FILE_NAME);
	text = arena_alloc(arena, (size_t)st.st_size + 1);
	if (!text)
		return fault_set(fault, STEP_STATE, ENOMEM, JOURNAL_FILE_NAME);
	len = read_all(fd, text, (size_t)st.st_size);
	if (len < 0)
		return fault_set(fault, STEP_STATE, errno, JOURNAL_FILE_NAME);

	for (char *line = text; (newline = memchr(line, '\n', (size_t)(text + len - line)));
	     line = newline + 1) {
		struct journal_entry *grown;
		enum journal_kind kind;
		char *space;

		*newline = '\0';
		space = strchr(line, ' ');
		kind = space ? parse_kind(line, (size_t)(space - line)) : JOURNAL_KIND_COUNT;
		if (kind == JOURNAL_KIND_COUNT)
			continue;
		unescape(space + 1);
		grown = arena_grow(arena, *entries, *count, sizeof(**entries));
		if (!grown)
			return fault_set(fault, STEP_STATE, ENOMEM, JOURNAL_FILE_NAME);
		*entries = grown;
		grown[(*count)++] = (struct journal_entry){ .kind = kind, .argument = space + 1 };
	}
	return 0;
}

int journal_read(int dir_fd, struct arena *arena, struct journal_entry **entries, size_t *count,
		 struct fault *fault)
{
	cleanup_fd int fd = openat(dir_fd, JOURNAL_FILE_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	*entries = NULL;
	*count = 0;
	if (fd < 0)
		return fault_set(fault, STEP_STATE, errno, JOURNAL_FILE_NAME);
	return journal_read_fd(fd, arena, entries, count, fault);
}

const char *journal_find(const struct journal_entry *entries, size_t count,
			 enum journal_kind kind)
{
	while (count-- > 0)
		if (entries[count].kind == kind)
			return entries[count].argument;
	return NULL;
}

void journal_close(struct journal *journal)
{
	fd_close(&journal->fd);
}
