/* SPDX-License-Identifier: Apache-2.0 */
/* Reads packed texts. */
#include "phrase.h"

void phrase_begin(struct phrase_reader *reader, unsigned phrase)
{
	const uint8_t *next = phrase_texts;

	while (phrase > 0)
		phrase -= *next++ == PHRASE_END;
	reader->next = next;
	reader->waiting = 0;
}

char phrase_next(struct phrase_reader *reader)
{
	uint8_t byte = reader->waiting ? reader->stack[--reader->waiting] : *reader->next++;
	uint8_t code;

	while ((code = (uint8_t)(byte - PHRASE_PAIR)) < PHRASE_PAIRS) {
		const uint8_t *pair = phrase_pairs + code + code;

		reader->stack[reader->waiting++] = pair[1];
		byte = pair[0];
	}
	return (char)(byte < ' ' ? byte - PHRASE_CONTROL : byte);
}
