#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus seccomp: filters compiled for nidus-init on its own.

load helpers

# compile STATUS FILE ARGUMENT…
compile() {
	local wanted=$1 file=$2
	shift 2
	status=0
	stderr=$("$NIDUS" seccomp "$@" 2>&1 >"$file" 3>&-) || status=$?
	equal "$status" "$wanted" "status ($stderr)"
}

profile() {
	cat >"$scratch/profile.json" <<-'JSON'
		{ "defaultAction": "SCMP_ACT_ALLOW",
		  "syscalls": [ { "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 } ] }
	JSON
}

@test "the default filter: whole instructions, and the same as by name" {
	compile 0 "$scratch/plain"
	compile 0 "$scratch/named" default
	cmp "$scratch/plain" "$scratch/named" || fail "they differ"
	size=$(stat -c %s "$scratch/plain")
	[ "$size" -gt 800 ] || fail "only $size bytes"
	equal $((size % 8)) 0 "bytes beyond whole instructions"
	equal "$stderr" "" "stderr"
}

@test "nidus-init runs a program under the default filter" {
	compile 0 "$scratch/filter"
	expect 0 "$TEST_BIN/nidus-init" --no-new-privs --seccomp "$scratch/filter" -- \
		grep Seccomp: /proc/self/status
	contains "$output" 2
}

@test "a profile is compiled, and nidus-init holds a program to it" {
	profile
	compile 0 "$scratch/filter" "$scratch/profile.json"
	expect 1 "$TEST_BIN/nidus-init" --no-new-privs --seccomp "$scratch/filter" -- \
		mkdir "$scratch/made"
	contains "$stderr" "not implemented"
	[ ! -e "$scratch/made" ] || fail "the directory was made"
}

@test "a filter that denies getpid leaves LISTEN_PID the program's" {
	cat >"$scratch/profile.json" <<-'JSON'
		{ "defaultAction": "SCMP_ACT_ALLOW",
		  "syscalls": [ { "names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 } ] }
	JSON
	compile 0 "$scratch/filter" "$scratch/profile.json"
	# shellcheck disable=SC2016 # the shells inside
	expect 0 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' - "$TEST_BIN/nidus-init" --no-new-privs \
		--seccomp "$scratch/filter" -- sh -c 'read -r pid _ </proc/self/stat; echo "$pid $LISTEN_PID"'
	equal "${output% *}" "${output#* }" "LISTEN_PID"
}

@test "a profile that is none: one line, nothing on stdout" {
	echo '{ "defaultAction": "SCMP_ACT_ALLOW", "surprise": 1 }' >"$scratch/bad.json"
	compile 1 "$scratch/filter" "$scratch/bad.json"
	contains "$stderr" surprise
	equal "$(lines "$stderr")" 1 "lines on stderr"
	[ ! -s "$scratch/filter" ] || fail "something was written"
	compile 1 "$scratch/filter" "$scratch/nowhere.json"
	contains "$stderr" "No such file"
}

@test "a terminal, a full disk, too many arguments are told" {
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
	compile 2 "$scratch/filter" default more
	contains "$stderr" "one argument"
	compile 1 /dev/full
	contains "$stderr" "No space left"
	expect 2 "$HELPERS/pty" end -- "$NIDUS" seccomp
	contains "$output" "is a terminal"
}
