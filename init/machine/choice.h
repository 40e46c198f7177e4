/* SPDX-License-Identifier: Apache-2.0 */
/* One word of a few, which stand in one text: "none|keep". */
#ifndef NIDUS_INIT_MACHINE_CHOICE_H
#define NIDUS_INIT_MACHINE_CHOICE_H

#include <stddef.h>

/* Which of them the `len` bytes at `word` are, from 0; -1: none. */
int choice_find(const char *choices, const char *word, size_t len);

#endif
