/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of the administrator: read whole, then parsed line by line. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "../init/values.h"
#include "closed.h"

#define LINE_BYTES_MAX 1024
#define POOL_LEN_MIN 8 /* bits: a larger pool overlaps with everything */
#define BLANKS " \t\r"

enum config_key { KEY_POOL4, KEY_POOL6, KEY_FORWARD, KEY_DNS, KEY_MTU, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {
	[KEY_POOL4] = "pool4", [KEY_POOL6] = "pool6", [KEY_FORWARD] = "forward",
	[KEY_DNS] = "dns",     [KEY_MTU] = "mtu",
};

/* File and line, for faults; and the keys that were given already. */
struct config_parse {
	struct net_config *config;
	const char *path;
	unsigned int line;
	unsigned int seen; /* bit 1 << enum config_key */
	struct fault *fault;
};

static int refuse(const struct config_parse *parse, const char *word, const char *why)
{
	char what[FAULT_WHAT_MAX];
	size_t len;

	/* only the end of a long path, so that the line number is not cut off */
	len = strlen(parse->path);
	snprintf(what, sizeof(what), "%s:%u: %.40s%s%s", parse->path + (len > 80 ? len - 80 : 0),
		 parse->line, word, word[0] ? ": " : "", why);
	for (char *at = what; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	return fault_set(parse->fault, STEP_NETWORK, EINVAL, what);
}

void config_init(struct net_config *config)
{
	memset(config, 0, sizeof(*config));
	/* our own constants always parse */
	ip_prefix_parse(NET_POOL4, &config->pool4);
	ip_prefix_parse(NET_POOL6, &config->pool6);
}

static bool is_within(const char *text, const struct ip_prefix *pool)
{
	struct ip_prefix range;

	return ip_prefix_parse(text, &range) && ip_prefix_overlaps(&range, pool);
}

const char *config_pool_refused(const struct ip_prefix *pool)
{
	/* this host, loopback, link-local, multicast, reserved: RFC 6890; 4291 2.5 to 2.7 */
	static const char *const closed[] = {
		"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
		"::/8",	     "fe80::/10",   "ff00::/8",
	};

	if (pool->len < POOL_LEN_MIN)
		return "a pool is a /8 or smaller";
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++)
		if (is_within(closed[i], pool))
			return "loopback, link-local, multicast and reserved addresses can't be "
			       "leased";
	return NULL;
}

/* ---- values ---- */

static int set_pool(const struct config_parse *parse, const char *value, int family,
		    struct ip_prefix *pool)
{
	const char *why;

	if (!strchr(value, '/') || !ip_prefix_parse(value, pool) || pool->addr.family != family)
		return refuse(parse, value,
			      family == AF_INET
				      ? "an IPv4 prefix without host bits, as in " NET_POOL4
				      : "an IPv6 prefix without host bits, as in " NET_POOL6);
	why = config_pool_refused(pool);
	return why ? refuse(parse, value, why) : 0;
}

static int set_forward(const struct config_parse *parse, const char *value)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return refuse(parse, value, "must be yes or no");
	parse->config->has_forward = true;
	parse->config->forward = yes;
	return 0;
}

static int set_dns(const struct config_parse *parse, char *value)
{
	struct net_config *config = parse->config;
	char *next = value, *word;

	while ((word = strsep(&next, BLANKS ","))) {
		struct ip_addr addr;

		if (word[0] == '\0')
			continue;
		if (!ip_addr_parse(word, &addr))
			return refuse(parse, word, "an IPv4 or IPv6 address, as in 192.0.2.53");
		if (closed_contains(&addr) && !closed_can_be_opened(&addr))
			return refuse(parse, word,
				      "loopback, link-local and metadata addresses are "
				      "closed inside");
		if (config->dns_count == NET_DNS_MAX)
			return refuse(parse, word, "too many name servers: at most 8");
		config->dns[config->dns_count++] = addr;
	}
	_Static_assert(NET_DNS_MAX == 8, "the number in the message above");
	return 0;
}

static int set_mtu(const struct config_parse *parse, const char *value)
{
	uint64_t mtu;

	if (!values_number(value, CONFIG_MTU_MAX, &mtu) || mtu < CONFIG_MTU_MIN)
		return refuse(parse, value, "must be 1280 to 65535");
	_Static_assert(CONFIG_MTU_MIN == 1280 && CONFIG_MTU_MAX == 65535, "the numbers above");
	parse->config->mtu = (uint32_t)mtu;
	return 0;
}

/* ---- lines ---- */

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	for (len = strlen(text); len > 0 && strchr(BLANKS, text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

static int set_key(struct config_parse *parse, const char *key, char *value)
{
	struct net_config *config = parse->config;
	unsigned int id = 0;

	while (id < KEY_COUNT && strcmp(key, key_names[id]) != 0)
		id++;
	if (id == KEY_COUNT)
		return refuse(parse, key,
			      "unknown key: it must be pool4, pool6, forward, dns or mtu");
	if (parse->seen & 1u << id)
		return refuse(parse, key, "given twice");
	parse->seen |= 1u << id;
	if (value[0] == '\0')
		return refuse(parse, key, "a value is missing");
	switch (id) {
	case KEY_POOL4:
		return set_pool(parse, value, AF_INET, &config->pool4);
	case KEY_POOL6:
		return set_pool(parse, value, AF_INET6, &config->pool6);
	case KEY_FORWARD:
		return set_forward(parse, value);
	case KEY_DNS:
		return set_dns(parse, value);
	default:
		return set_mtu(parse, value);
	}
}

static int parse_line(struct config_parse *parse, const char *text, size_t len)
{
	char line[LINE_BYTES_MAX], *equals, *key;

	if (len >= sizeof(line))
		return refuse(parse, "", "line too long: at most 1023 bytes are allowed");
	if (memchr(text, '\0', len))
		return refuse(parse, "", "a NUL byte");
	memcpy(line, text, len);
	line[len] = '\0';
	line[strcspn(line, "#")] = '\0';
	key = trim(line);
	if (key[0] == '\0')
		return 0;
	equals = strchr(key, '=');
	if (!equals)
		return refuse(parse, key, "expected KEY = VALUE");
	*equals = '\0';
	return set_key(parse, trim(key), trim(equals + 1));
}

int config_parse(const char *text, size_t len, const char *path, struct net_config *config,
		 struct fault *fault)
{
	struct config_parse parse = { config, path, 0, 0, fault };
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		parse.line++;
		if (parse_line(&parse, text, (size_t)(stop - text)) < 0)
			return -1;
		text = newline ? newline + 1 : end;
	}
	return 0;
}

/* ---- the file ---- */

/* Reads the whole file into a malloc'ed text. -1 with errno. */
static ssize_t read_file(int fd, char **text)
{
	ssize_t len = -1;

	*text = malloc(CONFIG_BYTES_MAX +
		       2); /* a byte more, to notice a longer file, and the NUL */
	if (*text)
		len = small_file_read_fd(fd, *text, CONFIG_BYTES_MAX + 2);
	if (len <= CONFIG_BYTES_MAX)
		return len;
	errno = EFBIG;
	return -1;
}

int config_read(int fd, const char *path, struct net_config *config, struct fault *fault)
{
	char *text = NULL;
	ssize_t len = read_file(fd, &text);
	int rc = len < 0 ? fault_set(fault, STEP_NETWORK, errno, path)
			 : config_parse(text, (size_t)len, path, config, fault);

	free(text);
	return rc;
}

int config_check_dns(const struct net_config *config, const struct net_rule *rules, size_t count,
		     struct fault *fault)
{
	char text[IP_TEXT_MAX], what[FAULT_WHAT_MAX];

	for (size_t i = 0; i < config->dns_count; i++) {
		if (closed_reaches_dns(rules, count, &config->dns[i]))
			continue;
		ip_addr_text(&config->dns[i], text);
		snprintf(what, sizeof(what),
			 "dns = %s in nidus.conf: closed inside; a rule that allows %s:%d opens it",
			 text, text, CLOSED_DNS_PORT);
		return fault_set(fault, STEP_NETWORK, 0, what);
	}
	return 0;
}
