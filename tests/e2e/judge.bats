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

@test "a workload that is PID 1 itself sets what it likes of its own" {
	expect 0 "$NIDUS" run --as-pid-1 -- "$TEST_BIN/meddle" nofile 100
	equal "$output" "nofile ok"
	expect 0 "$NIDUS" run --as-pid-1 -- "$TEST_BIN/meddle" affinity 0
	equal "$output" "affinity ok"
}

# ---- looks that the inside makes fail: an id that is shared, and no filter ----

# internal OBJECT: the sandbox ended for that, in words, and PID 1 was not just lost.
internal() {
	report 'J["reason"] == "internal"' 'J["exit_code"] == 125' 'J["fault"]["step"] == "watch"' \
		"J['fault']['object'] == '$1'"
	events 'ev("exited")["reason"] == "internal"' 'ev("failed")["step"] == "watch"'
}

# No cgroup here limits this.
need_monitor() {
	! is_root || skip "root has a cgroup here: PID 1 has nothing to look at"
}

@test "PID 1 that may open nothing ends a sandbox with --memory" {
	need_monitor
	sandbox 125 --userns keep --seccomp none --memory 64M -- "$TEST_BIN/meddle" nofile 2 "$TEST_BIN/hog" 2000 1000
	internal memory
	lacks "$output" "ate it all"
}

@test "PID 1 that may open nothing ends a sandbox with --cpu-time" {
	need_monitor
	sandbox 125 --userns keep --seccomp none --cpu-time 1s --timeout 20s -- "$TEST_BIN/meddle" nofile 1 "$TEST_BIN/burn" 1
	# whatever it does next: measure, or wait
	internal "cpu time" || internal poll
	report 'J["wall_us"] < 10000000'
}

@test "PID 1 that may not even wait ends the sandbox and says so" {
	local limit
	for limit in 1 0; do
		# it waits already: the end of an orphan wakes it
		sandbox 125 --userns keep --seccomp none --timeout 20s -- "$TEST_BIN/meddle" nofile "$limit" \
			sh -c '(sleep 0.5 &); sleep 30'
		internal poll
		report 'J["wall_us"] < 10000000'
	done
}

@test "PID 1 killed by a limit of its processor time is not just lost" {
	# signals, to make it work: a second is enough
	sandbox 125 --userns keep --seccomp none --timeout 55s -- "$TEST_BIN/meddle" cpu 1 \
		sh -c 'while :; do kill -USR1 1; done & while :; do kill -USR2 1; done'
	internal "RLIMIT_CPU of PID 1, set from inside"
}

@test "a small stack of PID 1 does no harm" {
	sandbox 124 --userns keep --seccomp none --memory 64M --timeout 1s -- "$TEST_BIN/meddle" stack 4096 sleep 30
	report 'J["reason"] == "wall_timeout"'
}

# ---- verdicts ----

@test "SIGSYS and SIGXFSZ from inside are signals" {
	sandbox 159 -- sh -c 'kill -SYS $$'
	report 'J["reason"] == "signaled"' 'J["signal"] == 31'
	sandbox 153 -- sh -c 'kill -XFSZ $$'
	report 'J["reason"] == "signaled"' 'J["signal"] == 25'
	sandbox 153 --rlimit fsize=1M -- sh -c 'kill -XFSZ $$'
	report 'J["reason"] == "signaled"' 'J["signal"] == 25'
	# a filter leaves the same status, so the same is said of it
	profile_for getppid KILL_PROCESS >"$scratch/profile"
	sandbox 159 --seccomp "$scratch/profile" -- sh -c 'exec sh -c true'
	report 'J["reason"] == "signaled"' 'J["signal"] == 31'
}

# sandbox_to_file STATUS COMMAND…: with a limit of 64 KiB, and a file for its output.
sandbox_to_file() {
	local wanted=$1
	shift
	rm -f "$EVENTS" "$REPORT"
	# shellcheck disable=SC2016
	expect "$wanted" sh -c 'file=$1; shift; exec "$@" >"$file"' sh "$scratch/out" \
		"$NIDUS" run --events "$EVENTS" --report "$REPORT" --rlimit fsize=64k -- "$@"
}

@test "output that reaches --rlimit fsize is output_limit, also for who ignores SIGXFSZ" {
	sandbox_to_file 153 head -c 1M /dev/zero
	report 'J["reason"] == "output_limit"' 'J["signal"] == 25'
	sandbox_to_file 1 "$TEST_BIN/ignore" 25 head -c 1M /dev/zero
	report 'J["reason"] == "output_limit"' 'J["signal"] in (0, None)'
	sandbox_to_file 0 head -c 1k /dev/zero
	report 'J["reason"] == "exited"'
	sandbox_to_file 3 sh -c 'exit 3'
	report 'J["reason"] == "exited"'
}

# ---- stops ----

@test "a workload that stops and continues itself holds up no limit, even while nidus is stopped" {
	local began=$SECONDS mark
	mark=$(marker)
	background --timeout 3s --grace 100ms -- "$TEST_BIN/toggle" sleep "$mark"
	kill -STOP "$spawner"
	wait_for 5 pgrep -f "^sleep $mark"
	wait_for 15 sh -c "! pgrep -f '^sleep $mark'"
	[ $((SECONDS - began)) -le 12 ] || fail "took $((SECONDS - began)) s"
	kill -CONT "$spawner"
	ended 124
	report 'J["reason"] == "wall_timeout"'
}

@test "a workload that stops and continues itself has no more memory than allowed" {
	background --memory 64M --timeout 30s -- "$TEST_BIN/toggle" "$TEST_BIN/hog" 1500 5000
	kill -STOP "$spawner"
	wait_for 15 sh -c "! pgrep -f '^$TEST_BIN/hog'"
	kill -CONT "$spawner"
	ended 137
	report 'J["reason"] == "oom"' 'J["memory_peak"] < 200 << 20'
}

# ---- memory that nobody has mapped ----

@test "memory counts wherever it is" {
	local kind
	for kind in memfd table leaderless segment tmpfs; do
		sandbox 137 --memory 64M --timeout 20s -- "$TEST_BIN/hoard" "$kind" 1000
		report 'J["reason"] == "oom"' "J['memory_peak'] < $((200 << 20))"
	done
}

@test "below the limit it is left alone" {
	local kind
	for kind in memfd table leaderless segment tmpfs; do
		sandbox 124 --memory 64M --timeout 1s -- "$TEST_BIN/hoard" "$kind" 16
		report 'J["reason"] == "wall_timeout"'
	done
}

@test "a process that can't be looked at in detail is reported once" {
	need_monitor
	sandbox 124 --memory 64M --timeout 1s -- "$TEST_BIN/hoard" shy 16
	if [ "$TEST_AS" = plain ]; then
		events 'sum("in detail" in e.get("why", "") for e in E) == 1'
	else
		events 'not any("in detail" in e.get("why", "") for e in E)'
	fi
}

@test "what can't be counted is said at the start" {
	need_monitor
	sandbox 0 --memory 64M --cpu-time 5s -- true
	events '[e["control"] for e in E if e["event"] == "degraded" and "sockets and pipes" in e["why"]] == ["memory"]' \
		'[e["control"] for e in E if e["event"] == "degraded" and "ignores SIGCHLD" in e["why"]] == ["cpu"]' \
		'[e["control"] for e in E if e["event"] == "degraded"].count("oom_score_adj") == 1'
	sandbox 0 --timeout 5s -- true
	events '"degraded" not in names'
}

@test "the workload can't lower its oom_score_adj" {
	need_root
	(echo -1000 >/proc/self/oom_score_adj) 2>/dev/null || skip "needs CAP_SYS_RESOURCE on the machine"
	expect 1 "$NIDUS" run -- sh -c 'echo 499 >/proc/self/oom_score_adj'
}
