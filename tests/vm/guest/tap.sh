# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC2086 # runner: words
#
# Sourced by the scripts that test: `it NAME FUNCTION` runs a test, `ends` tells
# the plan. A test is a function that runs with set -e and says what is wrong on
# its standard error.

PATH=/nidus/bin:/bin:/sbin
number=0
groups=/sys/fs/cgroup
runner= # words before nidus: as whom
work=/tmp/work
mkdir -p "$work"
chmod 1777 "$work"

it() {
	number=$((number + 1))
	# no condition around it: that would switch set -e off
	(
		set -e
		"$2"
		nothing_left
	) >"$work/said" 2>&1
	failed=$?
	if [ "$failed" -eq 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' "$work/said"
		$runner nidus gc --all >/dev/null 2>&1
	fi
}

ends() {
	echo "1..$number"
}

fail() {
	echo "$*"
	return 1
}

# Of all sandboxes: no group, no process of a probe, no record.
nothing_left() {
	local left
	left=$(find $groups -mindepth 1 -type d -path '*/nidus/*')
	[ -z "$left" ] || fail "groups are left: $left" || return 1
	left=$(ps -o pid,args | grep -E '^ *[0-9]+ (hog|burn|forkbomb|daemons|sleep|nidus|nidus-init)( |$)') || :
	[ -z "$left" ] || fail "processes are left: $left" || return 1
	left=$($runner nidus list --all)
	[ "$(echo "$left" | grep -c .)" -le 1 ] || fail "records are left: $left"
}

# sandbox STATUS ARGUMENT…: nidus run, with events and report.
sandbox() {
	local wanted=$1 status=0
	shift
	rm -f "$work/report" "$work/events"
	timeout -s KILL 60 $runner nidus run --events "$work/events" --report "$work/report" "$@" \
		>"$work/out" 2>"$work/err" </dev/null || status=$?
	[ "$status" -eq "$wanted" ] || fail "status $status instead of $wanted: nidus run $*
$(head -c 2000 "$work/out" "$work/err" "$work/events" "$work/report")"
}

# absent PATTERN FILE: tells the lines that have it.
absent() {
	if grep "$1" "$2"; then
		return 1
	fi
}

# background ARGUMENT…: a sandbox that has begun; its spawner is $spawner, its id $id.
background() {
	rm -f "$work/report" "$work/events"
	$runner nidus run --events "$work/events" --report "$work/report" "$@" >"$work/out" 2>"$work/err" </dev/null &
	spawner=$!
	until_true 20 grep -q setup_finished "$work/events"
	id=$(sed -n 's/.*"spawned","id":"\([^"]*\)".*/\1/p' "$work/events")
}

# field NAME: from the report.
field() {
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^,\"}]*\).*/\1/p" "$work/report"
}

is() {
	[ "$(field "$1")" = "$2" ] || fail "$1: '$(field "$1")' instead of '$2' in $(cat "$work/report")"
}

# between NAME LEAST MOST: a number of the report.
between() {
	local value
	value=$(field "$1")
	case $value in
	'' | *[!0-9]*) fail "$1: '$value' is no number in $(cat "$work/report")" || return 1 ;;
	esac
	if [ "$value" -lt "$2" ] || [ "$value" -gt "$3" ]; then
		fail "$1: $value is not in $2..$3"
	fi
}

# until_true SECONDS COMMAND…
until_true() {
	local left=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || fail "did not come true in time: $*" || return 1
		usleep 50000
	done
}

throttled() {
	local used
	sandbox 124 --cpus 0.2 --timeout 4s --grace 100ms -- burn 2
	is reason wall_timeout
	in_full
	between cpu_throttled_us 1000000 100000000
	used=$(($(field cpu_user_us) + $(field cpu_sys_us)))
	# a fifth of what passed, and a period's slack on each processor
	[ $used -le $(($(field wall_us) / 5 + 400000)) ] || fail "used $used us: $(cat "$work/report")"
	[ $used -ge 300000 ] || fail "used only $used us: $(cat "$work/report")"
}

# The tracepoint tells each move of a process that lives: a clone into a group is none.
born_in_group() {
	local trace=/sys/kernel/tracing
	echo 1 >$trace/events/cgroup/cgroup_attach_task/enable
	echo >$trace/trace
	sandbox 0 --memory 64M --pids 20 -- true
	absent 'dst_path=/[^ ]*nidus/' $trace/trace
	mkdir $groups/moved
	sh -c "echo \$\$ >$groups/moved/cgroup.procs"
	until_true 5 rmdir $groups/moved
	grep -q 'dst_path=/moved' $trace/trace || fail "the tracepoint tells nothing"
	echo 0 >$trace/events/cgroup/cgroup_attach_task/enable
}

is_oom() {
	is reason oom
	is exit_code 137
	in_full
}

# The limits came from the kernel, and PID 1 lived to tell the end.
in_full() {
	is degraded 0
	is cleaned true
	absent degraded "$work/events"
	[ "$(field zombies_reaped)" != "" ] || fail "PID 1 did not tell the end: $(cat "$work/report")"
}
