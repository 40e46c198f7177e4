#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: ^C, ^Z and fg, window size, --tty; each through a real pty.
#
# bash inside: dash starts programs by vfork, and a ^C or ^Z that comes before their
# exec is lost or leaves dash in vfork for good, in a sandbox or not.

load helpers

pty() {
	local wanted=$1
	shift
	run --separate-stderr timeout 60 "$HELPERS/pty" "$@"
	[ "$status" -eq "$wanted" ] || fail "status $status instead of $wanted
$stderr
$output"
}

@test "^C ends the program with 130" {
	pty 130 'expect=ready' 'send=\x03' end -- "$NIDUS" run -- bash -c 'echo ready; sleep 20'
}

@test "^C reaches a program that handles it" {
	pty 5 'expect=ready' 'send=\x03' 'expect=got int' end -- "$NIDUS" run -- \
		bash -c 'trap "echo got int; exit 5" INT; echo ready; while :; do sleep 0.1; done'
}

@test "the program is in the foreground: it can read" {
	pty 0 'expect=ready' 'send=hello\r' 'expect=got hello' end -- "$NIDUS" run -- \
		bash -c 'echo ready; read line; echo "got $line"'
}

@test "^Z stops, fg goes on" {
	pty 0 'expect=\$ $' "send=$NIDUS run -- bash -c 'echo ready; cat'\r" 'expect=ready\r\n' \
		'send=one\r' 'expect=one\r\n.*one\r\n' \
		'send=\x1a' 'expect=Stopped' 'expect=\$ $' rest=0.3 'send=echo back$((1+1))\r' 'expect=back2\r' 'expect=\$ $' \
		'send=fg\r' 'expect=echo ready; cat' 'send=two\r' 'expect=two\r\n.*two\r\n' \
		'send=\x04' 'expect=\$ $' 'send=echo status=$?\r' 'expect=status=0' 'expect=\$ $' 'send=exit\r' end -- \
		env PS1='$ ' bash --norc --noprofile -i
}

@test "^Z and fg, then ^C" {
	# the program says when it goes on: ^C before the shell has given the terminal away is the shell's
	pty 0 'expect=\$ $' \
		"send=$NIDUS run -- bash -c 'trap \"echo go-on\" CONT; echo ready; while :; do sleep 0.1; done'\r" \
		'expect=ready\r\n' 'send=\x1a' 'expect=Stopped' 'expect=\$ $' rest=0.3 'send=fg\r' 'expect=go-on\r\n' \
		'send=\x03' 'expect=\$ $' 'send=echo status=$?\r' 'expect=status=130' 'expect=\$ $' 'send=exit\r' end -- \
		env PS1='$ ' bash --norc --noprofile -i
}

@test "^Z and bg: it runs on behind the shell" {
	pty 0 'expect=\$ $' "send=$NIDUS run -- bash -c 'echo ready; sleep 1; echo later'\r" 'expect=ready\r\n' \
		'send=\x1a' 'expect=Stopped' 'expect=\$ $' rest=0.3 'send=bg\r' 'expect=later\r' \
		'send=wait; echo all-$((1+1))\r' 'expect=all-2\r' 'expect=\$ $' 'send=exit\r' end -- \
		env PS1='$ ' bash --norc --noprofile -i
}

@test "a change of the window's size arrives" {
	pty 0 --size 24x80 'expect=24 80' 'size=31x99' 'expect=31 99' end -- "$NIDUS" run -- \
		bash -c 'trap "stty size; exit 0" WINCH; stty size; while :; do sleep 0.1; done'
}

@test "--tty: a terminal of its own, with size, ^C and changes of size" {
	pty 0 --size 24x80 'expect=24 80' 'size=31x99' 'expect=31 99' end -- "$NIDUS" run --tty -- \
		bash -c 'trap "stty size; exit 0" WINCH; test -t 0 && test -t 1 && stty size; while :; do sleep 0.1; done'
	pty 130 'expect=ready' 'send=\x03' end -- "$NIDUS" run --tty -- bash -c 'echo ready; sleep 20'
}

@test "--tty: it is not the caller's terminal" {
	pty 0 'expect=/dev/(pts/0|console)' end -- "$NIDUS" run --tty -- tty
}

@test "--tty: exit status and all output come through" {
	pty 6 'expect=20000' end -- "$NIDUS" run --tty -- bash -c 'seq 1 20000; exit 6'
}

@test "the terminal's settings are restored after --tty" {
	pty 0 'expect=\$ $' 'send=stty -g >before\r' 'expect=\$ $' \
		"send=$NIDUS run --tty -- bash -c 'stty raw -echo'\r" 'expect=\$ $' \
		'send=stty -g >after; cmp before after && echo same$((0))\r' 'expect=same0' \
		'send=exit\r' end -- env PS1='$ ' bash --norc --noprofile -i -c "cd '$scratch'; exec bash --norc --noprofile -i"
}

@test "a terminal that goes away ends the program" {
	pty 129 'expect=ready' hangup end -- "$NIDUS" run -- bash -c 'echo ready; sleep 20'
}

@test "the caller's terminal has no name inside, one of --tty has" {
	pty 1 end -- "$NIDUS" run -- sh -c 'test -t 0 && echo terminal; tty'
	contains "$output" terminal
	contains "$output" "not a tty"
	pty 0 end -- "$NIDUS" run --tty -- tty
	contains "$output" /dev/pts/
}
