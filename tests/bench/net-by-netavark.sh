#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# net-by-netavark.sh setup|teardown ID PID ADDR4: a sandbox on netavark's bridge (IPv4
# alone, no name server, no published port). For tests/bench/net.c.
set -eu
verb=$1 id=$2 pid=$3 addr4=$4
PATH=$PATH:/usr/lib/podman:/usr/libexec/podman

command -v netavark > /dev/null || { echo "netavark is not installed" >&2; exit 77; }
netavark --config /run/netavark "$verb" "/proc/$pid/ns/net" > /dev/null <<EOF
{
	"container_id": "$id", "container_name": "$id",
	"networks": { "bench": { "static_ips": ["$addr4"], "interface_name": "eth0" } },
	"network_info": { "bench": {
		"name": "bench", "driver": "bridge", "network_interface": "bench0",
		"id": "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9",
		"subnets": [{ "subnet": "10.88.0.0/16", "gateway": "10.88.0.1" }],
		"ipv6_enabled": false, "internal": false, "dns_enabled": false,
		"ipam_options": { "driver": "host-local" }
	} }
}
EOF
