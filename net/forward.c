/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"

#define SYSCTL4 "/proc/sys/net/ipv4/ip_forward"
#define LINKS4 "/proc/sys/net/ipv4/conf"
#define LINKS6 "/proc/sys/net/ipv6/conf"
#define SYSCTL6 LINKS6 "/all/forwarding"

/* Words of the record. A link's name has no colon. */
#define WORD_4 "ipv4"         /* was off */
#define WORD_6 "ipv6"
#define WORD_4_LINK "ipv4:"   /* and the name of a link that forwarded before */
#define WORD_6_LINK "ipv6:"
#define WORD_ACCEPT "accept:" /* and the name of a link whose accept_ra was 1 */

/* Its first digit, or -1 with errno. */
static int read_switch(const char *path)
{
	char value[8];
	ssize_t len = small_file_read(AT_FDCWD, path, value, sizeof(value));

	if (len > 0)
		return value[0] - '0';
	errno = len < 0 ? errno : EIO;
	return -1;
}

static int write_switch(const char *path, const char *value)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_whole(fd, value, 1);
}

static bool is_link(const char *name)
{
	return name[0] != '.' && strcmp(name, "all") != 0 && strcmp(name, "default") != 0;
}

static int keep_link(const char *link, struct fault *fault)
{
	char accept[sizeof(LINKS6) + NAME_MAX + 16], forwarding[sizeof(accept)];

	/* not for existing links, and "default" would make the links of sandboxes accept them */
	if (!is_link(link))
		return 0;
	snprintf(accept, sizeof(accept), LINKS6 "/%s/accept_ra", link);
	snprintf(forwarding, sizeof(forwarding), LINKS6 "/%s/forwarding", link);
	if (read_switch(accept) != 1 || read_switch(forwarding) != 0)
		return 0; /* gone, or accepts none anyway */
	if (write_switch(accept, "2") == 0 || errno == ENOENT)
		return 0;
	return fault_set(fault, STEP_NETWORK, errno, accept);
}

/*
 * Links with accept_ra = 1 stop accepting router advertisements once forwarding is on, and
 * the default route of the host goes at once; with 2 they go on.
 */
static int keep_advertisements(struct fault *fault)
{
	DIR *links = opendir(LINKS6);
	struct dirent *entry;
	int ret = 0;

	if (!links)
		return fault_set(fault, STEP_NETWORK, errno, LINKS6);
	while (ret == 0 && (entry = readdir(links)))
		ret = keep_link(entry->d_name, fault);
	closedir(links);
	return ret;
}

static int turn_on6(struct fault *fault)
{
	if (keep_advertisements(fault) < 0)
		return -1;
	return write_switch(SYSCTL6, "1") < 0 ? fault_set(fault, STEP_NETWORK, errno, SYSCTL6) : 0;
}

/* ---- what has to be changed ---- */

/* A word of the record; one that doesn't fit is left out, and not undone. */
static void note(struct forward_change *change, const char *what, const char *link)
{
	size_t used = strlen(change->text), need = strlen(what) + strlen(link) + 2;

	if (used + need > sizeof(change->text))
		return;
	snprintf(change->text + used, sizeof(change->text) - used, "%s%s%s", used ? " " : "", what,
		 link);
}

/* The switch of all links sets that of each: those that forward already, and accept_ra. */
static int note_links(struct forward_change *change, const char *links, struct fault *fault)
{
	bool is6 = strcmp(links, LINKS6) == 0;
	char forwarding[sizeof(LINKS6) + NAME_MAX + 16], accept[sizeof(forwarding)];
	DIR *dir = opendir(links);
	struct dirent *entry;

	if (!dir)
		return fault_set(fault, STEP_NETWORK, errno, links);
	while ((entry = readdir(dir))) {
		if (!is_link(entry->d_name))
			continue;
		snprintf(forwarding, sizeof(forwarding), "%s/%s/forwarding", links, entry->d_name);
		snprintf(accept, sizeof(accept), "%s/%s/accept_ra", links, entry->d_name);
		if (read_switch(forwarding) == 1)
			note(change, is6 ? WORD_6_LINK : WORD_4_LINK, entry->d_name);
		else if (is6 && read_switch(accept) == 1)
			note(change, WORD_ACCEPT, entry->d_name);
	}
	closedir(dir);
	return 0;
}

/* Switched off for the links of sandboxes, or for all. A missing file: a host without IPv6. */
static bool is_off6(void)
{
	return read_switch(LINKS6 "/default/disable_ipv6") == 1 ||
	       read_switch(LINKS6 "/all/disable_ipv6") == 1;
}

int forward_look(bool may_turn_on, struct forward_change *change, struct fault *fault)
{
	int on4 = read_switch(SYSCTL4), on6 = read_switch(SYSCTL6);

	memset(change, 0, sizeof(*change));
	if (on4 < 0)
		return fault_set(fault, STEP_NETWORK, errno, SYSCTL4);
	if (on4 == 0 && !may_turn_on)
		return fault_set(fault, STEP_NETWORK, 0,
				 SYSCTL4 " is 0: to let nidus turn it on, set net-forward yes for a "
				 "sandbox, or forward = yes in nidus.conf for all");
	change->turn_on4 = on4 == 0;
	/* -1, ENOENT: a host without IPv6 */
	change->turn_on6 = on6 == 0 && may_turn_on && !is_off6();
	change->has6 = change->turn_on6 || (on6 > 0 && !is_off6());
	if (change->turn_on4) {
		note(change, WORD_4, "");
		if (note_links(change, LINKS4, fault) < 0)
			return -1;
	}
	if (!change->turn_on6)
		return 0;
	note(change, WORD_6, "");
	return note_links(change, LINKS6, fault);
}

int forward_apply(const struct forward_change *change, struct fault *fault)
{
	if (change->turn_on4 && write_switch(SYSCTL4, "1") < 0)
		return fault_set(fault, STEP_NETWORK, errno, SYSCTL4);
	return change->turn_on6 ? turn_on6(fault) : 0;
}

/* ---- back ---- */

/* One word of the record, which may be forged: a link's name leads to no other file. */
static int undo_word(const char *word, struct fault *fault)
{
	static const struct {
		const char *word, *path, *file, *value;
	} words[] = {
		{ WORD_4_LINK, LINKS4, "forwarding", "1" },
		{ WORD_6_LINK, LINKS6, "forwarding", "1" },
		{ WORD_ACCEPT, LINKS6, "accept_ra", "1" },
	};
	char path[sizeof(LINKS6) + NAME_MAX + 16];

	if (strcmp(word, WORD_4) == 0 || strcmp(word, WORD_6) == 0) {
		snprintf(path, sizeof(path), "%s", strcmp(word, WORD_4) == 0 ? SYSCTL4 : SYSCTL6);
		return write_switch(path, "0") == 0 || errno == ENOENT ?
			       0 : fault_set(fault, STEP_CLEANUP, errno, path);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *link = word + strlen(words[i].word);

		if (strncmp(word, words[i].word, strlen(words[i].word)) != 0)
			continue;
		if (!is_link(link) || strchr(link, '/') || strlen(link) > NAME_MAX)
			break;
		snprintf(path, sizeof(path), "%s/%s/%s", words[i].path, link, words[i].file);
		/* ENOENT: the link is gone */
		if (write_switch(path, words[i].value) == 0 || errno == ENOENT)
			return 0;
		return fault_set(fault, STEP_CLEANUP, errno, path);
	}
	return fault_set(fault, STEP_CLEANUP, EINVAL, word);
}

int forward_undo(const char *text, struct fault *fault)
{
	char words[FORWARD_TEXT_MAX], *next = words, *word;

	if (strlen(text) >= sizeof(words))
		return fault_set(fault, STEP_CLEANUP, E2BIG, "forwarding on record");
	strcpy(words, text);
	while ((word = strsep(&next, " ")))
		if (word[0] != '\0' && undo_word(word, fault) < 0)
			return -1;
	return 0;
}
