#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dumb-init's command line, texts and behaviour; of nidus-init under its name, and of dumb-init.
# shellcheck disable=SC2034,SC2153 # PEER, BEFORE, INIT: of helpers.bash

PEER=dumb-init
load helpers
load checks

@test "exit codes 0 to 255 are the program's" {
	check_exit_codes
}

@test "128 + n for a signal" {
	check_signal_codes
	check_signal_codes -c
}

@test "2 where the program can't be executed, and a word why" {
	status_of 2 ./nothing
	equal "$stderr" "[dumb-init] ./nothing: No such file or directory"
	equal "$output" ""
	status_of 2 /etc/passwd
	equal "$stderr" "[dumb-init] /etc/passwd: Permission denied"
	status_of 2 no-such-program-anywhere
	equal "$stderr" "[dumb-init] no-such-program-anywhere: No such file or directory"
}

@test "a script without a first line runs" {
	check_script
}

@test "no program: a short usage on stderr, 1" {
	status_of 1
	equal "$output" ""
	equal "$stderr" "Usage: $INIT [option] program [args]
Try $INIT --help for full usage."
	status_of 1 --
	contains "$stderr" "Usage: "
	status_of 1 -v
	contains "$stderr" "Usage: "
}

@test "an unknown option: 1" {
	status_of 1 -q true
	equal "$output" ""
	contains "$stderr" "invalid option -- 'q'"
	status_of 1 --nonsense true
	contains "$stderr" "unrecognized option '--nonsense'"
}

@test "-h, --help: the whole text on stderr, 0" {
	local option
	for option in -h --help; do
		status_of 0 "$option"
		equal "$output" ""
		equal "$(sed 1d <<<"$stderr")" "Usage: $INIT [option] command [[arg] ...]

dumb-init is a simple process supervisor that forwards signals to children.
It is designed to run as PID1 in minimal container environments.

Optional arguments:
   -c, --single-child   Run in single-child mode.
                        In this mode, signals are only proxied to the
                        direct child and not any of its descendants.
   -r, --rewrite s:r    Rewrite received signal s to new signal r before proxying.
                        To ignore (not proxy) a signal, rewrite it to 0.
                        This option can be specified multiple times.
   -v, --verbose        Print debugging information to stderr.
   -h, --help           Print this help message and exit.
   -V, --version        Print the current version and exit.

Full help is available online at https://github.com/Yelp/dumb-init"
	done
}

@test "-V, --version: on stderr, 0" {
	local option
	for option in -V --version; do
		status_of 0 "$option"
		equal "$output" ""
		[[ $stderr =~ ^dumb-init\ v[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "$stderr"
	done
}

@test "options end at the program: its own options stay its own" {
	status_of 3 sh -c 'exit 3'
	status_of 3 -- sh -c 'exit 3'
	status_of 0 -v echo -V
	equal "$output" "-V"
}

@test "every signal is passed on, to the session and to the child alone" {
	# TSTP, TTIN and TTOU are STOP for a session; see below
	forwards "20 21 22"
	forwards "20 21 22" -c
}

# rewritten SENT GOT ARGUMENT…
rewritten() {
	local sent=$1 got=$2
	shift 2
	start "$@" "$TEST_BIN/sigecho" 1
	hear ready || return 1
	kill "-$sent" "$init"
	hear "$got" || return 1
	ends 0
}

@test "-r, --rewrite: another signal is passed on" {
	rewritten TERM 3 -r 15:3
	rewritten TERM 3 --rewrite 15:3
	rewritten TERM 3 --rewrite=15:3
	rewritten TERM 3 -r15:3
	rewritten HUP 12 -c -r 1:12
	rewritten INT 1 -r 1:10 -r 2:1
	rewritten TERM 2 -r 15:3 -r 15:2
	rewritten USR1 10 -r 15:3
}

@test "-r: 0 passes nothing on" {
	start -r 1:0 -r 12:0 "$TEST_BIN/sigecho" 1
	hear ready
	kill -HUP "$init"
	kill -USR2 "$init"
	kill -TERM "$init"
	hear 15
	ends 0
	equal "$(tr '\n' ' ' <"$OUT")" "ready 15 "
}

@test "-r: what is no pair of signals is refused with 1" {
	local bad
	for bad in x 15 15: 0:15 32:1 15:32 -1:5 15:-1; do
		status_of 1 -r "$bad" true
		equal "$output" ""
		equal "$stderr" "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.
This option can be specified multiple times.
Use --help for full usage."
	done
}

@test "-v and DUMB_INIT_DEBUG=1: what happens, on stderr" {
	status_of 0 -v true
	contains "$stderr" "[dumb-init] Child spawned with PID "
	contains "$stderr" "[dumb-init] Child exited with status 0. Goodbye."
	equal "$output" ""
	BEFORE=(env DUMB_INIT_DEBUG=1)
	status_of 0 true
	contains "$stderr" "[dumb-init] Running in debug mode."
	BEFORE=(env DUMB_INIT_DEBUG=0)
	status_of 0 true
	equal "$stderr" ""
	BEFORE=()
}

@test "-v: signals are told of" {
	start -v -r 10:12 "$TEST_BIN/sigecho" 1
	hear ready
	kill -USR1 "$init"
	ends 0
	contains "$(cat "$ERR")" "[dumb-init] Received signal 10."
	contains "$(cat "$ERR")" "[dumb-init] Translating signal 10 to 12."
	contains "$(cat "$ERR")" "[dumb-init] Forwarded signal 12 to children."
}

@test "the program leads a session of its own, with -c not" {
	start sh -c 'echo ready; exec sleep 20'
	hear ready
	equal "$(field "$(program)" 6)" "$(program)" "the program's session"
	kill -TERM "$init"
	ends 143
	start -c sh -c 'echo ready; exec sleep 20'
	hear ready
	equal "$(field "$(program)" 6)" "$(field "$init" 6)" "the program's session"
	equal "$(field "$(program)" 5)" "$(field "$init" 5)" "the program's group"
	kill -TERM "$init"
	ends 143
	BEFORE=(env DUMB_INIT_SETSID=0)
	start sh -c 'echo ready; exec sleep 20'
	BEFORE=()
	hear ready
	equal "$(field "$(program)" 6)" "$(field "$init" 6)" "the program's session"
	kill -TERM "$init"
	ends 143
}

@test "signals are for the session's group, with -c for the child alone" {
	check_group
	check_no_group -c
	BEFORE=(env DUMB_INIT_SETSID=0)
	check_no_group
	BEFORE=(env DUMB_INIT_SETSID=1)
	check_group
	BEFORE=()
}

@test "when the program ends, its group gets TERM" {
	rm -f termed up
	status_of 6 bash -c 'bash -c "trap \"echo yes >termed; exit\" TERM; touch up; while :; do sleep 0.02; done" &
		while [ ! -e up ]; do sleep 0.02; done; exit 6'
	wait_for 5 test -s termed
}

@test "TSTP, TTIN, TTOU: the program is stopped, and so are we; CONT goes on" {
	local signal
	for signal in TSTP TTIN TTOU; do
		start sh -c 'echo ready; exec sleep 20'
		hear ready
		kill "-$signal" "$init"
		wait_for 5 state_is "$(program)" T
		wait_for 5 state_is "$init" T
		kill -CONT "$init"
		wait_for 5 state_is "$(program)" S
		wait_for 5 state_is "$init" S
		kill -TERM "$init"
		ends 143
	done
}

# stops_itself SIGNAL GOT ARGUMENT…: the program gets GOT ("": nothing), and goes on; we stop.
stops_itself() {
	local signal=$1 got=$2
	shift 2
	start -v "$@" "$TEST_BIN/sigecho" 99
	hear ready || return 1
	kill "-$signal" "$init"
	[ -z "$got" ] || hear "$got" || return 1
	wait_for 5 state_is "$init" T || return 1
	kill -TERM "$init" # waits for the CONT
	state_is "$(program)" S || fail "the program stopped" || return 1
	kill -CONT "$init"
	hear 15 || return 1
	hear 18 || return 1
	wait_for 5 state_is "$init" S || return 1
	contains "$(cat "$ERR")" "[dumb-init] Suspending self due to TTY signal." || return 1
	if [ -z "$got" ]; then
		contains "$(cat "$ERR")" "Not forwarding signal 0 to children (ignored)." || return 1
	fi
	quit
}

@test "TSTP, TTIN, TTOU without a session: passed on as they are, and we stop, until CONT" {
	local signal
	for signal in TSTP:20 TTIN:21 TTOU:22; do
		stops_itself "${signal%:*}" "${signal#*:}" -c
	done
	BEFORE=(env DUMB_INIT_SETSID=0)
	stops_itself TSTP 20
	BEFORE=()
}

@test "TSTP, TTIN, TTOU rewritten: the program gets what they were rewritten to, and we stop" {
	stops_itself TSTP 10 -r 20:10
	stops_itself TTIN 10 -r 21:10
	stops_itself TTOU 10 -c -r 22:10
	stops_itself TSTP "" -r 20:0
	stops_itself TSTP "" -c -r 20:0
}

# The messages of a run, as they stand, without pids, the words about the terminal, and that of
# the child, which the original prints before its parent's or after.
messages() {
	run --separate-stderr "$INIT" -v "$@"
	# shellcheck disable=SC2001 # a pattern
	sed '/tty/d; /setsid complete/d; s/PID [0-9]*/PID N/; s/^.dumb-init. //' <<<"$stderr"
}

@test "-v: every message, in its order" {
	status_of 0 -v true
	contains "$stderr" "[dumb-init] setsid complete."
	equal "$(messages sh -c 'exit 3')" "Child spawned with PID N.
Received signal 17.
A child with PID N exited with exit status 3.
Forwarded signal 15 to children.
Child exited with status 3. Goodbye."
	equal "$(messages -c sh -c 'kill -9 $$')" "Child spawned with PID N.
Received signal 17.
A child with PID N was terminated by signal 9.
Forwarded signal 15 to children.
Child exited with status 137. Goodbye."
	equal "$(messages -c -r 15:2 true | tail -n 3)" "Translating signal 15 to 2.
Forwarded signal 2 to children.
Child exited with status 0. Goodbye."
	equal "$(messages -r 15:0 true | tail -n 3)" "Translating signal 15 to 0.
Not forwarding signal 0 to children (ignored).
Child exited with status 0. Goodbye."
}

@test "a terminal: the program's session gets it; HUP and CONT of the hand-over stay out" {
	check_terminal
	on_terminal 0 'expect=leads' end -- "$INIT" bash -c \
		'trap "echo HUP; exit 9" HUP; sleep 0.2; [ "$(ps -o tpgid= -p $$)" -eq $$ ] && [ "$(ps -o sid= -p $$)" -eq $$ ] && echo leads'
}

@test "a shell on the terminal has job control" {
	on_terminal 0 'expect=\$ $' "send=bash -c 'echo run\$((1+1)); exec sleep 20'\r" 'expect=run2\r\n' 'send=\x1a' 'expect=Stopped' 'expect=\$ $' rest=0.3 \
		'send=kill %1; fg\r' 'expect=\$ $' 'send=exit 0\r' end -- \
		env PS1='$ ' "$INIT" bash --norc --noprofile -i
	lacks "$output" "no job control"
}

@test "-c on a terminal: ^C reaches the program" {
	check_terminal -c
}

@test "Ctrl-Z with -c stops it for the shell, fg goes on" {
	claim "Ctrl-Z and fg work with -c" check_ctrl_z -c
}

@test "orphans are reaped, as PID 1" {
	check_reaps_as_pid_1
	claim "a subreaper where it is not PID 1" check_reaps_as_subreaper
}

@test "mask and ignored signals are the caller's" {
	check_nothing_ignored
	claim "the mask is the caller's" check_mask
	claim "ignored signals are the caller's" check_ignored
	claim "the status arrives although SIGCHLD is ignored" check_ignored_chld
}

@test "nohup works" {
	claim "nohup works" check_nohup
}

@test "inherited descriptors: for the program, not kept open" {
	check_program_descriptors
	claim "a pipe ends when the program closes it" check_descriptors
}

@test "a fault signal from outside leaves no program behind" {
	check_fault_signals
}

@test "LISTEN_PID follows the program" {
	claim "LISTEN_PID becomes the program's" check_listen_pid
}

@test "the program starts where the caller is; dumb-init itself is in /" {
	check_working_directory
	check_root_directory
}
