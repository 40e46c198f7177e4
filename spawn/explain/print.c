/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <string.h>

#include "../report/printable.h"

#define LABEL_WIDTH 14 /* columns */

/* ---- reading ---- */

const char *explain_find(const struct explain *explain, struct plan_ref ref)
{
	uint64_t end = (uint64_t)ref.off + ref.len;

	if (ref.len == 0 && ref.off == 0)
		return "";
	if (end >= explain->size || explain->bytes[end] != '\0')
		return NULL;
	return (const char *)explain->bytes + ref.off;
}

static bool fits(const struct explain *explain, struct plan_array array, size_t size, uint32_t max)
{
	return array.count <= max &&
	       (uint64_t)array.off + (uint64_t)array.count * size <= explain->size;
}

bool explain_has_array(const struct explain *explain, const char *label, struct plan_array array,
		       size_t size, uint32_t max)
{
	if (fits(explain, array, size, max))
		return true;
	explain_label(explain, label);
	fputs("(damaged)\n", explain->out);
	return false;
}

void explain_element(const struct explain *explain, struct plan_array array, uint32_t index,
		     size_t size, void *element)
{
	memcpy(element, explain->bytes + array.off + (size_t)index * size, size);
}

/* ---- words ---- */

void explain_label(const struct explain *explain, const char *label)
{
	fprintf(explain->out, "%-*s", LABEL_WIDTH, label);
}

void explain_escaped(const struct explain *explain, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = printable_length(text + i, len - i);
		if (n == 0) {
			fprintf(explain->out, "\\x%02x", (unsigned char)text[i]);
			n = 1;
			continue;
		}
		if (text[i] == '"' || text[i] == '\\')
			fputc('\\', explain->out);
		fwrite(text + i, 1, n, explain->out);
	}
}

void explain_text(const struct explain *explain, const char *text, size_t len)
{
	bool quoted = len == 0 || memchr(text, ' ', len) || memchr(text, '"', len);

	if (quoted)
		fputc('"', explain->out);
	explain_escaped(explain, text, len);
	if (quoted)
		fputc('"', explain->out);
}

void explain_string(const struct explain *explain, struct plan_ref ref)
{
	const char *text = explain_find(explain, ref);

	if (text)
		explain_text(explain, text, ref.len);
	else
		fputs("(damaged)", explain->out);
}

void explain_line(const struct explain *explain, const char *label, const char *text)
{
	explain_label(explain, label);
	fprintf(explain->out, "%s\n", text);
}
