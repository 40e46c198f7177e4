/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a seccomp program on a made-up system call, as the kernel would: what a
 * filter answers can be tested for any call, without making it.
 */
#ifndef NIDUS_TEST_BPF_EVAL_H
#define NIDUS_TEST_BPF_EVAL_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

/* What SECCOMP_RET_… it returns; UINT32_MAX for a program the kernel would refuse. */
static inline uint32_t bpf_eval(const struct sock_filter *code, size_t count,
				const struct seccomp_data *data)
{
	uint32_t a = 0;
	size_t pc = 0;

	while (pc < count) {
		const struct sock_filter *insn = &code[pc++];
		int taken = 0;

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (insn->k > sizeof(*data) - 4 || insn->k % 4)
				return UINT32_MAX;
			memcpy(&a, (const char *)data + insn->k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			continue;
		case BPF_RET | BPF_K:
			return insn->k;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == insn->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= insn->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = a > insn->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			taken = (a & insn->k) != 0;
			break;
		default:
			return UINT32_MAX;
		}
		pc += taken ? insn->jt : insn->jf;
	}
	return UINT32_MAX;
}

#endif
