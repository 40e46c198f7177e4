#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: which signals the program gets, and as what.

load helpers
load wrapper_helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
}

says_times() {
	[ "$(grep -c ready "$BATS_TEST_TMPDIR/out")" -ge "$1" ]
}

@test "a value sent by sigqueue goes on to the program" {
	begin_ready "$TEST_BIN/sigvalue"
	/bin/kill --queue 4711 -s USR1 "$init" || skip "this kill has no --queue"
	ends 0
	says "10 4711"
}

@test "CHLD that somebody sent is passed on, the kernel's own is not" {
	begin_ready "$TEST_BIN/sigecho" 2
	kill -CHLD "$init"
	wait_for 5 says 17
	kill -USR1 "$init"
	ends 0
	equal "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | tr '\n' ' ')" "17 10 "
}

@test "--rewrite: as another, or not at all" {
	begin_ready --rewrite HUP:USR2 --rewrite INT:0 --rewrite RTMIN+1:RTMAX "$TEST_BIN/sigecho" 3
	kill -INT "$init"
	kill -HUP "$init"
	kill -35 "$init"
	kill -USR1 "$init"
	ends 0
	equal "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | sort -n | tr '\n' ' ')" "10 12 64 "
}

@test "--rewrite TERM: the stop is what it was rewritten to" {
	# not QUIT: bash's background jobs ignore it, and a shell can't trap what is ignored
	begin_ready --rewrite TERM:USR2 --grace 10s --report "$REPORT" sh -c \
		'trap "echo usr2; exit 6" USR2; echo ready; while :; do sleep 0.02; done'
	kill -TERM "$init"
	ends 6
	says usr2
	grep -qx reason=stopped "$REPORT"
}

@test "fault signals from outside go to the program, and end nobody else" {
	begin_ready "$TEST_BIN/sigecho" 7
	for signal in SEGV BUS FPE ILL ABRT TRAP SYS; do
		kill -s "$signal" "$init"
	done
	ends 0
}

@test "a message that nobody reads is not the program's end" {
	# begins once the reader of its messages has gone
	# shellcheck disable=SC2016 # bash's own
	expect 3 bash -c 'exec 2> >(exec true); wait $!; exec "$@"' - "$INIT" -vvv sh -c 'sleep 0.2; exit 3'
	# somebody's PIPE is the program's still
	begin_ready "$TEST_BIN/sigecho" 1
	kill -PIPE "$init"
	ends 0
	says 13
}

@test "between two starts INT ends the waiting" {
	"$INIT" --restart always sh -c 'echo ready; exit 3' >"$BATS_TEST_TMPDIR/out" 2>/dev/null </dev/null 3>&- 4>&- &
	init=$!
	wait_for 10 says_times 4
	kill -INT "$init"
	ends 3
}
