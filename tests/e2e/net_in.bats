#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What reaches a sandbox of --net nat: published ports.

load helpers
load net_helpers

@test "a published TCP port, from everywhere" {
	need_nat
	server nat --publish 18080:8000 -- tcp 8000 9
	outside '{"do": "tcp", "to": ["192.0.2.1", 18080], "send": "outside4"}'
	contains "$output" outside4
	outside '{"do": "tcp", "to": ["2001:db8::1", 18080], "send": "outside6"}'
	contains "$output" outside6
	here tcp 127.0.0.1 18080 loopback
	contains "$output" loopback
	here tcp "$NET_HOST4" 18080 host4
	contains "$output" host4
	here tcp "$NET_HOST6" 18080 host6
	contains "$output" host6
	expect 0 "$NIDUS" run --net nat -- "$CLIENT" tcp "$NET_HOST4" 18080 sibling
	contains "$output" sibling
	stop_server
	here closed 127.0.0.1 18080
}

@test "a published TCP port, from its own sandbox" {
	need_nat
	net 0 nat --publish 18081:8000 -- sh -c '
		"$0" serve tcp 8000 2 >/tmp/said &
		until grep -qx serving /tmp/said; do sleep 0.05; done
		"$0" tcp "$1" 18081 own4' \
		"$CLIENT" "$NET_HOST4"
	contains "$output" own4
}

@test "a published UDP port, from outside and from the host" {
	need_nat
	server nat --publish 18053:8053/udp -- udp 8053 9
	outside '{"do": "udp", "to": ["192.0.2.1", 18053], "send": "outside4"}'
	contains "$output" outside4
	outside '{"do": "udp", "to": ["2001:db8::1", 18053], "send": "outside6"}'
	contains "$output" outside6
	here udp 127.0.0.1 18053 loopback
	contains "$output" loopback
	here udp "$NET_HOST4" 18053 host4
	contains "$output" host4
	stop_server
}

@test "a port published on one address is on that alone" {
	need_nat
	server nat --publish 127.0.0.1:18082:8000 -- tcp 8000 9
	here tcp 127.0.0.1 18082 loopback
	contains "$output" loopback
	here closed "$NET_HOST4" 18082
	expect 1 "$CLIENT" agent '{"do": "tcp", "to": ["192.0.2.1", 18082]}'
	stop_server
	server nat --publish 192.0.2.1:18083:8000 -- tcp 8000 9
	outside '{"do": "tcp", "to": ["192.0.2.1", 18083], "send": "outside"}'
	contains "$output" outside
	here closed 127.0.0.1 18083
	stop_server
}

@test "ports that are not published stay closed, from outside and on the host's addresses" {
	need_nat
	server nat --publish 18084:8000 -- tcp 8000 9
	expect 1 "$CLIENT" agent '{"do": "tcp", "to": ["192.0.2.1", 8000]}'
	expect 1 "$CLIENT" agent '{"do": "tcp", "to": ["192.0.2.1", 18085]}'
	stop_server
}

@test "a port published twice: the second fails, and says by whom it is taken or which" {
	need_nat
	server nat --publish 18086:8000 -- tcp 8000 9
	local first=$spawner
	expect 125 "$NIDUS" run --net nat --publish 18086:9000 -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" 18086
	here tcp 127.0.0.1 18086 still
	contains "$output" still
	spawner=$first
	stop_server
}
