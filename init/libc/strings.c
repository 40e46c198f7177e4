/* SPDX-License-Identifier: Apache-2.0 */
/* The C library of nidus-init (3): strings, byte by byte, as all of them are short. */
#include <string.h>

void *memset(void *to, int byte, size_t len)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(byte) : "memory");
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(len) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	char *at = to;

	if (at <= (const char *)from)
		return memcpy(to, from, len);
	while (len-- > 0)
		at[len] = ((const char *)from)[len];
	return to;
}

void *memchr(const void *bytes, int byte, size_t len)
{
	const unsigned char *at = bytes;

	for (; len > 0; len--, at++)
		if (*at == (unsigned char)byte)
			return (void *)at;
	return NULL;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;

	for (; len > 0; len--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	return (size_t)(end - text);
}

int strncmp(const char *a, const char *b, size_t len)
{
	for (; len > 0; len--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

char *strcpy(char *restrict to, const char *restrict from)
{
	return memcpy(to, from, strlen(from) + 1);
}

char *strcat(char *restrict to, const char *restrict from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strchr(const char *text, int byte)
{
	return memchr(text, byte, strlen(text) + 1);
}

char *strrchr(const char *text, int byte)
{
	const char *last = NULL;

	do
		if (*text == (char)byte)
			last = text;
	while (*text++);
	return (char *)last;
}

size_t strcspn(const char *text, const char *set)
{
	const char *at = text;

	while (*at && !strchr(set, *at))
		at++;
	return (size_t)(at - text);
}

size_t strspn(const char *text, const char *set)
{
	const char *at = text;

	while (*at && strchr(set, *at))
		at++;
	return (size_t)(at - text);
}
