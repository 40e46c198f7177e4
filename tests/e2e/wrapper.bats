#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: what is asked for before the program runs, and what is told.

load helpers
load wrapper_helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
}

@test "the program's output and status are its own" {
	expect 7 "$INIT" sh -c 'echo out; echo err >&2; exit 7'
	equal "$output" out
	equal "$stderr" err
}

@test "127 not found, 126 not executable, 125 all else, each with a word why" {
	expect 127 "$INIT" /nonexistent
	equal "$stderr" "nidus-init: exec /nonexistent: No such file or directory"
	expect 126 "$INIT" /etc/passwd
	contains "$stderr" "Permission denied"
	expect 125 "$INIT" --chdir /nonexistent true
	contains "$stderr" "chdir /nonexistent: No such file or directory"
	expect 125 "$INIT" --seccomp /nonexistent true
	contains "$stderr" "seccomp /nonexistent"
}

@test "PATH is searched past what may not be executed" {
	mkdir "$scratch/a" "$scratch/b"
	echo >"$scratch/a/prog"
	printf '#!/bin/sh\necho found\n' >"$scratch/b/prog"
	chmod 0755 "$scratch/b/prog"
	PATH=/nonexistent:$scratch/a:$scratch/b:$PATH expect 0 "$INIT" prog
	equal "$output" found
	PATH=$scratch/a:$PATH expect 126 "$INIT" prog
}

@test "a script without a first line runs, with its arguments" {
	# shellcheck disable=SC2016 # the script's own
	echo 'echo "$0 $1 $2"' >"$scratch/script"
	chmod 0755 "$scratch/script"
	expect 0 "$INIT" "$scratch/script" a 'b c'
	equal "$output" "$scratch/script a b c"
}

@test "poweroff, reboot and halt: no program of the host by accident" {
	local verb
	mkdir "$scratch/bin"
	for verb in poweroff reboot halt; do
		printf '#!/bin/sh\necho "%s of the host: $*"\n' "$verb" >"$scratch/bin/$verb"
		chmod 0755 "$scratch/bin/$verb"
		PATH=$scratch/bin:$PATH expect 125 "$INIT" "$verb" -f
		equal "$output" ""
		equal "$stderr" "nidus-init: poweroff, reboot and halt take no arguments; put a program after --"
		PATH=$scratch/bin:$PATH expect 0 "$INIT" -- "$verb" -f
		equal "$output" "$verb of the host: -f"
	done
}

@test "poweroff as PID 1 is a program like others" {
	need_root
	mkdir "$scratch/bin"
	printf '#!/bin/sh\necho "a program: $*"\n' >"$scratch/bin/poweroff"
	chmod 0755 "$scratch/bin/poweroff"
	PATH=$scratch/bin:$PATH expect 0 unshare -p -f "$INIT" poweroff
	equal "$output" "a program: "
	PATH=$scratch/bin:$PATH expect 0 unshare -p -f "$INIT" poweroff -f
	equal "$output" "a program: -f"
}

@test "--sandbox by hand: a word" {
	expect 125 "$INIT" --sandbox 99
	equal "$stderr" "nidus-init: --sandbox is used only by nidus"
	expect 125 "$INIT" --sandbox 0 </dev/null
	equal "$stderr" "nidus-init: --sandbox is used only by nidus"
}

@test "--user, --chdir: who and where" {
	need_root
	expect 0 "$INIT" --user nobody --chdir /tmp sh -c 'id -u; pwd'
	equal "$output" "65534
/tmp"
	expect 0 "$INIT" --user 4711:4712 sh -c 'id -u; id -g; id -G'
	equal "$output" "4711
4712
4712"
	expect 125 "$INIT" --user nobody-at-all true
	contains "$stderr" "no such user: nobody-at-all"
}

@test "--drop-caps, --no-new-privs: nothing is left to be had" {
	expect 0 "$INIT" --drop-caps --no-new-privs grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)' /proc/self/status
	lacks "$output" 1f
	contains "$output" "NoNewPrivs:	1"
	if is_root; then
		expect 0 "$INIT" --drop-caps grep CapBnd /proc/self/status
		equal "$output" "CapBnd:	0000000000000000"
	fi
}

@test "--seccomp: the compiled filter stands before the program" {
	"$NIDUS" seccomp --help >/dev/null 2>&1 || skip "no nidus seccomp"
	"$NIDUS" seccomp default >"$scratch/filter" || skip "nidus seccomp does not write the default filter"
	expect 0 "$INIT" --no-new-privs --seccomp "$scratch/filter" grep '^Seccomp:' /proc/self/status
	equal "$output" "Seccomp:	2"
}

@test "--seccomp: what is no filter is refused" {
	echo abc >"$scratch/filter"
	expect 125 "$INIT" --no-new-privs --seccomp "$scratch/filter" true
	contains "$stderr" "Invalid argument"
}

@test "closed stdin, stdout and stderr stay closed for the program" {
	"$INIT" sh -c "'$TEST_BIN/fds' >'$scratch/fds'" <&- 2>&- 3>&- 4>&-
	contains "<$(cat "$scratch/fds")" "<1 "
	lacks "$(cat "$scratch/fds")" " 2 "
}

@test "--ready-fd: a newline once the program runs, none if it does not" {
	# shellcheck disable=SC2016 # bash's own
	expect 0 bash -c '"$0" --ready-fd 9 sleep 0.3 9>"$1"; wc -l <"$1"' "$INIT" "$scratch/ready"
	equal "$output" 1
	# shellcheck disable=SC2016
	expect 127 bash -c '"$0" --ready-fd 9 /nonexistent 9>"$1"' "$INIT" "$scratch/ready"
	[ ! -s "$scratch/ready" ]
}

@test "--ready-fd: none for who was killed before its exec" {
	local child
	mkfifo "$scratch/filter"
	"$INIT" --no-new-privs --seccomp "$scratch/filter" --ready-fd 9 --report "$REPORT" true \
		9>"$scratch/ready" 2>"$BATS_TEST_TMPDIR/err" 3>&- 4>&- &
	init=$!
	wait_for 5 pgrep -P "$init"
	child=$(pgrep -P "$init")
	sleep 0.1 # it reads its filter, which does not come
	kill -9 "$child"
	ends 137
	equal "$(cat "$scratch/ready")" ""
	contains "$(cat "$BATS_TEST_TMPDIR/err")" "killed before its exec"
	equal "$(value reason)" start_error
}

@test "--ready-fd: none for who may not write, and cannot be executed" {
	filter_for write ERRNO >"$scratch/filter"
	# shellcheck disable=SC2016 # bash's own
	expect 127 bash -c '"$0" --ready-fd 9 --no-new-privs --seccomp "$1/filter" /nonexistent 9>"$1/ready"' \
		"$INIT" "$scratch"
	equal "$(cat "$scratch/ready")" ""
	equal "$stderr" "nidus-init: exec /nonexistent: No such file or directory"
}

@test "--ready-fd: none for whose filter kills the exec" {
	filter_for execve KILL_PROCESS >"$scratch/filter"
	# shellcheck disable=SC2016 # bash's own
	expect 159 bash -c '"$0" --ready-fd 9 --no-new-privs --seccomp "$1/filter" true 9>"$1/ready"' \
		"$INIT" "$scratch"
	equal "$(cat "$scratch/ready")" ""
	contains "$stderr" "killed before its exec"
}

@test "--ready-fd and --report may be one descriptor" {
	# shellcheck disable=SC2016 # bash's own
	expect 4 bash -c '"$0" --ready-fd 9 --report 9 sh -c "exit 4" 9>"$1"' "$INIT" "$scratch/both"
	equal "$stderr" ""
	equal "$(head -n 3 "$scratch/both")" "
reason=exited
exit_code=4"
}

@test "--ready-notify: who is gone is believed as the program's user, and nobody else" {
	need_root
	expect 0 "$HELPERS/notify-gone" "$INIT"
	equal "$output" "stranger: nothing
user: ready"
}

@test "--ready-notify: systemd-notify in a script" {
	type -P systemd-notify >/dev/null || skip "no systemd-notify"
	# shellcheck disable=SC2016 # bash's own
	expect 0 bash -c 'for i in $(seq 20); do
		"$0" --ready-notify --ready-fd 9 sh -c "systemd-notify --ready; sleep 0.05" 9>"$1"
		cat "$1"; done | wc -l' "$INIT" "$scratch/ready"
	equal "$output" 20
}

@test "--ready-notify: READY=1 of a descendant is the newline, and is passed on" {
	expect 0 "$HELPERS/notify" "$INIT"
	equal "$output" "ready and passed on"
}

@test "--report: one line a key, a path is replaced whole" {
	echo old >"$REPORT"
	expect 4 "$INIT" --report "$REPORT" sh -c 'exit 4'
	equal "$(value reason)" exited
	equal "$(value exit_code)" 4
	equal "$(value signal)" ""
	equal "$(value restarts)" 0
	[ "$(value wall_us)" -gt 0 ]
	[ "$(value max_rss_bytes)" -gt 0 ]
	lacks "$(cat "$REPORT")" old
	equal "$(find "${REPORT%/*}" -name '.report*')" ""
}

@test "--report: what somebody planted at a name that can be guessed is not written to" {
	local planted="${REPORT%/*}/.${REPORT##*/}.new"
	expect 4 timeout 20 "$INIT" --report "$REPORT" sh -c 'mkfifo "$0"; exit 4' "$planted"
	equal "$(value exit_code)" 4
	rm -f "$planted"
	echo precious >"$scratch/precious"
	expect 5 "$INIT" --report "$REPORT" sh -c 'ln "$1" "$0"; exit 5' "$planted" "$scratch/precious"
	equal "$(value exit_code)" 5
	equal "$(cat "$scratch/precious")" precious
	rm -f "$planted"
	expect 6 "$INIT" --report "$REPORT" sh -c 'mkdir "$0"; exit 6' "$planted"
	equal "$stderr" ""
	equal "$(value exit_code)" 6
}

@test "--report: no link at that name is followed, and no file made through one that dangles" {
	local kind
	echo precious >"$scratch/precious"
	ln -s precious "$scratch/existing"
	ln -s missing "$scratch/dangling"
	ln -s existing "$scratch/twice"
	for kind in existing dangling twice; do
		expect 125 "$INIT" --report "$scratch/$kind" true
		contains "$stderr" "$scratch/$kind"
		# planted later: the link is replaced, or left alone
		rm -f "$scratch/late"
		expect 0 "$INIT" --report "$scratch/late" ln -s "$kind" "$scratch/late"
	done
	equal "$(cat "$scratch/precious")" precious
	[ ! -e "$scratch/missing" ] || fail "made through the link"
	expect 4 "$INIT" --report /proc/self/fd/1 sh -c 'exit 4'
	contains "$output" exit_code=4
}

@test "--report: two reports have two temporary names, and leave none" {
	mkdir "$scratch/d"
	for _ in 1 2; do
		strace -f -qq -e trace=openat -o "$scratch/trace" "$INIT" --report "$scratch/d/report" true ||
			skip "no strace"
		grep -o '"[^"]*", O_WRONLY|O_CREAT|O_EXCL' "$scratch/trace" >>"$scratch/names" ||
			fail "no new file: $(cat "$scratch/trace")"
	done
	equal "$(sort -u "$scratch/names" | wc -l)" 2 "names"
	equal "$(ls -A "$scratch/d")" report
}

@test "--report: in /tmp, a file of others' at the name is no obstacle" {
	need_root
	mkdir -m 1777 "$scratch/tmp"
	chmod 0755 "$scratch"
	mkdir "$scratch/tmp/.report.new"
	expect 4 "$INIT" --user nobody -- "$INIT" --report "$scratch/tmp/report" sh -c 'exit 4'
	equal "$stderr" ""
	contains "$(cat "$scratch/tmp/report")" "exit_code=4"
}

@test "--report: /dev/stdout, /dev/stderr and /dev/fd/N are descriptors, and stay what they are" {
	need_root
	local path=$scratch/dev
	mkdir "$path"
	# links of our own where /dev's are: nothing is to be lost where this fails
	# shellcheck disable=SC2016 # the inner shell's own
	expect 0 unshare -m sh -c '
		mount -t tmpfs none "$1" && ln -s /proc/self/fd "$1/fd" &&
		ln -s /proc/self/fd/1 "$1/stdout" && ln -s /proc/self/fd/2 "$1/stderr" &&
		mount --bind "$1" /dev || exit 99
		"$0" --report /dev/stdout sh -c "echo said; exit 3" >"$2.1"; echo $?
		"$0" --report /dev/stderr sh -c "exit 4" 2>"$2.2"; echo $?
		"$0" --report /dev/fd/7 sh -c "exit 5" 7>"$2.3"; echo $?
		find /dev -type l | wc -l; ls -A /dev | wc -l' "$INIT" "$path" "$scratch/out"
	equal "$output" "3
4
5
3
3"
	equal "$(head -n 3 "$scratch/out.1")" "said
reason=exited
exit_code=3"
	contains "$(cat "$scratch/out.2")" "exit_code=4"
	contains "$(cat "$scratch/out.3")" "exit_code=5"
}

@test "--report: /dev/stdout that is a socket" {
	expect 0 python3 -c '
import socket, subprocess, sys
ours, theirs = socket.socketpair()
print(subprocess.call([sys.argv[1], "--report", "/dev/stdout", "true"], stdout=theirs))
theirs.close()
print(ours.recv(1000).decode())' "$INIT"
	contains "$output" "0
reason=exited"
}

@test "--report: a file that is mounted is written to" {
	need_root
	echo "much that was there before, and is longer than a report
$(seq 1 400)" >"$scratch/log"
	echo below >"$scratch/mounted"
	# shellcheck disable=SC2016 # the inner shell's own
	expect 4 unshare -m sh -c 'mount --bind "$1/log" "$1/mounted" && exec "$0" --report "$1/mounted" sh -c "exit 4"' \
		"$INIT" "$scratch"
	equal "$stderr" ""
	equal "$(head -n 2 "$scratch/log")" "reason=exited
exit_code=4"
	! grep -qx 400 "$scratch/log" || fail "what was there before is left"
	equal "$(cat "$scratch/mounted")" below
	equal "$(find "$scratch" -name '.nidus-*')" ""
}

@test "--report: a file of ours in a directory that is not is written to" {
	need_root
	mkdir -m 0755 "$scratch/d"
	chmod 0755 "$scratch"
	seq 1 400 >"$scratch/d/report"
	chmod 0666 "$scratch/d/report"
	expect 4 "$INIT" --user nobody -- "$INIT" --report "$scratch/d/report" sh -c 'exit 4'
	equal "$stderr" ""
	equal "$(head -n 2 "$scratch/d/report")" "reason=exited
exit_code=4"
	! grep -qx 400 "$scratch/d/report" || fail "what was there before is left"
	expect 125 "$INIT" --user nobody -- "$INIT" --report "$scratch/d/new" sh -c 'echo ran'
	equal "$stderr" "nidus-init: --report $scratch/d/new: Permission denied"
	equal "$output" ""
}

@test "--report: another user's file in a sticky directory is written to" {
	need_root
	mkdir -m 1777 "$scratch/sticky"
	chmod 0755 "$scratch"
	seq 1 400 >"$scratch/sticky/report"
	chmod 0666 "$scratch/sticky/report"
	expect 4 "$INIT" --user nobody -- "$INIT" --report "$scratch/sticky/report" sh -c 'exit 4'
	equal "$stderr" ""
	equal "$(head -n 2 "$scratch/sticky/report")" "reason=exited
exit_code=4"
	equal "$(find "$scratch/sticky" -type f)" "$scratch/sticky/report"
}

@test "--report: to a descriptor; signaled, start_error" {
	# shellcheck disable=SC2016 # the program's own
	expect 137 "$INIT" --report 1 sh -c 'kill -9 $$'
	contains "$output" "reason=signaled
signal=9"
	expect 127 "$INIT" --report 1 "/nonexistent
reason=exited"
	contains "$output" "reason=start_error
message=exec /nonexistent?reason=exited: No such file or directory"
}

@test "--report: what can't be written is refused before anything runs" {
	local long
	expect 125 "$INIT" --report /nonexistent/report sh -c 'echo ran'
	equal "$output" ""
	equal "$stderr" "nidus-init: --report /nonexistent/report: No such file or directory"
	expect 125 "$INIT" --report 77 sh -c 'echo ran'
	equal "$output" ""
	equal "$stderr" "nidus-init: --report 77: not open for writing"
	expect 125 "$INIT" --report "$scratch" sh -c 'echo ran'
	equal "$output" ""
	equal "$stderr" "nidus-init: --report $scratch: Is a directory"
	long=$(printf '%0256d' 0)
	expect 125 "$INIT" --report "./$long" sh -c 'echo ran'
	equal "$output" ""
	contains "$stderr" "File name too long"
	cd "$scratch"
	expect 125 "$INIT" --report -1 sh -c 'echo ran'
	equal "$output" ""
	equal "$stderr" "nidus-init: --report -1: must not begin with -; a path can be ./-"
	expect 0 "$INIT" --report ./-1 true
	[ -f ./-1 ]
}

@test "--ready-fd, --report: a descriptor that is not open is none of ours either" {
	local fd
	for fd in 3 4 5 6 7 8; do
		# shellcheck disable=SC2016 # bash's own
		expect 125 bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-; exec "$@"' - \
			"$INIT" --ready-fd "$fd" sh -c 'echo ran'
		equal "$stderr" "nidus-init: --ready-fd $fd: not open for writing"
		# shellcheck disable=SC2016
		expect 125 bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-; exec "$@"' - \
			"$INIT" --report "$fd" sh -c 'echo ran'
		equal "$output" ""
		# shellcheck disable=SC2016
		expect 125 bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-; exec "$@"' - \
			"$INIT" --ready-fd "$fd" --report "$scratch/report" sh -c 'echo ran'
		equal "$output" ""
	done
	expect 125 "$INIT" --ready-fd 0 true </dev/null
}

@test "idle it is not woken, and holds little" {
	local before after
	[ "$TEST_BUILD" = build ] || skip "the build of $TEST_BUILD is larger"
	sync "$INIT" # pages of a file that is not on disk yet count as dirty
	# the caller's environment and arguments lie on our stack
	env -i "$INIT" /bin/sleep 20 3>&- 4>&- &
	wait_for 5 pgrep -P $! sleep
	sleep 0.3
	before=$(grep ^voluntary "/proc/$!/status")
	sleep 3
	after=$(grep ^voluntary "/proc/$!/status")
	equal "$after" "$before" "voluntary context switches"
	[ "$(awk '/^Private_Dirty/ {print $2}' "/proc/$!/smaps_rollup")" -le 16 ]
	kill $!
	wait $! || true
}
