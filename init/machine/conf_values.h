/* SPDX-License-Identifier: Apache-2.0 */
/* What a directive of machine.conf takes. */
#ifndef NIDUS_INIT_MACHINE_CONF_VALUES_H
#define NIDUS_INIT_MACHINE_CONF_VALUES_H

#include "conf.h"

enum conf_kind {
	/* one word, unchanged: const char * */
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
	/* one of a few words: uint8_t, or bool */
	KIND_READY,
	KIND_CTRL_ALT_DEL,
	KIND_END,
	KIND_RESPAWN,
	KIND_CAPS,
	KIND_YES,
};

/*
 * Parses one word into *to. Returns NULL; or, if it is not of that kind, the text to put
 * after "is not ", or, if it contains a '|', after "is not one of ".
 */
const char *conf_value(enum conf_kind kind, char *word, void *to);

#endif
