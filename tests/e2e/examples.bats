#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # examples are written as they are typed
# What README.md and the manual pages show is executed; those with a network are in
# net_examples.bats.

load helpers
load examples_helpers

@test "every command in README.md and in the manual pages is executed by a test" {
	local line count=0
	stage_examples
	while read -r line; do
		grep -qF -- "${line//\'/\'\\\'\'}" "$BATS_TEST_DIRNAME/examples.bats" "$BATS_TEST_DIRNAME/net_examples.bats" ||
			fail "no test executes: $line"
		count=$((count + 1))
	done <"$scratch/documented"
	[ "$count" -ge 25 ] || fail "only $count were found"
}

@test "untrusted code, limited" {
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
	stage_examples
	echo 'print("untrusted")' >untrusted.py
	example 0 'nidus run --clean-env --memory 64M --pids 100 --timeout 2s --report report.json -- python3 untrusted.py'
	equal "$output" untrusted
	"$HELPERS/check-json" report.json 'J["reason"] == "exited"'
}

@test "compile and run in a scratch directory" {
	command -v gcc >/dev/null || skip "gcc is not installed"
	stage_examples
	rm job
	mkdir job
	printf '#include <stdio.h>\nint main(void) { puts("compiled"); return 0; }\n' >job/a.c
	example 0 'nidus run --clean-env --bind ./job /mnt --chdir /mnt --memory 256M --pids 50 --timeout 10s --cpu-time 5s --report report.json -- sh -c '\''gcc -o a a.c && ./a'\'''
	equal "$output" compiled
	"$HELPERS/check-json" report.json 'J["exit_code"] == 0'
}

@test "a shell in another root, whose changes are thrown away" {
	stage_examples
	local file
	mkdir -p debian/{bin,tmp,proc,dev,run,etc}
	for file in "$(command -v bash)" $(ldd "$(command -v bash)" | grep -o '/[^ )]*'); do
		mkdir -p "debian$(dirname "$file")"
		cp "$file" "debian$file"
	done
	cp debian"$(command -v bash)" debian/bin/bash 2>/dev/null || true
	if is_root && ! "$NIDUS" run --overlay-src ./debian --tmp-overlay / --user 0 -- bash -c : 3>&- 2>"$scratch/err"; then
		skip "no overlay for root's command: $(<"$scratch/err")"
	fi
	grep -qxF -- 'nidus run --overlay-src ./debian --tmp-overlay / --user 0 --tty -- bash' documented
	expect 0 bash -c 'echo "echo made >/new; echo \$BASHPID \$(</new); exit" |
		nidus run --overlay-src ./debian --tmp-overlay / --user 0 --tty -- bash'
	contains "$output" made
	[ ! -e debian/new ] || fail "the change stayed"
}

@test "events of make" {
	command -v make >/dev/null || skip "make is not installed"
	stage_examples
	printf 'test:\n\t@echo tested\n' >Makefile
	example 0 'nidus run --events 3 -- make test 3>events.jsonl'
	equal "$output" tested
	grep -q '"event":"cleaned"' events.jsonl
}

@test "what a command line means" {
	stage_examples
	example 0 'nidus run --explain --tmpfs /home --net host -- true'
	contains "$output" /home
}

@test "whether a limit ended it" {
	stage_examples
	example 124 'nidus run --timeout 1s --report 2 -- sleep 60'
	contains "$stderr" '"reason":"wall_timeout"'
	contains "$stderr" '"exit_code":124'
}

@test "the first one" {
	stage_examples
	example 7 'nidus run -- sh -c '\''id; ls /; exit 7'\'''
	contains "$output" uid=
}

@test "a service in the background" {
	stage_examples
	printf '#!/bin/sh\nexec sleep 60\n' >server
	example 0 'nidus run --detach --name web --memory 256M -- ./server'
	[[ $output =~ ^[0-9a-f]{12}$ ]] || fail "$output"
	example 0 'nidus list'
	contains "$output" web
	example 0 'nidus stop web'
	example 0 'nidus list'
	lacks "$output" web
	example 0 'nidus run --detach --report report.json -- ./server'
	"$NIDUS" stop "$output" 3>&-
	wait_for 10 test -s report.json
	"$HELPERS/check-json" report.json 'J["reason"] == "canceled"'
}

@test "nidus-init on its own" {
	stage_examples
	example 0 'nidus init-binary > nidus-init && chmod 755 nidus-init'
	example 0 'nidus seccomp > web.bpf'
	example 0 'nidus seccomp > filter && ./nidus-init --no-new-privs --seccomp filter -- ./server'
	equal "$output" served
	example 0 'nidus-init --kill-all --grace 5s --memory 512M --report 3 -- server 3>why'
	grep -qx reason=exited why
	example 0 'nidus-init --restart on-failure --restart-limit 5 --report 3 -- server 3>why'
	grep -qx exit_code=0 why
}

@test "profiles: a build, a judged program, and what a profile sets" {
	command -v make >/dev/null || skip "make is not installed"
	stage_examples
	example 0 'nidus run --profile judge --memory 1G -- ./server'
	equal "$output" served
	example 0 'nidus run --profile judge --explain -- ./server'
	contains "$output" "share/nidus/profiles/judge:"
	example 0 'nidus run --profile judge --memory 1G --explain -- ./server'
	contains "$output" "memory 256M, replaced by the command line"
	printf 'made:\n\t@echo built >made\n' >Makefile
	example 0 'nidus run --profile build -- make'
	equal "$(<made)" built
}
