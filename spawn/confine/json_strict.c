/* SPDX-License-Identifier: Apache-2.0 */
/* Reads JSON files strictly: see json_strict.h. */
#include "json_strict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../init/small_file.h"
#include "../host/open.h"

static int refuse(struct fault *fault, uint32_t step, const char *name, const char *text,
		  size_t offset, const char *what)
{
	char message[FAULT_WHAT_MAX * 2];
	unsigned line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	snprintf(message, sizeof(message), "%s: line %u: %s", name, line, what);
	return fault_set(fault, step, EINVAL, message);
}

/* The index of the quote that ends the string opened at `start`. */
static size_t string_end(const char *text, size_t len, size_t start)
{
	size_t i = start + 1;

	while (i < len && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i < len ? i : len - 1;
}

static bool is_key(const char *text, size_t len, size_t end)
{
	size_t i = end + 1;

	while (i < len && strchr(" \t\r\n", text[i]))
		i++;
	return i < len && text[i] == ':';
}

/*
 * Looks for keys that come twice. The text is valid by now, so quotes and
 * brackets match; a json_object per open object is the set of its keys.
 * Escapes in keys are refused: they could hide an equal key, and nobody needs them.
 */
static int check_keys(const char *name, const char *text, size_t len, uint32_t step,
		      struct fault *fault)
{
	struct json_object *open[JSON_STRICT_DEPTH + 1] = { NULL };
	size_t depth = 0, end;
	int rc = 0;

	for (size_t i = 0; i < len && rc == 0; i++) {
		char key[64], what[128];

		if (text[i] == '{' || text[i] == '[') {
			if (depth < JSON_STRICT_DEPTH)
				open[++depth] = text[i] == '{' ? json_object_new_object() : NULL;
			else
				rc = refuse(fault, step, name, text, i, "nested too deeply");
		} else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
			json_object_put(open[depth--]);
		}
		if (text[i] != '"')
			continue;
		end = string_end(text, len, i);
		if (is_key(text, len, end)) {
			snprintf(key, sizeof(key), "%.*s", (int)(end - i - 1), text + i + 1);
			snprintf(what, sizeof(what), "key \"%s\" is given twice", key);
			if (end - i > sizeof(key) || strchr(key, '\\'))
				rc = refuse(fault, step, name, text, i, "unknown key");
			else if (json_object_object_get_ex(open[depth], key, NULL))
				rc = refuse(fault, step, name, text, i, what);
			else if (json_object_object_add(open[depth], key, NULL) < 0)
				rc = fault_set(fault, step, ENOMEM, name);
		}
		i = end;
	}
	while (depth > 0)
		json_object_put(open[depth--]);
	return rc;
}

static struct json_object *parse(const char *name, const char *text, size_t len, uint32_t step,
				 struct fault *fault)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_STRICT_DEPTH);
	enum json_tokener_error error;
	struct json_object *object;
	size_t offset;

	if (!tokener) {
		fault_set(fault, step, ENOMEM, name);
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With its NUL: without an end json-c would wait for more of a number. */
	object = json_tokener_parse_ex(tokener, text, (int)len + 1);
	error = json_tokener_get_error(tokener);
	offset = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (error == json_tokener_continue)
		error = json_tokener_error_parse_eof;
	if (error != json_tokener_success)
		refuse(fault, step, name, text, offset < len ? offset : len,
		       json_tokener_error_desc(error));
	else if (strlen(text) != len)
		refuse(fault, step, name, text, strlen(text), "a NUL byte");
	else if (!json_object_is_type(object, json_type_object))
		refuse(fault, step, name, text, 0, "not an object");
	else if (check_keys(name, text, len, step, fault) == 0)
		return object;
	json_object_put(object);
	return NULL;
}

struct json_object *json_strict_read(const char *path, size_t max, uint32_t step,
				     struct fault *fault)
{
	/* O_NONBLOCK: a FIFO must not hold us up before fstat refuses it. */
	cleanup_fd int fd =
		host_open(path, HOST_SHOW, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0, step, fault);
	struct json_object *object = NULL;
	struct stat st;
	char *text;
	ssize_t len;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0) {
		fault_set(fault, step, errno, path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > max) {
		fault_set(fault, step, S_ISREG(st.st_mode) ? EFBIG : S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
			  path);
		return NULL;
	}
	text = malloc(max + 2); /* a byte more, to notice a longer file, and the NUL */
	if (!text) {
		fault_set(fault, step, ENOMEM, path);
		return NULL;
	}
	/* To the end, not to st_size: that is 0 in /proc, and a file can grow. */
	len = small_file_read_fd(fd, text, max + 2);
	if (len < 0)
		fault_set(fault, step, errno, path);
	else if ((size_t)len > max)
		fault_set(fault, step, EFBIG, path);
	else
		object = parse(path, text, (size_t)len, step, fault);
	free(text);
	return object;
}
