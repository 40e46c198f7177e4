/* SPDX-License-Identifier: Apache-2.0 */
/* A machine or a container? */
#ifndef NIDUS_INIT_PID_NAMESPACE_H
#define NIDUS_INIT_PID_NAMESPACE_H

#include <stdbool.h>

/*
 * Are we PID 1 of the first pid namespace, the kernel's own init? Where /proc is not
 * there yet, a procfs is asked that is mounted nowhere.
 */
bool pid_namespace_is_first(void);

#endif
