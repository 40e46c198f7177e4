#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Errors that teach: one line that names the option, the value, and what would be right.

load helpers

# refused REGEX ARGUMENT…: 125 or 2, and that line.
refused() {
	local wanted=$1 status=0
	shift
	timeout 20 "$NIDUS" "$@" >"$scratch/stdout" 2>"$scratch/stderr" 3>&- || status=$?
	[ "$status" -eq 125 ] || [ "$status" -eq 2 ] || fail "status $status of $*"
	[[ "$(<"$scratch/stderr")" =~ ^nidus:\ $wanted$ ]] ||
		fail "'$(<"$scratch/stderr")' instead of '$wanted'"
	[ ! -s "$scratch/stdout" ] || fail "$(<"$scratch/stdout")"
}

@test "a file where a directory is meant, and the reverse" {
	echo file >"$scratch/file"
	mkdir "$scratch/dir"
	local option
	for option in --bind --ro-bind --dev-bind --bind-try; do
		refused "$option $scratch/file /mnt: the source is a file and the destination a directory; .*" \
			run "$option" "$scratch/file" /mnt -- true
		refused "$option $scratch/dir /etc/passwd: .* is a file, and the source a directory" \
			run "$option" "$scratch/dir" /etc/passwd -- true
	done
	refused "--bind .*/file /: the source is a file .*" run --bind "$scratch/file" / -- true
	for option in --tmpfs --proc --dev --mqueue --dir; do
		refused "$option /etc/passwd: .* is a file and not a directory" run "$option" /etc/passwd -- true
	done
	refused "--bind /etc /etc/passwd/x: .* is a file, .*" run --bind /etc /etc/passwd/x -- true
	refused "--tmp-overlay .*/file: .* is a file and not a directory" \
		run --overlay-src "$scratch/dir" --tmp-overlay "$scratch/file" -- true
	refused "--file 9 /tmp: the destination is a directory; name the file in it" \
		run --file 9 /tmp -- true 9<"$scratch/file"
	refused "--bind-data 9 /mnt: the destination is a directory; name the file in it" \
		run --bind-data 9 /mnt -- true 9<"$scratch/file"
	refused "--symlink x /tmp: something else is at the destination already" run --symlink x /tmp -- true
	refused "--root $scratch/file: must be a directory" run --root "$scratch/file" -- true
}

@test "--seccomp of what is no file" {
	refused "--seccomp /etc: is a directory; it must be default, none or a file" run --seccomp /etc -- true
	refused "--seccomp /etc: is a directory; .*" run --explain --seccomp /etc -- true
	refused "--seccomp /dev/null: is not a file; .*" run --seccomp /dev/null -- true
	refused "--seccomp /no/such: No such file or directory" run --seccomp /no/such -- true
}

@test "a prefix with host bits: what was meant" {
	local option
	for option in --net-deny --net-allow --net-pool; do
		refused "$option 10.0.0.1/8: has bits set beyond its length; did you mean 10.0.0.0/8\?" \
			run --net nat "$option" 10.0.0.1/8 -- true
	done
	refused "--net-deny 10.0.0.1/8:53/udp: .* did you mean 10.0.0.0/8\?" \
		run --net nat --net-deny 10.0.0.1/8:53/udp -- true
}

@test "no user namespace without privilege: what it needs" {
	! is_root || skip "root may"
	refused "--userns host: .* needs the caller to have CAP_SYS_ADMIN" run --userns host -- true
	refused "--share user: .* needs the caller to have CAP_SYS_ADMIN" run --share user -- true
}

@test "a destination that was forgotten" {
	refused "--bind /etc: takes 2 values; 1 is given before --" run --bind /etc -- true
	refused "--ro-bind /etc: takes 2 values; 1 is given" run --ro-bind /etc
	refused "--symlink a: takes 2 values; 1 is given before --" run --symlink a -- true
	refused "--root: a value is missing" run --root -- true
}

@test "verbs and options of other tools: the way of nidus" {
	local word
	for word in ps ls rm logs images inspect shutdown start; do
		refused "$word: no such verb: .*" "$word"
	done
	refused "ps: no such verb: use nidus list" ps -a
	for word in --rm -it -v -p -e --env --env-file -d -w --network --unshare-all --unshare-net \
		--die-with-parent --uid --private --noroot --whitelist --blacklist --chroot --bindmount_ro -R \
		--time_limit --cgroup_mem_max --privileged --entrypoint --share-net --rlimit-as; do
		refused "$word: unknown option: [^;].*" run "$word" x -- true
	done
	refused "-p: unknown option: .*--publish PORT:PORT" run -p 80:80 -- true
	refused "-v/a:/b: unknown option: .*--bind SRC DEST.*" run -v/a:/b -- true
	refused "--private: use --tmpfs DIR .*" --private ls
	refused "--list: use nidus list" --list
	refused "--memory: comes after the verb: nidus run OPTIONS -- COMMAND" --memory=5M -- true
}

@test "kill -9 and kill -NAME, as of kill(1)" {
	local signal
	for signal in -9 -KILL -SIGKILL; do
		background --name "short-$TEST_AS" -- sleep 60
		expect 0 "$NIDUS" kill "$signal" "short-$TEST_AS"
		ended 137
	done
	background --name "short-$TEST_AS" -- sh -c 'trap "exit 7" USR1; echo up; while :; do sleep 0.1; done'
	wait_for 10 grep -q up "$BATS_TEST_TMPDIR/out"
	expect 0 "$NIDUS" kill "short-$TEST_AS" -USR1
	ended 7
	expect 2 "$NIDUS" kill -9
	contains "$stderr" "no sandbox given"
	expect 1 "$NIDUS" kill -- -9
	contains "$stderr" "no sandbox named -9"
}
