#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # conf, init, output: set by machine_helpers.bash and run
# The machine role and what is around its container: the command line, the terminal, who comes in from outside.

load helpers
load machine_helpers

@test "a word of the command line that is unknown is told" {
	machine_setup
	machine 125 --conf "$scratch/none"
	contains "$output" "nidus-init: --conf: unknown option: use --config PATH, -- PROGRAM [ARG...]"
	printf '%s\n' 'when-done poweroff' 'service a' 'exec /bin/echo ran' 'respawn never' >"$conf"
	machine 0 --config="$conf"
	order "$output" ran
}

@test "services start in /, the program of the command line where its caller stands" {
	machine_setup
	printf '%s\n' 'when-done poweroff' 'service a' 'exec /bin/pwd' 'respawn never' >"$conf"
	cd "$scratch"
	machine 0 --config "${conf##*/}"
	order "$output" /
	machine 0 -- pwd
	order "$output" "$scratch"
}

@test "a file without a service is told" {
	machine_setup
	echo "# nothing" >"$conf"
	begin
	wait_for 10 printed "nidus-init: no services"
	kill -TERM "$init"
	stopped 0
}

@test "a bind mount has its flags" {
	machine_setup
	mkdir "$scratch/from" "$scratch/to" "$scratch/plain"
	cp /bin/true "$scratch/from"
	cat >"$conf" <<-END
		when-done poweroff
		mount $scratch/from $scratch/to none bind,ro,nosuid,nodev,noexec
		mount $scratch/from $scratch/plain none bind
		service try
		 exec /bin/sh -c "grep -o '$scratch/to [^ ]* ro,nosuid,nodev,noexec' /proc/mounts; cd $scratch/to; (: >f) || echo read-only; ./true || echo not executed; : >../plain/f && echo plain; cd ../plain && ./true && echo executed"
		 respawn never
	END
	with_conf 0
	contains "$output" "$scratch/to "
	order "$output" read-only "not executed" plain executed
}

@test "a bind mount keeps what guards its source" {
	machine_setup
	mkdir "$scratch/from" "$scratch/to"
	cat >"$conf" <<-END
		when-done poweroff
		mount tmpfs $scratch/from tmpfs nosuid,nodev,noexec
		mount $scratch/from $scratch/to none bind,ro
		service try
		 exec /bin/sh -c "grep -c '$scratch/to tmpfs ro,nosuid,nodev,noexec' /proc/mounts"
		 respawn never
	END
	with_conf 0
	order "$output" 1
}

@test "capabilities keep keeps nothing for who is not root" {
	machine_setup
	cat >"$conf" <<-'END'
		when-done poweroff
		service plain
		 exec /bin/grep -E ^Cap(Prm|Eff|Amb): /proc/self/status
		 capabilities keep
		 user 1234
		 respawn never
	END
	with_conf 0
	order "$output" "$(printf 'CapPrm:\t0000000000000000')" "$(printf 'CapEff:\t0000000000000000')" \
		"$(printf 'CapAmb:\t0000000000000000')"
}

@test "a life of ten seconds is no start that failed" {
	machine_setup
	cat >"$conf" <<-END
		when-done poweroff
		service long
		 exec /bin/sh -c "test -e $scratch/was && exit 2; : >$scratch/was; sleep 10.1; exit 1"
		 backoff 10ms
		 limit 1
	END
	with_conf 0
	order "$output" "nidus-init: long: exited with 1, again in 10ms" "nidus-init: long: exited with 2" \
		"nidus-init: long: given up"
}

@test "a limit without cgroup2 says what it needs" {
	machine_setup
	mount | grep -q ' /sys/fs/cgroup type cgroup2' && skip "there is a cgroup2 at /sys/fs/cgroup"
	printf '%s\n' 'when-done poweroff' 'service web' 'exec /bin/true' 'pids 10' 'limit 1' >"$conf"
	with_conf 0
	contains "$output" "nidus-init: web: cgroup pids.max (needs a writable cgroup2 at /sys/fs/cgroup)"
}

@test "who came in from outside has two seconds at the stop" {
	local entered
	machine_setup
	printf '%s\n' 'service idle' 'exec /bin/sleep 3155' >"$conf"
	begin
	nsenter --target "$init" --pid --mount sh -c \
		"trap 'sleep 0.7; echo its end; exit' TERM; echo entered; while :; do sleep 0.05; done" >>"$scratch/out" 3>&- &
	entered=$!
	wait_for 10 printed entered
	kill -TERM "$init"
	stopped 0
	wait "$entered" || :
	order "$(cat "$scratch/out")" "its end"
}

@test "orphans that come faster than they are reaped do not hold the stop up" {
	machine_setup
	cat >"$conf" <<-END
		service storm
		 exec $TEST_BIN/storm 2000 3 20
		 grace 100ms
	END
	begin
	sleep 2
	local began=$SECONDS
	kill -TERM "$init"
	stopped 0
	[ $((SECONDS - began)) -lt 12 ] || fail "the stop took $((SECONDS - began)) s"
}

@test "a terminal that nobody reads does not hold the stop up" {
	machine_setup
	printf '%s\n' 'service crash' 'exec /bin/false' 'backoff 1ms 1ms' 'limit 0' >"$conf"
	run -0 timeout -k 5 40 python3 - "${in_container[@]}" "$TEST_BIN/nidus-init" --machine --config "$conf" <<-'END'
		import os, pty, select, signal, subprocess, sys, time
		master, slave = pty.openpty()
		outer = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
		select.select([master], [], [], 10)
		inner = int(open(f"/proc/{outer.pid}/task/{outer.pid}/children").read())
		time.sleep(2)
		os.kill(inner, signal.SIGTERM)
		try:
		    print("status", outer.wait(10))
		except subprocess.TimeoutExpired:
		    print("stuck in", open(f"/proc/{inner}/wchan").read())
		    outer.kill()
		print("filled", len(os.read(master, 1 << 20)) > 1000)
	END
	order "$output" "status 0" "filled True"
}

# on_terminal STEP… -- COMMAND…: in a container whose standard input and output is a terminal.
on_terminal() {
	run -0 "$HELPERS/pty" "$@"
}

@test "a shell in a container leaves its caller the terminal" {
	machine_setup
	printf '%s\n' 'shell /bin/sh -i' >"$conf"
	on_terminal 'expect=[#$] $' 'send=echo in$((6 * 7))\r' 'expect=in42' 'send=nidus=$((1 + 1)); kill -USR2 1\r' \
		'expect=caller (has|lost) it' end -- \
		sh -c "trap '' HUP; ${in_container[*]} $TEST_BIN/nidus-init --machine --config $conf; : </dev/tty && echo caller has it || echo caller lost it"
	contains "$output" "caller has it"
}

@test "a shell has job control where PID 1 led the terminal's session" {
	machine_setup
	printf '%s\n' 'shell /bin/sh -i' >"$conf"
	on_terminal 'expect=[#$] $' 'send=: </dev/tty && echo tty$((6 * 7))\r' 'expect=tty42' 'expect=[#$] $' \
		'send=sh -c "echo job$((6 * 7)); exec sleep 3155"\r' 'expect=job42' 'send=\x03' 'expect=[#$] $' 'send=echo status $?\r' \
		'expect=status 130' 'send=exit\r' 'expect=shell: exited with 0' 'expect=[#$] $' \
		'send=: </dev/tty && echo again$((6 * 7))\r' 'expect=again42' 'send=kill -USR2 1\r' end -- \
		"${in_container[@]}" setsid --ctty "$TEST_BIN/nidus-init" --machine --config "$conf"
	lacks "$output" "job control"
}

@test "without a shell the terminal's ^C is the stop" {
	machine_setup
	printf '%s\n' 'service idle' 'exec /bin/sh -c "echo up; exec sleep 3155"' >"$conf"
	on_terminal 'expect=up' 'send=\x03' 'expect=poweroff: stopping' end -- \
		"${in_container[@]}" setsid --ctty "$TEST_BIN/nidus-init" --machine --config "$conf"
}
