#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Many launches, in a row and at once: the census (teardown) is equal, descriptors constant.

load helpers

@test "1,000 launches in a row" {
	local failed=0 count
	count=$(light 1000 30)
	for _ in $(seq "$count"); do
		"$NIDUS" run -- true </dev/null >/dev/null 2>>"$scratch/errors" 3>&- || failed=$((failed + 1))
	done
	equal "$failed" 0 "failed of $count launches: $(head -c 2000 "$scratch/errors")"
}

@test "200 launches, 16 at a time" {
	local count
	count=$(light 200 32)
	expect 0 bash -c "seq $count | xargs -P 16 -I{} sh -c '\"$NIDUS\" run --pids 50 --limits best-effort \
		--name many-$TEST_AS-{} -- sh -c \"echo {}\" || echo failed {}' >'$scratch/out'"
	equal "$(grep -c failed "$scratch/out")" 0 "failed launches: $(grep failed "$scratch/out" | head -n 5) $stderr"
	equal "$(sort -n "$scratch/out" | uniq | wc -l)" "$count" "launches that printed their number"
}

@test "one supervisor: 1,000 in a row, its descriptors constant" {
	[ "$TEST_AS" != asan ] || skip "the supervisor is not sanitized"
	LIMIT_S=180 expect 0 "$TEST_BIN/launches" 1000 1 true
	contains "$output" "launches 1000 failed 0"
}

@test "one supervisor: 200, 16 at a time in one loop" {
	[ "$TEST_AS" != asan ] || skip "the supervisor is not sanitized"
	expect 0 "$TEST_BIN/launches" 200 16 sh -c 'sleep 0.05'
	contains "$output" "launches 200 failed 0"
}
