# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # conf, init: for who loads this; scratch, TEST_BIN, status: of helpers.bash
#
# Sourced by machine*.bats: nidus-init as PID 1 of a container.

in_container=(unshare --pid --fork --kill-child --mount --mount-proc --uts --net)

machine_setup() {
	need_root
	[ "$TEST_AS" = root ] || skip "nidus-init is the same for all: once, as root"
	conf=$scratch/machine.conf
}

# machine STATUS [ARGUMENT…]: PID 1 of new namespaces with $conf; $output is all that is told.
machine() {
	local wanted=$1
	shift
	run -"$wanted" timeout -k 5 60 "${in_container[@]}" "$TEST_BIN/nidus-init" --machine "$@" </dev/null
}

with_conf() {
	machine "$1" --config "$conf"
}

# begin: the same in the background; $outer is unshare's pid, $init that of PID 1.
begin() {
	: >"$scratch/out"
	"${in_container[@]}" "$TEST_BIN/nidus-init" --machine --config "$conf" >"$scratch/out" 2>&1 </dev/null 3>&- &
	outer=$!
	wait_for 10 child_of "$outer"
	init=$(child_of "$outer")
}

child_of() {
	local found
	found=$(cat "/proc/$1/task/$1/children")
	[ -n "$found" ] && echo "${found% }"
}

printed() {
	grep -qxF -- "$1" "$scratch/out"
}

stopped() {
	exits 30 "$outer" "$1" "PID 1"
}

# order TEXT LINE…: the lines are in the text in this order.
order() {
	local text=$1 rest line
	shift
	rest=$'\n'$text$'\n'
	for line; do
		case $rest in
		*$'\n'"$line"$'\n'*) rest=$'\n'${rest#*$'\n'"$line"$'\n'} ;;
		*) fail "'$line' is missing, or too early, in: $text" || return 1 ;;
		esac
	done
}
