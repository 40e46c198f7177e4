/* SPDX-License-Identifier: Apache-2.0 */
/* The C library of nidus-init: errno is a plain variable, since there is only one thread. */
#if !defined(NIDUS_INIT_LIBC_ERRNO_H) && !defined(__ASSEMBLER__)
#define NIDUS_INIT_LIBC_ERRNO_H

#include <errno.h>

#undef errno
#define errno libc_errno

extern int libc_errno;

#endif
