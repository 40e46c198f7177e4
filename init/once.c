/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one copy of functions that headers define for everybody. As static ones each of
 * nidus-init's three rooms would have its own: 400 bytes.
 */
#include "fault.h"
#include "fd.h"

extern inline int fault_set(struct fault *fault, uint32_t step, int err, const char *what);
extern inline int fault_errno(struct fault *fault, uint32_t step, const char *what);
extern inline void fd_close(int *fd);
extern inline int fd_pipe(int lowest, int *read_end, int *write_end);
extern inline int fd_write_whole(int fd, const void *data, size_t len);
