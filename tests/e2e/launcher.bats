#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The launcher and the whole program in it: what hands over, and that nothing gets lost on the way.

load helpers

need_launcher() {
	if readelf -lW "$NIDUS" 2>/dev/null | grep -q INTERP; then
		skip "nidus is one program here: built without musl"
	fi
}

# execs OPTION…: the programs that `nidus run OPTION… -- true` executes.
execs() {
	strace -f -qq -e trace=execve,execveat -o "$scratch/trace" "$NIDUS" run "$@" -- true >/dev/null
	grep -c ' = 0$' "$scratch/trace"
}

@test "an ordinary start executes nidus, nidus-init and the command; only what needs more hands over" {
	need_launcher
	is_root || skip "a traced newuidmap has no privilege"
	command -v strace >/dev/null || skip "strace is not installed"
	equal "$(execs)" 3
	equal "$(execs --timeout 5s --ro-bind / / --tmpfs /tmp --hostname box --setenv A B --user 1000)" 3
	equal "$(execs --report "$scratch/report")" 4
	equal "$(execs --events "$scratch/events")" 4
	equal "$(execs --cap-drop ALL)" 4
	printf '{"defaultAction":"SCMP_ACT_ALLOW"}' >"$scratch/profile"
	equal "$(execs --seccomp "$scratch/profile")" 4
}

@test "--log-level trace prints the moments of a launch in order, here and by the whole program" {
	local report moments
	for report in "" "--report $scratch/report"; do
		# shellcheck disable=SC2086 # an option and its value, or none
		expect 3 "$NIDUS" run --log-level trace $report -- sh -c 'exit 3'
		moments=$(sed -n 's/^nidus: *[0-9]* us *[+-][0-9]*  //p' <<<"$stderr" | paste -sd,)
		equal "$moments" "spec parsed,record taken,ids chosen,groups made,cloned,settled,sources open,plan made,GO sent,executed,READY received,EXITED,PID 1 gone,removed,end"
		# by one clock: outside, time never goes back
		sed -n 's/^nidus: *\([0-9]*\) us .*  /\1 /p' <<<"$stderr" | grep -v -e executed -e EXITED |
			sort -c -s -n -k 1,1 || fail "not in order: $stderr"
	done
	# a start that fails has the moments that it reached, and its removal
	expect 127 "$NIDUS" run --log-level trace -- nidus-no-such-command
	contains "$stderr" "GO sent"
	lacks "$stderr" executed
	contains "$stderr" removed
	expect 0 "$NIDUS" run --log-level debug -- true
	lacks "$stderr" "record taken"
}

@test "arguments, descriptors, directory and environment come through" {
	need_launcher
	cd "$scratch"
	printf '%s\0' --setenv FROM args >args
	expect 3 env GIVEN=yes bash -c 'exec "$@" 7<args 8<<<data' - "$NIDUS" run --report report --args 7 --pass-fd 8 \
		-- sh -c 'cat <&8; echo "$FROM $GIVEN $*"; exit 3' - "a  b" ""
	equal "$output" $'data\nargs yes a  b '
	[ -s report ] || fail "no report in the current directory"
}

@test "what is ignored for the program's own output is the default again for the command" {
	need_launcher
	# shellcheck disable=SC2016 # for the shells inside
	local script='grep SigIgn /proc/self/status'
	expect 0 "$NIDUS" run -- sh -c "$script"
	equal "$(tr -d '\t' <<<"$output")" "SigIgn:0000000000000000"
	expect 0 "$NIDUS" run --report "$scratch/report" -- sh -c "$script"
	equal "$(tr -d '\t' <<<"$output")" "SigIgn:0000000000000000"
	expect 0 bash -c 'trap "" PIPE; exec "$@"' - "$NIDUS" run --report "$scratch/report" -- sh -c "$script"
	equal "$(tr -d '\t' <<<"$output")" "SigIgn:0000000000001000"
}

@test "a limit on file sizes, and standard streams that are closed" {
	need_launcher
	expect 0 bash -c 'ulimit -S -f 1; exec "$@"' - "$NIDUS" version
	contains "$output" nidus
	expect 0 bash -c 'ulimit -S -f 1; exec "$@"' - "$NIDUS" run --report "$scratch/report" -- bash -c 'ulimit -f'
	equal "$output" 1
	"$NIDUS" list >&- 2>"$scratch/err" || true
	"$NIDUS" run --report "$scratch/report" -- true <&- >&- 2>&-
	[ -s "$scratch/report" ] || fail "no report"
}

@test "an error is worded alike on both sides, and the exit status is the same" {
	need_launcher
	local option first second
	for option in "--chdir /none/there" "--ro-bind /none /mnt" "--pids 0" "--wrong"; do
		# shellcheck disable=SC2086 # two words
		first=$("$NIDUS" run $option -- true 2>&1) && fail "$option"
		# shellcheck disable=SC2086
		second=$("$NIDUS" run --report /dev/null $option -- true 2>&1) && fail "$option"
		equal "$first" "$second" "$option"
	done
}

@test "one copied file is enough, and what stands beside it must be its own and nobody else's" {
	need_launcher
	mkdir -p "$scratch"/{bin,libexec/nidus}
	cp "$NIDUS" "$scratch/bin/nidus"
	expect 0 "$scratch/bin/nidus" version
	equal "$output" "$("$NIDUS" version)"
	printf '#!/bin/sh\necho forged\n' >"$scratch/libexec/nidus/nidus-whole"
	chmod 0755 "$scratch/libexec/nidus/nidus-whole"
	expect 0 "$scratch/bin/nidus" version
	equal "$output" "$("$NIDUS" version)"
	# the very program, but in a place where somebody else could change it
	cp "$TEST_STAGE/libexec/nidus/nidus-whole" "$scratch/libexec/nidus/" || return 0
	is_root || return 0
	expect 0 strace -qq -e trace=memfd_create,execveat -o "$scratch/trace" "$scratch/bin/nidus" version
	lacks "$(cat "$scratch/trace")" memfd_create
	chmod 0777 "$scratch/libexec/nidus"
	expect 0 strace -qq -e trace=memfd_create,execveat -o "$scratch/trace" "$scratch/bin/nidus" version
	contains "$(cat "$scratch/trace")" memfd_create
}

@test "where no memfd may be executed, the whole program still starts" {
	need_launcher
	is_root || skip "needs root, for a sysctl of its own pid namespace"
	[ -e /proc/sys/vm/memfd_noexec ] || skip "no vm.memfd_noexec: before Linux 6.3"
	expect 0 unshare --pid --fork --mount-proc bash -c 'echo 2 >/proc/sys/vm/memfd_noexec && exec "$@"' - "$NIDUS" version
	contains "$output" nidus
}
