/* SPDX-License-Identifier: Apache-2.0 */
/* A machine or a container? */
#ifndef NIDUS_INIT_FIRST_H
#define NIDUS_INIT_FIRST_H

#include <stdbool.h>

/*
 * Are we the kernel's own init: PID 1 of the first pid namespace? Where /proc is not
 * there yet, a procfs is asked that is mounted nowhere.
 */
bool first_is_ours(void);

#endif
