/* SPDX-License-Identifier: Apache-2.0 */
/* The file FILE of this build, read-only; NAME is nidus_init or nidus_whole:
 *   extern const unsigned char NAME_image[];
 *   extern const unsigned long NAME_image_size; */
#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)
#define IMAGE JOIN(NAME, _image)
#define IMAGE_END JOIN(NAME, _image_end)
#define IMAGE_SIZE JOIN(NAME, _image_size)

	.section .rodata.image, "a"
	.global IMAGE
	.type IMAGE, %object
	.balign 16
IMAGE:
	.incbin FILE
IMAGE_END:
	.size IMAGE, . - IMAGE

	.global IMAGE_SIZE
	.type IMAGE_SIZE, %object
	.balign 8
IMAGE_SIZE:
#ifdef __LP64__
	.quad IMAGE_END - IMAGE
	.size IMAGE_SIZE, 8
#else
	.long IMAGE_END - IMAGE
	.size IMAGE_SIZE, 4
#endif
	.section .note.GNU-stack, "", %progbits
