/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed memfds: the plan, the image of nidus-init for execveat, files of a plan. */
#ifndef NIDUS_MEMFD_H
#define NIDUS_MEMFD_H

#include "../../init/fault.h"
#include "../plan/plan.h"

/* Descriptors, or -1. */
int memfd_empty(const char *name, struct fault *fault); /* not executable */
/* Positioned at its start; for the descriptors of a plan's files. */
int memfd_text(const char *name, const char *text, struct fault *fault);
/* Fills an empty one: positioned at its start again. -1. */
int memfd_fill(int fd, const char *name, const char *text, struct fault *fault);
int memfd_seal_plan(int fd, const struct plan *plan, struct fault *fault);
int memfd_init_image(int from_fd, struct fault *fault); /* -1: the embedded one */

#endif
