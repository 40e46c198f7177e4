/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and prefixes: bytes in network order, never host integers. */
#include "ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "../init/values.h"

#define POOL_MAX (UINT64_C(1) << 32)

size_t ip_addr_len(const struct ip_addr *addr)
{
	switch (addr->family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 16;
	default:
		return 0;
	}
}

static unsigned int bits_of(const struct ip_addr *addr)
{
	return (unsigned int)ip_addr_len(addr) * 8;
}

/* The part of byte n that belongs to a prefix of `len` bits. */
static uint8_t prefix_mask(unsigned int len, size_t n)
{
	if (len >= (n + 1) * 8)
		return 0xff;
	if (len <= n * 8)
		return 0;
	return (uint8_t)(0xff00u >> (len - n * 8));
}

bool ip_addr_parse(const char *text, struct ip_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(addr->family, text, addr->bytes) == 1)
		return true;
	memset(addr, 0, sizeof(*addr));
	return false;
}

/* Decimal digits, no sign, no leading zero, at most max. */
static bool parse_len(const char *text, unsigned int max, uint8_t *len)
{
	uint64_t value;

	if ((text[0] == '0' && text[1] != '\0') || !values_number(text, max, &value))
		return false;
	*len = (uint8_t)value;
	return true;
}

static bool has_host_bits(const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < ip_addr_len(&prefix->addr); i++)
		if (prefix->addr.bytes[i] & ~prefix_mask(prefix->len, i))
			return true;
	return false;
}

static bool parse_prefix(const char *text, struct ip_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char address[IP_TEXT_MAX];
	size_t len = slash ? (size_t)(slash - text) : strlen(text);

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!ip_addr_parse(address, &prefix->addr))
		return false;
	prefix->len = (uint8_t)bits_of(&prefix->addr);
	if (slash && !parse_len(slash + 1, bits_of(&prefix->addr), &prefix->len))
		return false;
	return true;
}

bool ip_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	if (parse_prefix(text, prefix) && !has_host_bits(prefix))
		return true;
	memset(prefix, 0, sizeof(*prefix));
	return false;
}

bool ip_prefix_round(const char *text, struct ip_prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	if (!parse_prefix(text, prefix))
		return false;
	for (size_t i = 0; i < ip_addr_len(&prefix->addr); i++)
		prefix->addr.bytes[i] &= prefix_mask(prefix->len, i);
	return true;
}

const char *ip_addr_text(const struct ip_addr *addr, char text[IP_TEXT_MAX])
{
	text[0] = '\0';
	if (ip_addr_len(addr) > 0 && !inet_ntop(addr->family, addr->bytes, text, IP_TEXT_MAX))
		text[0] = '\0';
	return text;
}

const char *ip_prefix_text(const struct ip_prefix *prefix, char text[IP_TEXT_MAX])
{
	size_t len;

	ip_addr_text(&prefix->addr, text);
	len = strlen(text);
	if (len > 0)
		snprintf(text + len, IP_TEXT_MAX - len, "/%u", (unsigned int)prefix->len);
	return text;
}

bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, ip_addr_len(a)) == 0;
}

bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	if (prefix->addr.family != addr->family || ip_addr_len(addr) == 0)
		return false;
	for (size_t i = 0; i < ip_addr_len(addr); i++)
		if ((prefix->addr.bytes[i] ^ addr->bytes[i]) & prefix_mask(prefix->len, i))
			return false;
	return true;
}

bool ip_prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->len <= b->len ? ip_prefix_contains(a, &b->addr) :
				  ip_prefix_contains(b, &a->addr);
}

uint64_t ip_pool_size(const struct ip_prefix *pool)
{
	unsigned int bits = bits_of(&pool->addr), host;
	uint64_t all;

	if (bits == 0 || pool->len > bits)
		return 0;
	host = bits - pool->len;
	if (host > 32)
		return POOL_MAX;
	all = UINT64_C(1) << host;
	if (host <= 1)
		return all;
	return pool->addr.family == AF_INET ? all - 2 : all - 1;
}

static void add(struct ip_addr *addr, uint64_t n)
{
	for (size_t i = ip_addr_len(addr); i > 0 && n > 0; i--) {
		n += addr->bytes[i - 1];
		addr->bytes[i - 1] = (uint8_t)n;
		n >>= 8;
	}
}

void ip_pool_addr(const struct ip_prefix *pool, uint64_t n, struct ip_addr *addr)
{
	*addr = pool->addr;
	add(addr, bits_of(&pool->addr) - pool->len > 1 ? n + 1 : n);
}
