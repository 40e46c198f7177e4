#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --timeout, --grace, --cpu-time, and that nothing outlives the workload.

load helpers

# within LOW HIGH: wall clock of the last run in milliseconds, from the report.
within() {
	report "J['wall_us'] >= $1 * 1000" "J['wall_us'] <= $2 * 1000"
}

@test "sleep 60 against 1 s is 124, reason wall_timeout" {
	sandbox 124 --timeout 1s -- sleep 60
	report 'J["reason"] == "wall_timeout"' 'J["exit_code"] == 124'
	within 1000 4000
	events 'ev("limit")["which"] != ""' 'ev("exited")["reason"] == "wall_timeout"'
}

@test "a program that ignores TERM is killed after --grace" {
	sandbox 124 --timeout 1s --grace 500ms -- sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	report 'J["reason"] == "wall_timeout"'
	within 1400 5000
}

@test "a program that ends in its grace is not killed" {
	sandbox 124 --timeout 500ms --grace 10s -- sh -c \
		'trap "echo cleaning; exit 0" TERM; while :; do sleep 0.1; done'
	equal "$output" cleaning
	report 'J["reason"] == "wall_timeout"'
	within 500 6000
}

@test "daemons in sessions of their own end with it" {
	sandbox 124 --timeout 1s --grace 300ms -- "$TEST_BIN/daemons" 5 stay
	contains "$output" "daemons run"
	report 'J["reason"] == "wall_timeout"'
	within 1000 6000
}

@test "daemons do not outlive a workload that ends by itself" {
	sandbox 0 --grace 300ms -- "$TEST_BIN/daemons" 5
	report 'J["reason"] == "exited"'
	wait_for 2 no_process "$TEST_BIN/daemons"
}

@test "a stopped program is ended too" {
	sandbox 124 --timeout 1s --grace 300ms -- sh -c 'kill -STOP $$; sleep 60'
	within 1000 6000
}

@test "a program that ends in time keeps its status" {
	sandbox 5 --timeout 20s --cpu-time 20s -- sh -c 'exit 5'
	report 'J["reason"] == "exited"'
}

@test "--cpu-time counts the whole tree" {
	sandbox 124 --cpu-time 1s --grace 300ms -- "$TEST_BIN/burn" 3
	report 'J["reason"] == "cpu_timeout"' 'J["exit_code"] == 124' \
		'J["cpu_user_us"] + J["cpu_sys_us"] >= 900000' \
		'J["cpu_user_us"] + J["cpu_sys_us"] <= 4000000'
	events 'ev("exited")["reason"] == "cpu_timeout"'
}

@test "--cpu-time counts children that ended already" {
	sandbox 124 --cpu-time 1s --timeout 50s --grace 300ms -- sh -c \
		'while :; do sh -c "i=0; while [ \$i -lt 20000 ]; do i=\$((i+1)); done"; done'
	report 'J["reason"] == "cpu_timeout"'
}

@test "sleeping costs no cpu time" {
	sandbox 0 --cpu-time 500ms -- sleep 1.5
	report 'J["reason"] == "exited"'
}

@test "--cpuset of processors that are not there: which are" {
	expect 125 "$NIDUS" run --cpuset 9999 -- true
	contains "$stderr" "nidus: --cpuset"
	contains "$stderr" "no cpuset controller here" || contains "$stderr" "--cpuset 9999: the processors here are 0"
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "--cpus slows down" {
	need_root
	sandbox 124 --cpus 0.2 --timeout 2s --grace 200ms -- "$TEST_BIN/burn" 2
	report 'J["cpu_user_us"] + J["cpu_sys_us"] <= 1200000'
}

@test "orphans that are made faster than they are reaped do not hold the limit up" {
	sandbox 124 --timeout 2s --grace 0ms -- "$TEST_BIN/storm" 3000 3 12
	report 'J["reason"] == "wall_timeout"'
	within 2000 8000
}
