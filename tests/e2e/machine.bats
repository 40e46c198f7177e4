#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # conf, init, output: set by machine_helpers.bash and run
# The machine role, as PID 1 of a container: services, readiness, restarts, the stop.

load helpers
load machine_helpers

@test "services start in order, each when the one before is ready" {
	machine_setup
	cat >"$conf" <<-'END'
		when-done poweroff
		service setup
		 exec /bin/sh -c "sleep 0.3; echo set up"
		 ready exit
		service told
		 exec /bin/sh -c "sleep 0.3; echo told; echo >&7"
		 ready fd 7
		 respawn never
		service last
		 exec /bin/echo last
		 respawn never
	END
	with_conf 0
	order "$output" "set up" told last
}

@test "a service that does not tell that it is ready holds the next up for its time" {
	machine_setup
	cat >"$conf" <<-'END'
		service silent
		 exec /bin/sleep 3155
		 ready fd 3 300ms
		service next
		 exec /bin/sh -c "echo next; kill -USR2 1; sleep 5"
	END
	with_conf 0
	order "$output" "nidus-init: silent: not ready after 300ms" next
}

@test "a service that ends is started again, later each time, until it is given up" {
	machine_setup
	cat >"$conf" <<-'END'
		when-done poweroff
		service crash
		 exec /bin/sh -c "exit 3"
		 backoff 50ms 150ms
		 limit 4
	END
	with_conf 0
	order "$output" "nidus-init: crash: exited with 3, again in 50ms" \
		"nidus-init: crash: exited with 3, again in 100ms" \
		"nidus-init: crash: exited with 3, again in 150ms" \
		"nidus-init: crash: exited with 3" "nidus-init: crash: given up"
}

@test "on-failure starts again after a signal, not after 0" {
	machine_setup
	cat >"$conf" <<-END
		when-done poweroff
		service twice
		 exec /bin/sh -c "test -e $scratch/was && exit 0; touch $scratch/was; kill -SEGV \$\$"
		 respawn on-failure
		 backoff 10ms
	END
	with_conf 0
	order "$output" "nidus-init: twice: killed by SIGSEGV, again in 10ms" \
		"nidus-init: twice: exited with 0"
}

@test "giving a service up can mean the end" {
	machine_setup
	printf '%s\n' 'service crash' 'exec /bin/false' 'backoff 10ms' 'limit 2' 'on-give-up reboot' \
		'service other' 'exec /bin/sleep 3155' >"$conf"
	with_conf 133
	printf '%s\n' 'service step' 'exec /bin/false' 'ready exit' 'on-give-up halt' >"$conf"
	with_conf 0
	contains "$output" "nidus-init: step: given up"
}

@test "what a service leaves behind does not meet the next one" {
	machine_setup
	cat >"$conf" <<-'END'
		service parent
		 exec /bin/sh -c "pidof -s sleep >/dev/null && echo still there; sleep 3155 & exit 1"
		 backoff 200ms
		 limit 2
		 on-give-up poweroff
	END
	with_conf 0
	lacks "$output" "still there"
}

@test "a program that is missing is told with its reason" {
	machine_setup
	printf '%s\n' 'when-done poweroff' 'service none' 'exec /nonexistent' 'limit 1' >"$conf"
	with_conf 0
	contains "$output" "nidus-init: none: exec /nonexistent: No such file or directory"
}

@test "TERM stops the services, the last first, and PID 1 ends with 0" {
	machine_setup
	cat >"$conf" <<-'END'
		service first
		 exec /bin/sh -c "trap 'echo first; exit' TERM; echo up 1; while :; do sleep 0.05; done"
		service second
		 exec /bin/sh -c "trap 'sleep 0.3; echo second; exit' HUP; echo up 2; while :; do sleep 0.05; done"
		 stop-signal HUP
	END
	trap '' HUP # which is nothing to a service: it could not trap it, nor be stopped by it
	begin
	trap - HUP
	wait_for 10 printed "up 2"
	kill -TERM "$init"
	stopped 0
	order "$(cat "$scratch/out")" second first
}

@test "who ignores its stop signal is killed after the grace; so is who is nobody's service" {
	machine_setup
	cat >"$conf" <<-'END'
		grace 300ms
		service deaf
		 exec /bin/sh -c "trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo up; while :; do sleep 0.1; done"
	END
	begin
	wait_for 10 printed up
	kill -PWR "$init"
	stopped 0
	contains "$(cat "$scratch/out")" "nidus-init: deaf: killed after 300ms"
}

@test "nothing is started again while the machine stops" {
	machine_setup
	cat >"$conf" <<-'END'
		service crash
		 exec /bin/sh -c "echo crash; exit 1"
		 backoff 2s
		service slow
		 exec /bin/sh -c "trap 'sleep 3; exit' TERM; echo up; while :; do sleep 0.05; done"
	END
	begin
	wait_for 10 printed up
	wait_for 10 printed "nidus-init: crash: exited with 1, again in 2s"
	kill -TERM "$init"
	stopped 0
	equal "$(grep -cx crash "$scratch/out")" 1
}

@test "a stop that has begun is not replaced" {
	machine_setup
	cat >"$conf" <<-'END'
		service slow
		 exec /bin/sh -c "trap 'sleep 0.5; exit' TERM; echo up; while :; do sleep 0.05; done"
	END
	begin
	wait_for 10 printed up
	kill -39 "$init" # SIGRTMIN+5: reboot
	sleep 0.1
	kill -USR2 "$init"
	kill -TERM "$init"
	stopped 133
}

@test "nidus-init reboot, poweroff and halt inside ask PID 1" {
	local verb
	machine_setup
	for verb in reboot:133 poweroff:0 halt:0; do
		printf 'service ask\nexec %s/nidus-init %s\nready exit\n' "$TEST_BIN" "${verb%:*}" >"$conf"
		with_conf "${verb#*:}"
		contains "$output" "nidus-init: ${verb%:*}: stopping"
	done
}

@test "all errors of the file are told by their lines" {
	machine_setup
	cat >"$conf" <<-'END'
		frobnicate
		service web
		 exec /bin/true
		 backoff 5x
		 exec "/bin/true
		service web
	END
	with_conf 125
	order "$output" "nidus-init: machine.conf:1: frobnicate is not a directive" \
		"nidus-init: machine.conf:4: backoff: 5x is not a duration (try 500ms, 2s, 1m)" \
		"nidus-init: machine.conf:5: unclosed quote" \
		"nidus-init: machine.conf:6: service: web is already defined"
	machine 125 --config "$scratch/none"
	contains "$output" "nidus-init: $scratch/none: No such file or directory"
}

@test "a program behind -- is run, and its end is the end" {
	machine_setup
	# shellcheck disable=SC2016 # expanded inside
	machine 0 -- sh -c 'echo "$#: $1"' sh "a b"
	order "$output" "1: a b" "nidus-init: poweroff: stopping"
	machine 127 -- /nonexistent
	contains "$output" "nidus-init: main: exec /nonexistent: No such file or directory"
}

@test "a limit that cannot be had fails its service, with the reason" {
	machine_setup
	mount | grep -q ' /sys/fs/cgroup type cgroup2' && skip "this machine's cgroup2 has controllers"
	printf '%s\n' 'when-done poweroff' 'service fat' 'exec /bin/echo ran' 'memory 64M' 'limit 1' >"$conf"
	with_conf 0
	contains "$output" "nidus-init: fat: cgroup "
	lacks "$output" ran
}

@test "a service has no capabilities, no new privileges and none of PID 1's descriptors" {
	machine_setup
	cat >"$conf" <<-'END'
		when-done poweroff
		service plain
		 exec /bin/sh -c "grep -E '^(CapPrm|CapBnd|NoNewPrivs|SigBlk):' /proc/self/status; ls /proc/$$/fd"
		 respawn never
	END
	with_conf 0
	order "$output" "$(printf 'SigBlk:\t0000000000000000')" "$(printf 'CapPrm:\t0000000000000000')" \
		"$(printf 'CapBnd:\t0000000000000000')" "$(printf 'NoNewPrivs:\t1')" 0 1 2
	lacks "$output" $'\n3\n'
	sed -i 's/respawn never/respawn never\ncapabilities keep\nno-new-privs no/' "$conf"
	with_conf 0
	lacks "$output" "$(printf 'CapPrm:\t0000000000000000')"
	contains "$output" "$(printf 'NoNewPrivs:\t0')"
}

@test "user, environment, directory and output are as the file says" {
	machine_setup
	cat >"$conf" <<-END
		when-done poweroff
		setenv A=all
		setenv B=all
		service who
		 exec /bin/sh -c "id -u; id -g; pwd; echo \$A \$B"
		 user 1234:4321
		 chdir /usr
		 setenv "B=its own"
		 output $scratch/log
		 respawn never
	END
	with_conf 0
	equal "$(cat "$scratch/log")" $'1234\n4321\n/usr\nall its own'
	# an existing link where the log shall be is not followed
	ln -sf "$scratch/victim" "$scratch/log"
	with_conf 0
	[ ! -e "$scratch/victim" ]
	contains "$output" "nidus-init: who: tty $scratch/log: "
	printf '%s\n' 'when-done poweroff' 'service who' 'exec /bin/true' 'user nobody-at-all' 'limit 1' >"$conf"
	with_conf 0
	contains "$output" "nidus-init: who: user"
	contains "$output" "nobody-at-all"
}

@test "private mounts: read-only but for /dev, /tmp, /run and what is named" {
	machine_setup
	mkdir "$scratch/rw"
	cat >"$conf" <<-END
		when-done poweroff
		service own
		 exec /bin/sh -c "for f in /tmp/x /run/x /dev/shm/x.\$\$ $scratch/rw/x $scratch/x /proc/sys/kernel/panic; do (: >>\$f) 2>/dev/null && echo yes \$f || echo no \$f; done; rm -f /dev/shm/x.\$\$; ls /tmp"
		 private yes
		 writable $scratch/rw
		 respawn never
	END
	with_conf 0
	order "$output" "yes /tmp/x" "yes /run/x" "yes $scratch/rw/x" "no $scratch/x" \
		"no /proc/sys/kernel/panic" x
	[ -e "$scratch/rw/x" ]
	[ ! -e /run/x ]
}

@test "a seccomp file is installed; one that is wrong fails its service" {
	machine_setup
	# a single instruction: SECCOMP_RET_ALLOW
	printf '\006\000\000\000\000\000\377\177' >"$scratch/filter"
	cat >"$conf" <<-END
		when-done poweroff
		service filtered
		 exec /bin/grep Seccomp: /proc/self/status
		 seccomp $scratch/filter
		 respawn never
	END
	with_conf 0
	contains "$output" "$(printf 'Seccomp:\t2')"
	echo odd >"$scratch/filter"
	with_conf 0
	contains "$output" "nidus-init: filtered: seccomp $scratch/filter: Invalid argument"
}

@test "a service whose filter lets it say nothing has failed all the same" {
	machine_setup
	filter_for write ERRNO >"$scratch/filter"
	cat >"$conf" <<-END
		when-done poweroff
		service mute
		 exec /nonexistent
		 seccomp $scratch/filter
		 backoff 100ms 100ms
		 limit 2
		service next
		 exec /bin/echo next
		 respawn never
	END
	with_conf 0
	order "$output" "nidus-init: mute: exec /nonexistent: No such file or directory" \
		"nidus-init: mute: again in 100ms" \
		"nidus-init: mute: exec /nonexistent: No such file or directory" \
		"nidus-init: mute: given up" next
}

@test "a service that is killed before its exec has not started" {
	local child
	machine_setup
	mkfifo "$scratch/filter"
	cat >"$conf" <<-END
		when-done poweroff
		service held
		 exec /bin/echo held
		 seccomp $scratch/filter
		 backoff 100ms 100ms
		 limit 2
		service next
		 exec /bin/echo next
		 respawn never
	END
	begin
	for _ in 1 2; do
		wait_for 10 child_of "$init"
		child=$(child_of "$init")
		sleep 0.1 # it reads its filter, which does not come
		kill -9 "$child"
		wait_for 10 gone "$child"
	done
	stopped 0
	order "$(cat "$scratch/out")" "nidus-init: held: exec: killed before its exec" \
		"nidus-init: held: again in 100ms" \
		"nidus-init: held: exec: killed before its exec" \
		"nidus-init: held: given up" next
}

in_state() { # PID STATE NAME
	grep -q "^State:	$2" "/proc/$1/status" && grep -q "^Name:	$3$" "/proc/$1/status"
}

@test "a service that is stopped before its exec goes on, and is stopped after it" {
	local child
	machine_setup
	mkfifo "$scratch/filter"
	cat >"$conf" <<-END
		when-done poweroff
		service held
		 exec /bin/sleep 600
		 seccomp $scratch/filter
		 respawn never
	END
	begin
	wait_for 10 child_of "$init"
	child=$(child_of "$init")
	sleep 0.1 # it waits for its filter
	kill -STOP "$child"
	wait_for 10 in_state "$child" S nidus-init
	printf '\x06\x00\x00\x00\x00\x00\xff\x7f' >"$scratch/filter" # allows all
	wait_for 10 in_state "$child" T sleep
	kill -KILL "$child"
	stopped 0
}

@test "hostname and loopback are set" {
	machine_setup
	cat >"$conf" <<-'END'
		hostname box
		when-done poweroff
		service look
		 exec /bin/sh -c "uname -n; grep -m 1 -o 127.0.0.1 /proc/net/fib_trie"
		 respawn never
	END
	with_conf 0
	order "$output" box 127.0.0.1
}

@test "idle, PID 1 is not woken" {
	local before after
	machine_setup
	printf '%s\n' 'service idle' 'exec /bin/sleep 3155' >"$conf"
	begin
	wait_for 10 child_of "$init"
	sleep 0.5
	before=$(grep voluntary_ctxt "/proc/$init/status" | tr -dc '0-9\n' | head -n 1)
	sleep 3
	after=$(grep voluntary_ctxt "/proc/$init/status" | tr -dc '0-9\n' | head -n 1)
	kill -TERM "$init"
	stopped 0
	equal "$after" "$before" "voluntary switches"
}

@test "as PID 1 alone: elsewhere it would end everybody" {
	machine_setup
	run "$TEST_BIN/nidus-init" --machine
	equal "$status" 125
	contains "$output" "PID 1"
}
