/* SPDX-License-Identifier: Apache-2.0 */
/* The nidus-init of this build, read-only:
 *   extern const unsigned char nidus_init_image[];
 *   extern const unsigned long nidus_init_image_size; */
	.section .rodata.nidus_init_image, "a"
	.global nidus_init_image
	.type nidus_init_image, %object
	.balign 16
nidus_init_image:
	.incbin "nidus-init"
nidus_init_image_end:
	.size nidus_init_image, . - nidus_init_image

	.global nidus_init_image_size
	.type nidus_init_image_size, %object
	.balign 8
nidus_init_image_size:
#ifdef __LP64__
	.quad nidus_init_image_end - nidus_init_image
	.size nidus_init_image_size, 8
#else
	.long nidus_init_image_end - nidus_init_image
	.size nidus_init_image_size, 4
#endif
	.section .note.GNU-stack, "", %progbits
