# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2016 # programs for shells inside
# shellcheck disable=SC2034,SC2153,SC2154 # BEFORE, INIT, init, output: of helpers.bash
#
# What every personality must do, once for all: each check takes the arguments of
# the init that stand before the program. All return at their first failure, as
# `claim` calls them where `set -e` has no effect.

# The numbers that a program can be sent; CHLD is for who waits.
passed_signals() {
	local signal
	for signal in $(seq 1 64); do
		case " 9 17 19 $* " in
		*" $signal "*) ;;
		*) echo "$signal" ;;
		esac
	done
}

heard_all() {
	[ "$(sed 1d "$OUT" | sort -n | tr '\n' ' ')" = "$1 " ]
}

# check_all_signals "NOT THESE" ARGUMENT…: sent at once, each arrives once.
check_all_signals() {
	local not=$1 wanted signal
	shift
	# shellcheck disable=SC2086 # a list
	wanted=$(passed_signals $not | tr '\n' ' ')
	# shellcheck disable=SC2086
	set -- "$@" "$TEST_BIN/sigecho" "$(set -- $wanted && echo $#)"
	start "$@"
	hear ready || return 1
	for signal in $wanted; do
		# a stop signal takes a CONT that nobody has read yet away, and the other way round
		[ "$signal" = 18 ] || kill "-$signal" "$init" || return 1
	done
	wait_for 5 heard_all "$(sed "s/ 18 / /; s/ $//" <<<"$wanted")" || {
		fail "heard $(tr '\n' ' ' <"$OUT")"
		return 1
	}
	kill -CONT "$init"
	wait_for 5 heard_all "${wanted% }" || {
		fail "heard $(tr '\n' ' ' <"$OUT")"
		return 1
	}
	ends 0
}

# one_signal N ARGUMENT…: does it come through?
one_signal() {
	local signal=$1 got=1
	shift
	start "$@" "$TEST_BIN/sigecho" 2
	hear ready || return 1
	kill "-$signal" "$init"
	for _ in $(seq 20); do
		if said "$signal"; then
			got=0
			break
		fi
		sleep 0.01
	done
	quit
	return "$got"
}

# tell_signals "NOT THESE" ARGUMENT…: which ones the peer does not pass on.
tell_signals() {
	local not=$1 signal lost=
	shift
	# shellcheck disable=SC2086 # a list
	for signal in $(passed_signals $not); do
		one_signal "$signal" "$@" >/dev/null 2>&1 || lost="$lost $signal"
	done
	note "peer: $PEER does not pass on:${lost:- none is missing}"
	for signal in 1 2 3 10 12 13 14 15 18 28; do
		case "$lost " in
		*" $signal "*) fail "$PEER does not pass on $signal: is the test right?" || return 1 ;;
		esac
	done
}

forwards() {
	if is_peer; then
		tell_signals "$@"
	else
		check_all_signals "$@"
	fi
}

# Every status of a program is the init's.
check_exit_codes() {
	local code
	for code in $(seq 0 255); do
		status_of "$code" "$@" sh -c "exit $code" || return 1
	done
}

# Signals that end a program: 128 + n.
check_signal_codes() {
	local signal
	for signal in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31 32 33 34 35 50 64; do
		status_of $((128 + signal)) "$@" sh -c "ulimit -c 0; kill -$signal \$\$; sleep 1" || return 1
	done
}

check_mask() {
	expect 0 env --block-signal=USR1,HUP,RTMIN+2 "$INIT" "$@" "$TEST_BIN/sigstate" || return 1
	contains "$output" "blocked 0000000800000201"
}

check_ignored() {
	expect 0 env --ignore-signal=HUP,USR2,PIPE,TTIN,TTOU "$INIT" "$@" "$TEST_BIN/sigstate" || return 1
	contains "$output" "ignored 0000000000301801" || return 1
	LIMIT_S=3 expect 0 env --ignore-signal=CHLD "$INIT" "$@" "$TEST_BIN/sigstate" || return 1
	contains "$output" "ignored 0000000000010000"
}

check_nothing_ignored() {
	expect 0 "$INIT" "$@" "$TEST_BIN/sigstate" || return 1
	contains "$output" "blocked 0000000000000000" || return 1
	contains "$output" "ignored 0000000000000000"
}

# An exit status arrives although who called ignores SIGCHLD, and with it all statuses.
check_ignored_chld() {
	LIMIT_S=3 expect 7 env --ignore-signal=CHLD "$INIT" "$@" sh -c 'exit 7'
}

# nohup: the HUP that comes to it ends nobody.
check_nohup() {
	BEFORE=(nohup)
	start "$@" sh -c 'echo ready; while [ ! -e go ]; do sleep 0.02; done; exit 5'
	BEFORE=()
	hear ready || return 1
	kill -HUP "$init"
	sleep 0.05
	gone "$init" && return 1
	touch go
	ends 5
}

# A pipe ends when the program closes it: the init holds no copy.
check_descriptors() {
	local got=0
	rm -f pipe
	mkfifo pipe
	CONFORMANCE_STARTED=$BATS_TEST_NUMBER \
		"$INIT" "$@" sh -c 'exec 7>&-; exec sleep 20' 7>pipe 3>&- 4>&- </dev/null >/dev/null 2>&1 &
	init=$!
	timeout 1 cat pipe || got=$?
	quit
	equal "$got" 0 "the reader's status (124: the pipe did not end)"
}

# What the program inherits: all of it, and nothing of the init's own.
check_program_descriptors() {
	expect 0 bash -c 'for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			[ "$fd" -le 2 ] || eval "exec $fd>&-"
		done
		exec 5</dev/null 9</dev/null "$@"' - \
		"$INIT" "$@" "$TEST_BIN/fds" || return 1
	equal "$output" "0 1 2 5 9 "
}

# Orphans come to the init and are reaped, while the program runs.
check_reaps_as_pid_1() {
	expect 0 unshare --pid --fork --mount-proc "$INIT" "$@" "$TEST_BIN/orphans" 50 || return 1
	equal "$output" "orphans 50 zombies 0"
}

check_reaps_as_subreaper() {
	start "$@" sh -c '(sh -c "sleep 0.3; exit 3" & echo $!) ; exec sleep 5'
	wait_for 5 test -s "$OUT" || return 1
	local orphan
	orphan=$(cat "$OUT")
	wait_for 2 test "$(field "$orphan" 4)" = "$init" || return 1
	wait_for 5 test ! -e "/proc/$orphan" || return 1
	kill -TERM "$init"
	ends 143
}

# In a process group of its own, which the init is not in.
check_own_group() {
	start "$@" sh -c 'echo ready; exec sleep 20'
	hear ready || return 1
	equal "$(field "$(program)" 5)" "$(program)" "the program's group" || return 1
	kill -TERM "$init"
	ends 143
}

# in_group ARGUMENT…: starts a program and a child of its, which tell of a USR1; $SENT: what is sent.
in_group() {
	start "$@" bash -c 'trap "echo parent; p=1" USR1
		bash -c "trap \"echo child; exit\" USR1; echo up; while :; do sleep 0.02; done" &
		while [ -z "$p" ]; do sleep 0.02; done; sleep 0.1; kill %1; exit 0'
	hear up || return 1
	sleep 0.05
	kill "-${SENT:-USR1}" "$init"
	ends 0 || return 1
	said parent
}

check_group() {
	in_group "$@" && said child
}

check_no_group() {
	in_group "$@" && ! said child
}

# A fault signal that somebody sends does not end the init and leave its program.
check_fault_signals() {
	local signal child
	for signal in 4 5 6 7 8 11 31; do
		start "$@" sh -c 'ulimit -c 0; echo ready; exec sleep 20'
		hear ready || return 1
		child=$(program)
		kill "-$signal" "$init"
		ends $((128 + signal)) || return 1
		wait_for 2 gone "$child" || return 1
	done
}

check_listen_pid() {
	expect 0 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' - "$INIT" "$@" sh -c 'test "$LISTEN_PID" = $$ && echo "$LISTEN_FDS"' || return 1
	equal "$output" 1 || return 1
	expect 0 env LISTEN_PID=1234567 "$INIT" "$@" sh -c 'echo $LISTEN_PID' || return 1
	equal "$output" 1234567
}

# on_terminal STATUS STEP… -- COMMAND…: in a pid namespace, so that what hangs ends with it.
on_terminal() {
	local wanted=$1
	shift
	expect "$wanted" unshare --pid --fork --kill-child --mount-proc "$HELPERS/pty" --timeout 5 "$@"
}

# Ctrl-Z in a shell stops the init's program and the shell sees it; fg goes on.
check_ctrl_z() {
	local arguments=$*
	on_terminal 0 'expect=\$ $' \
		"send=$INIT $arguments bash -c 'echo ready; cat'\r" 'expect=ready\r\n' \
		'send=one\r' 'expect=one\r\n.*one\r\n' \
		'send=\x1a' 'expect=Stopped' 'expect=\$ $' rest=0.3 'send=echo back$((1+1))\r' 'expect=back2\r' 'expect=\$ $' \
		'send=fg\r' 'expect=echo ready; cat' 'send=two\r' 'expect=two\r\n.*two\r\n' \
		'send=\x04' 'expect=\$ $' 'send=echo status=$?\r' 'expect=status=0' 'expect=\$ $' 'send=exit\r' end -- \
		env PS1='$ ' bash --norc --noprofile -i
}

# On a terminal: the program reads, and ^C is its.
check_terminal() {
	on_terminal 130 'expect=ready' 'send=hello\r' 'expect=got hello' 'send=\x03' end -- \
		"$INIT" "$@" bash -c 'echo ready; read line; echo "got $line"; exec sleep 20'
}

check_working_directory() {
	expect 0 "$INIT" "$@" pwd || return 1
	equal "$output" "$PWD"
}

# The init pins no directory while the program runs.
check_root_directory() {
	start "$@" sh -c 'echo ready; exec sleep 20'
	hear ready || return 1
	equal "$(readlink "/proc/$init/cwd")" / "the init's directory" || return 1
	kill -TERM "$init"
	ends 143
}

# A script without a first line is the shell's, as everywhere.
check_script() {
	echo 'exit 7' >script
	chmod 0755 script
	status_of 7 "$@" ./script
}
