#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --net user: the rootless network, as root and as ordinary users.

load helpers
load net_helpers

BIG=104857600

need_user_net() {
	need_stage
	[ -x /usr/bin/slirp4netns ] || [ -x /usr/local/bin/slirp4netns ] || [ -x /bin/slirp4netns ] ||
		skip "slirp4netns is not installed"
	if [ ! -r /dev/net/tun ] || [ ! -w /dev/net/tun ]; then
		skip "/dev/net/tun can't be opened here"
	fi
}

no_helper() {
	no_process "slirp4netns --configure" && no_process "pasta --foreground"
}

# Pids of the programs that --net user runs.
helpers_running() {
	local directory
	for directory in /proc/[0-9]*; do
		if tr '\0' ' ' <"$directory/cmdline" 2>/dev/null | grep -q '^slirp4netns --configure'; then
			echo "${directory#/proc/}"
		fi
	done
}

# with_program FILE: a sandbox whose slirp4netns is FILE, which ends once there is $scratch/now.
with_program() {
	chmod 0755 "$1"
	rm -f "$EVENTS" "$scratch/now"
	# shellcheck disable=SC2016 # the shell's in between
	unshare --mount sh -c 'mount --bind "$0" /usr/bin/slirp4netns; exec "$@"' "$1" \
		"$NIDUS" run --net user --events "$EVENTS" -- sleep 30 </dev/null >/dev/null 2>&1 3>&- 4>&- &
	spawner=$!
	wait_for 20 has_event setup_finished
	: >"$scratch/now"
	wait_for 5 has_event degraded
}

@test "TCP and UDP out, over IPv4 and IPv6" {
	need_user_net
	local address
	for address in "$OUT4" "$OUT6"; do
		inside user tcp "$address" 7 hello
		equal "$output" hello "TCP echo of $address"
		inside user udp "$address" 7 hello
		equal "$output" hello "UDP echo of $address"
	done
}

@test "the peer sees the host's address" {
	need_user_net
	inside user tcp "$OUT4" 11
	equal "${output% *}" "$NET_HOST4" "source"
	inside user udp "$OUT6" 11 x
	equal "${output% *}" "$NET_HOST6" "source"
}

@test "ready means usable: the first act connects at once" {
	need_user_net
	local address
	for address in "$OUT4" "$OUT6"; do
		net 0 user -- "$TEST_BIN/net_probe" connect "$address" 7
		[ "$output" -lt 500000 ] || fail "connect to $address took $output us"
	done
}

@test "the link inside: its name and its MTU" {
	need_user_net
	inside user mtu eth0
	equal "$output" 65520 "MTU"
}

@test "names, by the host's resolver or by one of the caller's choice" {
	need_user_net
	inside user dns peer.test
	equal "$output" "$OUT4 $OUT6" "addresses of peer.test"
	net 0 user -- cat /etc/resolv.conf
	contains "$output" "nameserver 10.0.2.3"
	net 0 user --dns "$OUT4" -- "$CLIENT" dns peer.test
	equal "$output" "$OUT4 $OUT6" "addresses of peer.test with --dns"
	net 0 user --dns "$OUT4" -- cat /etc/resolv.conf
	contains "$output" "nameserver $OUT4"
	lacks "$output" 10.0.2.3
}

@test "100 MB, every byte right" {
	need_user_net
	inside user get "$OUT4" 19 "$(light "$BIG" 10000000)"
	inside user get "$OUT6" 19 "$(light "$BIG" 10000000)"
}

@test "half-closed connections, every byte right" {
	need_user_net
	inside user after-eof "$OUT4" "$(light 30000000 3000000)"
	inside user after-eof "$OUT6" 3000000
	inside user eof-first "$OUT4" "$(light 30000000 3000000)"
	inside user eof-first "$OUT6" 3000000
}

@test "a published TCP port, from outside and from the host's loopback" {
	need_user_net
	server user --publish 18080:8000 -- tcp 8000 9
	outside '{"do": "tcp", "to": ["192.0.2.1", 18080], "send": "from outside"}'
	contains "$output" "from outside"
	here tcp 127.0.0.1 18080 "from loopback"
	contains "$output" "from loopback"
	here tcp "$NET_HOST4" 18080 "from the host"
	contains "$output" "from the host"
	stop_server
}

@test "a published UDP port, from outside" {
	need_user_net
	server user --publish 18053:8053/udp -- udp 8053 9
	outside '{"do": "udp", "to": ["192.0.2.1", 18053], "send": "datagram"}'
	contains "$output" datagram
	stop_server
}

@test "a port published on one address is on that alone" {
	need_user_net
	server user --publish 127.0.0.1:18081:8000 --publish 127.0.0.1:18082:8000 -- tcp 8000 9
	here tcp 127.0.0.1 18081 one
	contains "$output" one
	here tcp 127.0.0.1 18082 two
	contains "$output" two
	here closed "$NET_HOST4" 18081
	expect 1 "$CLIENT" agent '{"do": "tcp", "to": ["192.0.2.1", 18081]}'
	stop_server
}

@test "a large answer of a published port, half-closed, every byte right" {
	need_user_net
	background --net user --publish 18083:8000 -- /usr/bin/python3 -c '
import signal, socket, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import net_data
server = socket.create_server(("0.0.0.0", 8000))
print("serving", flush=True)
client, _ = server.accept()
size, digest = net_data.receive(client)
client.sendall(f"{size} {digest}\n".encode())
net_data.send(client, size)
client.close()
signal.pause() # with the sandbox would end what is still on its way' "$HELPERS"
	wait_for 20 grep -qx serving "$BATS_TEST_TMPDIR/out"
	expect 0 /usr/bin/python3 -c '
import socket, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import net_data
size = int(sys.argv[2])
sock = socket.create_connection(("127.0.0.1", 18083), 5)
sock.settimeout(60)
net_data.send(sock, size)
sock.shutdown(socket.SHUT_WR)
line = b""
while not line.endswith(b"\n"):
    line += sock.recv(1) or sys.exit("no answer")
wanted = (size, net_data.digest_of(size))
assert line.decode().split() == [str(size), wanted[1]], line
assert net_data.receive(sock) == wanted' "$HELPERS" "$(light 30000000 3000000)"
	stop_server
}

@test "the host's loopback is closed, by every name it has inside" {
	need_user_net
	host_server tcp 17000 99
	here tcp 127.0.0.1 17000 up
	local address
	for address in 10.0.2.2 10.0.2.3 fd00::2 fd00::3; do
		inside user closed "$address" 17000
	done
	stop_host_server
}

@test "the metadata address is closed" {
	need_user_net
	here tcp 169.254.169.254 80
	equal "$output" outside "what is there to be closed"
	inside user closed 169.254.169.254 80
}

@test "nothing but loopback and one link is inside, and no capability to change it" {
	need_user_net
	net 0 user -- sh -c 'tail -n +3 /proc/net/dev | wc -l; grep CapEff /proc/self/status'
	contains "$output" "2"
	contains "$output" "0000000000000000"
}

@test "the program ends with its sandbox" {
	need_user_net
	net 0 user -- true
	wait_for 2 no_helper
	net 3 user -- sh -c 'exit 3'
	wait_for 2 no_helper
	background --net user -- sleep 30
	[ -n "$(helpers_running)" ] || fail "no program to be seen"
	kill -TERM "$spawner"
	ended 143
	wait_for 2 no_helper
}

@test "the program ends when the start fails behind it" {
	need_user_net
	net 127 user -- nidus-no-such-command
	wait_for 2 no_helper
}

@test "killing the spawner leaves no program" {
	need_user_net
	background --net user --publish 18084:8000 -- sleep 30
	[ -n "$(helpers_running)" ] || fail "no program to be seen"
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	wait_for 2 no_helper
	gc_twice
}

@test "killing the spawner at random moments leaves no program" {
	need_user_net
	killed_at_random "$(light 60 10)" 70 --net user --publish 18085:8000
	wait_for 3 no_helper
	gc_twice
}

@test "killing PID 1 leaves no program" {
	need_user_net
	background --net user -- sleep 30
	kill -9 "$(init_pid)" || skip "PID 1 is not this user's to kill"
	wait "$spawner" 2>/dev/null || true
	wait_for 2 no_helper
}

@test "a stopped program does not keep a sandbox from its end" {
	need_user_net
	background --net user -- sleep 30
	kill -STOP "$(helpers_running)"
	kill -TERM "$spawner"
	ended 143
	wait_for 2 no_helper
}

@test "a program that dies is told of, and the sandbox goes on" {
	need_user_net
	background --net user -- sleep 30
	kill -9 "$(helpers_running)"
	wait_for 5 has_event degraded
	events 'ev("degraded")["control"] == "network"' \
		'ev("degraded")["why"] == "slirp4netns was killed by signal 9"'
	kill -0 "$spawner" || fail "the sandbox ended"
	kill -TERM "$spawner"
	ended 143
}

@test "a program that fails in the middle is quoted, by its last words alone" {
	need_user_net
	need_root
	cat >"$scratch/fails" <<-END
		#!/bin/bash
		echo "how it came up" >&2
		printf 1 >&4
		for ((i = 0; i < 300; i++)); do [ ! -e "$scratch/now" ] || break; sleep 0.1; done
		echo "the tap is on fire" >&2
		exit 7
	END
	with_program "$scratch/fails"
	events 'ev("degraded")["why"] == "slirp4netns exited with status 7: the tap is on fire"'
	kill -TERM "$spawner"
	ended 143
}

@test "a program that talks without end is not kept from its work, nor the spawner" {
	need_user_net
	need_root
	cat >"$scratch/talks" <<-END
		#!/usr/bin/python3
		import os, time
		os.write(4, b"1")
		for _ in range(300):
		    if os.path.exists("$scratch/now"):
		        break
		    time.sleep(0.1)
		try:
		    for _ in range(100):
		        os.write(2, b"x" * 4095 + b"\n")
		except BlockingIOError:
		    pass
	END
	with_program "$scratch/talks"
	events 'ev("degraded")["why"].startswith("slirp4netns exited with status 0: xxx")'
	kill -TERM "$spawner"
	ended 143
}

@test "a stopped program whose spawner is killed is ended by gc" {
	need_user_net
	background --net user -- sleep 30
	kill -STOP "$(helpers_running)"
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	wait_for 3 no_process "sleep 30"
	gc_twice
	wait_for 2 no_helper
}

@test "the program has nothing of the spawner's: descriptors, environment, signals, terminal" {
	need_user_net
	need_root
	background --net user -- sleep 30
	local pid
	pid=$(helpers_running)
	equal "$(tr -d '\0' <"/proc/$pid/environ")" "" "environment"
	lacks "$(ls -l "/proc/$pid/fd")" nidus
	lacks "$(ls -l "/proc/$pid/fd")" "$scratch"
	equal "$(awk '/^SigBlk/ {print $2}' "/proc/$pid/status")" 0000000000000000 "blocked signals"
	equal "$(awk '/^Seccomp:/ {print $2}' "/proc/$pid/status")" 2 "seccomp mode"
	equal "$(awk '/^CapEff/ {print $2}' "/proc/$pid/status")" 0000000000000400 "capabilities"
	equal "$(awk '{print $6}' "/proc/$pid/stat")" "$pid" "its session"
	kill -TERM "$spawner"
	ended 143
}

@test "a port that is taken is an error that names it" {
	need_user_net
	host_server tcp 18086 9
	net 125 user --publish 18086:8000 -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "18086:8000/tcp"
	lacks "$(cat "$EVENTS")" setup_finished
	stop_host_server
	wait_for 2 no_helper
}

@test "what it can't do is refused before anything is touched" {
	need_user_net
	local option
	for option in "--net-allow 192.0.2.0/24" "--net-deny 192.0.2.0/24" "--net-peer x" \
		"--net-host-ports 22" "--net-pool 10.9.0.0/16"; do
		# shellcheck disable=SC2086 # an option and its value
		expect 125 "$NIDUS" run --net user $option -- true
		equal "$(lines "$stderr")" 1 "lines on stderr for $option"
		contains "$stderr" "--net nat"
	done
	expect 125 "$NIDUS" run --net user --publish '[2001:db8::1]:18087:80' -- true
	contains "$stderr" "IPv4"
}

@test "neither program is there: the error names the package" {
	need_user_net
	need_root
	local program hide=
	for program in /usr/bin/slirp4netns /usr/bin/pasta /usr/local/bin/slirp4netns /usr/local/bin/pasta; do
		[ ! -e "$program" ] || hide+="mount --bind /dev/null $(readlink -f "$program"); "
	done
	expect 125 unshare --mount sh -c "$hide exec \"\$@\"" sh "$NIDUS" run --net user -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "slirp4netns or pasta"
	contains "$stderr" "Debian: slirp4netns"
}

@test "a pasta that is too old is refused, and why" {
	need_user_net
	need_root
	printf '#!/bin/sh\necho "pasta 2023_03_09.7c7625d"\n' >"$scratch/pasta"
	chmod 0755 "$scratch/pasta"
	[ -e /usr/bin/pasta ] || skip "no /usr/bin/pasta to put another in the place of"
	expect 125 unshare --mount sh -c 'mount --bind /dev/null /usr/bin/slirp4netns
		mount --bind "$0" "$(readlink -f /usr/bin/pasta)"; exec "$@"' "$scratch/pasta" \
		"$NIDUS" run --net user -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" 2023_03_09
	contains "$stderr" slirp4netns
}

@test "a program that fails is quoted, one that hangs is ended" {
	need_user_net
	need_root
	printf '#!/bin/sh\necho "the tap is on fire" >&2\nexit 1\n' >"$scratch/fails"
	printf '#!/bin/sh\nexec sleep 3155\n' >"$scratch/hangs"
	chmod 0755 "$scratch/fails" "$scratch/hangs"
	expect 125 unshare --mount sh -c 'mount --bind "$0" /usr/bin/slirp4netns; exec "$@"' \
		"$scratch/fails" "$NIDUS" run --net user -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "the tap is on fire"
	expect 125 unshare --mount sh -c 'mount --bind "$0" /usr/bin/slirp4netns; exec "$@"' \
		"$scratch/hangs" "$NIDUS" run --net user -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" slirp4netns
	wait_for 2 no_process "sleep 3155"
}

@test "a program that outlives its spawner is ended by gc" {
	need_user_net
	need_root
	printf '#!/bin/bash\nprintf 1 >&4\nexec sleep 3156\n' >"$scratch/stays"
	chmod 0755 "$scratch/stays"
	rm -f "$EVENTS"
	unshare --mount sh -c 'mount --bind "$0" /usr/bin/slirp4netns; exec "$@"' "$scratch/stays" \
		"$NIDUS" run --net user --events "$EVENTS" -- sleep 30 </dev/null >/dev/null 2>&1 3>&- 4>&- &
	spawner=$!
	wait_for 20 has_event setup_finished
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	wait_for 3 no_process "sleep 30"
	! no_process "sleep 3156" || fail "the program did not even start"
	gc_twice
	wait_for 2 no_process "sleep 3156"
}

@test "several at once" {
	need_user_net
	local n pids=() failed=0
	for n in $(seq "$(light 16 4)"); do
		"$NIDUS" run --net user -- "$CLIENT" tcp "$OUT4" 7 "$n" >"$scratch/out.$n" 2>"$scratch/err.$n" \
			</dev/null 3>&- 4>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failed=$((failed + 1))
	done
	equal "$failed" 0 "failed of $(light 16 4): $(cat "$scratch"/err.*)"
	for n in $(seq "$(light 16 4)"); do
		equal "$(cat "$scratch/out.$n")" "$n" "echo"
	done
	wait_for 2 no_helper
}

@test "launches in a row leave nothing" {
	need_user_net
	for _ in $(seq "$(light 100 10)"); do
		expect 0 "$NIDUS" run --net user --publish 18088:8000 -- true
	done
	wait_for 2 no_helper
}

@test "hundreds in one process, eight at a time: its descriptors are what they were" {
	need_user_net
	LIMIT_S=300 LAUNCHES_NET=user expect 0 "$TEST_BIN/launches" "$(light 100 16)" 8 true
	wait_for 2 no_helper
}
