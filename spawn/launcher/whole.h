/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program that is embedded in the launcher (by the Makefile). */
#ifndef NIDUS_WHOLE_H
#define NIDUS_WHOLE_H

extern const unsigned char nidus_whole_image[];
extern const unsigned long nidus_whole_image_size; /* bytes */

#endif
