/* SPDX-License-Identifier: Apache-2.0 */
/* The monotonic clock, in microseconds since some start; waiting on it; time on processors. */
#ifndef NIDUS_INIT_CLOCK_H
#define NIDUS_INIT_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

struct pollfd;
struct timeval;

uint64_t clock_now_us(void);

/* Of rusage's times. */
uint64_t clock_timeval_us(const struct timeval *time);

/* How many seconds of cpu time a second can bring: the processors that we may use. */
unsigned clock_cpus(void);

/* poll(2) until the deadline (CLOCK_NEVER: none); goes on after EINTR. */
int clock_poll(struct pollfd *fds, unsigned count, uint64_t deadline_us);

#endif
