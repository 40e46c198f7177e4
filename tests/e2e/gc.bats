#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# list, kill, stop, wait, gc, --detach, names, lock files.

load helpers

abandoned() {
	background "$@"
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
}

json() {
	echo "$output" >"$BATS_TEST_TMPDIR/json"
	"$HELPERS/check-json" "$BATS_TEST_TMPDIR/json" "$@"
}

@test "list shows what lives, in words and in JSON" {
	background --name "listed-$TEST_AS" --label team=blue -- sleep 30
	expect 0 "$NIDUS" list
	contains "$output" "listed-$TEST_AS"
	expect 0 "$NIDUS" list --json
	contains "$output" "listed-$TEST_AS"
	contains "$output" blue
	expect 0 "$NIDUS" kill "listed-$TEST_AS"
	ended 137 || ended 143
	expect 0 "$NIDUS" list
	lacks "$output" "listed-$TEST_AS"
}

@test "gc removes what a dead spawner left, a second gc does nothing" {
	abandoned --name "dead-$TEST_AS" --pids 100 --limits best-effort -- sleep 30
	expect 0 "$NIDUS" list --all --json
	contains "$output" "dead-$TEST_AS"
	expect 0 "$NIDUS" gc --json
	json 'len(J["removed"]) == 1' 'len(J["failed"]) == 0'
	expect 0 "$NIDUS" gc --json
	json 'len(J["removed"]) == 0' 'len(J["failed"]) == 0'
	expect 0 "$NIDUS" list
	lacks "$output" "dead-$TEST_AS"
}

@test "a run removes what a dead spawner left, and its name is free" {
	abandoned --name "again-$TEST_AS" -- sleep 30
	sandbox 0 --name "again-$TEST_AS" -- true
	expect 0 "$NIDUS" gc
}

@test "gc --older-than leaves the young ones" {
	abandoned -- sleep 30
	expect 0 "$NIDUS" gc --older-than 1h --json
	json 'len(J["removed"]) == 0'
	expect 0 "$NIDUS" gc --json
	json 'len(J["removed"]) == 1'
}

@test "gc beside live launches harms none" {
	(for _ in $(seq "$(light 60 10)"); do "$NIDUS" gc >/dev/null 2>&1 || exit 1; done) 3>&- 4>&- &
	local collector=$!
	for _ in $(seq "$(light 60 10)"); do
		expect 0 "$NIDUS" run --pids 50 --limits best-effort -- true
	done
	wait "$collector"
}

@test "gc --all ends every sandbox of this user" {
	local n mark
	mark=$(marker)
	local pids=()
	for n in 1 2 3; do
		background -- sleep "$mark"
		pids+=("$spawner")
	done
	expect 0 "$NIDUS" gc --all
	for n in "${pids[@]}"; do
		wait "$n" || true
	done
	wait_for 2 no_process "$mark"
	expect 0 "$NIDUS" list --json
	lacks "$output" "$mark"
	expect 0 "$NIDUS" gc
}

@test "--detach returns at once, wait tells the status" {
	expect 0 "$NIDUS" run --detach --name "det-$TEST_AS" --report "$REPORT" -- sh -c 'sleep 1; exit 9'
	expect 9 "$NIDUS" wait "det-$TEST_AS"
	wait_for 5 test -s "$REPORT"
	report 'J["exit_code"] == 9'
}

@test "--detach prints the id, by which all verbs find it" {
	expect 0 "$NIDUS" run --detach -- sleep 30
	local id=$output
	[[ $id =~ ^[0-9a-f]{12}$ ]] || fail "not an id: $id"
	expect 0 "$NIDUS" list
	contains "$output" "$id"
	expect 0 "$NIDUS" kill "$id"
	run timeout 20 "$NIDUS" wait "$id"
	wait_for 5 no_process "sleep 30"
}

@test "wait of a sandbox that is gone says so; its end is in the report" {
	local id
	id=$("$NIDUS" run --detach --report "$REPORT" -- sh -c 'exit 5' 3>&-)
	wait_for 10 sh -c '[ -z "$("$1" list --json | grep "$2")" ]' _ "$NIDUS" "$id"
	expect 1 "$NIDUS" wait "$id"
	contains "$stderr" "wait: no sandbox named $id, or it has ended already"
	report 'J["exit_code"] == 5'
}

@test "--detach that fails to start says so at once" {
	expect 127 "$NIDUS" run --detach -- nidus-no-such-command
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "stop is TERM, grace, KILL" {
	background --name "stop-$TEST_AS" --grace 500ms -- sh -c 'trap "echo term" TERM; echo up; while :; do sleep 0.1; done'
	wait_for 10 grep -qx up "$BATS_TEST_TMPDIR/out"
	expect 0 "$NIDUS" stop "stop-$TEST_AS"
	wait "$spawner" || true
	report 'J["reason"] == "canceled"'
	contains "$(cat "$BATS_TEST_TMPDIR/out")" term
}

@test "a name nobody has is an error in one line" {
	local verb
	for verb in kill stop wait; do
		run --separate-stderr timeout 20 "$NIDUS" "$verb" no-such-sandbox
		[ "$status" -ne 0 ] || fail "nidus $verb no-such-sandbox succeeded"
		equal "$(lines "$stderr")" 1 "lines on stderr of $verb"
		contains "$stderr" no-such-sandbox
	done
}

@test "an id that is too short is told so" {
	local verb
	for verb in kill stop wait; do
		run --separate-stderr timeout 20 "$NIDUS" "$verb" 02f
		[ "$status" -ne 0 ] || fail "nidus $verb 02f succeeded"
		equal "$stderr" "nidus: $verb: no sandbox named 02f, and an id needs four digits or more"
	done
}

@test "a name that is taken: by whom, and no more" {
	background --name "taken-$TEST_AS" -- sleep 30
	expect 125 "$NIDUS" run --name "taken-$TEST_AS" -- true
	[[ $stderr =~ ^"nidus: --name taken-$TEST_AS: held by sandbox "[0-9a-f]{12}$ ]] || fail "$stderr"
	kill -TERM "$spawner"
	ended 143
}

@test "two runs of one name at once: exactly one wins" {
	local n first second won
	for n in $(seq "$(light 20 5)"); do
		"$NIDUS" run --name "twin-$TEST_AS" -- sleep 0.3 >/dev/null 2>"$scratch/one" </dev/null 3>&- 4>&- &
		local one=$!
		"$NIDUS" run --name "twin-$TEST_AS" -- sleep 0.3 >/dev/null 2>"$scratch/two" </dev/null 3>&- 4>&- &
		local two=$!
		first=0 second=0
		wait "$one" || first=$?
		wait "$two" || second=$?
		won=$(((first == 0) + (second == 0)))
		equal "$won" 1 "winners in round $n ($first, $second)"
		equal "$((first + second))" 125 "status of the loser"
		contains "$(cat "$scratch/one" "$scratch/two")" "twin-$TEST_AS"
		equal "$(cat "$scratch/one" "$scratch/two" | wc -l)" 1 "lines of error"
	done
}

@test "--lock-file: held by another fails at once and says by whom" {
	background --lock-file "$scratch/lock" -- sleep 30
	expect 125 "$NIDUS" run --lock-file "$scratch/lock" -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "$scratch/lock"
	[[ $stderr =~ [0-9]{2,} ]] || fail "does not say who holds it: $stderr"
	lacks "$stderr" "temporarily unavailable"
	kill -TERM "$spawner"
	ended 143
	expect 0 "$NIDUS" run --lock-file "$scratch/lock" -- true
}

@test "--lock-wait waits, and gives up" {
	background --lock-file "$scratch/lock" -- sleep 2
	expect 125 "$NIDUS" run --lock-file "$scratch/lock" --lock-wait 200ms -- true
	expect 0 "$NIDUS" run --lock-file "$scratch/lock" --lock-wait 20s -- true
	ended 0
}

@test "a lock is free once its sandbox is dead, whoever died" {
	abandoned --lock-file "$scratch/lock" -- sleep 30
	expect 0 "$NIDUS" run --lock-file "$scratch/lock" --lock-wait 3s -- true
	expect 0 "$NIDUS" gc
}

@test "the state directory is private, and refused when it is not" {
	export NIDUS_STATE_DIR=$scratch/state
	expect 0 "$NIDUS" run -- true
	equal "$(stat -c %a "$scratch/state")" 700 "mode of the state directory"
	chmod 0777 "$scratch/state"
	expect 125 "$NIDUS" run -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	rm -rf "$scratch/state"
	ln -s /tmp "$scratch/state"
	expect 125 "$NIDUS" run -- true
}
