#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init's own command line: what no peer has.
# shellcheck disable=SC2034 # SENT: of checks.bash

load helpers
load checks

# value KEY FILE: of a report.
value() {
	sed -n "s/^$1=//p" "$2"
}

descendants_with() {
	no_process "$1"
}

@test "exit codes, signals, 125 to 127" {
	check_exit_codes
	check_signal_codes --
	status_of 127 ./nothing
	contains "$stderr" "nothing: No such file or directory"
	status_of 126 /etc/passwd
	status_of 125
	equal "$output" ""
	status_of 125 --nonsense true
	status_of 125 --timeout soon true
	status_of 125 --memory much true
	status_of 125 --rewrite NONE:TERM true
	status_of 125 --restart sometimes true
	status_of 125 --user no-such-user-here true
	status_of 125 --chdir /no/such/directory true
	status_of 125 --seccomp /no/such/file true
	status_of 125 --report
	check_script
}

@test "options end at the first word that is none" {
	status_of 0 echo --help -v
	equal "$output" "--help -v"
	status_of 0 -- echo --
	equal "$output" "--"
}

@test "--help and --version on stdout" {
	status_of 0 --help
	equal "$stderr" ""
	contains "$output" "Usage: nidus-init [OPTIONS] [--] PROGRAM [ARG...]"
	status_of 0 --version
	contains "$output" "nidus-init "
}

@test "every signal is passed on, to the program and to its group" {
	forwards "" --
	forwards "" -g --
	check_group -g --
	check_no_group --
}

@test "mask, ignored signals, descriptors, LISTEN_PID, directory: the caller's" {
	check_nothing_ignored --
	check_mask --
	check_ignored --
	check_ignored_chld --
	check_program_descriptors --
	check_descriptors --
	check_listen_pid --
	check_working_directory --
	check_nohup --
	check_fault_signals --
}

@test "a terminal: foreground, ^C, Ctrl-Z and fg" {
	check_terminal --
	check_ctrl_z --
}

@test "orphans are reaped, as PID 1 and as a subreaper" {
	check_reaps_as_pid_1 --
	check_reaps_as_subreaper --
}

@test "--rewrite, by names and numbers" {
	start --rewrite TERM:USR1 --rewrite=SIGHUP:12 --rewrite 34:RTMIN+3 --rewrite INT:0 -- "$TEST_BIN/sigecho" 4
	hear ready
	kill -INT "$init"
	kill -TERM "$init"
	hear 10
	kill -HUP "$init"
	hear 12
	kill -34 "$init"
	hear 37
	kill -QUIT "$init"
	hear 3
	ends 0
	run ! said 2
}

# dumb_inits: ours under that name, and the original where it is installed.
dumb_inits() {
	echo "$NAMES/dumb-init"
	type -P dumb-init || true
}

@test "MIGRATION: dumb-init -r is -g --rewrite, and -c -r is --rewrite" {
	local SENT=TERM own=$INIT
	for INIT in $(dumb_inits); do
		check_group -r 15:10
		check_no_group -c -r 15:10
	done
	INIT=$own
	check_group -g --rewrite TERM:USR1
	check_no_group --rewrite TERM:USR1
}

@test "MIGRATION: dumb-init is -g; a stop of more than two seconds has its time" {
	local own=$INIT
	stops_slowly() {
		start "$@" bash -c 'trap "sleep 2.5; echo done; exit 7" TERM; echo ready; while :; do sleep 0.02; done'
		hear ready
		kill -TERM "$init"
		ends 7
		said "done"
	}
	for INIT in $(dumb_inits); do
		stops_slowly
		check_group
	done
	INIT=$own
	stops_slowly -g
	check_group -g
}

@test "--remap is -e" {
	status_of 0 --remap 3 --remap=4 -- sh -c 'exit 4'
	status_of 5 --remap 3 -- sh -c 'exit 5'
}

@test "--wait-all: until all descendants are gone" {
	status_of 4 --wait-all -- sh -c '(setsid sh -c "sleep 0.4; echo late" &) ; echo soon; exit 4'
	equal "$output" "soon
late"
}

@test "--kill-all: no descendant is left, setsid'd and TERM-proof ones included" {
	local mark
	mark=$(marker)
	status_of 4 --kill-all --grace 300ms -- bash -c \
		'setsid sleep '"$mark"' & setsid bash -c "trap \"\" TERM; : '"$mark"'; while :; do sleep 0.05; done" & sleep 0.2; exit 4'
	wait_for 5 no_process "$mark"
	start --kill-all --grace 300ms -- bash -c "trap '' TERM; setsid sleep $mark & echo ready; while :; do sleep 0.05; done"
	hear ready
	kill -TERM "$init"
	ends 137
	wait_for 5 no_process "$mark"
}

@test "--grace alone: KILL to the program after a TERM" {
	start --grace 200ms -- bash -c 'trap "" TERM; echo ready; while :; do sleep 0.05; done'
	hear ready
	kill -TERM "$init"
	ends 137
}

@test "--pre-stop-delay: TERM is passed on later" {
	local before
	start --pre-stop-delay 500ms -- bash -c 'trap "exit 6" TERM; echo ready; while :; do sleep 0.02; done'
	hear ready
	before=$(date +%s%3N)
	kill -TERM "$init"
	sleep 0.1
	state_is "$init" S
	ends 6
	[ $(($(date +%s%3N) - before)) -ge 500 ]
}

@test "--restart on-failure, with a limit" {
	status_of 3 --restart on-failure --restart-limit 3 -- sh -c 'echo run; exit 3'
	equal "$(grep -c run <<<"$output")" 3 "number of runs"
	rm -f once
	status_of 0 --restart on-failure --restart-limit 5 -- sh -c 'echo run; [ -e once ] || { touch once; exit 1; }'
	equal "$(grep -c run <<<"$output")" 2 "number of runs"
	status_of 0 --restart on-failure -- true
}

@test "--restart always: until a stop signal" {
	start --restart always -- sh -c 'echo run >>runs; sleep 0.05'
	wait_for 10 test "$(wc -l <runs 2>/dev/null || echo 0)" -ge 0
	runs_are() { [ "$(wc -l <runs)" -ge "$1" ]; }
	wait_for 10 runs_are 3
	kill -TERM "$init"
	wait_for 5 gone "$init"
	quit
}

@test "--timeout: 124, and all are gone" {
	local mark
	mark=$(marker)
	status_of 124 --timeout 200ms --grace 200ms -- bash -c "setsid sleep $mark & sleep $mark"
	wait_for 5 no_process "$mark"
	status_of 0 --timeout 20s -- true
}

@test "--cpu-time: 124" {
	status_of 124 --cpu-time 200ms -- sh -c 'while :; do :; done'
	status_of 0 --cpu-time 10s -- true
}

@test "--memory: 137; --memory-signal near the limit" {
	status_of 137 --memory 48M -- python3 -c '
import time
held = []
for i in range(200):
    held.append(bytearray(b"x" * 1048576))
    time.sleep(0.01)
'
	status_of 9 --memory 64M --memory-signal USR1 -- python3 -c '
import os, signal, time
signal.signal(signal.SIGUSR1, lambda *_: os._exit(9))
held = []
for i in range(62):
    held.append(bytearray(b"x" * 1048576))
    time.sleep(0.03)
time.sleep(3)
'
}

@test "--report: why it ended, as key=value" {
	status_of 3 --report ./report -- sh -c 'exit 3'
	equal "$(value reason report)" exited
	equal "$(value exit_code report)" 3
	run ! grep -vE '^[a-z_]+=[^=]*$' report
	status_of 143 --report ./report -- sh -c 'kill -TERM $$; sleep 1'
	equal "$(value reason report)" signaled
	status_of 124 --report ./report --timeout 100ms -- sleep 10
	equal "$(value reason report)" wall_timeout
	expect 2 sh -c '"$1" --report 5 -- sh -c "exit 2" 5>by_fd' - "$INIT"
	equal "$(value exit_code by_fd)" 2
}

@test "--ready-fd: a newline once the program runs; none when it can't" {
	expect 0 sh -c '"$1" --ready-fd 5 -- true 5>ready' - "$INIT"
	equal "$(od -An -c ready | tr -d ' ')" '\n'
	expect 127 sh -c '"$1" --ready-fd 5 -- ./nothing 5>ready' - "$INIT"
	[ ! -s ready ]
	expect 0 sh -c '"$1" --ready-fd 5 -- "$2" 5>ready' - "$INIT" "$TEST_BIN/fds"
	lacks " $output" " 5 "
}

@test "--ready-notify: READY=1 comes before the newline, and goes on" {
	cat >notify.py <<'EOF'
import os, socket, sys, time
path = os.environ["NOTIFY_SOCKET"]
path = "\0" + path[1:] if path[0] == "@" else path
time.sleep(0.3)
open("said", "w").close()
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1\n", path)
time.sleep(0.3)
EOF
	cat >outer.py <<'EOF'
import os, socket, subprocess, sys
outer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
outer.bind("outer.sock")
outer.settimeout(10)
r, w = os.pipe()
os.set_inheritable(w, True)
child = subprocess.Popen(sys.argv[1:2] + ["--ready-notify", "--ready-fd", str(w), "--",
                          "python3", "notify.py"], pass_fds=[w],
                         env=dict(os.environ, NOTIFY_SOCKET=os.path.abspath("outer.sock")))
os.close(w)
print(os.read(r, 10), os.path.exists("said"), outer.recv(100))
sys.exit(child.wait())
EOF
	expect 0 python3 outer.py "$INIT"
	equal "$output" "b'\\n' True b'READY=1\\n'"
}

@test "--die-as-child: by the same signal" {
	expect 0 python3 -c 'import subprocess, sys
print(subprocess.call([sys.argv[1], "--die-as-child", "--", "sh", "-c", "kill -USR1 $$; sleep 1"]),
      subprocess.call([sys.argv[1], "--die-as-child", "--", "sh", "-c", "exit 5"]))' "$INIT"
	equal "$output" "-10 5"
}

@test "--user, --chdir, --no-new-privs, --drop-caps" {
	is_root || skip "needs root"
	chmod 0755 .
	status_of 0 --user nobody --chdir / -- sh -c 'id -u; id -g; id -G; pwd'
	equal "$output" "65534
65534
65534
/"
	status_of 0 --user 1234:4321 -- sh -c 'echo $(id -u) $(id -G)'
	equal "$output" "1234 4321"
	status_of 0 --no-new-privs -- grep NoNewPrivs /proc/self/status
	contains "$output" "1"
	status_of 0 -- grep NoNewPrivs /proc/self/status
	contains "$output" "0"
	status_of 0 --drop-caps -- grep -E '^Cap(Prm|Eff|Bnd|Amb)' /proc/self/status
	equal "$(grep -c '0000000000000000$' <<<"$output")" 4 "empty sets"
}

@test "--seccomp: a filter that nidus seccomp compiled" {
	cat >filter.json <<'EOF'
{"defaultAction": "SCMP_ACT_ALLOW",
 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
EOF
	expect 0 "$NIDUS" seccomp filter.json filter.bpf || {
		expect 0 sh -c '"$1" seccomp filter.json >filter.bpf' - "$NIDUS"
	}
	status_of 1 --no-new-privs --seccomp filter.bpf -- mkdir made
	contains "$stderr" "Function not implemented"
	status_of 0 --no-new-privs --seccomp filter.bpf -- true
}
