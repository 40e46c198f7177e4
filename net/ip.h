/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses and prefixes as bytes in network order, and their arithmetic. Pure.
 */
#ifndef NIDUS_NET_IP_H
#define NIDUS_NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IP_TEXT_MAX 64 /* "addr/len" of either family, with the NUL */

struct ip_addr {
	uint8_t family;    /* AF_INET, AF_INET6; 0: none */
	uint8_t bytes[16]; /* network order; IPv4 in the first four, the rest zero */
};

struct ip_prefix {
	struct ip_addr addr; /* host bits zero after ip_prefix_parse */
	uint8_t len;         /* 0..32, 0..128 */
};

/* "10.0.0.1", "fd00::1" by inet_pton's rules. false: malformed. */
bool ip_addr_parse(const char *text, struct ip_addr *addr);
/* "10.0.0.0/8", "fd00::/64"; without a length, the address alone. Set host bits are refused. */
bool ip_prefix_parse(const char *text, struct ip_prefix *prefix);
/* The same, but host bits are cleared, not refused: what "10.0.0.1/8" was meant to be. */
bool ip_prefix_round(const char *text, struct ip_prefix *prefix);
const char *ip_addr_text(const struct ip_addr *addr, char text[IP_TEXT_MAX]);
const char *ip_prefix_text(const struct ip_prefix *prefix, char text[IP_TEXT_MAX]);

size_t ip_addr_len(const struct ip_addr *addr); /* 4, 16 */
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr);
bool ip_prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b);

/*
 * How many addresses of a pool can be leased, at most 2^32: of an IPv4 prefix up to /30
 * all but the network and broadcast addresses, of /31 (RFC 3021) and /32 all; of an IPv6
 * prefix all but the subnet-router anycast address (RFC 4291, 2.6.1), of /127 (RFC 6164)
 * and /128 all.
 */
uint64_t ip_pool_size(const struct ip_prefix *pool);
/* The n-th of them, n < ip_pool_size. */
void ip_pool_addr(const struct ip_prefix *pool, uint64_t n, struct ip_addr *addr);

#ifdef __cplusplus
}
#endif

#endif
