#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --pids, fork bombs, orphans.

load helpers

@test "--pids 20 contains a fork bomb, and the host stays usable" {
	if ! is_root; then
		# no cgroup: either refused in one line, or contained all the same
		run --separate-stderr timeout 30 "$NIDUS" run --pids 20 --timeout 20s -- "$TEST_BIN/forkbomb" 2
		if [ "$status" -eq 125 ]; then
			contains "$stderr" pids
			equal "$(lines "$stderr")" 1 "lines on stderr"
			return
		fi
	fi
	background --pids 20 --timeout 30s -- "$TEST_BIN/forkbomb" 3
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		expect 0 "$NIDUS" run -- true
	done
	wait "$spawner" || true
	# where there is no cgroup to count, the degraded event tells
	report 'J["reason"] in ("exited", "pids_limit")' '(J["pids_peak"] or 0) <= 20' \
		'J["reason"] == "pids_limit" or (J["pids_max_hits"] or 0) > 0 or (J["pids_peak"] or 0) >= 20 or J["degraded"] > 0'
	if is_root; then
		report 'J["degraded"] == 0'
	fi
	[ "$(sed -n 's/refused //p' "$BATS_TEST_TMPDIR/out")" -gt 0 ] ||
		fail "no fork was refused: $(cat "$BATS_TEST_TMPDIR/out")"
}

@test "--pids counts the command's processes, not PID 1" {
	run --separate-stderr "$NIDUS" run --pids 1 -- true
	if [ "$status" -eq 125 ]; then
		contains "$stderr" pids
		skip "nothing here counts processes"
	fi
	sandbox 0 --pids 1 -- true
	report '(J["pids_peak"] or 0) <= 1'
	# sh itself is one, what it starts the second
	sandbox 0 --pids 2 -- sh -c 'sleep 0 & wait'
	report '(J["pids_peak"] or 0) <= 2'
	run --separate-stderr "$NIDUS" run --pids 1 -- sh -c '/bin/true; echo started'
	lacks "$output" started
	sandbox 0 --pids 1 --as-pid-1 -- true
}

@test "a fork bomb that never ends is ended by --timeout" {
	need_root
	sandbox 124 --pids 50 --timeout 2s --grace 200ms -- "$TEST_BIN/forkbomb" 600
	report 'J["reason"] in ("wall_timeout", "pids_limit")'
}

@test "20,000 orphans: no zombie stays, the count is in the report" {
	local count
	count=$(light 20000 1000)
	LIMIT_S=120 sandbox 0 -- "$TEST_BIN/orphans" "$count"
	equal "$output" "orphans $count zombies 0"
	report "J['zombies_reaped'] >= $count" "J['zombies_reaped'] <= $count + 10"
}

@test "the main child is seen among many that end at once" {
	for _ in $(seq "$(light 20 3)"); do
		sandbox 9 -- sh -c 'for i in 1 2 3 4 5 6 7 8; do (sleep 0.05 & sleep 0.05 &) ; done; sleep 0.05; exit 9'
	done
}

@test "without --pids there are at most 4096 processes and threads" {
	local most
	expect 0 "$NIDUS" run -- sh -c 'cat /proc/self/limits'
	most=$(sed -nE 's/^Max processes +([0-9]+) +([0-9]+) .*/\1/p' <<<"$output")
	((most > 0 && most <= 4097)) || fail "limit $most"
	expect 0 "$NIDUS" run --explain -- true
	grep -qE '^limit +pids [0-9]+, the default' <<<"$output" || fail "$output"
	expect 0 "$NIDUS" run --rlimit nproc=77 -- sh -c 'cat /proc/self/limits'
	grep -qE '^Max processes +77 ' <<<"$output" || fail "$output"
	sandbox 0 -- true
	events 'not any(e["event"] == "degraded" and e["control"] == "pids" for e in E)'
}

@test "the default is no more than the caller's own limit" {
	need_root
	[ "$TEST_AS" != self ] || skip "needs a user of its own"
	expect 0 setpriv --reuid 1500 --regid 1500 --clear-groups env XDG_RUNTIME_DIR=/run/user/1500 \
		bash -c "ulimit -u 60; exec $NIDUS run -- cat /proc/self/limits"
	grep -qE '^Max processes +60 +60 ' <<<"$output" || fail "$output"
}
