/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of an answer; bounds are checked first. Pure. */
#include "attr.h"

#include <errno.h>
#include <string.h>

static void clear(const struct nlattr **table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		table[i] = NULL;
}

int attr_parse(const void *data, size_t len, const struct nlattr **table, size_t count)
{
	const uint8_t *at = data;

	clear(table, count);
	while (len > 0) {
		const struct nlattr *attr = (const struct nlattr *)at;
		size_t step, type;

		/* With a length below that of the header, such as 0, the loop would not advance. */
		if (len < sizeof(*attr) || attr->nla_len < sizeof(*attr) || attr->nla_len > len) {
			errno = EBADMSG;
			return -1;
		}
		type = attr->nla_type & NLA_TYPE_MASK;
		if (type < count)
			table[type] = attr;
		step = NLA_ALIGN(attr->nla_len);
		if (step > len)
			step = len;
		at += step;
		len -= step;
	}
	return 0;
}

int attr_parse_message(const struct nlmsghdr *message, size_t header, const struct nlattr **table,
		       size_t count)
{
	size_t start = NLMSG_HDRLEN + NLMSG_ALIGN(header);

	if (message->nlmsg_len < start) {
		clear(table, count);
		errno = EBADMSG;
		return -1;
	}
	return attr_parse((const uint8_t *)message + start, message->nlmsg_len - start, table,
			  count);
}

int attr_parse_nested(const struct nlattr *attr, const struct nlattr **table, size_t count)
{
	if (!attr) {
		clear(table, count);
		return 0;
	}
	return attr_parse((const uint8_t *)attr + NLA_HDRLEN, attr->nla_len - NLA_HDRLEN, table,
			  count);
}

bool attr_bytes(const struct nlattr *attr, void *value, size_t size)
{
	if (!attr || attr->nla_len - NLA_HDRLEN != (int)size)
		return false;
	memcpy(value, (const uint8_t *)attr + NLA_HDRLEN, size);
	return true;
}

bool attr_u8(const struct nlattr *attr, uint8_t *value)
{
	return attr_bytes(attr, value, sizeof(*value));
}

bool attr_u32(const struct nlattr *attr, uint32_t *value)
{
	return attr_bytes(attr, value, sizeof(*value));
}

bool attr_text(const struct nlattr *attr, char *text, size_t size)
{
	const char *from;
	size_t len;

	if (!attr || size == 0)
		return false;
	from = (const char *)attr + NLA_HDRLEN;
	len = strnlen(from, attr->nla_len - NLA_HDRLEN);
	if (len > size - 1)
		len = size - 1;
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(from[i] >= ' ' && from[i] <= '~' ? from[i] : '?');
	text[len] = '\0';
	return true;
}
