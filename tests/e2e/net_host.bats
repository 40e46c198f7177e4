#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A host whose addresses, routes, forwarding and tables are its own: --net nat beside them.

load helpers
load net_helpers

POOL=10.77.0.0/26 # of 64 addresses; 62 can be leased
POOL_SIZE=62

# ---- addresses ----

@test "a pool is used up to its last address, without a duplicate; the next is told so" {
	need_nat
	local n last=$POOL_SIZE pids=() taken
	if [ "$TEST_AS" = asan ]; then
		skip "62 sanitized sandboxes at once are too much for a small machine"
	fi
	for n in $(seq "$last"); do
		"$NIDUS" run --net nat --net-pool "$POOL" -- sh -c '"$0" own "$1"; sleep 60' \
			"$TEST_BIN/net_probe" "$OUT4" >"$scratch/own.$n" 2>"$scratch/err.$n" </dev/null 3>&- 4>&- &
		pids+=($!)
	done
	all_own() {
		[ "$(cat "$scratch"/own.* | wc -l)" -eq "$last" ]
	}
	wait_for 60 all_own || fail "$(cat "$scratch"/err.*)"
	taken=$(cat "$scratch"/own.* | sort -u | wc -l)
	equal "$taken" "$last" "different addresses of $last sandboxes"
	expect 125 "$NIDUS" run --net nat --net-pool "$POOL" -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" "$POOL"
	kill -TERM "${pids[5]}"
	wait "${pids[5]}" 2>/dev/null || true
	expect 0 "$NIDUS" run --net nat --net-pool "$POOL" -- "$TEST_BIN/net_probe" own "$OUT4"
	equal "$output" "$(cat "$scratch/own.6")" "the one address that is free again"
	kill -TERM "${pids[@]}" 2>/dev/null || true
	wait "${pids[@]}" 2>/dev/null || true
}

@test "addresses that the host has or routes elsewhere are avoided" {
	need_nat
	local n
	ip addr add 10.77.1.1/32 dev lo
	for n in 1 2 3 4 5 6; do
		net 0 nat --net-pool 10.77.1.0/30 -- "$TEST_BIN/net_probe" own "$OUT4"
		equal "$output" 10.77.1.2 "address beside one of the host's"
	done
	ip route add 10.77.1.2/32 via "$OUT4"
	expect 125 "$NIDUS" run --net nat --net-pool 10.77.1.0/30 -- true
	contains "$stderr" 10.77.1.0/30
	ip addr del 10.77.1.1/32 dev lo
	net 0 nat --net-pool 10.77.1.0/30 -- "$TEST_BIN/net_probe" own "$OUT4"
	equal "$output" 10.77.1.1 "address beside a foreign route"
	ip route del 10.77.1.2/32 via "$OUT4"
	ip route add blackhole 10.77.0.0/16
	expect 125 "$NIDUS" run --net nat --net-pool 10.77.1.0/30 -- true
	ip route del blackhole 10.77.0.0/16
}

@test "what goes to a free address of a pool goes nowhere, until the last sandbox ends" {
	need_nat
	local first pool=10.77.3.0/24
	refused() {
		ip route get 10.77.3.77 2>&1 | grep -q "unreachable\|No route"
	}
	server nat --net-pool "$pool" -- tcp 8000 9
	first=$spawner
	refused || fail "one sandbox: $(ip route get 10.77.3.77)"
	server nat --net-pool "$pool" -- tcp 8000 9
	kill -TERM "$first"
	wait "$first" 2>/dev/null || true
	refused || fail "the second: $(ip route get 10.77.3.77)"
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	refused || fail "a dead spawner's: $(ip route get 10.77.3.77)"
	gc_twice
	! refused || fail "$(ip route show table all)"
	# one of the administrator's stays, and is respected
	ip route add unreachable "$pool"
	expect 125 "$NIDUS" run --net nat --net-pool "$pool" -- true
	refused || fail "the administrator's route is gone"
	ip route del unreachable "$pool"
}

# ---- the host's own ----

@test "forwarding that is off is an error that says how, and --net-forward turns it on" {
	need_nat
	echo 0 >/proc/sys/net/ipv4/ip_forward
	run --separate-stderr timeout 20 "$NIDUS" run --net nat -- true
	local without=$status said=$stderr
	run --separate-stderr timeout 20 "$NIDUS" run --net nat --net-forward yes -- "$CLIENT" tcp "$OUT4" 7 on
	local with=$status echoed=$output
	echo 1 >/proc/sys/net/ipv4/ip_forward
	equal "$without" 125 "status without --net-forward"
	contains "$said" "net-forward yes"
	lacks "$said" unreachable
	equal "$with" 0 "status with --net-forward"
	equal "$echoed" on "echo"
}

# elsewhere SCRIPT: in a network of its own with two links and forwarding off; N is nidus.
elsewhere() {
	expect 0 unshare --net bash -eu -c '
		N=$1
		cd "$3"
		conf4=/proc/sys/net/ipv4/conf conf6=/proc/sys/net/ipv6/conf
		switches() {
			(cd /proc/sys/net && grep . ipv4/ip_forward ipv?/conf/*/forwarding \
				ipv6/conf/{up0,up1}/accept_ra) | grep -v /nd | sort
		}
		ip link set lo up
		ip link add up0 type veth peer name up1
		echo 0 >/proc/sys/net/ipv4/ip_forward
		echo 0 >$conf6/all/forwarding
		echo 1 >$conf4/up1/forwarding
		echo 1 >$conf6/up1/forwarding
		echo 1 >$conf6/up0/accept_ra
		before=$(switches)
		eval "$2"' sh "$NIDUS" "$1" "$scratch"
}

@test "a host without IPv6: sandboxes have IPv4, and IPv6 stays as it is" {
	need_nat
	elsewhere 'echo 1 >$conf6/all/disable_ipv6
		"$N" run --net nat --net-forward yes -- sh -c "! grep -q fd6e /proc/net/if_inet6"
		[ "$(cat /proc/sys/net/ipv4/ip_forward)$(cat $conf6/all/forwarding)" = 10 ]'
	# for new links alone
	elsewhere 'echo 1 >$conf6/default/disable_ipv6
		echo 1 >$conf6/all/forwarding
		"$N" run --net nat --net-forward yes -- true'
}

@test "a start that fails leaves forwarding as it was, a sandbox that ran leaves it on" {
	need_nat
	elsewhere '
		"$N" run --net nat --net-forward yes -- /no/such/command 2>/dev/null && exit 9
		[ "$(switches)" = "$before" ] || { diff <(echo "$before") <(switches); exit 8; }
		mkfifo fifo; exec 9<>fifo; rm fifo
		"$N" run --net nat --net-forward yes --block-fd 9 -- true &
		until [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ]; do sleep 0.01; done
		kill -9 $!; wait $! 2>/dev/null || true
		"$N" gc >/dev/null
		[ "$(switches)" = "$before" ] || { diff <(echo "$before") <(switches); exit 7; }
		"$N" run --net nat --net-forward yes -- true
		[ "$(cat /proc/sys/net/ipv4/ip_forward)$(cat $conf6/all/forwarding)" = 11 ]'
}

@test "a start that fails leaves forwarding on for another that counts on it" {
	need_nat
	elsewhere '
		mkfifo fifo; exec 9<>fifo; rm fifo
		"$N" run --net nat --net-forward yes --block-fd 9 -- true &
		first=$!
		until [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ]; do sleep 0.01; done
		"$N" run --net nat -- sh -c "echo up; exec sleep 60" >up &
		until grep -q up up; do sleep 0.01; done
		kill -9 $first; wait $first 2>/dev/null || true
		"$N" gc >/dev/null
		[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ]
		kill $!; wait $! 2>/dev/null || true'
}

@test "a foreign table that drops what is forwarded is told of, and not touched" {
	need_nat
	nft -f - <<-'NFT'
		table inet foreign {
			chain forward {
				type filter hook forward priority 10; policy drop;
			}
		}
	NFT
	local before
	before=$(nft list table inet foreign)
	run timeout 20 "$NIDUS" check
	local told=$output
	run timeout 20 "$NIDUS" run --net nat -- "$CLIENT" closed "$OUT4" 7
	"$NIDUS" gc
	local after
	after=$(nft list table inet foreign)
	nft delete table inet foreign
	equal "$after" "$before" "the foreign table"
	contains "$told" foreign
}

@test "a table of ours that somebody removed is made anew" {
	need_nat
	net 0 nat -- true
	nft delete table inet nidus
	inside nat tcp "$OUT4" 7 again
	equal "$output" again "echo"
}
