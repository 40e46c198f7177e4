#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus-init on its own: what is asked for before the program runs, and what is told.

load helpers

setup_file() {
	export INIT=$TEST_BIN/nidus-init
}

value() {
	sed -n "s/^$1=//p" "$REPORT"
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

@test "--report: what the program planted at the temporary name is replaced, not written to" {
	local planted="${REPORT%/*}/.${REPORT##*/}.new"
	expect 4 timeout 20 "$INIT" --report "$REPORT" sh -c 'mkfifo "$0"; exit 4' "$planted"
	equal "$(value exit_code)" 4
	echo precious >"$scratch/precious"
	expect 5 "$INIT" --report "$REPORT" sh -c 'ln "$1" "$0"; exit 5' "$planted" "$scratch/precious"
	equal "$(value exit_code)" 5
	equal "$(cat "$scratch/precious")" precious
	[ ! -e "$planted" ] || fail "$planted is left"
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
	expect 125 "$INIT" --report /nonexistent/report sh -c 'echo ran'
	equal "$output" ""
	expect 125 "$INIT" --report 77 sh -c 'echo ran'
	equal "$output" ""
}

@test "--ready-fd, --report: a descriptor that is not open is none of ours either" {
	local fd
	for fd in 3 4 5 6 7 8; do
		# shellcheck disable=SC2016 # bash's own
		expect 125 bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-; exec "$@"' - \
			"$INIT" --ready-fd "$fd" sh -c 'echo ran'
		contains "$stderr" "--ready-fd: not open"
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
