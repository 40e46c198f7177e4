/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build-time program: packs phrases.h by byte pair encoding, and prints it as C on
 * stdout (../phrase.h says how it is to be read). Any text that could not be read
 * back ends the build.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phrases.h"

#define BYTES_MAX 32768
#define PAIR_WORTH 3 /* a pair costs two bytes, and saves one wherever it stands */

static uint8_t bytes[BYTES_MAX]; /* all texts, each with PHRASE_END behind it */
static size_t len;
static uint8_t pairs[PHRASE_PAIRS][2];
static unsigned pair_count;

static void die(const char *what, size_t which)
{
	fprintf(stderr, "phrases-pack: %s: %zu\n", what, which);
	exit(1);
}

static void add(uint8_t byte)
{
	if (len == BYTES_MAX)
		die("too much", len);
	bytes[len++] = byte;
}

static void add_text(size_t which)
{
	const char *text = phrases[which];

	if (!text)
		die("no text", which);
	for (; *text; text++) {
		if (*text >= ' ' && *text < PHRASE_PAIR)
			add((uint8_t)*text);
		else if (*text > 0 && *text < ' ' - PHRASE_CONTROL)
			add((uint8_t)(*text + PHRASE_CONTROL));
		else
			die("a character that can't be packed", which);
	}
	add(PHRASE_END);
}

static uint8_t code_of(unsigned pair)
{
	return (uint8_t)(PHRASE_PAIR + pair);
}

/* How many bytes wait at once for what `byte` stands for. */
static unsigned depth_of(uint8_t byte)
{
	uint8_t pair = (uint8_t)(byte - PHRASE_PAIR);
	unsigned first, second;

	if (pair >= PHRASE_PAIRS)
		return 0;
	first = 1 + depth_of(pairs[pair][0]);
	second = depth_of(pairs[pair][1]);
	return first > second ? first : second;
}

static bool is_pair_at(size_t at, const uint8_t pair[2])
{
	return at + 1 < len && bytes[at] == pair[0] && bytes[at + 1] == pair[1];
}

/* The pair that stands most often; how often. */
static unsigned most_frequent(uint8_t pair[2])
{
	static unsigned counts[256][256];
	unsigned most = 0;

	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i + 1 < len; i++) {
		uint8_t here[2] = {bytes[i], bytes[i + 1]};

		if (here[0] == PHRASE_END || here[1] == PHRASE_END)
			continue;
		if (++counts[here[0]][here[1]] > most) {
			most = counts[here[0]][here[1]];
			pair[0] = here[0];
			pair[1] = here[1];
		}
		if (here[0] == here[1] && is_pair_at(i + 1, here))
			i++; /* of "aaa" two are one pair */
	}
	return most;
}

static void replace(const uint8_t pair[2], uint8_t code)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_pair_at(i, pair)) {
			bytes[to++] = code;
			i++;
		} else {
			bytes[to++] = bytes[i];
		}
	}
	len = to;
}

static void print(const char *what, const uint8_t *data, size_t count)
{
	printf("\nconst uint8_t %s = {", what);
	for (size_t i = 0; i < count; i++)
		printf("%s%u,", i % 16 ? " " : "\n\t", data[i]);
	printf("\n};\n");
}

int main(void)
{
	uint8_t pair[2];

	for (size_t i = 0; i < PHRASE_COUNT; i++)
		add_text(i);
	while (pair_count < PHRASE_PAIRS && most_frequent(pair) > PAIR_WORTH) {
		pairs[pair_count][0] = pair[0];
		pairs[pair_count][1] = pair[1];
		if (depth_of(code_of(pair_count)) > PHRASE_DEPTH)
			die("too deep", pair_count);
		replace(pair, code_of(pair_count++));
	}
	printf("/* Made by phrases_pack.c from phrases.h. */\n#include \"../init/phrase.h\"\n");
	print("phrase_texts[]", bytes, len);
	print("phrase_pairs[2 * PHRASE_PAIRS]", &pairs[0][0], sizeof(pairs));
	return fflush(stdout) != 0 || ferror(stdout);
}
