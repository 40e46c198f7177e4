/* SPDX-License-Identifier: Apache-2.0 */
/* The monotonic clock, in microseconds since some start; waiting on it. */
#ifndef NIDUS_INIT_CLOCK_H
#define NIDUS_INIT_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

struct pollfd;
struct timeval;

uint64_t clock_now_us(void);

/* Of rusage's times. */
uint64_t clock_timeval_us(const struct timeval *time);

/* poll(2) until the deadline (CLOCK_NEVER: none); goes on after EINTR. */
int clock_poll(struct pollfd *fds, unsigned count, uint64_t deadline_us);

#endif
