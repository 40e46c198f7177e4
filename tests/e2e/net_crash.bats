#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --net nat, and what is left of it: of launches that fail, of spawners that die, of many.

load helpers
load net_helpers

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

# Nobody ever answers the end of a connection to port 7: the kernel goes on trying for minutes.
silence() {
	nft -f - <<-'NFT'
		table inet silence {
			chain forward {
				type filter hook forward priority -5;
				tcp dport 7 tcp flags & fin == fin drop
			}
		}
	NFT
}

@test "a connection that is never closed keeps no link" {
	need_nat
	silence
	run --separate-stderr timeout 20 "$NIDUS" run --net nat -- "$TEST_BIN/net_probe" connect "$OUT4" 7
	local left
	left=$(ip -o link show | grep -c ': nd[0-9a-f]' || true)
	nft delete table inet silence
	equal "$status" 0 "status ($stderr)"
	equal "$left" 0 "links right after the end"
}

@test "a spawner killed while it removes the link of such a connection leaves nothing after gc" {
	need_nat
	[ "$TEST_AS" != asan ] || skip "LeakSanitizer does not work under ptrace"
	silence
	LIMIT_S=300 expect 0 "$TEST_BIN/walk" --scenario closing --process run --at sendto --inject KILL
	nft delete table inet silence
	gc_twice
	wait_for 60 no_links
}

@test "spawners killed at random moments leave nothing after gc" {
	need_nat
	killed_at_random "$(light 100 15)" 30 --net nat --publish 18091:8000
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

@test "a full table of connections: others connect, and nothing is left" {
	need_nat
	local most count
	most=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
	[ "$most" -le 300000 ] || skip "the table has $most places: too many to fill"
	outside '{"do": "seen", "text": "nothing"}'
	background --net nat -- sh -c '"$0" flows "$1" "$2"; echo filled; sleep 60' \
		"$CLIENT" 198.51.100.7 "$(light $((most + 5000)) 20000)"
	wait_for 60 grep -qx filled "$BATS_TEST_TMPDIR/out"
	count=$(cat /proc/sys/net/netfilter/nf_conntrack_count)
	echo "# connections of $most: $count" >&3
	[ "$count" -ge "$(light $((most * 9 / 10)) 15000)" ] || fail "only $count connections of $most"
	local flooder=$spawner
	for _ in 1 2 3 4 5; do
		expect 0 "$NIDUS" run --net nat -- "$CLIENT" tcp "$OUT4" 7 hello
		equal "$output" hello "echo beside $count connections"
		expect 0 "$NIDUS" run --net nat -- "$CLIENT" udp "$OUT6" 7 hello
	done
	spawner=$flooder
	stop_server
	gc_twice
	wait_for 60 no_links
}
