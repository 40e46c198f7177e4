#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Our own output, to a reader that is gone or a file that may not grow, ends nothing.

load helpers

unread=$HELPERS/unread
bounded=$HELPERS/bounded

@test "stderr without a reader: the status stays" {
	expect 3 "$unread" 2 "$NIDUS" run --log-level debug -- sh -c 'exit 3'
	expect 125 "$unread" 2 "$NIDUS" run --no-such-option -- true
	expect 127 "$unread" 2 "$NIDUS" run -- nidus-no-such-command
	expect 2 "$unread" 2 "$NIDUS" no-such-verb
	expect 1 "$unread" 2 "$NIDUS" kill no-such-sandbox
	expect 1 "$unread" 2 "$NIDUS" wait no-such-sandbox
	expect 3 "$unread" 2 "$NIDUS" run --tty --log-level debug -- sh -c 'exit 3'
}

@test "stdout without a reader: a status, and no complaint" {
	local verb
	for verb in "check --json" init-binary "seccomp default" "help run"; do
		# shellcheck disable=SC2086 # words on purpose
		expect 1 "$unread" 1 "$NIDUS" $verb
		equal "$stderr" "" "stderr of $verb"
	done
	expect 1 "$unread" 1 "$NIDUS" list
	equal "$stderr" "" stderr
	expect 1 "$unread" 1 "$NIDUS" --help
	equal "$stderr" "" stderr
	expect 3 "$unread" 1 "$NIDUS" run --tty -- sh -c 'trap "" HUP; echo lost; sleep 0.1; exit 3'
}

@test "a line that nobody reads is no signal for the program" {
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	touch 1 # the name of a file in a home, which is not there inside: a line at the start
	HOME=$PWD "$unread" 2 "$NIDUS" run --events "$EVENTS" --log-level debug -- "$TEST_BIN/sigecho" 1 \
		>"$BATS_TEST_TMPDIR/out" </dev/null 3>&- 4>&- &
	spawner=$!
	wait_for 10 grep -qx ready "$BATS_TEST_TMPDIR/out"
	kill -USR1 "$spawner"
	ended 0
	equal "$(<"$BATS_TEST_TMPDIR/out")" $'ready\n10' "what the program got"
}

@test "PIPE, XFSZ, CHLD and others: ignored inside as the caller had them" {
	local ignoring='import os, signal, sys
for s in ("PIPE", "XFSZ", "CHLD", "USR1"): signal.signal(getattr(signal, "SIG" + s), signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])'
	expect 0 env --default-signal "$NIDUS" run -- "$TEST_BIN/sigstate"
	contains "$output" "ignored 0000000000000000"
	expect 0 python3 -c "$ignoring" "$NIDUS" run -- "$TEST_BIN/sigstate"
	contains "$output" "ignored 0000000001011200"
	expect 0 python3 -c "$ignoring" "$NIDUS" run --as-pid-1 -- "$TEST_BIN/sigstate"
	contains "$output" "ignored 0000000001011200"
}

@test "a limit on file sizes is the program's, not ours" {
	# shellcheck disable=SC2016 # bash's own
	expect 3 bash -c 'ulimit -S -f 1; exec "$@"' - "$NIDUS" run --report "$REPORT" \
		--events "$EVENTS" -- sh -c 'ulimit -f; exit 3'
	report 'J["exit_code"] == 3'
	events '"cleaned" in names'
	[ "$output" -le 2 ] || fail "inside: $output"
	# shellcheck disable=SC2016
	expect 0 bash -c 'ulimit -S -f 1; exec "$@"' - "$NIDUS" run --rlimit fsize=1M -- \
		sh -c 'head -c 100000 /dev/zero >/tmp/big'
}

@test "a limit too small for us is named" {
	expect 125 "$bounded" 10 "$NIDUS" run -- true
	contains "$stderr" "nidus-init: the limit on file sizes (ulimit -f) is 10240 bytes; "
	equal "$(lines "$stderr")" 1 lines
}

@test "messages and events beyond the limit are lost, and nothing else" {
	[ "$TEST_BUILD" = build ] || skip "the nidus-init of $TEST_BUILD is larger than the limit"
	head -c 200K /dev/zero >"$EVENTS"
	expect 3 "$bounded" 200 --stderr "$scratch/err" "$NIDUS" run --log-level debug --events "$EVENTS" \
		--report "$REPORT" -- sh -c 'exit 3'
	report 'J["exit_code"] == 3'
	equal "$(stat -c %s "$EVENTS")" 204800 "size of the events"
	expect 2 "$bounded" 1 --stderr "$scratch/err" "$NIDUS" no-such-verb
}

@test "a program that uses the library does not die of its records" {
	# a soft limit, with the signal as it is by default
	expect 1 bash -c 'ulimit -S -f 1; exec "$@"' - env --default-signal "$TEST_BIN/launches" 1 1 true
	contains "$output" "failed 1"
}

@test "nidus-init on its own: the same" {
	local init=$TEST_BIN/nidus-init
	expect 3 "$bounded" 1 --stderr "$scratch/err" "$init" -vvv sh -c 'sleep 0.2; exit 3'
	expect 3 "$bounded" 0 "$init" --report "$scratch/report" sh -c 'exit 3'
	expect 125 "$unread" 2 "$init" --sandbox 99
	expect 125 "$bounded" 1 --stderr "$scratch/err" "$init" --sandbox 99
	expect 125 "$unread" 2 "$init" --no-such-option
	expect 0 "$unread" 1 "$init" --help
}
