#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tini's command line, texts and behaviour; of nidus-init under its name, and of tini.
# shellcheck disable=SC2034,SC2153 # PEER, BEFORE, INIT: of helpers.bash

PEER=tini
load helpers
load checks

# $output without what a version may be.
without_version() {
	sed -E 's/tini version [0-9.]+( - git\.[0-9a-f]+)?/tini version X/'
}

@test "exit codes 0 to 255 are the program's" {
	check_exit_codes -s --
}

@test "128 + n for a signal" {
	check_signal_codes -s --
}

@test "-e: that status becomes 0, others don't" {
	status_of 0 -s -e 3 -- sh -c 'exit 3'
	status_of 4 -s -e 3 -- sh -c 'exit 4'
	status_of 0 -s -e 3 -e 143 -e 255 -- sh -c 'kill -TERM $$; sleep 1'
	status_of 0 -se3 -- sh -c 'exit 3'
	status_of 0 -s -e 0 -- true
	status_of 1 -s -e 0 -- false
}

@test "-e: what is no status is refused with 1" {
	local bad
	for bad in 256 -1 x 3x; do
		status_of 1 -s -e "$bad" -- true
		contains "$stderr" "Not a valid option for -e: $bad"
		equal "$output" ""
	done
}

@test "127: not found; 126: not executable" {
	status_of 127 -s -- ./nothing
	contains "$stderr" "exec ./nothing failed: No such file or directory"
	status_of 127 -s -- no-such-program-anywhere
	status_of 126 -s -- /etc/passwd
	contains "$stderr" "exec /etc/passwd failed: Permission denied"
	status_of 126 -s -- /tmp
}

@test "a script without a first line runs" {
	check_script -s --
}

@test "no program: the usage on stderr, 1" {
	status_of 1
	equal "$output" ""
	contains "$stderr" "Usage: tini [OPTIONS] PROGRAM -- [ARGS] | --version"
	status_of 1 -s --
	contains "$stderr" "Usage: tini"
}

@test "an unknown option: the usage on stderr, 1" {
	status_of 1 -q true
	equal "$output" ""
	contains "$stderr" "invalid option -- 'q'"
	contains "$stderr" "Usage: tini"
	status_of 1 -p
	contains "$stderr" "option requires an argument -- 'p'"
}

@test "-h: the help on stdout, 0; the same text" {
	local ours
	status_of 0 -h
	equal "$stderr" ""
	contains "$output" "Execute a program under the supervision of a valid init process (tini)"
	contains "$output" "  -g: Send signals to the child's process group."
	contains "$output" "  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4)."
	ours=$output
	if ! is_peer && peer=$(type -P tini); then
		# 0.19 does not say yet that -e can be repeated
		diff <(echo "$ours" | without_version | sed 's/ (can be repeated)//') \
			<("$peer" -h | without_version | sed 's/ (can be repeated)//' | sed '$d')
	fi
}

@test "--version on stdout, as dockerd reads it" {
	local name
	status_of 0 --version
	equal "$stderr" ""
	[[ $output =~ ^tini\ version\ [0-9]+\.[0-9]+\.[0-9]+(\ -\ git\.[0-9a-f]+)?$ ]] || fail "$output"
	is_peer && return
	# dockerd: what is behind "tini version " up to " - git.", and the hash behind it
	[[ $output =~ ^tini\ version\ [0-9]+\.[0-9]+\.[0-9]+\ -\ git\.[0-9a-f]{7,40}$ ]] || fail "$output"
	name=$output
	expect 0 "$NAMES/docker-init" --version
	equal "$output" "$name"
}

@test "-l: the licence on stdout, 0" {
	status_of 0 -l
	equal "$stderr" ""
	[ -n "$output" ]
}

@test "options end at the program: its own options stay its own" {
	options_end() {
		status_of 3 -s sh -c 'exit 3' && status_of 4 -s -- sh -c 'exit 4'
	}
	claim "options end at the program's name" options_end
}

@test "every signal is passed on" {
	# glibc keeps 32 and 33 for itself: no program of its libc can block or take them
	forwards "" -s --
}

@test "every signal is passed on, -g" {
	forwards "" -s -g --
}

@test "-g: the program's group gets the signal; without, the program alone" {
	check_group -s -g --
	check_no_group -s --
}

@test "the environment: TINI_KILL_PROCESS_GROUP, TINI_SUBREAPER, TINI_VERBOSITY" {
	BEFORE=(env TINI_KILL_PROCESS_GROUP=1)
	check_group -s --
	BEFORE=(env TINI_KILL_PROCESS_GROUP=)
	check_group -s --
	BEFORE=(env TINI_SUBREAPER=)
	check_reaps_as_subreaper --
	BEFORE=(env TINI_VERBOSITY=0)
	status_of 127 -s -- ./nothing
	local text
	for text in 3 ' 3' +3 3x; do
		BEFORE=(env "TINI_VERBOSITY=$text")
		status_of 0 -s -- true
		contains "$stderr$output" "tini ("
		contains "$stderr$output" "Reaped child with pid: "
	done
	for text in 1x x ''; do
		BEFORE=(env "TINI_VERBOSITY=$text")
		status_of 0 -s -- true
		equal "$stderr$output" ""
	done
	BEFORE=()
}

@test "-v: more and more, on stderr" {
	local one
	status_of 0 -s -- true
	equal "$stderr$output" ""
	status_of 0 -s -vv -- true
	contains "$stderr$output" "Spawned child process 'true' with pid"
	contains "$stderr$output" "Main child exited normally (with status '0')"
	one="$stderr$output"
	status_of 0 -s -vvv -- true
	both="$stderr$output"
	[ "${#both}" -ge "${#one}" ]
	claim "diagnostics are on stderr" equal "$output" ""
}

@test "-w: tells of a reaped orphan" {
	status_of 0 -s -w -- sh -c '(sleep 0.05 &) ; sleep 0.3'
	contains "$stderr" "Reaped zombie process with pid="
}

@test "-p: the signal when the parent dies" {
	start_under_parent() {
		bash -c '"$@" & echo $! >pid; wait_for_it() { while [ ! -e go ]; do sleep 0.02; done; }; wait_for_it' \
			- "$INIT" "$@" >out 2>err </dev/null 3>&- 4>&- &
		local parent=$!
		wait_for 10 grep -qx ready out
		init=$(cat pid)
		kill -KILL "$parent"
		wait "$parent" 2>/dev/null || true
	}
	start_under_parent -s -p SIGTERM -- sh -c 'trap "echo termed >termed; exit 0" TERM; echo ready; while :; do sleep 0.02; done'
	wait_for 5 test -e termed
	wait_for 5 gone "$init"
	init=
	status_of 1 -s -p SIGNONE -- true
	contains "$stderr" "Not a valid option for -p: SIGNONE"
}

@test "orphans are reaped, as PID 1 and as a subreaper" {
	check_reaps_as_pid_1 --
	check_reaps_as_subreaper -s --
}

@test "without -s, not as PID 1, a subreaper all the same and no warning" {
	reaps_without_s() {
		check_reaps_as_subreaper -- && equal "$(cat "$ERR")" ""
	}
	claim "a subreaper without -s" reaps_without_s
}

@test "the program has a group of its own and the terminal" {
	check_own_group -s --
	check_terminal -s --
}

@test "Ctrl-Z stops it for the shell, fg goes on" {
	claim "Ctrl-Z and fg work" check_ctrl_z -s --
}

@test "mask and ignored signals are the caller's" {
	check_nothing_ignored -s --
	check_ignored_but_chld() {
		expect 0 env --ignore-signal=HUP,USR2,PIPE,TTIN,TTOU "$INIT" -s -- "$TEST_BIN/sigstate" &&
			contains "$output" "ignored 0000000000301801"
	}
	check_ignored_but_chld
	claim "the mask is the caller's" check_mask -s --
	claim "an ignored SIGCHLD is the caller's" check_ignored -s --
	claim "the status arrives although SIGCHLD is ignored" check_ignored_chld -s --
}

@test "nohup works" {
	check_nohup -s --
}

@test "inherited descriptors: for the program, not kept open" {
	check_program_descriptors -s --
	claim "a pipe ends when the program closes it" check_descriptors -s --
}

@test "a fault signal from outside leaves no program behind" {
	claim "a fault signal leaves no program behind" check_fault_signals -s --
}

@test "LISTEN_PID follows the program" {
	claim "LISTEN_PID becomes the program's" check_listen_pid -s --
}

@test "the program starts where the caller is" {
	check_working_directory -s --
}

# The messages of a run with all of them, as they stand, without pids. tini prints most to stdout.
messages() {
	run --separate-stderr "$INIT" -s -vvvv -- "$@"
	sed -E "s/pid:? '?[0-9]+'?/pid N/; s/^.[A-Z]+ *tini .[0-9]+.. //" <<<"$output$stderr"
}

@test "-vvvv: every message, in its order" {
	equal "$(messages sh -c 'exit 3')" "Registered as child subreaper
Spawned child process 'sh' with pid N
Received SIGCHLD
Reaped child with pid N
Main child exited normally (with status '3')
No child to wait
Exiting: child has exited"
	equal "$(messages sh -c '(sleep 0.1 &); sleep 0.5; exit 7' | sed 1,2d)" "Received SIGCHLD
Reaped child with pid N
No child to reap
Received SIGCHLD
Reaped child with pid N
Main child exited normally (with status '7')
No child to wait
Exiting: child has exited"
}

@test "-vvv: signals are named as strsignal(3) does, each one" {
	local signal text
	for signal in {1..31} {34..64}; do
		text=$(python3 -c 'import signal, sys; print(signal.strsignal(int(sys.argv[1])))' "$signal")
		case $signal in
		4 | 5 | 6 | 7 | 8 | 11 | 17 | 21 | 22 | 31) ;; # tini does not pass them on
		9 | 19) ;; # nobody can
		*)
			# shellcheck disable=SC2016 # the shell's inside
			contains "$(messages sh -c 'trap "exit 0" "$0"; kill -"$0" $PPID; while :; do sleep 0.02; done' "$signal")" \
				"Passing signal: '$text'"
			;;
		esac
		case $signal in
		17 | 18 | 19 | 20 | 21 | 22 | 23 | 28) ;; # don't end a program
		*)
			contains "$(messages sh -c 'ulimit -c 0; kill -"$0" $$' "$signal")" \
				"Main child exited with signal (with signal '$text')"
			;;
		esac
	done
}
