#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --memory, by cgroup or by init's own monitor (an ordinary user without a cgroup).
#
# The hog grows by 1 MiB and pauses 5 ms: at most 20 MiB per interval of 100 ms.
# The monitor may be late on a loaded machine, so two intervals are allowed.

load helpers

LIMIT=$((64 << 20))
GROWTH=$((2 * 20 << 20))

over_limit() {
	report 'J["reason"] == "oom"' 'J["exit_code"] == 137' "J['memory_peak'] <= $((LIMIT + GROWTH))" \
		"J['memory_peak'] >= $((LIMIT / 2))"
	events 'ev("exited")["reason"] == "oom"' '"limit" in names'
	lacks "$output" "ate it all"
}

@test "a gibibyte against 64M is 137, reason oom" {
	sandbox 137 --memory 64M -- "$TEST_BIN/hog" 1024 5000
	over_limit
}

@test "the same when the hog is a grandchild that called setsid" {
	sandbox 137 --memory 64M -- "$TEST_BIN/hog" 1024 5000 session
	over_limit
}

@test "the same through the monitor, with another interval" {
	! is_root || skip "root has a cgroup here: the monitor is for those without"
	sandbox 137 --memory 64M --memory-interval 20ms -- "$TEST_BIN/hog" 1024 5000
	report 'J["reason"] == "oom"' "J['memory_peak'] <= $((LIMIT + GROWTH))"
}

@test "a hog without pauses is ended too" {
	sandbox 137 --memory 64M -- "$TEST_BIN/hog" 1024 0
	report 'J["reason"] == "oom"'
}

@test "a program below its limit is left alone, and its peak told" {
	sandbox 0 --memory 64M -- "$TEST_BIN/hog" 16 1000
	equal "$output" "ate it all"
	report 'J["reason"] == "exited"' 'J["memory_peak"] >= 12 << 20' "J['memory_peak'] <= $LIMIT"
}

@test "a program that fails its own way at 137 is no oom" {
	sandbox 137 --memory 64M -- sh -c 'exit 137'
	report 'J["reason"] == "exited"' 'J["exit_code"] == 137'
	sandbox 137 --memory 64M -- sh -c 'kill -KILL $$'
	report 'J["reason"] == "signaled"'
}

@test "memory in a tmpfs counts as memory by cgroup" {
	need_root
	sandbox 137 --memory 64M -- sh -c 'head -c 200M /dev/zero >/tmp/file; sleep 5'
	report 'J["reason"] == "oom"'
}

@test "--swap and --memory by cgroup" {
	need_root
	sandbox 137 --memory 64M --swap 0 --limits best-effort -- "$TEST_BIN/hog" 256 1000
	report 'J["reason"] == "oom"'
}

@test "the host stays usable while a sandbox is over its limit" {
	background --memory 64M -- "$TEST_BIN/hog" 1024 20000
	for _ in 1 2 3 4 5; do
		expect 0 "$NIDUS" run -- true
	done
	ended 137
}
