/* SPDX-License-Identifier: Apache-2.0 */
/* The monotonic clock, in microseconds since some start; waiting on it; processor time. */
#ifndef NIDUS_INIT_CLOCK_H
#define NIDUS_INIT_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

struct pollfd;
struct timeval;

uint64_t clock_now_us(void);
int64_t clock_now_ms(void);

/* The microseconds of a time of rusage. */
uint64_t clock_timeval_us(const struct timeval *time);

/* How many processors we may use: the most seconds of cpu time that a second can take. */
unsigned clock_cpus(void);

/* poll(2) until the deadline (CLOCK_NEVER: none); continues after EINTR. */
int clock_poll(struct pollfd *fds, unsigned count, uint64_t deadline_us);

#endif
