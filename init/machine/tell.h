/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine tells, on its console: "nidus-init: who: what", a line at a time. */
#ifndef NIDUS_INIT_MACHINE_TELL_H
#define NIDUS_INIT_MACHINE_TELL_H

#include "../say.h"

/* Begun, with `who` unless it is NULL; there is one. */
struct say *machine_line(const char *who);

/* Sent, unless nobody takes it for too long. */
void machine_line_end(struct say *say);

void machine_tell(const char *who, const char *what);
void machine_tell_errno(const char *who); /* what errno means */
void machine_tell_fault(const char *who, const struct fault *fault);

#endif
