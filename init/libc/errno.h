/* SPDX-License-Identifier: Apache-2.0 */
/* nidus-init's C library: errno as the variable that it can be where there is one thread. */
#if !defined(NIDUS_INIT_LIBC_ERRNO_H) && !defined(__ASSEMBLER__)
#define NIDUS_INIT_LIBC_ERRNO_H

#include <errno.h>

#undef errno
#define errno libc_errno

extern int libc_errno;

#endif
