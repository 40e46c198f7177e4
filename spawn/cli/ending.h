/* SPDX-License-Identifier: Apache-2.0 */
/* Lines about one run beside its faults: what was weaker than asked for, and what ended it. */
#ifndef NIDUS_CLI_ENDING_H
#define NIDUS_CLI_ENDING_H

#include "cli.h"

/* At level warn: each limit that is enforced in a weaker way than its name says. */
void ending_say_weaker(const struct nidus_spec *spec, const struct nidus_weaker *weaker,
		       size_t count);

/* At level warn: the command starts in /, and which --cwd gives it the caller's directory. */
void ending_say_cwd(const struct run_request *request, const struct fault *lost);

/* At level warn, if a limit, a filter or nidus ended it, or a limit refused something. */
void ending_say_reason(const struct nidus_spec *spec, const struct nidus_result *result);

/* At level warn: events or a report that could not be written. True if there are any. */
bool ending_say_lost(const struct nidus_spec *spec, const struct run_request *request,
		     const struct nidus_result *result);

#endif
