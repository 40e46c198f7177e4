/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in seccomp filters, compiled when nidus was built. */
#include "seccomp.h"

#include <stdlib.h>

#include "seccomp_default.h"

void seccomp_default(bool no_setid, struct seccomp_filter *filter)
{
	filter->code = no_setid ? seccomp_no_setid_code : seccomp_default_code;
	filter->count = no_setid ? seccomp_no_setid_count : seccomp_default_count;
	filter->owned = NULL;
}

void seccomp_free(struct seccomp_filter *filter)
{
	free(filter->owned);
	filter->code = NULL;
	filter->count = 0;
	filter->owned = NULL;
}
