#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# catatonit's command line, texts and behaviour; of nidus-init under its name, and of catatonit.
# shellcheck disable=SC2034,SC2153 # PEER, BEFORE, INIT: of helpers.bash

PEER=catatonit
load helpers
load checks

USAGE="usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]"

@test "exit codes 0 to 255 are the program's" {
	check_exit_codes --
}

@test "128 + n for a signal" {
	check_signal_codes --
}

@test "1 where the program can't be executed, and a word why" {
	status_of 1 -- ./nothing
	[[ $stderr =~ ^ERROR\ \(catatonit:[0-9]+\):\ failed\ to\ exec\ pid1:\ No\ such\ file\ or\ directory$ ]] || fail "$stderr"
	equal "$output" ""
	status_of 1 -- /etc/passwd
	[[ $stderr =~ ^ERROR\ \(catatonit:[0-9]+\):\ failed\ to\ exec\ pid1:\ Permission\ denied$ ]] || fail "$stderr"
	status_of 1 -- no-such-program-anywhere
}

@test "a script without a first line runs" {
	check_script --
}

@test "no program: an error and the usage on stderr, 1" {
	status_of 1
	equal "$output" ""
	[[ $stderr =~ ^ERROR\ \(catatonit:[0-9]+\):\ missing\ program\ name ]] || fail "$stderr"
	contains "$stderr" "$USAGE"
	status_of 1 --
	contains "$stderr" "$USAGE"
}

@test "an unknown option: the usage on stderr, 1" {
	status_of 1 -q true
	equal "$output" ""
	contains "$stderr" "invalid option -- 'q'"
	contains "$stderr" "$USAGE"
	status_of 1 --nonsense true
	contains "$stderr" "$USAGE"
}

@test "-h: the help on stderr, 0" {
	status_of 0 -h
	equal "$output" ""
	contains "$stderr" "$USAGE

options:
  -g              Forward signals to pid1's process group.
  -h              Print this help page.
  -L              Print license information.
  -P              Run in pause mode (no program is run and quit on SIGINT).
  -V, --version   Print version information."
}

@test "-V, --version: on stdout, as dockerd and podman read it" {
	local option
	for option in -V --version; do
		status_of 0 "$option"
		equal "$stderr" ""
		[[ $output =~ ^tini\ version\ [0-9]+\.[0-9]+\.[0-9]+(\+.*)?_catatonit$ ]] || fail "$output"
	done
}

@test "-L: the licence on stdout, 0" {
	status_of 0 -L
	equal "$stderr" ""
	[ -n "$output" ]
}

@test "options end at the program: its own options stay its own" {
	options_end() {
		status_of 3 sh -c 'exit 3'
	}
	status_of 3 -- sh -c 'exit 3'
	claim "options end at the program's name" options_end
}

@test "every signal is passed on" {
	forwards "" --
	forwards "" -g --
}

@test "-g: the program's group gets the signal; without, the program alone" {
	check_group -g --
	check_no_group --
}

# catatonit takes those three for the kernel's and drops them.
@test "TSTP, TTIN, TTOU are the program's too, and CONT goes on" {
	local signal
	stops_and_goes_on() {
		start -- sh -c 'echo ready; exec sleep 20'
		hear ready || return 1
		kill "-$1" "$init"
		wait_for 2 state_is "$(program)" T || return 1
		kill -CONT "$init"
		wait_for 2 state_is "$(program)" S || return 1
		wait_for 2 state_is "$init" S || return 1
		kill -TERM "$init"
		ends 143
	}
	for signal in TSTP TTIN TTOU; do
		claim "$signal stops the program, CONT goes on" stops_and_goes_on "$signal"
	done
}

# What podman looks for in /proc is the name.
@test "-P: no program; the name stays catatonit" {
	start -P
	wait_for 5 pausing "$init"
	equal "$(cat "/proc/$init/comm")" catatonit
	# catatonit: since 0.2
	is_peer || equal "$(readlink "/proc/$init/cwd")" / "the directory"
	equal "$(cat "/proc/$init/task/$init/children")" "" "children"
	kill -TERM "$init"
	ends 0
	equal "$(cat "$ERR")" ""
}

@test "-P: TERM and INT end it with 0, others don't" {
	local signal
	for signal in TERM INT; do
		start -P
		wait_for 5 pausing "$init"
		kill -HUP "$init"
		kill -USR1 "$init"
		kill -QUIT "$init"
		kill -ALRM "$init"
		sleep 0.05
		state_is "$init" S
		kill "-$signal" "$init"
		ends 0
	done
}

@test "-P: reaps what comes to it" {
	# as PID 1 of a namespace that another joins
	BEFORE=(unshare --pid --fork --mount-proc --kill-child)
	start -P
	BEFORE=()
	local pause
	wait_for 5 pause_runs
	pause=$(program)
	nsenter --target "$pause" --pid --mount "$TEST_BIN/orphans" 20 >orphans
	equal "$(cat orphans)" "orphans 20 zombies 0"
	kill -TERM "$pause"
	ends 0
}

# Its signalfd is there: a signal does not end it by default.
pausing() {
	[[ $(readlink /proc/"$1"/fd/*) = *signalfd* ]] && state_is "$1" S
}

pause_runs() {
	[ "$(cat "/proc/$(program)/comm")" = catatonit ] && pausing "$(program)"
}

@test "orphans are reaped, as PID 1 and as a subreaper" {
	check_reaps_as_pid_1 --
	check_reaps_as_subreaper --
}

@test "the program has a group of its own and the terminal" {
	check_own_group --
	check_terminal --
}

@test "Ctrl-Z stops it for the shell, fg goes on" {
	claim "Ctrl-Z and fg work" check_ctrl_z --
}

@test "mask and ignored signals are the caller's" {
	check_ignored_but_chld() {
		expect 0 env --ignore-signal=HUP,USR2,PIPE,TTIN,TTOU "$INIT" -- "$TEST_BIN/sigstate" &&
			contains "$output" "ignored 0000000000301801"
	}
	check_ignored_but_chld
	claim "nothing is blocked that was not" check_nothing_ignored --
	claim "the mask is the caller's" check_mask --
	claim "an ignored SIGCHLD is the caller's" check_ignored --
	claim "the status arrives although SIGCHLD is ignored" check_ignored_chld --
}

@test "nohup works" {
	check_nohup --
}

@test "inherited descriptors: for the program, not kept open" {
	check_program_descriptors --
	check_descriptors --
}

@test "a fault signal from outside leaves no program behind" {
	claim "a fault signal leaves no program behind" check_fault_signals --
}

@test "LISTEN_PID follows the program" {
	check_listen_pid --
}

@test "the program starts where the caller is; catatonit itself is in /" {
	check_working_directory --
	claim "catatonit itself is in / (since 0.2)" check_root_directory --
}

@test "CATATONIT_DEBUG: the end of the program is told of by ECHILD alone" {
	BEFORE=(env CATATONIT_DEBUG=1)
	status_of 3 -- sh -c 'exit 3'
	BEFORE=()
	contains "$stderr" "spawned: sh"
	contains "$stderr" "): got ECHILD: no children left to monitor"
	lacks "$stderr" "child process"
}
