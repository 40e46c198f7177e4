#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# PID 1 measures, judges and ends the sandbox: what runs inside has no say in that.

load helpers

# Each try is refused.
all_refused() {
	[ -n "$output" ] || fail "nothing was tried"
	case $output in
	*" ok"*) fail "not refused: $output" ;;
	esac
}

@test "nothing about PID 1 can be set from inside, whatever ids are shared" {
	local ids
	for ids in "" "--userns keep" "--user 0"; do
		# shellcheck disable=SC2086
		expect 0 "$NIDUS" run $ids -- "$TEST_BIN/meddle"
		all_refused
	done
}

@test "with two ids, PID 1 has one of its own: no filter is needed" {
	[ "$TEST_AS" != plain ] || skip "a user without sub-ids has one id"
	local ids
	for ids in "" "--user 0"; do
		# shellcheck disable=SC2086
		expect 0 "$NIDUS" run $ids --seccomp none -- "$TEST_BIN/meddle"
		all_refused
	done
}

@test "a program still sets its own limits" {
	expect 0 "$NIDUS" run -- sh -c 'ulimit -n 100 && ulimit -n'
	equal "$output" 100
	expect 0 "$NIDUS" run -- sh -c 'prlimit --nofile=99 sh -c "ulimit -n"'
	equal "$output" 99
}
