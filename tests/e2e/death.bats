#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the spawner, the watcher, PID 1: at chosen moments and at random.
# Within 1 s no process lives; after gc nothing is left; a second gc does nothing.

load helpers

gc_twice() {
	expect 0 "$NIDUS" gc
	expect 0 "$NIDUS" gc --json
	echo "$output" >"$BATS_TEST_TMPDIR/second"
	"$HELPERS/check-json" "$BATS_TEST_TMPDIR/second" 'len(J["removed"]) == 0' 'len(J["failed"]) == 0'
}

# gone_in_time PID MARKER: within 1 s (the load of the machine on top).
gone_in_time() {
	local end=$((${EPOCHREALTIME/./} + 1500000))
	until gone "$1" && no_process "$2"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || fail "alive after 1.5 s: $(ps -eo pid,ppid,stat,args)" || return 1
		sleep 0.02
	done
}

# lost ARGUMENT…: the spawner is killed while a program runs that ignores and forks what it can.
lost() {
	local mark init
	mark=$(marker)
	background "$@" -- sh -c "trap '' TERM HUP INT; setsid sleep $mark & sleep $mark"
	init=$(init_pid)
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	gone_in_time "$init" "$mark"
	gc_twice
}

@test "spawner killed while the program runs" {
	lost
}

@test "--as-pid-1: the same" {
	lost --as-pid-1
}

@test "--as-pid-1: init killed" {
	local mark init
	mark=$(marker)
	background --as-pid-1 -- sh -c "setsid sleep $mark & sleep $mark"
	init=$(init_pid)
	kill -9 "$init"
	wait "$spawner" || true
	gone_in_time "$init" "$mark"
	gc_twice
}

# lost_held ARGUMENT…: the same while it is held before each step.
lost_held() {
	local step mark init held=0
	for step in namespaces sources identity root pivot_root host rlimit limits fork user chdir exec; do
		mark=$(marker)
		rm -f "$EVENTS"
		"$NIDUS" run "$@" --hold "$step" --events "$EVENTS" -- sleep "$mark" </dev/null >/dev/null 2>&1 3>&- 4>&- &
		spawner=$!
		wait_for 5 has_event spawned
		sleep 0.1
		! has_event setup_finished || continue # a step that this launch does not have
		init=$(init_pid)
		kill -9 "$spawner"
		wait "$spawner" 2>/dev/null || true
		gone_in_time "$init" "$mark"
		held=$((held + 1))
	done
	[ "$held" -ge 5 ] || fail "only $held steps could be held"
	gc_twice
}

@test "spawner killed while it is held before each step" {
	lost_held
}

@test "--as-pid-1: the same before each step" {
	lost_held --as-pid-1
}

@test "spawner killed at random moments" {
	local mark
	mark=$(marker)
	for _ in $(seq "$(light 60 15)"); do
		"$NIDUS" run --pids 100 --memory 64M --limits best-effort -- sleep "$mark" \
			</dev/null >/dev/null 2>&1 3>&- 4>&- &
		spawner=$!
		sleep "0.0$((RANDOM % 20 + 10))"
		kill -9 "$spawner" 2>/dev/null || true
		wait "$spawner" 2>/dev/null || true
	done
	local end=$((${EPOCHREALTIME/./} + 1500000))
	until no_process "$mark"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || fail "alive: $(ps -eo pid,ppid,stat,args)"
		sleep 0.02
	done
	gc_twice
}

@test "PID 1 killed while the program runs" {
	local mark init
	mark=$(marker)
	background --pids 100 --limits best-effort -- sh -c "setsid sleep $mark & sleep $mark"
	init=$(init_pid)
	kill -9 "$init" || skip "an ordinary user may not kill the init of this sandbox"
	local got=0
	wait "$spawner" || got=$?
	equal "$got" 125 "status of nidus run"
	gone_in_time "$init" "$mark"
	report 'J["reason"] == "init_lost"'
	gc_twice
}

@test "PID 1 killed at random moments" {
	local n init
	need_root
	for n in $(seq "$(light 40 10)"); do
		"$NIDUS" run --pids 100 -- sleep 0.2 </dev/null >/dev/null 2>&1 3>&- 4>&- &
		spawner=$!
		sleep "0.00$((RANDOM % 10))"
		init=$(pgrep -P "$spawner" | head -n 1 || true)
		[ -z "$init" ] || kill -9 "$init" 2>/dev/null || true
		local end=$((SECONDS + 10))
		while kill -0 "$spawner" 2>/dev/null; do
			[ "$SECONDS" -lt "$end" ] || fail "round $n: the spawner waits for a dead init"
			sleep 0.01
		done
		wait "$spawner" || true
	done
	gc_twice
}

@test "the watcher of a detached sandbox killed" {
	local mark watcher init
	mark=$(marker)
	expect 0 "$NIDUS" run --detach --name "watched-$TEST_AS" --events "$EVENTS" -- sleep "$mark"
	wait_for 10 has_event setup_finished
	init=$(init_pid)
	watcher=$(awk '/^PPid/ { print $2 }' "/proc/$init/status")
	[ "$watcher" -gt 1 ] || fail "no watcher: the parent of $init is $watcher"
	kill -9 "$watcher"
	gone_in_time "$init" "$mark"
	gc_twice
}

@test "spawner killed with PID 1 stopped" {
	local mark init
	mark=$(marker)
	background -- sleep "$mark"
	init=$(init_pid)
	kill -STOP "$init" 2>/dev/null || skip "an ordinary user may not stop the init of this sandbox"
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	gc_twice
	gone_in_time "$init" "$mark"
}

@test "--outlive-parent: the program lives on, gc leaves it, stop ends it" {
	local mark init
	mark=$(marker)
	background --outlive-parent --name "outlive-$TEST_AS" -- sleep "$mark"
	init=$(init_pid)
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	sleep 0.5
	! gone "$init" || fail "it did not outlive its parent"
	expect 0 "$NIDUS" gc
	! gone "$init" || fail "gc ended it"
	expect 0 "$NIDUS" stop "outlive-$TEST_AS"
	wait_for 5 gone "$init"
	gc_twice
}

@test "reboot from inside does not look like a crash" {
	need_root
	sandbox 125 --user 0:0 --cap-add SYS_BOOT --seccomp none -- "$TEST_BIN/confine_probe" reboot || true
	report 'J["reason"] != "internal"'
}
