#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: its limits, against programs that make looking hard.

load helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
	need_python
}

need_python() {
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
}

value() {
	sed -n "s/^$1=//p" "$REPORT"
}

@test "--memory: shared memory of who has made itself undumpable counts" {
	expect 137 "$INIT" --memory 60M --kill-all --grace 0 --report "$REPORT" python3 -c '
import ctypes, mmap, time
ctypes.CDLL(None).prctl(4, 0)
memory = mmap.mmap(-1, 200 << 20)
for at in range(0, 200 << 20, 4096):
    memory[at] = 1
time.sleep(20)'
	equal "$(value reason)" memory_limit
}

@test "--memory: a family of many generations hides nobody" {
	expect 137 "$INIT" --memory 200M --kill-all --grace 0 --report "$REPORT" python3 -c '
import os, time
for _ in range(500):
    if os.fork():
        time.sleep(30)
        os._exit(0)
time.sleep(1)
memory = b"x" * (400 << 20)
time.sleep(20)'
	equal "$(value reason)" memory_limit
}
