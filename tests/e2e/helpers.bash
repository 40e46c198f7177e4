# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # status, output, stderr: set by run
#
# Loaded by every file of e2e tests. Each test gets a scratch directory on disk
# ($scratch; the sandbox's own /tmp hides the host's), files for events and
# report, and a census before and after: what a test leaves fails that test.
#
# From helpers/as: TEST_AS (root, user, plain, asan, self), TEST_WORK, TEST_BIN
# (nidus-init and the probes), NIDUS (the program under test), TEST_BUILD (the
# directory that it was built in).

bats_require_minimum_version 1.5.0
HELPERS=$BATS_TEST_DIRNAME/helpers

setup() {
	cd "$TEST_WORK" || return 1
	scratch=$(mktemp -d "$TEST_WORK/t.XXXXXX")
	chmod 0755 "$scratch"
	EVENTS=$BATS_TEST_TMPDIR/events
	REPORT=$BATS_TEST_TMPDIR/report
	"$HELPERS/census" take "$BATS_TEST_TMPDIR/census"
}

teardown() {
	cd / || return 1
	if [ "${BATS_TEST_COMPLETED:-}" != 1 ]; then
		# failed or skipped midway: end what runs, so that the next test starts clean
		"$NIDUS" gc --all >/dev/null 2>&1 3>&- || true
		rm -rf "$scratch"
		return 0
	fi
	rm -rf "$scratch"
	"$HELPERS/census" compare "$BATS_TEST_TMPDIR/census"
}

fail() {
	printf '%s\n' "$*" >&2
	return 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

need_root() {
	is_root || skip "needs root"
}

# light FULL LIGHT: how many; the sanitized nidus does the small number.
light() {
	if [ "$TEST_AS" = asan ]; then
		echo "$2"
	else
		echo "$1"
	fi
}

# expect STATUS COMMAND…: runs it (60 s at most); $output is its stdout, $stderr the rest.
# As `run --separate-stderr` does, with three processes in place of seven.
expect() {
	local wanted=$1
	shift
	status=0
	output=$(timeout --foreground -k 5 "${LIMIT_S:-60}" "$@" 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
	[ "$status" -eq "$wanted" ] || fail "status $status instead of $wanted
command: $*
stdout: ${output:0:2000}
stderr: ${stderr:0:2000}
events: $(cat "$EVENTS" 2>/dev/null)"
}

# sandbox STATUS ARGUMENT…: `nidus run` with events and report.
sandbox() {
	local wanted=$1
	shift
	rm -f "$EVENTS" "$REPORT"
	expect "$wanted" "$NIDUS" run --events "$EVENTS" --report "$REPORT" "$@"
}

equal() {
	[ "$1" = "$2" ] || fail "${3:-value}: '$1' instead of '$2'"
}

contains() {
	case $1 in
	*"$2"*) ;;
	*) fail "'$2' is not in: $1" ;;
	esac
}

lacks() {
	case $1 in
	*"$2"*) fail "'$2' is in: $1" ;;
	*) ;;
	esac
}

lines() {
	printf '%s' "$1" | grep -c ''
}

events() {
	"$HELPERS/check-json" "$EVENTS" "$@"
}

report() {
	"$HELPERS/check-json" "$REPORT" "$@"
}

# wait_for SECONDS COMMAND…: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -le "$end" ] || fail "did not come true in time: $*" || return 1
		sleep 0.01
	done
}

gone() {
	! kill -0 "$1" 2>/dev/null || [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" = Z ]
}

# profile_for CALL ACTION: seccomp's, of that one system call.
profile_for() {
	printf '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": ["%s"], "action": "SCMP_ACT_%s" } ] }\n' "$@"
}

# filter_for CALL ACTION: the same, compiled for nidus-init on its own.
filter_for() {
	profile_for "$@" >"$BATS_TEST_TMPDIR/profile.json"
	"$NIDUS" seccomp "$BATS_TEST_TMPDIR/profile.json"
}

# No process whose arguments hold the marker.
no_process() {
	local marker=$1 directory
	for directory in /proc/[0-9]*; do
		if tr '\0' ' ' <"$directory/cmdline" 2>/dev/null | grep -qF -- "$marker" &&
			[ "${directory#/proc/}" != "$BASHPID" ] && ! gone "${directory#/proc/}"; then
			return 1
		fi
	done
}

has_event() {
	grep -q "\"event\": *\"$1\"" "$EVENTS"
}

# PID 1 of the sandbox, as its spawned event says.
init_pid() {
	"$HELPERS/check-json" "$EVENTS" 'print(ev("spawned")["pid"]) or True'
}

# background ARGUMENT…: `nidus run` as a child; $spawner is its pid; returns once it is ready.
background() {
	rm -f "$EVENTS" "$REPORT"
	"$NIDUS" run --events "$EVENTS" --report "$REPORT" "$@" >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" </dev/null 3>&- 4>&- &
	spawner=$!
	wait_for 20 has_event setup_finished
}

# ended STATUS: the background sandbox ends with it.
ended() {
	exits 30 "$spawner" "$1" "nidus run"
}

# exits SECONDS PID STATUS WHAT: our child ends within them, with that; else it is killed.
exits() {
	local got=0
	wait_for "$1" gone "$2" || {
		kill -9 "$2"
		return 1
	}
	wait "$2" || got=$?
	equal "$got" "$3" "status of $4"
}

# A number no other process has in its arguments.
marker() {
	echo "3155$BATS_SUITE_TEST_NUMBER.$RANDOM$RANDOM"
}

# with_etc SCRIPT: as root, in a mount namespace whose /etc is a copy to change.
with_etc() {
	cp -a /etc "$scratch/etc"
	rm -f "$scratch/etc/resolv.conf" "$scratch/etc/localtime"
	mkdir -p /run/nidus-test-world/deep /tmp/nidus-test-world
	echo 'nameserver 192.0.2.53' >/run/nidus-test-world/deep/resolv
	echo zone >/tmp/nidus-test-world/zone
	expect 0 unshare -m bash -euc "mount --bind '$scratch/etc' /etc; $1"
	rm -rf /run/nidus-test-world /tmp/nidus-test-world
}
