/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of values, as one table: test_values.c runs it through the functions, and
 * the tests of `nidus run`, nidus-init, machine.conf and nidus.conf through the real parser
 * of each. Each value is one that the range of each of them allows.
 */
#ifndef NIDUS_TEST_VALUES_TABLE_H
#define NIDUS_TEST_VALUES_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum value_kind { A_DURATION, A_SIZE, A_COUNT };

#define REFUSED UINT64_MAX
#define MS 1000ull
#define S (1000 * MS)

struct value_case {
	enum value_kind kind;
	const char *text;
	uint64_t value; /* us, bytes, or itself; REFUSED */
};

static const struct value_case values_table[] = {
	{A_DURATION, "2", 2 * S},
	{A_DURATION, "2s", 2 * S},
	{A_DURATION, "2S", 2 * S},
	{A_DURATION, "500ms", 500 * MS},
	{A_DURATION, "500MS", 500 * MS},
	{A_DURATION, "1.5s", 1500 * MS},
	{A_DURATION, "1.5", 1500 * MS},
	{A_DURATION, "0.25m", 15 * S},
	{A_DURATION, "0.001ms", 1},
	{A_DURATION, "1.50000000s", 1500 * MS},
	{A_DURATION, "1m", 60 * S},
	{A_DURATION, "1M", 60 * S},
	{A_DURATION, "1h", 3600 * S},
	{A_DURATION, "1h30m", 5400 * S},
	{A_DURATION, "1H30M", 5400 * S},
	{A_DURATION, "1h1m1s1ms", 3661001 * MS},
	{A_DURATION, "1m1.5s", 61500 * MS},
	{A_DURATION, "", REFUSED},
	{A_DURATION, "s", REFUSED},
	{A_DURATION, "5x", REFUSED},
	{A_DURATION, "5 s", REFUSED},
	{A_DURATION, "5s ", REFUSED},
	{A_DURATION, "5ss", REFUSED},
	{A_DURATION, "5us", REFUSED},
	{A_DURATION, "5min", REFUSED},
	{A_DURATION, "-5s", REFUSED},
	{A_DURATION, "+5s", REFUSED},
	{A_DURATION, "1.s", REFUSED},
	{A_DURATION, ".5s", REFUSED},
	{A_DURATION, "1.2.3s", REFUSED},
	{A_DURATION, "1,5s", REFUSED},
	{A_DURATION, "1e3s", REFUSED},
	{A_DURATION, "0x5s", REFUSED},
	{A_DURATION, "1h30", REFUSED},
	{A_DURATION, "30m1h", REFUSED},
	{A_DURATION, "1h1h", REFUSED},
	{A_DURATION, "1.5h30m", REFUSED},
	{A_DURATION, "1h-30m", REFUSED},
	{A_DURATION, "0.0000001s", REFUSED}, /* no clock of ours has it */
	{A_DURATION, "0.0001ms", REFUSED},
	{A_DURATION, "87601h", REFUSED}, /* more than ten years */
	{A_DURATION, "18446744073709551615s", REFUSED},
	{A_DURATION, "18446744073709551616ms", REFUSED},
	{A_DURATION, "99999999999999999999", REFUSED},

	{A_SIZE, "4194304", 4 << 20},
	{A_SIZE, "4096K", 4 << 20},
	{A_SIZE, "4096k", 4 << 20},
	{A_SIZE, "4096KB", 4 << 20},
	{A_SIZE, "4096KiB", 4 << 20},
	{A_SIZE, "64m", 64 << 20},
	{A_SIZE, "64M", 64 << 20},
	{A_SIZE, "64MB", 64 << 20},
	{A_SIZE, "64mb", 64 << 20},
	{A_SIZE, "64MiB", 64 << 20},
	{A_SIZE, "64mib", 64 << 20},
	{A_SIZE, "1.5G", 3ull << 29},
	{A_SIZE, "0.5g", 1ull << 29},
	{A_SIZE, "1.1G", 1181116006}, /* of 1181116006.4 */
	{A_SIZE, "1T", 1ull << 40},
	{A_SIZE, "", REFUSED},
	{A_SIZE, "K", REFUSED},
	{A_SIZE, "-1M", REFUSED},
	{A_SIZE, "+1M", REFUSED},
	{A_SIZE, "64 M", REFUSED},
	{A_SIZE, "64M ", REFUSED},
	{A_SIZE, "64MM", REFUSED},
	{A_SIZE, "64Mi", REFUSED},
	{A_SIZE, "64B", REFUSED},
	{A_SIZE, "64P", REFUSED},
	{A_SIZE, "1.M", REFUSED},
	{A_SIZE, ".5M", REFUSED},
	{A_SIZE, "1.5", REFUSED}, /* bytes are whole */
	{A_SIZE, "0x10M", REFUSED},
	{A_SIZE, "1G512M", REFUSED},
	{A_SIZE, "0.0001K", REFUSED}, /* is nothing, and was not to be */
	{A_SIZE, "16777216T", REFUSED},
	{A_SIZE, "9223372036854775808", REFUSED},
	{A_SIZE, "99999999999999999999G", REFUSED},

	{A_COUNT, "1400", 1400},
	{A_COUNT, "01400", 1400},
	{A_COUNT, "", REFUSED},
	{A_COUNT, "-1400", REFUSED},
	{A_COUNT, "+1400", REFUSED},
	{A_COUNT, "1400.0", REFUSED},
	{A_COUNT, "1400k", REFUSED},
	{A_COUNT, "0x578", REFUSED},
	{A_COUNT, "1 400", REFUSED},
	{A_COUNT, "99999999999999999999", REFUSED},
};

/*
 * `read` gives a value to one front end's option of that kind: false where it was refused.
 * It sets *value to what the option holds then; REFUSED: it has no option of that kind.
 */
static inline void try_values(bool (*read)(enum value_kind kind, const char *text, uint64_t *value))
{
	for (size_t i = 0; i < sizeof(values_table) / sizeof(values_table[0]); i++) {
		const struct value_case *c = &values_table[i];
		uint64_t value = 0;
		bool good = read(c->kind, c->text, &value);

		if (value == REFUSED)
			continue;
		if (good != (c->value != REFUSED))
			fail_msg("'%s' is %s", c->text, good ? "taken" : "refused");
		if (good && value != c->value)
			fail_msg("'%s' is %llu", c->text, (unsigned long long)value);
	}
}

#undef MS
#undef S

#endif
