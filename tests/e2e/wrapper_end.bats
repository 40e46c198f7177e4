#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: the end of the program, of its descendants, and why.

load helpers
load wrapper_helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

@test "--kill-all: daemons that are deaf to TERM are ended after the grace" {
	local mark began took
	mark=$(marker)
	began=$(now_ms)
	expect 5 "$INIT" --kill-all --grace 300ms sh -c \
		"(trap '' TERM; setsid sleep $mark &); setsid sh -c 'trap \"\" TERM; sleep $mark; true' & sleep 0.1; exit 5"
	took=$(($(now_ms) - began))
	no_process "$mark"
	[ "$took" -ge 300 ] && [ "$took" -lt 3000 ] || fail "took $took ms"
}

@test "--kill-all: who hears TERM ends before the grace is over, a stopped one too" {
	local mark began took
	mark=$(marker)
	began=$(now_ms)
	expect 0 "$INIT" --kill-all --grace 20s sh -c "setsid sleep $mark & kill -STOP \$!"
	took=$(($(now_ms) - began))
	no_process "$mark"
	[ "$took" -lt 5000 ] || fail "took $took ms"
}

@test "--kill-all: hundreds of daemons, as PID 1 and as a subreaper" {
	expect 0 "$INIT" --kill-all --grace 100ms --report "$REPORT" "$TEST_BIN/daemons" 200
	[ "$(value zombies_reaped)" -ge 200 ] || fail "reaped $(value zombies_reaped)"
	need_root
	expect 0 unshare -pf --mount-proc "$INIT" --kill-all --grace 100ms "$TEST_BIN/daemons" 200
}

@test "--wait-all: stays until the last descendant is gone, with the program's status" {
	local began took
	began=$(now_ms)
	expect 6 "$INIT" --wait-all sh -c 'setsid sleep 0.6 >/dev/null 2>&1 & exit 6'
	took=$(($(now_ms) - began))
	[ "$took" -ge 600 ] || fail "took $took ms"
}

@test "--wait-all: TERM after the program's end reaches those who are left" {
	local mark
	mark=$(marker)
	begin --wait-all sh -c "setsid sleep $mark & exit 3"
	sleep 0.3
	kill -TERM "$init"
	ends 3
	no_process "$mark"
}

@test "--grace: KILL after a TERM that is not heard" {
	begin --grace 200ms sh -c 'trap "" TERM; echo up; while :; do sleep 0.05; done'
	wait_for 5 says up
	kill -TERM "$init"
	ends 137
}

@test "without --grace a program may take its time" {
	begin sh -c 'trap "sleep 1; exit 8" TERM; echo up; while :; do sleep 0.05; done'
	wait_for 5 says up
	kill -TERM "$init"
	ends 8
}

@test "--pre-stop-delay: TERM waits, other signals don't" {
	begin --pre-stop-delay 2s --report "$REPORT" sh -c \
		'trap "echo term; exit 9" TERM; trap "echo usr1" USR1; echo up; while :; do sleep 0.02; done'
	wait_for 5 says up
	kill -TERM "$init"
	kill -USR1 "$init"
	wait_for 5 says usr1
	run ! says term
	ends 9
	equal "$(value reason)" stopped
	[ "$(value wall_us)" -ge 2000000 ]
}

@test "--restart on-failure: with backoff, until it succeeds" {
	expect 0 "$INIT" --restart on-failure --report "$REPORT" sh -c \
		"echo x >>'$scratch/starts'; [ \$(wc -l <'$scratch/starts') -ge 3 ]"
	equal "$(lines "$(cat "$scratch/starts")")" 3
	equal "$(value restarts)" 2
	[ "$(value wall_us)" -ge 300000 ] || fail "100 and 200 ms of backoff in $(value wall_us) us"
}

@test "--restart: the limit is kept, the last status is the status" {
	expect 4 "$INIT" --restart on-failure --restart-limit 2 sh -c 'echo x; exit 4'
	equal "$(lines "$output")" 2
	expect 4 "$INIT" --restart on-failure --restart-limit 1 sh -c 'echo x; exit 4'
	equal "$(lines "$output")" 1
}

@test "--restart always: 0 is no end, TERM is" {
	begin --restart always sh -c 'echo up'
	wait_for 5 grep -c up "$BATS_TEST_TMPDIR/out"
	sleep 0.5
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -ge 2 ]
	kill -TERM "$init"
	ends 0
}

@test "--restart: the second start finds directory and descriptors of the first" {
	cd "$scratch"
	expect 0 "$INIT" --restart on-failure sh -c \
		"pwd; '$TEST_BIN/fds'; [ -e again ] || { : >again; exit 1; }" 8</dev/null
	equal "$(lines "$output")" 4
	equal "$(sort -u <<<"$output" | wc -l)" 2
	contains "$output" " 8 "
}

@test "--restart with --kill-all: nobody of one start lives to see the next" {
	local mark pid1
	mark=$(marker)
	for pid1 in "" "unshare -pf --mount-proc"; do
		[ -z "$pid1" ] || [ "$(id -u)" -eq 0 ] || continue
		rm -f "$scratch"/*
		# shellcheck disable=SC2086 # words
		expect 3 $pid1 "$INIT" --restart on-failure --restart-limit 3 --kill-all --grace 300ms \
			sh -c "pgrep -fx 'sleep $mark' >>'$scratch/old'; echo x
				(trap '' TERM; setsid sleep $mark &); setsid sleep $mark & sleep 0.1; exit 3"
		equal "$(lines "$output")" 3
		equal "$(cat "$scratch/old")" ""
		no_process "$mark"
	done
}

@test "--restart with --kill-all: TERM ends it while an earlier start is cleared away" {
	begin --restart always --kill-all --grace 20s sh -c \
		"(trap '' TERM; setsid sleep 0.7 &); sleep 0.05; echo run; exit 3"
	wait_for 5 says run
	sleep 0.3
	kill -TERM "$init"
	ends 3
	equal "$(grep -c run "$BATS_TEST_TMPDIR/out")" 1
}

@test "--die-as-child: by the same signal, and without a dump of ours" {
	# shellcheck disable=SC2016 # the program's own
	expect 0 python3 -c '
import subprocess, sys
print(subprocess.call([sys.argv[1], "--die-as-child", "sh", "-c", "kill -ABRT $$"]))' "$INIT"
	equal "$output" -6
	expect 3 "$INIT" --die-as-child sh -c 'exit 3'
}

@test "--die-as-child: 128 + n as PID 1, who can't" {
	need_root
	# shellcheck disable=SC2016
	expect 137 unshare -pf "$INIT" --die-as-child sh -c 'kill -9 $$'
}

@test "its death by KILL is the program's" {
	local mark
	mark=$(marker)
	begin sleep "$mark"
	wait_for 5 pgrep -P "$init"
	kill -9 "$init"
	wait "$init" || true
	wait_for 5 no_process "$mark"
}

@test "its death by KILL is that of a program that has not begun" {
	local child
	mkfifo "$scratch/filter"
	begin --no-new-privs --seccomp "$scratch/filter" true
	wait_for 5 pgrep -P "$init"
	child=$(pgrep -P "$init")
	sleep 0.1 # it reads its filter, which does not come
	kill -9 "$init"
	wait "$init" || true
	wait_for 5 gone "$child"
}
