/* SPDX-License-Identifier: Apache-2.0 */
/* What a directive of machine.conf takes. */
#ifndef NIDUS_INIT_MACHINE_CONF_VALUES_H
#define NIDUS_INIT_MACHINE_CONF_VALUES_H

#include "conf.h"

enum conf_kind {
	/* one word, as it is: const char * */
	KIND_TEXT,
	KIND_NAME,
	KIND_PATH, /* absolute */
	KIND_ENV,  /* KEY=VALUE */
	KIND_OUTPUT,
	/* numbers: uint64_t */
	KIND_DURATION,
	KIND_SIZE,
	KIND_NUMBER,
	KIND_CPUS,
	/* numbers: uint8_t */
	KIND_SIGNAL,
	KIND_READY_FD,
	/* one word of a few: uint8_t, or bool */
	KIND_READY,
	KIND_CTRL_ALT_DEL,
	KIND_END,
	KIND_RESPAWN,
	KIND_CAPS,
	KIND_YES,
};

/*
 * Reads one word into *to. Returns NULL; or, where it is none of that kind, what
 * belongs behind "is no ", or, if there is a '|' in it, behind "is none of ".
 */
const char *conf_value(enum conf_kind kind, char *word, void *to);

#endif
