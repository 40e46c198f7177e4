#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The basics of `nidus run`: output, exit status, the view a program gets without options.

load helpers

@test "output and exit code pass through" {
	sandbox 7 -- sh -c 'echo hi; exit 7'
	equal "$output" hi stdout
	report 'J["reason"] == "exited"' 'J["exit_code"] == 7'
}

@test "stdin passes through" {
	run timeout 20 "$NIDUS" run -- wc -c <<<"12345"
	equal "$status" 0
	equal "$output" 6
}

@test "stderr is the program's own" {
	sandbox 0 -- sh -c 'echo oops >&2'
	equal "$output" "" stdout
	equal "$stderr" oops stderr
}

@test "ended by a signal is 128 + n" {
	sandbox 143 -- sh -c 'kill -TERM $$'
	report 'J["reason"] == "signaled"' 'J["signal"] == 15' 'J["exit_code"] == 143'
	sandbox 137 -- sh -c 'kill -KILL $$'
	report 'J["reason"] == "signaled"' 'J["signal"] == 9'
}

@test "a filter that kills the exec: nothing was set up" {
	profile_for execve KILL_PROCESS >"$scratch/profile.json"
	sandbox 126 --seccomp "$scratch/profile.json" -- true
	events '"setup_finished" not in names' 'ev("failed")["step"] == "exec"'
	report 'J["reason"] == "start_error"'
	contains "$stderr" "killed before its exec"
}

@test "a filter that denies write: what is missing is told" {
	profile_for write ERRNO >"$scratch/profile.json"
	sandbox 127 --seccomp "$scratch/profile.json" -- /no/such/path
	events '"setup_finished" not in names' 'ev("failed")["step"] == "exec"'
	contains "$stderr" /no/such/path
}

@test "command not found is 127, and says so" {
	sandbox 127 -- nidus-no-such-command
	events '"setup_finished" not in names' 'ev("failed")["step"] == "exec"' \
		'ev("failed")["errno"] in (2, "ENOENT")'
	report 'J["reason"] == "start_error"'
	contains "$stderr" nidus-no-such-command
	equal "$(lines "$stderr")" 1 "lines on stderr"
	sandbox 127 -- /no/such/path
	events '"setup_finished" not in names' 'ev("failed")["errno"] in (2, "ENOENT")'
}

@test "command not executable is 126, and says so" {
	echo data >"$scratch/plain-file"
	sandbox 126 -- "$scratch/plain-file"
	events '"setup_finished" not in names' 'ev("failed")["step"] == "exec"' \
		'ev("failed")["errno"] in (13, "EACCES")'
	contains "$stderr" "$scratch/plain-file"
	sandbox 126 -- /etc
	events '"setup_finished" not in names'
}

@test "a file for another machine is 126" {
	printf '\177ELF but no more' >"$scratch/garbage"
	chmod 0755 "$scratch/garbage"
	sandbox 126 -- "$scratch/garbage"
	events '"setup_finished" not in names' 'ev("failed")["errno"] in (8, "ENOEXEC")'
	expect 126 "$TEST_BIN/nidus-init" "$scratch/garbage"
	equal "$output" "" "what a shell made of it"
}

@test "a script without #! is run by /bin/sh, as execvp does" {
	mkdir "$scratch/bin"
	# shellcheck disable=SC2016 # the script's own
	echo 'echo "${0##*/} $# $2"; exit 5' >"$scratch/bin/nidus-script"
	chmod 0755 "$scratch/bin/nidus-script"
	local runner
	for runner in "$NIDUS run --" "$NIDUS run --as-pid-1 --" "$TEST_BIN/nidus-init --"; do
		# shellcheck disable=SC2086 # words on purpose
		expect 5 $runner "$scratch/bin/nidus-script" one "a b"
		equal "$output" "nidus-script 2 a b" "$runner, by path"
		# shellcheck disable=SC2086
		PATH=$scratch/bin:$PATH expect 5 $runner nidus-script one "a b"
		equal "$output" "nidus-script 2 a b" "$runner, by PATH"
	done
}

@test "a missing interpreter is named, and is 126" {
	printf '#! /no/such/interpreter -x\n' >"$scratch/script"
	printf '#!/bin/sh\r\necho\r\n' >"$scratch/windows"
	chmod 0755 "$scratch/script" "$scratch/windows"
	sandbox 126 -- "$scratch/script"
	equal "$stderr" "nidus: init: exec $scratch/script: its interpreter /no/such/interpreter does not exist inside"
	events 'ev("failed")["step"] == "exec"' 'ev("failed")["object"].endswith("/script")'
	sandbox 126 -- "$scratch/windows"
	contains "$stderr" "$scratch/windows: the lines of this script end in CR LF"
	contains "$stderr" '"/bin/sh\r" does not exist; remove the CRs'
	# a program whose loader is not there: its name has another letter
	LC_ALL=C sed 's,/ld-\([a-z]\),/lX-\1,' /bin/true >"$scratch/program"
	chmod 0755 "$scratch/program"
	sandbox 126 -- "$scratch/program"
	equal "$stderr" "nidus: init: exec $scratch/program: its interpreter does not exist inside"
	# in PATH it hides nothing that comes later
	mkdir "$scratch/bin"
	cp "$scratch/script" "$scratch/bin/true"
	PATH=$scratch/bin:$PATH expect 0 "$NIDUS" run -- true
}

@test "a directory that the command may not enter is named, and for whom; 126" {
	local id=65534
	is_root || id=$(id -u)
	mkdir -p "$scratch/closed/deep"
	chmod 0 "$scratch/closed"
	sandbox 126 -- "$scratch/closed/deep/program"
	equal "$stderr" "nidus: init: exec $scratch/closed/deep/program: user $id may not enter $scratch/closed"
	PATH=$scratch/closed:$PATH sandbox 126 -- nidus-no-such-command
	equal "$stderr" "nidus: init: exec $scratch/closed/nidus-no-such-command: user $id may not enter $scratch/closed"
	events 'ev("failed")["errno"] == 13'
	PATH=$scratch/closed:$PATH expect 0 "$NIDUS" run -- true
	if ! is_root; then
		PATH=$scratch/closed:$PATH expect 126 "$TEST_BIN/nidus-init" nidus-no-such-command
	fi
	chmod 0700 "$scratch/closed"
}

@test "bad options are 125 and one clear line" {
	local bad
	for bad in --no-such-option '--memory 5x' '--timeout soon' '--pids 0' '--pids -1' \
		'--memory' '--user nobody-at-all' '--net natt' '--publish 80:80' '--cpus 0' \
		'--rlimit nofile=9:1' '--name ../up' '--events 999'; do
		# shellcheck disable=SC2086 # words on purpose
		expect 125 "$NIDUS" run $bad -- touch "$scratch/ran"
		equal "$(lines "$stderr")" 1 "lines on stderr for $bad ($stderr)"
		contains "$stderr" "nidus: "
		contains "$stderr" "${bad%% *}"
		equal "$output" "" "stdout for $bad"
	done
	[ ! -e "$scratch/ran" ] || fail "the program ran"
}

@test "what later issues bring says so" {
	expect 2 "$NIDUS" exec x -- true
	contains "$stderr" "not available yet"
}

@test "no command is 125 and one line" {
	expect 125 "$NIDUS" run
	equal "$(lines "$stderr")" 1 "lines on stderr"
	expect 125 "$NIDUS" run --
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "option parsing stops at the first non-option" {
	expect 0 "$NIDUS" run echo --memory 5x -- --help
	equal "$output" "--memory 5x -- --help"
}

@test "arguments arrive unchanged" {
	expect 0 "$NIDUS" run -- printf '[%s]' "" "a b" '$HOME' $'line\nline' 'ü' '*'
	equal "$output" $'[][a b][$HOME][line\nline][ü][*]'
}

@test "the environment arrives, and can be changed" {
	export NIDUS_TEST_VARIABLE=one
	expect 0 "$NIDUS" run --setenv ADDED two -- sh -c 'echo $NIDUS_TEST_VARIABLE $ADDED'
	equal "$output" "one two"
	expect 0 "$NIDUS" run --unsetenv NIDUS_TEST_VARIABLE -- sh -c 'echo [$NIDUS_TEST_VARIABLE]'
	equal "$output" "[]"
	expect 0 "$NIDUS" run --clearenv --setenv ONLY this -- /usr/bin/env
	contains "$output" "ONLY=this"
	lacks "$output" NIDUS_TEST_VARIABLE
}

@test "--clean-env keeps five variables, and what is set behind it" {
	export NIDUS_TEST_VARIABLE=secret LANG=C.UTF-8 USER=somebody TERM=dumb PATH_TO=x
	expect 0 "$NIDUS" run --setenv BEFORE x --clean-env --setenv BEHIND y -- /usr/bin/env
	equal "$(cut -d= -f1 <<<"$output" | sort | tr '\n' ' ')" "BEHIND HOME LANG PATH TERM USER " names
	contains "$output" "USER=somebody"
	if is_root; then
		contains "$output" "HOME=/tmp"
	fi
	expect 0 env -i "$NIDUS" run --clean-env -- /usr/bin/env
	lacks "$output" LANG
}

@test "the default view: host's / read-only, private /tmp /run /dev/shm" {
	echo visible >"$scratch/file"
	expect 0 "$NIDUS" run -- cat "$scratch/file"
	equal "$output" visible
	expect 0 "$NIDUS" run -- sh -c "! touch $scratch/new 2>/dev/null && ! touch /etc/new 2>/dev/null"
	[ ! -e "$scratch/new" ] || fail "the sandbox wrote to the host"
	touch /tmp/host-file-"$TEST_AS"
	expect 0 "$NIDUS" run -- sh -c \
		'ls -A /tmp /run; touch /tmp/inside /run/inside /dev/shm/inside && echo written'
	rm -f /tmp/host-file-"$TEST_AS"
	lacks "$output" host-file
	contains "$output" written
	[ ! -e /tmp/inside ] || fail "/tmp is the host's"
	[ ! -e /dev/shm/inside ] || fail "/dev/shm is the host's"
}

@test "no mount of the default view but the private ones is writable" {
	expect 0 "$NIDUS" run -- cat /proc/self/mountinfo
	local line words
	while read -r line; do
		read -ra words <<<"$line"
		case ${words[4]} in
		/tmp | /run | /var/tmp | /home | /root | /dev/shm | /dev/mqueue | /dev | /dev/* | /proc) continue ;;
		esac
		case ,${words[5]}, in
		*,ro,*) ;;
		*) fail "writable: $line" ;;
		esac
	done <<<"$output"
}

@test "seven namespaces of its own" {
	local kind
	expect 0 "$NIDUS" run -- readlink /proc/self/ns/{user,pid,mnt,uts,ipc,net,cgroup}
	local inside=$output
	equal "$(lines "$inside")" 7 namespaces
	for kind in user pid mnt uts ipc net cgroup; do
		lacks "$inside" "$(readlink "/proc/self/ns/$kind")"
	done
}

@test "PID 1 is nidus-init, the program its child, nobody else" {
	expect 0 "$NIDUS" run -- sh -c 'echo $$ $PPID'
	equal "$output" "2 1"
	background -- sleep 5
	local init
	init=$(init_pid)
	contains "$(tr '\0' ' ' <"/proc/$init/cmdline")" nidus-init
	equal "$(ps -o comm= -p "$init")" nidus-init
	equal "$(pgrep -P "$init" | wc -l)" 1 "children of PID 1"
	kill -TERM "$spawner"
	ended 143
}

@test "no network but loopback, which is up" {
	expect 0 "$NIDUS" run -- sh -c 'tail -n +3 /proc/net/dev; cat /proc/net/if_inet6 /proc/net/fib_trie'
	contains "$output" "lo:"
	contains "$output" 127.0.0.1
	equal "$(grep -c ':.*[0-9] .*[0-9] ' <<<"$output")" 1 "network links"
}

@test "--net host shares the host's network" {
	expect 0 "$NIDUS" run --net host -- readlink /proc/self/ns/net
	equal "$output" "$(readlink /proc/self/ns/net)"
}

@test "the host's name is not the sandbox's" {
	expect 0 "$NIDUS" run -- uname -n
	equal "$output" nidus
	expect 0 "$NIDUS" run --hostname box7 -- uname -n
	equal "$output" box7
}

@test "the ids inside" {
	expect 0 "$NIDUS" run -- sh -c 'id -u; id -g'
	if is_root; then
		equal "$output" $'65534\n65534'
	else
		equal "$output" "$(id -u)"$'\n'"$(id -g)"
	fi
	expect 0 "$NIDUS" run --user 0:0 -- sh -c 'id -u; id -g'
	equal "$output" $'0\n0'
}

@test "--user by name: of the host's tables" {
	need_root
	expect 0 "$NIDUS" run --user nidus-e2e -- sh -c 'id -u; id -g'
	equal "$output" $'1500\n1500'
	expect 0 "$NIDUS" run --user daemon:mail -- sh -c 'id -u; id -g'
	equal "$output" "$(id -u daemon)"$'\n'"$(getent group mail | cut -d: -f3)"
	expect 125 "$NIDUS" run --user nidus-nobody-at-all -- true
	contains "$stderr" "--user nidus-nobody-at-all: no such user"
	expect 125 "$NIDUS" run --user daemon:nidus-nothing -- true
	contains "$stderr" "--user daemon:nidus-nothing: no such group"
	expect 125 "$NIDUS" run --tmpfs / --user daemon -- true
	contains "$stderr" "--user: names are those of this host"
}

@test "the working directory is the caller's, else /" {
	cd "$scratch" || return 1
	expect 0 "$NIDUS" run -- pwd
	equal "$output" "$scratch"
	expect 0 "$NIDUS" run --chdir /usr -- pwd
	equal "$output" /usr
	expect 125 "$NIDUS" run --chdir /no/such/directory -- pwd
	contains "$stderr" /no/such/directory
}

@test "--as-pid-1: the command is PID 1, sees no init, and is limited like any other" {
	# shellcheck disable=SC2016 # for the shell inside
	expect 0 "$NIDUS" run --as-pid-1 -- sh -c 'echo $$ $PPID; echo /proc/[0-9]*'
	equal "$output" "1 0
/proc/1"
	expect 3 "$NIDUS" run --as-pid-1 -- sh -c 'kill -9 1; kill -TERM 1; exit 3'
	sandbox 124 --as-pid-1 --timeout 1s --grace 200ms -- sh -c 'trap "" TERM; sleep 60 & wait'
	report 'J["reason"] == "wall_timeout"'
	sandbox 124 --as-pid-1 --cpu-time 500ms --grace 200ms -- sh -c 'while :; do :; done'
	report 'J["reason"] == "cpu_timeout"'
	expect 0 "$NIDUS" run --as-pid-1 --tty -- tty
	contains "$output" /dev/pts/
	# it reaps what is orphaned there, as any PID 1; what is left dies with it
	expect 0 "$NIDUS" run --as-pid-1 -- sh -c '(sleep 0 &); (sleep 600 &); sleep 0.1; exit 0'
	expect 127 "$NIDUS" run --as-pid-1 -- /nonexistent
	expect 143 "$NIDUS" run --as-pid-1 -- sh -c 'trap "exit 143" TERM; sleep 60 & kill -TERM 1; wait'
}

@test "status 125 when the init can't be run" {
	echo nothing >"$scratch/init"
	chmod 0755 "$scratch/init"
	# whether the spawner stumbles over its death first or not
	for _ in 1 2 3 4 5; do
		expect 125 "$NIDUS" run --init "$scratch/init" -- true
		equal "$stderr" "nidus: exec-init nidus-init: Exec format error"
	done
}

@test "an init that says what none says is ended" {
	expect 125 "$NIDUS" run --timeout 30s --init "$TEST_BIN/liar" -- true
	equal "$stderr" "nidus: watch report: Protocol error"
	expect 125 "$NIDUS" run --init "$TEST_BIN/liar" -- true
	equal "$stderr" "nidus: watch report: Protocol error"
}

@test "--init uses another nidus-init" {
	expect 0 "$NIDUS" run --init "$TEST_BIN/nidus-init" -- echo yes
	equal "$output" yes
}

@test "init-binary writes out the nidus-init it carries" {
	"$NIDUS" init-binary >"$scratch/nidus-init" 3>&-
	cmp "$scratch/nidus-init" "$TEST_BIN/nidus-init"
}

@test "version and help" {
	expect 0 "$NIDUS" version
	contains "$output" nidus
	expect 0 "$NIDUS" run --help
	contains "$output" --memory
	expect 0 "$NIDUS" --help
	contains "$output" run
	expect 2 "$NIDUS" no-such-verb
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "works with 0, 1 and 2 closed" {
	sh -c "exec '$NIDUS' run --report '$REPORT' -- true <&- >&- 2>&-" 3>&-
	report 'J["exit_code"] == 0'
}

@test "works with SIGCHLD and SIGPIPE ignored by the caller" {
	sh -c "trap '' CHLD PIPE; exec '$NIDUS' run --report '$REPORT' -- sh -c 'exit 3'" 3>&- || true
	report 'J["exit_code"] == 3'
}

@test "the sandbox's own host name resolves, whatever its network" {
	local tree=$scratch/tree
	for network in none host; do
		expect 0 "$NIDUS" run --net "$network" --hostname a.box -- getent hosts a.box
		contains "$output" 127.0.1.1
		expect 0 "$NIDUS" run --net "$network" -- sh -c 'getent hosts nidus && cat /etc/hosts'
		contains "$output" "$(cat /etc/hosts)"
	done
	# the name that it has already
	# shellcheck disable=SC2094 # it is read only
	expect 0 "$NIDUS" run --hostname localhost -- cmp /etc/hosts - </etc/hosts
	# a host name that is not its own
	# shellcheck disable=SC2094 # the same
	expect 0 "$NIDUS" run --share uts -- cmp /etc/hosts - </etc/hosts
	# a tree's file is the tree's, and what not everybody may read stays unread
	mkdir -p "$tree/etc" "$tree/usr" "$tree/proc" "$tree/dev" "$tree/tmp" "$tree/run"
	for directory in bin lib lib64; do
		[ ! -e /$directory ] || ln -s usr/$directory "$tree/$directory"
	done
	printf '10.1.2.3 elsewhere # a.box' >"$tree/etc/hosts"
	chmod 0644 "$tree/etc/hosts"
	expect 0 "$NIDUS" run --root "$tree" --ro-bind /usr /usr --hostname a.box -- cat /etc/hosts
	equal "$output" $'10.1.2.3 elsewhere # a.box\n127.0.1.1\ta.box' "the file of the tree"
	echo secret >"$tree/etc/secret"
	chmod 0600 "$tree/etc/secret"
	ln -sf secret "$tree/etc/hosts"
	run --separate-stderr "$NIDUS" run --root "$tree" --ro-bind /usr /usr --hostname a.box -- grep a.box /etc/hosts
	[ "$status" -ne 0 ] || fail "a file that is not for everybody was copied: $output"
}
