#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --net nat and the other kinds: what a sandbox reaches, what reaches it, what is left.

load helpers
load net_helpers

POOL=10.77.0.0/26 # of 64 addresses; 62 can be leased
POOL_SIZE=62
FIRST_CONNECT_US=200000

need_nat() {
	need_stage
	need_root
	command -v nft >/dev/null || skip "nft is not installed"
}

# Our links, host side. The kernel removes them with their namespaces, one of these after the
# other: behind many others that takes a while.
no_links() {
	! ip -o link show | grep -q ': nd[0-9a-f]'
}

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
	ip link set up0 mtu 1400
	run --separate-stderr timeout 60 "$NIDUS" run --net nat -- "$CLIENT" get "$OUT4" 19 5000000
	ip link set up0 mtu 1500
	equal "$status" 0 "status of a transfer over a way of 1400 ($stderr)"
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

# ---- in ----

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
	net 0 nat --publish 18081:8000 -- sh -c '"$0" serve tcp 8000 2 & sleep 0.5; "$0" tcp "$1" 18081 own4' \
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

# ---- apart ----

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
	contains "$said" --net-forward
	equal "$with" 0 "status with --net-forward"
	equal "$echoed" on "echo"
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

# ---- the first act ----

@test "sandboxes connect as their first act, while namespaces come and go" {
	need_nat
	local n total slowest=0 us address failed=0
	total=$(light 400 24)
	(while [ ! -e "$scratch/enough" ]; do unshare --net true; sleep 0.005; done) </dev/null 3>&- 4>&- &
	local churn=$!
	for n in $(seq "$total"); do
		[ $((n % 2)) = 0 ] && address=$OUT4 || address=$OUT6
		us=$("$NIDUS" run --net nat -- "$TEST_BIN/net_probe" connect "$address" 7 2>>"$scratch/errors") ||
			failed=$((failed + 1))
		[ "${us:-0}" -le "$slowest" ] || slowest=$us
	done
	: >"$scratch/enough"
	wait "$churn" || true
	echo "# slowest first connect of $total: $slowest us" >&3
	equal "$failed" 0 "sandboxes that could not connect: $(tail -3 "$scratch/errors")"
	[ "$slowest" -lt "$FIRST_CONNECT_US" ] || fail "slowest first connect of $total: $slowest us"
}

@test "the same, four at a time" {
	need_nat
	local n total slowest
	total=$(light 400 24)
	# shellcheck disable=SC2016
	seq "$total" | xargs -P 4 -I{} sh -c '
		[ $(($1 % 2)) = 0 ] && address=$3 || address=$4
		"$0" run --net nat -- "$2" connect "$address" 7 || echo failed' \
		"$NIDUS" {} "$TEST_BIN/net_probe" "$OUT4" "$OUT6" >"$scratch/us" 2>"$scratch/errors" 3>&- 4>&-
	equal "$(grep -c failed "$scratch/us")" 0 "failed: $(tail -3 "$scratch/errors")"
	equal "$(wc -l <"$scratch/us")" "$total" "figures"
	slowest=$(sort -n "$scratch/us" | tail -1)
	echo "# slowest first connect of $total, four at a time: $slowest us" >&3
	[ "$slowest" -lt "$FIRST_CONNECT_US" ] || fail "slowest first connect of $total: $slowest us"
}

# ---- what is left ----

@test "a spawner killed while its sandbox runs leaves nothing after gc" {
	need_nat
	background --net nat --publish 18089:8000 --net-deny 192.0.2.0/24:9 --net-peer x -- sleep 30
	local init
	init=$(init_pid)
	kill -9 "$spawner"
	wait "$spawner" 2>/dev/null || true
	wait_for 3 gone "$init"
	gc_twice
	wait_for 60 no_links
}

@test "a spawner killed before each of its writes and sends leaves nothing after gc" {
	need_nat
	command -v strace >/dev/null || skip "strace is not installed"
	[ "$TEST_AS" != asan ] || skip "LeakSanitizer does not work under ptrace"
	local call n killed=0
	for call in write sendto sendmsg clone3 openat; do
		for n in $(seq 300); do
			run timeout 20 strace -qq -o /dev/null -e trace="$call" \
				-e inject="$call:signal=SIGKILL:when=$n" \
				"$NIDUS" run --net nat --publish 18090:8000 --net-deny 192.0.2.0/24:9 \
				--net-peer x --events "$scratch/ignored" -- true
			[ "$status" -ne 0 ] || break
			killed=$((killed + 1))
			[ $((n % 8)) -ne 0 ] || "$NIDUS" gc >/dev/null
		done
		equal "$status" 0 "status of a launch with fewer than $n of $call"
	done
	echo "# killed at $killed places" >&3
	[ "$killed" -ge 30 ] || fail "only $killed places to be killed at"
	gc_twice
	wait_for 60 no_links
}

@test "spawners killed at random moments leave nothing after gc" {
	need_nat
	for _ in $(seq "$(light 100 15)"); do
		"$NIDUS" run --net nat --publish 18091:8000 -- sleep 30 </dev/null >/dev/null 2>&1 3>&- 4>&- &
		spawner=$!
		sleep "0.0$((RANDOM % 30 + 1))"
		kill -9 "$spawner" 2>/dev/null || true
		wait "$spawner" 2>/dev/null || true
	done
	wait_for 3 no_process "sleep 30"
	gc_twice
	wait_for 60 no_links
}

@test "gc leaves alone what is not ours, and what lives" {
	need_nat
	ip link add nd0123456789a type veth peer name foreign0
	ip link set nd0123456789a group 1
	ip link add other type veth peer name foreign1
	server nat --publish 18092:8000 -- tcp 8000 9
	gc_twice
	here tcp 127.0.0.1 18092 alive
	contains "$output" alive
	expect 0 ip link show other
	expect 0 ip link show nd0123456789a
	stop_server
	ip link del other
	ip link del nd0123456789a
}

@test "a launch that fails after its network was made leaves nothing" {
	need_nat
	for _ in $(seq "$(light 20 4)"); do
		net 127 nat --publish 18093:8000 -- nidus-no-such-command
	done
	wait_for 60 no_links
}

@test "a thousand launches in a row leave nothing" {
	need_nat
	local total slab_before slab_after
	total=$(light 1000 30)
	expect 0 "$NIDUS" run --net nat -- true # the table is made
	slab_before=$(awk '/^(SUnreclaim|Percpu)/ {sum += $2} END {print sum}' /proc/meminfo)
	for _ in $(seq "$total"); do
		"$NIDUS" run --net nat --publish 18094:8000 --net-deny 192.0.2.0/24:9 -- true 3>&- 4>&- ||
			fail "a launch failed"
	done
	wait_for 60 no_links
	slab_after=$(awk '/^(SUnreclaim|Percpu)/ {sum += $2} END {print sum}' /proc/meminfo)
	echo "# kernel memory that can't be reclaimed, after $total: $((slab_after - slab_before)) KiB more" >&3
}

@test "hundreds in one process, sixteen at a time: its descriptors are what they were" {
	need_nat
	LIMIT_S=300 LAUNCHES_NET=nat expect 0 "$TEST_BIN/launches" "$(light 300 30)" 16 true
}
