#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --net nat and the other kinds: what a sandbox reaches.

load helpers
load net_helpers

@test "an ordinary user is told what nat needs, and of user" {
	need_stage
	is_root && skip "for ordinary users"
	expect 125 "$NIDUS" run --net nat -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "--net user"
}

# ---- out ----

@test "ping, over IPv4 and IPv6" {
	need_nat
	net 0 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" ping "$OUT4"
	net 0 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" ping "$OUT6"
}

@test "TCP and UDP, over IPv4 and IPv6" {
	need_nat
	local address
	for address in "$OUT4" "$OUT6"; do
		inside nat tcp "$address" 7 hello
		equal "$output" hello "TCP echo of $address"
		inside nat udp "$address" 7 hello
		equal "$output" hello "UDP echo of $address"
	done
}

@test "the peer sees the host's address" {
	need_nat
	local kind
	for kind in tcp udp; do
		inside nat "$kind" "$OUT4" 11 x
		equal "${output% *}" "$NET_HOST4" "source, $kind over IPv4"
		inside nat "$kind" "$OUT6" 11 x
		equal "${output% *}" "$NET_HOST6" "source, $kind over IPv6"
	done
}

@test "the MTU: of the link, and of the way" {
	need_nat
	inside nat mtu eth0
	equal "$output" 1500 "MTU of eth0"
	net 0 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" flood 1472 "$OUT4"
	net 1 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" flood 1474 "$OUT4"
}

@test "a narrower way is found out" {
	need_nat
	local address
	for address in "$OUT4" "$OUT6"; do
		ip link set up0 mtu 1400
		run --separate-stderr timeout 60 "$NIDUS" run --net nat -- "$CLIENT" get "$address" 19 5000000
		ip link set up0 mtu 1500
		equal "$status" 0 "status of a transfer to $address over a way of 1400 ($stderr)"
	done
}

@test "what the host says by ICMP arrives: too big, no hops left; over IPv4 and IPv6" {
	need_nat
	local address
	for address in "$OUT4" "$OUT6"; do
		ip link set up0 mtu 1400
		run --separate-stderr timeout 20 "$NIDUS" run --net nat -- "$CLIENT" errors "$address" 1430
		ip link set up0 mtu 1500
		equal "$output" "1400 EHOSTUNREACH" "MTU of the way, and the error of one hop, to $address ($stderr)"
	done
}

@test "the gateways are nobody's addresses" {
	need_nat
	net 1 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" ping 169.254.1.1
	net 1 nat --user 0:0 --cap-add NET_RAW -- "$CLIENT" ping fe80::1%eth0
	inside nat closed fe80::1%eth0 7
}

@test "names: resolv.conf from the host's, --dns, hosts, hostname" {
	need_nat
	inside nat dns peer.test
	equal "$output" "$OUT4 $OUT6" "addresses of peer.test"
	inside nat dns peer
	equal "$output" "$OUT4 $OUT6" "addresses of peer, by the search list"
	net 0 nat --dns 192.0.2.99 -- cat /etc/resolv.conf
	contains "$output" "nameserver 192.0.2.99"
	lacks "$output" "nameserver $OUT4"
	net 0 nat --hostname boxed -- sh -c 'cat /etc/hostname; getent ahosts boxed; '"$TEST_BIN/net_probe own $OUT4"
	contains "$output" boxed
	equal "$(printf '%s\n' "$output" | grep -c "^$(printf '%s\n' "$output" | tail -1)\b")" 4 \
		"lines with the sandbox's address in: $output"
}

@test "a name server that is a stub on the host's loopback" {
	need_nat
	printf 'nameserver 127.0.0.53\n' >"$scratch/stub"
	mkdir -p /run/systemd/resolve
	printf 'nameserver %s\n' "$OUT4" >/run/systemd/resolve/resolv.conf
	expect 0 unshare --mount sh -c 'mount --bind "$0" "$(readlink -f /etc/resolv.conf)"; exec "$@"' \
		"$scratch/stub" "$NIDUS" run --net nat -- "$CLIENT" dns peer.test
	rm -r /run/systemd
	equal "$output" "$OUT4 $OUT6" "addresses of peer.test"
}

@test "100 MB, and half-closed connections, every byte right" {
	need_nat
	local address
	for address in "$OUT4" "$OUT6"; do
		inside nat get "$address" 19 "$(light 104857600 10000000)"
		inside nat after-eof "$address" "$(light 30000000 3000000)"
		inside nat eof-first "$address" "$(light 30000000 3000000)"
	done
}

@test "the report counts bytes, as the sandbox sees them" {
	need_nat
	inside nat get "$OUT4" 19 3000000
	report 'J["net_rx_bytes"] >= 3000000' 'J["net_rx_bytes"] <= 4000000' \
		'J["net_tx_bytes"] > 0' 'J["net_tx_bytes"] <= 1000000'
}

@test "the spawned event tells the address" {
	need_nat
	net 0 nat -- "$TEST_BIN/net_probe" own "$OUT4"
	events "ev('spawned')['ip'] == '$output'"
}

# ---- other kinds ----

@test "a namespace by path is joined, and left as it was" {
	need_nat
	unshare --net sleep 60 </dev/null 3>&- 4>&- &
	local owner=$!
	other_netns() {
		[ "$(readlink "/proc/$owner/ns/net")" != "$(readlink /proc/self/ns/net)" ]
	}
	wait_for 5 other_netns
	nsenter --net="/proc/$owner/ns/net" ip link add marked type veth peer name foreign2
	net 0 "/proc/$owner/ns/net" -- cat /proc/net/dev
	contains "$output" marked
	expect 0 nsenter --net="/proc/$owner/ns/net" ip link show marked
	kill "$owner"
	wait "$owner" 2>/dev/null || true
	net 125 "/proc/$owner/ns/net" -- true
}

@test "none and host are what they say" {
	need_nat
	net 0 none -- sh -c 'tail -n +3 /proc/net/dev | wc -l'
	equal "$output" 1 "links with --net none"
	net 0 host -- cat /proc/net/dev
	contains "$output" up0
}
