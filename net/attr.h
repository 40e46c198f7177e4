/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the attributes of an answer with bounds: libmnl's own loops trust the length of
 * the message, and its getters that of the attribute.
 */
#ifndef NIDUS_NET_ATTR_H
#define NIDUS_NET_ATTR_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Puts the attributes in `len` bytes into table[type]. Types from `count` on are left out;
 * of a repeated attribute the last one counts. -1 with EBADMSG if a length is wrong.
 */
int attr_parse(const void *data, size_t len, const struct nlattr **table, size_t count);
/* The attributes of a message, after its header of `header` bytes. */
int attr_parse_message(const struct nlmsghdr *message, size_t header, const struct nlattr **table,
		       size_t count);
/* The attributes within an attribute; NULL has none. */
int attr_parse_nested(const struct nlattr *attr, const struct nlattr **table, size_t count);

/* False, and *value untouched, if the attribute is missing or has another size. */
bool attr_u8(const struct nlattr *attr, uint8_t *value);
bool attr_u32(const struct nlattr *attr, uint32_t *value);
bool attr_bytes(const struct nlattr *attr, void *value, size_t size);
/* The string, cut to size - 1 bytes; what is not printable ASCII becomes '?'. */
bool attr_text(const struct nlattr *attr, char *text, size_t size);

#endif
