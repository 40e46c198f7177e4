/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a strerror(3) with the texts of the C library that the whole program has. */
#include <stdio.h>
#include <string.h>

#define ERRNO_MAX 133

int main(void)
{
	puts("/* Made by spawn/launcher/errno_gen.c. */\n"
	     "#include <stddef.h>\n#include <string.h>\n\n"
	     "static const char *const texts[] = {");
	for (int err = 0; err <= ERRNO_MAX; err++)
		printf("\t[%d] = \"%s\",\n", err, strerror(err));
	puts("};\n\n"
	     "char *strerror(int err)\n{\n"
	     "\tif (err < 0 || (size_t)err >= sizeof(texts) / sizeof(texts[0]))\n"
	     "\t\treturn \"Unknown error\";\n"
	     "\treturn (char *)texts[err];\n}");
	return 0;
}
