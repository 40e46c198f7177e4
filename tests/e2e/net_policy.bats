#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a sandbox of --net nat does not reach, and what opens it.

load helpers
load net_helpers

@test "two sandboxes can't reach each other" {
	need_nat
	server nat -- tcp 8000 9
	inside nat closed "$address4" 8000
	inside nat closed "$address6" 8000
	net 1 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" ping "$address4"
	stop_server
}

@test "with --net-peer those of one label can, others can't" {
	need_nat
	server nat --net-peer team -- tcp 8000 9
	net 0 nat --net-peer team -- "$CLIENT" tcp "$address4" 8000 friend4
	contains "$output" friend4
	net 0 nat --net-peer team -- "$CLIENT" tcp "$address6" 8000 friend6
	contains "$output" friend6
	net 0 nat --net-peer others -- "$CLIENT" closed "$address4" 8000
	net 0 nat --net-peer others -- "$CLIENT" closed "$address6" 8000
	inside nat closed "$address4" 8000
	stop_server
}

@test "labels are compared whole: two that a hash can't tell apart are two" {
	need_nat
	server nat --net-peer costarring -- tcp 8000 9 # FNV-1a of 32 bits: the same as of liquid
	net 0 nat --net-peer liquid -- "$CLIENT" closed "$address4" 8000
	net 0 nat --net-peer liquid -- "$CLIENT" closed "$address6" 8000
	net 0 nat --net-peer costarring -- "$CLIENT" tcp "$address4" 8000 friend
	contains "$output" friend
	stop_server
}

@test "the host's own services are closed, but for --net-host-ports" {
	need_nat
	host_server tcp 17000 99
	here tcp "$NET_HOST4" 17000 up
	inside nat closed "$NET_HOST4" 17000
	inside nat closed "$NET_HOST6" 17000
	inside nat closed 169.254.1.1 17000
	net 0 nat --net-host-ports 17000 -- "$CLIENT" tcp "$NET_HOST4" 17000 let-in
	contains "$output" let-in
	net 0 nat --net-host-ports 17001 -- "$CLIENT" closed "$NET_HOST4" 17000
	stop_host_server
}

@test "the host's loopback is closed, with a port published on it, too" {
	need_nat
	: >"$scratch/heard"
	/usr/bin/python3 -c '
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 7))
print("serving", flush=True)
while True:
    print(sock.recv(1000).decode(), flush=True)' >"$scratch/heard" </dev/null 3>&- 4>&- &
	local listener=$!
	wait_for 10 grep -qx serving "$scratch/heard"
	/usr/bin/python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"by the host", ("127.0.0.1", 7))'
	wait_for 5 grep -qx "by the host" "$scratch/heard"
	# shellcheck disable=SC2016
	net 0 nat --publish 127.0.0.1:18087:8000 --user 0:0 --cap-add NET_RAW --seccomp none -- sh -c '
		own=$("$0" own "$2")
		"$1" frame eth0 "$own" "$2" "a frame to outside $3"
		"$1" frame eth0 "$own" 127.0.0.1 "a frame to loopback"
		"$1" frame eth0 127.0.0.1 127.0.0.1 "a frame from loopback"
		sleep 0.3' "$TEST_BIN/net_probe" "$CLIENT" "$OUT4" "$BATS_TEST_TMPDIR"
	outside "{\"do\": \"seen\", \"text\": \"a frame to outside $BATS_TEST_TMPDIR\"}"
	contains "$output" "$NET_HOST4"
	kill "$listener"
	wait "$listener" 2>/dev/null || true
	lacks "$(cat "$scratch/heard")" "a frame"
}

@test "spoofed sources are dropped" {
	need_nat
	local mark=spoof-$RANDOM$RANDOM
	# shellcheck disable=SC2016
	net 0 nat --user 0:0 --cap-add NET_RAW -- sh -c '
		own4=$("$0" own "$2") own6=$("$0" own "$3")
		"$1" spoof "$own4" "$2" "$4-own"
		"$1" spoof "$own6" "$3" "$4-own"
		"$1" spoof 198.51.100.99 "$2" "$4-false"
		"$1" spoof 192.0.2.1 "$2" "$4-false"
		"$1" spoof 2001:db8::99 "$3" "$4-false"
		sleep 0.3' "$TEST_BIN/net_probe" "$CLIENT" "$OUT4" "$OUT6" "$mark"
	outside "{\"do\": \"seen\", \"text\": \"$mark-own\"}"
	equal "$output" "$NET_HOST4 $NET_HOST6" "sources of what was sent from its own addresses"
	outside "{\"do\": \"seen\", \"text\": \"$mark-false\"}"
	equal "$output" "" "sources of what was spoofed"
}

@test "a sandbox can't take the address of another" {
	need_nat
	server nat -- tcp 8000 9
	local mark=steal-$RANDOM
	net 0 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" spoof "$address4" "$OUT4" "$mark"
	outside "{\"do\": \"seen\", \"text\": \"$mark\"}"
	equal "$output" "" "sources of what was spoofed"
	stop_server
}

@test "--net-deny closes what it names, and that alone" {
	need_nat
	local rules=(--net-deny "$OUT4:7/tcp" --net-deny "[$OUT6]:7")
	net 0 nat "${rules[@]}" -- "$CLIENT" closed "$OUT4" 7
	net 0 nat "${rules[@]}" -- "$CLIENT" closed "$OUT6" 7
	net 0 nat "${rules[@]}" -- "$CLIENT" udp "$OUT4" 7 udp-is-open
	net 1 nat "${rules[@]}" -- "$CLIENT" udp "$OUT6" 7 udp-is-closed
	net 0 nat "${rules[@]}" -- "$CLIENT" tcp "$OUT4" 11
	net 0 nat --net-deny 192.0.2.0/24 -- "$CLIENT" closed "$OUT4" 11
	net 0 nat --net-deny 192.0.2.0/24 -- "$CLIENT" tcp "$OUT6" 11
}

@test "--net-allow closes everything else" {
	need_nat
	local rules=(--net-allow "192.0.2.0/24:11/tcp")
	net 0 nat "${rules[@]}" -- "$CLIENT" tcp "$OUT4" 11
	net 0 nat "${rules[@]}" -- "$CLIENT" closed "$OUT4" 7
	net 0 nat "${rules[@]}" -- "$CLIENT" closed "$OUT6" 11
	net 1 nat "${rules[@]}" -- "$CLIENT" udp "$OUT4" 11 x
	net 0 nat --net-allow 2001:db8::/32 -- "$CLIENT" tcp "$OUT6" 11
}

@test "of several rules the first that matches decides" {
	need_nat
	net 0 nat --net-deny "$OUT4:7" --net-allow 192.0.2.0/24 -- "$CLIENT" closed "$OUT4" 7
	net 0 nat --net-deny "$OUT4:7" --net-allow 192.0.2.0/24 -- "$CLIENT" tcp "$OUT4" 11
	net 0 nat --net-allow "$OUT4:7" --net-deny 192.0.2.0/24 -- "$CLIENT" tcp "$OUT4" 7 x
	net 0 nat --net-allow "$OUT4:7" --net-deny 192.0.2.0/24 -- "$CLIENT" closed "$OUT4" 11
}

@test "a rule does not cut answers of published ports" {
	need_nat
	server nat --publish 18088:8000 --net-deny 0.0.0.0/0 -- tcp 8000 9
	outside '{"do": "tcp", "to": ["192.0.2.1", 18088], "send": "answered"}'
	contains "$output" answered
	stop_server
}

@test "the metadata address is closed" {
	need_nat
	here tcp 169.254.169.254 80
	equal "$output" outside "what is there to be closed"
	inside nat closed 169.254.169.254 80
}
