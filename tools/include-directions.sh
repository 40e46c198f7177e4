#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who may know whom (docs/HACKING.md), read from the #includes:
#   init/      its own headers and the system's
#   init/wrapper/, init/machine/
#              their own, and what of init's knows nothing of a sandbox
#   cgroup/    its own, and init's ground floor
#   net/       its own, and init's ground floor
#   spawn/     its own, cgroup's and net's public headers, and init's ground floor
#   spawn/cli/ its own, spawn's and what spawn's headers stand on
#   init/libc/ its own
# init's ground floor is contract.h, fault.h, fd.h and kernel_abi.h. Tests are free.
set -u
cd "$(dirname "$0")/.." || exit 1

find init cgroup net spawn -name '*.[ch]' -type f 2>/dev/null | sort | while read -r file; do
	directory=${file%/*}
	sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file" | while read -r name; do
		echo "$file $(realpath -ms --relative-to=. "$directory/$name")"
	done
done | awk '
BEGIN {
	alone = "^init/(contract|fault|fd|kernel_abi|text|clock|caps|say|phrase|units|signals|account|program|tree|first|loopback)\\.h$"
}
function floor(path) {
	return path ~ /^init\/(contract|fault|fd|kernel_abi)\.h$/
}
function role(file) {
	return file ~ /^init\/wrapper\// ? "wrapper" : "machine"
}
function allowed(room, path, file) {
	if (file ~ /^init\/libc\//)
		return path ~ /^init\/libc\//
	if (file ~ /^init\/(wrapper|machine)\//)
		return path ~ "^init/" role(file) "/" || path ~ alone
	if (room == "init")
		return path ~ /^init\/[a-z_]+\.h$/ || file == "init/main.c"
	if (floor(path))
		return 1
	if (room == "cgroup" || room == "net")
		return path ~ "^" room "/"
	return path ~ /^spawn\// || path == "cgroup/cgroup.h" || path ~ /^net\/(net|ip|closed|config|publish|resolv|user|survey)\.h$/
}
{
	room = $1
	sub(/\/.*/, "", room)
	edges++
	if (room == "spawn" && $1 !~ /^spawn\/cli\// && $2 ~ /^spawn\/cli\//) {
		print "include-directions: " $1 " includes " $2 ": the library must not know the command line"
		bad = 1
	} else if (!allowed(room, $2, $1)) {
		print "include-directions: " $1 " includes " $2
		bad = 1
	}
}
END {
	if (!edges) {
		print "include-directions: found no #include at all"
		bad = 1
	}
	exit bad
}' >&2
