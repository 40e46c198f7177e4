/* SPDX-License-Identifier: Apache-2.0 */
/* All of nidus-init's command lines, from their sources. */
#ifndef NIDUS_TEST_WRAPPER_OPTIONS_H
#define NIDUS_TEST_WRAPPER_OPTIONS_H

#include "../../init/core/caps.c"
#include "../../init/clock.c"
#include "../../init/core/exec.c"
#include "../../init/core/program.c"
#include "../../init/core/signals.c"
#include "../../init/core/start.c"
#include "../../init/text.c"
#include "../../init/values.c"
#include "../../init/say.c"
#include "../../init/wrapper/version.c"
#include "../../init/wrapper/texts.c"
#include "../../init/wrapper/reader.c"
#include "../../init/wrapper/options_table.c"
#include "../../init/wrapper/options_values.c"
#include "../../init/wrapper/options_dumb_init.c"
#include "../../init/wrapper/options_nidus.c"
#include "../../init/wrapper/options.c"

#endif
