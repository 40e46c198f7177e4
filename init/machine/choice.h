/* SPDX-License-Identifier: Apache-2.0 */
/* One of a few words that are listed in one text: "none|keep". */
#ifndef NIDUS_INIT_MACHINE_CHOICE_H
#define NIDUS_INIT_MACHINE_CHOICE_H

#include <stddef.h>

/* Index of the choice that equals the `len` bytes at `word`, from 0; -1: none does. */
int choice_find(const char *choices, const char *word, size_t len);

#endif
