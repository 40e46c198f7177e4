#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: which signals the program gets, and as what.

load helpers
load wrapper_helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
}

says_times() {
	[ "$(grep -c ready "$BATS_TEST_TMPDIR/out")" -ge "$1" ]
}

@test "a value sent by sigqueue goes on to the program" {
	begin_ready "$TEST_BIN/sigvalue"
	/bin/kill --queue 4711 -s USR1 "$init" || skip "this kill has no --queue"
	ends 0
	says "10 4711"
}

@test "CHLD that somebody sent is passed on, the kernel's own is not" {
	begin_ready "$TEST_BIN/sigecho" 2
	kill -CHLD "$init"
	wait_for 5 says 17
	kill -USR1 "$init"
	ends 0
	equal "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | tr '\n' ' ')" "17 10 "
}

@test "--rewrite: as another, or not at all" {
	begin_ready --rewrite HUP:USR2 --rewrite INT:0 --rewrite RTMIN+1:RTMAX "$TEST_BIN/sigecho" 3
	kill -INT "$init"
	kill -HUP "$init"
	kill -35 "$init"
	kill -USR1 "$init"
	ends 0
	equal "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | sort -n | tr '\n' ' ')" "10 12 64 "
}

@test "--rewrite TERM: the stop is what it was rewritten to" {
	# not QUIT: bash's background jobs ignore it, and a shell can't trap what is ignored
	begin_ready --rewrite TERM:USR2 --grace 10s --report "$REPORT" sh -c \
		'trap "echo usr2; exit 6" USR2; echo ready; while :; do sleep 0.02; done'
	kill -TERM "$init"
	ends 6
	says usr2
	grep -qx reason=stopped "$REPORT"
}

@test "fault signals from outside go to the program, and end nobody else" {
	begin_ready "$TEST_BIN/sigecho" 7
	for signal in SEGV BUS FPE ILL ABRT TRAP SYS; do
		kill -s "$signal" "$init"
	done
	ends 0
}

@test "a message that nobody reads is not the program's end" {
	# begins once the reader of its messages has gone
	# shellcheck disable=SC2016 # bash's own
	expect 3 bash -c 'exec 2> >(exec true); wait $!; exec "$@"' - "$INIT" -vvv sh -c 'sleep 0.2; exit 3'
	# somebody's PIPE is the program's still
	begin_ready "$TEST_BIN/sigecho" 1
	kill -PIPE "$init"
	ends 0
	says 13
}

@test "a message that can't be written does not keep limits waiting" {
	expect 0 python3 -c '
import fcntl, os, pty, subprocess, sys, time

def fill(fd):
    fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)
    try:
        while os.write(fd, b"x" * 100):
            pass
    except BlockingIOError:
        fcntl.fcntl(fd, fcntl.F_SETFL, 0)

def check(what, fd):
    began = time.monotonic()
    status = subprocess.call([sys.argv[1], "-vvv", "--timeout", "300ms", "--grace", "0", "sleep", "30"],
                             stderr=fd, timeout=20)
    assert status == 124, f"{what}: {status}"
    assert time.monotonic() - began < 8, what

read, write = os.pipe()
fill(write)
check("a full pipe", write)
master, slave = pty.openpty()
fill(slave)
check("a full terminal", slave)
os.read(master, 20)
check("a terminal with room for a part", slave)' "$INIT"
}

@test "a program that stops its terminal does not stop us" {
	expect 124 "$HELPERS/pty" end -- "$INIT" --timeout 300ms --grace 0 --report "$REPORT" python3 -c '
import termios, time
termios.tcflow(1, termios.TCOOFF)
time.sleep(8)
termios.tcflow(1, termios.TCOON)'
	[ "$(sed -n 's/^wall_us=//p' "$REPORT")" -lt 7000000 ]
}

@test "a program that stops itself on a terminal is within its limits all the same" {
	local mark
	mark=$(marker)
	expect 124 "$HELPERS/pty" end -- "$INIT" --timeout 500ms sh -c "setsid sleep $mark & kill -TSTP \$\$"
	no_process "$mark"
	# the same where a shell waits for us, which gets its prompt
	expect 0 "$HELPERS/pty" 'expect=\$ $' \
		"send=$INIT --timeout 500ms sh -c 'setsid sleep $mark & kill -TSTP \$\$'\r" \
		'expect=Stopped' 'expect=\$ $' 'expect=time limit' 'send=sleep 0.5\r' 'expect=Exit 124' \
		'expect=\$ $' 'send=exit\r' end -- env PS1='$ ' bash --norc --noprofile -i
	no_process "$mark"
}

@test "… and so it is where its child leaves many zombies to us at once" {
	local mark
	mark=$(marker)
	expect 124 "$HELPERS/pty" end -- "$INIT" --timeout 700ms python3 -c "
import os, signal, sys, time
if os.fork() == 0:
    for _ in range(300):
        if os.fork() == 0:
            os._exit(0)
    if os.fork() == 0:
        os.setsid()
        os.execvp('sleep', ['sleep', '$mark'])
    time.sleep(0.2)
    os.kill(os.getppid(), signal.SIGTSTP)
    os._exit(0)
time.sleep(20)"
	no_process "$mark"
}

@test "^Z with limits: the shell's prompt, and fg goes on" {
	local limits
	for limits in "--timeout 1h" "--timeout 1h --cpu-time 1h --memory 1G"; do
		expect 0 "$HELPERS/pty" 'expect=\$ $' "send=$INIT $limits bash -c 'echo ready; cat'\r" \
			'expect=ready\r\n' 'send=one\r' 'expect=one\r\n.*one\r\n' \
			'send=\x1a' 'expect=Stopped' 'expect=\$ $' rest=0.3 'send=sleep 0.5; echo back$((1+1))\r' 'expect=back2\r' 'expect=\$ $' \
			'send=fg\r' 'expect=echo ready; cat' 'send=two\r' 'expect=two\r\n.*two\r\n' \
			'send=\x04' 'expect=\$ $' 'send=echo status=$?\r' 'expect=status=0' 'expect=\$ $' 'send=exit\r' end -- \
			env PS1='$ ' bash --norc --noprofile -i
	done
}

@test "-g: once each, a program that left its group with a zombie in it, too" {
	begin_ready -g "$TEST_BIN/sigecho" 2
	kill -35 "$init"
	wait_for 5 says 35
	kill -USR1 "$init"
	ends 0
	equal "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | tr '\n' ' ')" "35 10 "
	begin_ready -g --grace 200ms python3 -c '
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, lambda *_: print("usr1", flush=True))
program = os.getpid()
if os.fork() == 0:
    os._exit(0)
leader = os.fork()
if leader == 0:
    while os.getppid() == program:
        time.sleep(0.02)
    os._exit(0)
os.setpgid(leader, leader)
os.setpgid(0, leader)
print("ready", flush=True)
while True:
    time.sleep(0.05)'
	kill -USR1 "$init"
	wait_for 5 says usr1
	kill -TERM "$init"
	ends 137
}

@test "between two starts INT ends the waiting" {
	"$INIT" --restart always sh -c 'echo ready; exit 3' >"$BATS_TEST_TMPDIR/out" 2>/dev/null </dev/null 3>&- 4>&- &
	init=$!
	wait_for 10 says_times 4
	kill -INT "$init"
	ends 3
}
