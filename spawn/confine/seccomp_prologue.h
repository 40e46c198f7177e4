/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libseccomp can't express: all calls above a number. These instructions go before
 * the program that libseccomp made (its jumps are relative) and return ENOSYS for native
 * calls newer than the author of the filter knew, which is what programs expect of a
 * kernel that lacks them.
 *
 * Numbers from 0x40000000 on are left to libseccomp: x32, and the -1 with which a tracer
 * skips a call. So are foreign architectures.
 */
#ifndef NIDUS_SECCOMP_PROLOGUE_H
#define NIDUS_SECCOMP_PROLOGUE_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#define SECCOMP_PROLOGUE_LEN 6
#define SECCOMP_X32_BIT 0x40000000u

#if defined(__x86_64__) && !defined(__ILP32__)
#define SECCOMP_NATIVE_ARCH AUDIT_ARCH_X86_64
#define SECCOMP_NATIVE_OCI "SCMP_ARCH_X86_64"
#define SECCOMP_NATIVE_GO "amd64"
#elif defined(__aarch64__)
#define SECCOMP_NATIVE_ARCH AUDIT_ARCH_AARCH64
#define SECCOMP_NATIVE_OCI "SCMP_ARCH_AARCH64"
#define SECCOMP_NATIVE_GO "arm64"
#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMP_NATIVE_ARCH AUDIT_ARCH_RISCV64
#define SECCOMP_NATIVE_OCI "SCMP_ARCH_RISCV64"
#define SECCOMP_NATIVE_GO "riscv64"
#else
#error "seccomp_table.h was not checked for this architecture (clone, socketcall)"
#endif

static inline void seccomp_prologue(uint32_t newest, struct sock_filter code[SECCOMP_PROLOGUE_LEN])
{
	const uint32_t load = BPF_LD | BPF_W | BPF_ABS, eq = BPF_JMP | BPF_JEQ | BPF_K;
	const uint32_t ge = BPF_JMP | BPF_JGE | BPF_K, ret = BPF_RET | BPF_K;
	const struct sock_filter prologue[SECCOMP_PROLOGUE_LEN] = {
		BPF_STMT(load, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(eq, SECCOMP_NATIVE_ARCH, 0, 4),
		BPF_STMT(load, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(ge, newest + 1, 0, 2),
		BPF_JUMP(ge, SECCOMP_X32_BIT, 1, 0),
		BPF_STMT(ret, SECCOMP_RET_ERRNO | ENOSYS),
	};

	for (size_t i = 0; i < SECCOMP_PROLOGUE_LEN; i++)
		code[i] = prologue[i];
}

#endif
