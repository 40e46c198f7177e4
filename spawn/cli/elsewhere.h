/* SPDX-License-Identifier: Apache-2.0 */
/* Words of docker, bubblewrap, firejail and nsjail that are none of nidus, and its own way. */
#ifndef NIDUS_CLI_ELSEWHERE_H
#define NIDUS_CLI_ELSEWHERE_H

#include <stddef.h>

/* For an unknown verb, such as "ps". NULL: nothing is known of it. */
const char *elsewhere_verb(const char *name);

/*
 * For an unknown option of `run` of `len` bytes: "--rm", "-it". One letter stands for the
 * option with its value attached, too ("-p8080:80"). NULL: nothing is known of it.
 */
const char *elsewhere_option(const char *name, size_t len);

#endif
