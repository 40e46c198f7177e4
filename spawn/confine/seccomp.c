/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in seccomp filters, compiled when nidus was built. */
#include "seccomp.h"

#include <stdlib.h>

#include "seccomp_default.h"

void seccomp_default(unsigned variant, struct seccomp_filter *filter)
{
	*filter = seccomp_defaults[variant % SECCOMP_VARIANTS];
}

void seccomp_free(struct seccomp_filter *filter)
{
	free(filter->owned);
	filter->code = NULL;
	filter->count = 0;
	filter->owned = NULL;
}
