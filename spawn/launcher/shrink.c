/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watcher of hours doesn't need in memory: pages of the program, which come back from
 * the page cache where they are needed, and the stack that the start has used.
 */
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "../cli/program.h"

#define PAGE 4096u
#define STACK_USED (256u << 10) /* more than any part of a start takes */
#define STACK_KEPT (8u << 10)   /* below the caller: functions that are called from here on */

static void drop_program(void)
{
	const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	unsigned long count = getauxval(AT_PHNUM);

	for (unsigned long i = 0; headers && i < count; i++) {
		uintptr_t start = headers[i].p_vaddr & ~(uintptr_t)(PAGE - 1);

		/* private and read-only: what is dropped is read again */
		if (headers[i].p_type == PT_LOAD && !(headers[i].p_flags & PF_W))
			madvise((void *)start, headers[i].p_vaddr + headers[i].p_memsz - start,
				MADV_DONTNEED);
	}
}

static void drop_stack(void)
{
	char here;
	uintptr_t end = ((uintptr_t)&here - STACK_KEPT) & ~(uintptr_t)(PAGE - 1);

	/* ENOMEM: it hasn't grown so far */
	madvise((void *)(end - STACK_USED), STACK_USED, MADV_DONTNEED);
}

void program_rest(void)
{
	drop_stack();
	drop_program();
}
