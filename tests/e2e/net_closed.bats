#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is closed and what is open in every sandbox with a network, nat and user alike.

load helpers
load net_helpers

CLOSED="169.254.169.254 100.100.100.200 fd00:ec2::254 fd20:ce::254 fd00:42::42"

# The kinds of network that this user can have here, into $modes.
need_modes() {
	need_stage
	modes=()
	if is_root && command -v nft >/dev/null; then
		modes+=(nat)
	fi
	if command -v slirp4netns >/dev/null && [ -w /dev/net/tun ]; then
		modes+=(user)
	fi
	[ "${#modes[@]}" -gt 0 ] || skip "neither nat nor slirp4netns and /dev/net/tun"
}

@test "metadata services of clouds are closed" {
	need_modes
	local mode address
	for address in $CLOSED 168.63.129.16; do
		here tcp "$address" 80
		equal "$output" outside "what is there to be closed at $address"
		for mode in "${modes[@]}"; do
			inside "$mode" closed "$address" 80
		done
	done
}

@test "metadata services are closed to a socket that names its link, past every route" {
	need_modes
	local mode address
	for mode in "${modes[@]}"; do
		for address in $CLOSED 168.63.129.16; do
			inside "$mode" closed "$address" 80 eth0
		done
		inside "$mode" tcp "$OUT6" 7 open
		equal "$output" open "what is not closed"
		events '"degraded" not in names'
	done
}

@test "without nf_tables, a user's network says that routes alone close addresses" {
	need_modes
	need_root
	[[ " ${modes[*]} " == *" user "* ]] || skip "neither slirp4netns nor /dev/net/tun"
	expect 0 "$TEST_BIN/no_netfilter" "$NIDUS" run --net user --events "$EVENTS" -- \
		"$CLIENT" closed 169.254.169.254 80
	events 'ev("degraded")["control"] == "network"' \
		'"by routes alone" in ev("degraded")["why"]'
}

@test "a resolver that is a cloud's agent, too, answers names alone" {
	need_modes
	is_root && command -v nft >/dev/null || skip "for --net nat"
	net 0 nat --dns 168.63.129.16 -- "$CLIENT" dns peer.test
	contains "$output" "$OUT4"
	net 0 nat --dns 168.63.129.16 -- "$CLIENT" closed 168.63.129.16 80
}

@test "a name server that is closed inside is refused, and in words" {
	local mode address
	for mode in nat user; do
		for address in 127.0.0.53 ::1 169.254.169.254 fe80::1; do
			expect 125 "$NIDUS" run --net "$mode" --dns "$address" -- true
			equal "$(lines "$stderr")" 1 "lines on stderr"
			contains "$stderr" "--dns $address:"
			contains "$stderr" "closed inside"
		done
	done
	expect 125 "$NIDUS" run --net user --dns 168.63.129.16 -- true
	contains "$stderr" "--dns 168.63.129.16: closed inside"
}

@test "a name server of the configuration that is closed inside is refused too, until opened" {
	need_modes
	is_root && command -v nft >/dev/null || skip "for --net nat"
	echo "dns = 169.254.169.254" >"$scratch/nidus.conf"
	export NIDUS_CONFIG=$scratch/nidus.conf
	sandbox 125 --net nat -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "dns = 169.254.169.254 in nidus.conf: closed inside; a rule that allows 169.254.169.254:53 opens it"
	net 0 nat --net-allow 169.254.169.254:53 -- cat /etc/resolv.conf
	contains "$output" "nameserver 169.254.169.254"
	net 0 nat --dns 192.0.2.99 -- cat /etc/resolv.conf
	contains "$output" "nameserver 192.0.2.99"
}

@test "ping without a capability" {
	need_modes
	local mode
	for mode in "${modes[@]}"; do
		net 0 "$mode" -- sh -c 'grep -q "^CapEff:.*0000000000000000" /proc/self/status &&
			exec "$@"' sh "$CLIENT" ping "$OUT4"
		contains "$output" "answer of"
		if [ "$mode" = nat ]; then # libslirp does not pass on pings over IPv6
			net 0 nat -- "$CLIENT" ping "$OUT6"
			contains "$output" "answer of"
		fi
		net 0 "$mode" --user 1234:5678 -- "$CLIENT" ping "$OUT4"
		contains "$output" "answer of"
	done
}
