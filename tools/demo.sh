#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What `make demo` shows: one sandbox that works on real input, one that hits a limit.
set -u
cd "$(dirname "$0")/.." || exit 1
nidus=build/nidus
events=$(mktemp) || exit 1
report=$(mktemp) || exit 1
trap 'rm -f "$events" "$report"' EXIT

title() {
	printf '\n== %s\n' "$*"
}

show() {
	printf -- '-- events\n'
	cat "$events"
	printf -- '-- report\n'
	cat "$report"
}

# Without a cgroup, --memory and --pids are enforced by other means; a degraded event says so.
limits="--memory 256M --pids 64 --timeout 10s --cpu-time 5s"

# shellcheck disable=SC2016 # for the shell inside
count='awk "{ for (i = 1; i <= NF; i++) seen[tolower(\$i)]++ }
	END { for (word in seen) print seen[word], word }" | sort -rn | head -n 5
	echo "inside: uid $(id -u), host $(uname -n), process $$, links: $(sed -n "s/^ *\([^ :]*\):.*/\1/p" /proc/net/dev | tr "\n" " ")"
	touch /etc/try 2>/dev/null || echo "inside: / is read-only"'

title "nidus run $limits -- sh -c '(the most frequent words of stdin)' < LICENSE"
# shellcheck disable=SC2086 # a list of words
$nidus run $limits --name demo --events "$events" --report "$report" -- sh -c "$count" <LICENSE
status=$?
show
echo "-- exit status $status"
[ "$status" -eq 0 ] || exit 1

: >"$events"
: >"$report"
title "nidus run --timeout 1s --grace 200ms -- sh -c '(ignores TERM, leaves daemons)'"
$nidus run --timeout 1s --grace 200ms --events "$events" --report "$report" -- \
	sh -c 'trap "" TERM; setsid sleep 1000 & setsid sleep 1000 & echo "inside: working"; while :; do sleep 1; done'
status=$?
show
echo "-- exit status $status (124: a time limit)"
[ "$status" -eq 124 ] || exit 1

title "nidus list: nothing is left"
$nidus list
