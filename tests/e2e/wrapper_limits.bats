#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: its limits, also against programs that would rather have none.

load helpers
load wrapper_helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
}

# wall_below MILLISECONDS: as the report has it
wall_below() {
	[ "$(value wall_us)" -lt $(($1 * 1000)) ] || fail "took $(value wall_us) us"
}

@test "--timeout: 124, and nobody is left" {
	local mark
	mark=$(marker)
	expect 124 "$INIT" --timeout 300ms --report "$REPORT" sh -c "setsid sleep $mark & sleep $mark"
	equal "$(value reason)" wall_timeout
	no_process "$mark"
}

@test "--timeout: KILL for who does not hear TERM" {
	expect 124 "$INIT" --timeout 200ms --grace 200ms --report "$REPORT" sh -c \
		'trap "" TERM; while :; do sleep 0.05; done'
	equal "$(value signal)" 9
}

@test "--cpu-time: 124, of all descendants together" {
	expect 124 "$INIT" --cpu-time 400ms --report "$REPORT" sh -c \
		'(while :; do :; done) & (while :; do :; done) & wait'
	equal "$(value reason)" cpu_timeout
	[ "$(($(value cpu_user_us) + $(value cpu_sys_us)))" -lt 1500000 ]
}

@test "--memory: 137, a warning near the limit" {
	expect 137 "$INIT" --memory 48M --memory-signal USR1 --report "$REPORT" python3 -c '
import signal, time
signal.signal(signal.SIGUSR1, lambda *_: print("near", flush=True))
held = []
while True:
    held.append(bytearray(1 << 20))
    time.sleep(0.05)'
	equal "$output" near
	equal "$(value reason)" memory_limit
	[ "$(value memory_peak)" -gt $((48 << 20)) ]
}

@test "a TERM switches no limit off" {
	local deaf='trap "" TERM; kill -TERM $PPID; end=$(($(date +%s) + 10)); while [ $(date +%s) -lt $end ]; do :; done'
	expect 137 "$INIT" --timeout 500ms --grace 100ms --report "$REPORT" sh -c "$deaf"
	equal "$(value reason)" stopped
	expect 124 "$INIT" --timeout 500ms --report "$REPORT" sh -c "$deaf"
	equal "$(value reason)" wall_timeout
	wall_below 8000
	expect 124 "$INIT" --cpu-time 300ms --report "$REPORT" sh -c "$deaf"
	equal "$(value reason)" cpu_timeout
	wall_below 8000
}

@test "a limit that comes after a TERM ends all, and is the reason" {
	local mark
	mark=$(marker)
	expect 124 "$INIT" --pre-stop-delay 20s --timeout 500ms --grace 200ms --report "$REPORT" sh -c \
		"trap '' TERM; kill -TERM \$PPID; setsid sleep $mark & sleep $mark"
	equal "$(value reason)" wall_timeout
	no_process "$mark"
	expect 137 "$INIT" --memory 48M --report "$REPORT" sh -c \
		"trap '' TERM; kill -TERM \$PPID; sleep 0.3; exec '$TEST_BIN/hog' 400 10000 $mark"
	equal "$(value reason)" memory_limit
	no_process "$mark"
}

@test "a limit in the grace of what the program left is not its end" {
	expect 0 "$INIT" --kill-all --grace 4s --timeout 2s --report "$REPORT" sh -c \
		'(trap "" TERM; sleep 30; sleep 30) & sleep 0.1; exit 0'
	equal "$(value reason)" exited
	[ "$(value wall_us)" -ge 4000000 ] || fail "the grace took $(value wall_us) us"
	# but between two starts it is
	expect 124 "$INIT" --restart always --kill-all --grace 4s --timeout 2s --report "$REPORT" sh -c \
		'(trap "" TERM; sleep 30; sleep 30) & sleep 0.1; exit 0'
	equal "$(value reason)" wall_timeout
	equal "$(value restarts)" 0
}

@test "limits are kept while orphans come faster than they are reaped" {
	[ "$TEST_AS" = root ] || skip "takes long, and nidus-init is the same for all: once, as root"
	expect 124 "$INIT" --timeout 1s --grace 0 --report "$REPORT" "$TEST_BIN/storm" 2000 3 15
	wall_below 12000
}

@test "--memory: a deep chain of processes does not put the next look off" {
	expect 137 "$INIT" --memory 64M --report "$REPORT" \
		"$TEST_BIN/chain" 400 "$TEST_BIN/hog" 150 40000
	equal "$(value reason)" memory_limit
	lacks "$output" "ate it all"
}

@test "--restart: a start that hangs does not end the limits" {
	"$NIDUS" seccomp default >"$scratch/filter"
	expect 124 "$INIT" --restart always --timeout 1s --grace 0 --no-new-privs --seccomp "$scratch/filter" \
		--report "$REPORT" sh -c "rm '$scratch/filter'; mkfifo '$scratch/filter'"
	equal "$(value reason)" wall_timeout
	wall_below 15000
}

@test "--timeout: who can't be reaped was killed" {
	[ "$TEST_AS" = root ] || skip "takes long, and nidus-init is the same for all: once, as root"
	# a tracer that does not look keeps the zombie to itself
	expect 0 python3 -c '
import ctypes, subprocess, sys, time
init = subprocess.Popen([sys.argv[1], "--timeout", "700ms", "--grace", "0", "--report", sys.argv[2], "sleep", "30"])
children = f"/proc/{init.pid}/task/{init.pid}/children"
while not open(children).read():
    time.sleep(0.01)
SEIZE = 0x4206
assert ctypes.CDLL(None).ptrace(SEIZE, int(open(children).read()), None, None) == 0
print(init.wait())' "$INIT" "$REPORT"
	equal "$output" 124
	equal "$(value signal)" 9
}

# 200 MiB of shared memory, in a process that is not dumpable.
hidden_hog='
import ctypes, mmap, time
ctypes.CDLL(None).prctl(4, 0)
memory = mmap.mmap(-1, 200 << 20)
for at in range(0, 200 << 20, 4096):
    memory[at] = 1
time.sleep(20)'

@test "--memory: shared memory of who has made itself undumpable counts" {
	expect 137 "$INIT" --memory 60M --kill-all --grace 0 --report "$REPORT" python3 -c "$hidden_hog"
	equal "$(value reason)" memory_limit
}

@test "--memory-signal: the limit is kept where many have a little each" {
	expect 137 "$INIT" --memory 120M --memory-signal USR1 --report "$REPORT" python3 -c '
import os, signal, time
signal.signal(signal.SIGUSR1, lambda *_: print("warned", flush=True))
for _ in range(30):
    if os.fork() == 0:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        memory = b"x" * (8 << 20)
        time.sleep(20)
        os._exit(0)
    time.sleep(0.05)
end = time.monotonic() + 20
while time.monotonic() < end:
    time.sleep(0.1)'
	equal "$output" warned
	equal "$(value reason)" memory_limit
}

@test "--memory: groups that hide what is resident hide nothing" {
	need_root
	expect 137 setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$INIT" --memory 60M --report "$REPORT" \
		python3 -c "import os
os.setgroups([4000000000 + n for n in range(500)])
$hidden_hog"
	equal "$(value reason)" memory_limit
}

@test "--ready-notify: who does not read what is passed on holds nobody up" {
	expect 0 python3 -c '
import os, socket, subprocess, sys
path = sys.argv[2] + "/manager"
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(path)
program = """
import os, socket, time
name = os.environ["NOTIFY_SOCKET"].replace("@", chr(0), 1)
own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
own.connect(name)
for _ in range(2000):
    own.send(b"STATUS=busy")
time.sleep(20)
"""
print(subprocess.call([sys.argv[1], "--timeout", "1s", "--grace", "0", "--ready-notify", "python3", "-c", program],
                      env=dict(os.environ, NOTIFY_SOCKET=path), timeout=15))' "$INIT" "$scratch"
	equal "$output" 124
}

@test "a limit that can't be measured any more counts as reached" {
	command -v prlimit >/dev/null || skip "no prlimit"
	expect 137 "$INIT" --memory 64M --report "$REPORT" sh -c \
		"prlimit --pid \$PPID --nofile=1 && exec $TEST_BIN/hog 500 2000"
	contains "$stderr" "a limit can't be enforced any more"
	lacks "$output" "ate it all"
	expect 124 "$INIT" --cpu-time 1s --report "$REPORT" sh -c \
		"prlimit --pid \$PPID --nofile=1; while :; do :; done"
	contains "$stderr" "a limit can't be enforced any more"
}

@test "signals are forwarded even without a descriptor to wait on" {
	command -v prlimit >/dev/null || skip "no prlimit"
	local pid
	"$INIT" sh -c 'prlimit --pid $PPID --nofile=0 && trap "exit 7" TERM && echo up
		while :; do sleep 0.05; done' >"$scratch/out" 3>&- &
	pid=$!
	wait_for 10 grep -q up "$scratch/out"
	kill -TERM "$pid"
	exits 10 "$pid" 7 nidus-init
}
