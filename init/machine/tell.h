/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the machine on its console: "nidus-init: WHO: WHAT", a line at a time. */
#ifndef NIDUS_INIT_MACHINE_TELL_H
#define NIDUS_INIT_MACHINE_TELL_H

#include "../say.h"

/* Begins the line, with `who` unless it is NULL. There is only one at a time. */
struct say *machine_line(const char *who);

/* Sends it, or drops it if the console takes nothing for too long. */
void machine_line_end(struct say *say);

void machine_tell(const char *who, const char *what);
void machine_tell_errno(const char *who); /* strerror(errno) */
void machine_tell_fault(const char *who, const struct fault *fault);

#endif
