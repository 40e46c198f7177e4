#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Signals from outside arrive; signals from inside do not hurt PID 1.

load helpers

printed() {
	grep -qx "$1" "$BATS_TEST_TMPDIR/out"
}

# KILL and STOP no program can take; CHLD is the spawner's own.
all_signals() {
	local signal
	for signal in $(seq 1 64); do
		case $signal in
		9 | 17 | 19) ;;
		*) echo "$signal" ;;
		esac
	done
}

@test "all signals sent to the spawner arrive, real-time ones too" {
	local signal
	background -- "$TEST_BIN/sigecho" 61
	wait_for 10 printed ready
	for signal in $(all_signals); do
		kill -"$signal" "$spawner"
		wait_for 5 printed "$signal" || fail "signal $signal did not arrive; got $(tr '\n' ' ' <"$BATS_TEST_TMPDIR/out")"
	done
	ended 0
}

@test "all signals sent by nidus kill arrive" {
	local signal
	background --name "echo-$TEST_AS" -- "$TEST_BIN/sigecho" 61
	wait_for 10 printed ready
	for signal in $(all_signals); do
		expect 0 "$NIDUS" kill --signal "$signal" "echo-$TEST_AS"
		wait_for 5 printed "$signal" || fail "signal $signal did not arrive"
	done
	ended 0
}

@test "a signal sent the instant after the start is not lost" {
	local count
	count=$(light 300 30)
	expect 0 "$HELPERS/early-signal" "$count" "$NIDUS" run -- sleep 20
	equal "$output" "$count of $count"
}

@test "a signal goes to the whole process group of the workload" {
	background -- bash -c 'trap "true" TERM; bash -c "trap \"echo child; exit\" TERM; echo up; while :; do sleep 0.05; done"; echo parent'
	wait_for 10 printed up
	kill -TERM "$spawner"
	ended 0
	printed child
	printed parent
}

@test "signals from inside do not hurt PID 1" {
	sandbox 0 -- sh -c 'for s in $(seq 1 64); do kill -$s 1 2>/dev/null; done; sleep 0.2; echo alive'
	equal "$output" alive
	sandbox 0 --user 0:0 -- sh -c 'for s in $(seq 1 64); do kill -$s 1 2>/dev/null; done; sleep 0.2; echo alive'
	equal "$output" alive
}

@test "kill -1 from inside hits the workload only" {
	sandbox 143 -- sh -c 'kill -TERM -1; kill -TERM $$; sleep 5'
	report 'J["reason"] == "signaled"'
}

@test "the workload starts with the caller's signal mask and ignored set" {
	expect 0 "$NIDUS" run -- "$TEST_BIN/sigstate"
	local plain=$output
	contains "$plain" "blocked 0000000000000000"
	expect 0 sh -c "trap '' USR1 HUP; exec '$NIDUS' run -- '$TEST_BIN/sigstate'"
	contains "$output" "blocked 0000000000000000"
	# python3 is the nearest caller at hand that can block signals: 10 is USR1, 34 RTMIN
	expect 0 python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [10, 34])
os.execv(sys.argv[1], sys.argv[1:])' "$NIDUS" run -- "$TEST_BIN/sigstate"
	contains "$output" "blocked 0000000200000200"
	expect 0 sh -c "trap '' USR1 HUP; exec '$NIDUS' run -- '$TEST_BIN/sigstate'"
	local ignored
	ignored=$(sed -n 's/ignored //p' <<<"$output")
	equal "$((0x$ignored & 0x201))" "$((0x201))" "HUP and USR1 in the ignored set $ignored"
}

@test "a second TERM does not shorten anything, KILL by nidus kill ends at once" {
	background --name "kill-$TEST_AS" --grace 20s -- sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done'
	wait_for 10 printed up
	kill -TERM "$spawner"
	kill -TERM "$spawner"
	sleep 0.3
	kill -0 "$spawner"
	expect 0 "$NIDUS" kill --signal KILL "kill-$TEST_AS"
	ended 137
}
