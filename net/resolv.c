/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the resolv.conf(5) of the host to that of a sandbox. Only whole words of printable
 * characters are taken over: the file of the host may come from a DHCP server.
 */
#include "resolv.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "closed.h"

#define BLANKS " \t\r"
#define WORDS_MAX 1024 /* bytes of a search list or of the options */
#define NO_SERVER \
	"# The host names no server that can be reached from here: see nidus-run(1), dns.\n"

/* The contents of one or several texts. */
struct resolv {
	struct ip_addr servers[RESOLV_SERVERS_MAX];
	size_t server_count;
	char search[WORDS_MAX];
	char options[WORDS_MAX];
};

/* ---- reading ---- */

static bool is_reachable(const struct ip_addr *addr)
{
	/* the unspecified address means this host: resolv.conf(5) */
	static const char *const local[] = { "0.0.0.0/8", "::" };
	struct ip_prefix prefix;

	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		if (ip_prefix_parse(local[i], &prefix) && ip_prefix_contains(&prefix, addr))
			return false;
	return !closed_contains(addr);
}

static void add_server(struct resolv *resolv, const char *text)
{
	struct ip_addr addr;

	/* one with a scope ("fe80::1%eth0") does not parse: it is for a link of the host */
	if (!ip_addr_parse(text, &addr) || !is_reachable(&addr) ||
	    resolv->server_count == RESOLV_SERVERS_MAX)
		return;
	for (size_t i = 0; i < resolv->server_count; i++)
		if (ip_addr_equal(&resolv->servers[i], &addr))
			return;
	resolv->servers[resolv->server_count++] = addr;
}

static bool is_printable(const char *word)
{
	for (; *word; word++)
		if (!isgraph((unsigned char)*word) || (*word & 0x80))
			return false;
	return true;
}

/* Appends the words that fit whole. */
static void add_words(char list[WORDS_MAX], char *words)
{
	size_t len = strlen(list);
	char *next = words, *word;

	while ((word = strsep(&next, BLANKS))) {
		size_t more = strlen(word);

		if (more == 0 || !is_printable(word) || len + 1 + more >= WORDS_MAX)
			continue;
		list[len++] = ' ';
		memcpy(list + len, word, more + 1);
		len += more;
	}
}

/* Parses one line in place. */
static void take_line(struct resolv *resolv, char *line)
{
	char *values = line, *key;

	line[strcspn(line, "#;")] = '\0';
	values += strspn(values, BLANKS);
	key = strsep(&values, BLANKS);
	if (!values)
		return;
	values += strspn(values, BLANKS);
	if (strcmp(key, "nameserver") == 0) {
		values[strcspn(values, BLANKS)] = '\0';
		add_server(resolv, values);
	} else if (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0) {
		resolv->search[0] = '\0'; /* the last one counts: resolv.conf(5) */
		add_words(resolv->search, values);
	} else if (strcmp(key, "options") == 0) {
		add_words(resolv->options, values);
	}
}

static void take_text(struct resolv *resolv, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char line[WORDS_MAX];

		if (len < sizeof(line)) { /* longer ones are ignored */
			memcpy(line, text, len);
			line[len] = '\0';
			take_line(resolv, line);
		}
		text += len + (text[len] == '\n');
	}
}

/* "trust-ad" applies only to the original server: a validating stub on this machine. */
static void drop_trust(char options[WORDS_MAX])
{
	static const char word[] = " trust-ad";
	const size_t len = sizeof(word) - 1;
	char *at = options;

	while ((at = strstr(at, word))) {
		if (at[len] == ' ' || at[len] == '\0')
			memmove(at, at + len, strlen(at + len) + 1);
		else
			at += len;
	}
}

size_t resolv_count(const char *text)
{
	struct resolv resolv = { .server_count = 0 };

	take_text(&resolv, text);
	return resolv.server_count;
}

/* ---- writing ---- */

static void put(char text[RESOLV_TEXT_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends; the assertions show that it always fits. */
static void put(char text[RESOLV_TEXT_MAX], const char *format, ...)
{
	size_t len = strlen(text);
	va_list values;

	va_start(values, format);
	vsnprintf(text + len, RESOLV_TEXT_MAX - len, format, values);
	va_end(values);
}

static void put_servers(char text[RESOLV_TEXT_MAX], const struct ip_addr *servers, size_t count)
{
	char addr[IP_TEXT_MAX];

	for (size_t i = 0; i < count; i++)
		put(text, "nameserver %s\n", ip_addr_text(&servers[i], addr));
	if (count == 0)
		put(text, "%s", NO_SERVER);
}

size_t resolv_conf(const struct resolv_host *host, const struct ip_addr *dns, size_t dns_count,
		   char text[RESOLV_TEXT_MAX])
{
	struct resolv found = { .server_count = 0 }, upstream = { .server_count = 0 };
	const struct ip_addr *servers = found.servers;
	size_t count;

	_Static_assert(RESOLV_SERVERS_MAX * (IP_TEXT_MAX + 12) + 2 * (WORDS_MAX + 10) <
		       RESOLV_TEXT_MAX, "everything fits");
	text[0] = '\0';
	take_text(&found, host->conf);
	count = found.server_count;
	if (dns_count > 0 || count == 0)
		drop_trust(found.options);
	if (dns_count > 0) {
		servers = dns;
		count = dns_count < RESOLV_SERVERS_MAX ? dns_count : RESOLV_SERVERS_MAX;
	} else if (count == 0) {
		take_text(&upstream, host->upstreams);
		servers = upstream.servers;
		count = upstream.server_count;
		/* the file of the stub decides the search list, if it has one */
		if (found.search[0] == '\0')
			memcpy(found.search, upstream.search, sizeof(found.search));
	}
	put_servers(text, servers, count);
	if (found.search[0] != '\0')
		put(text, "search%s\n", found.search);
	if (found.options[0] != '\0')
		put(text, "options%s\n", found.options);
	return count;
}

void resolv_hosts(const char *hostname, const struct ip_addr *addr4, const struct ip_addr *addr6,
		  char text[RESOLV_TEXT_MAX])
{
	const struct ip_addr *own[] = { addr4, addr6 };
	bool has_addr = false;

	text[0] = '\0';
	put(text, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	for (size_t i = 0; hostname && i < 2; i++) {
		char addr[IP_TEXT_MAX];

		if (!own[i] || own[i]->family == 0)
			continue;
		put(text, "%s\t%.255s\n", ip_addr_text(own[i], addr), hostname);
		has_addr = true;
	}
	if (hostname && !has_addr)
		put(text, "127.0.1.1\t%.255s\n", hostname);
}

void resolv_hostname(const char *hostname, char text[RESOLV_TEXT_MAX])
{
	snprintf(text, RESOLV_TEXT_MAX, "%.255s\n", hostname);
}
