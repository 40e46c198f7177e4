/* SPDX-License-Identifier: Apache-2.0 */
/* The nidus-init that is embedded in this program (by the Makefile). */
#ifndef NIDUS_IMAGE_H
#define NIDUS_IMAGE_H

extern const unsigned char nidus_init_image[];
extern const unsigned long nidus_init_image_size; /* bytes */

#endif
