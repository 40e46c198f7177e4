#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Lines about the end of a run, and figures of it that can be trusted.

load helpers

# said REGEX: one line on stderr, besides what says that a limit is weaker here.
said() {
	local line
	line=$(grep -v "no memory controller here$\|no pids controller here$" <<<"$stderr")
	[[ $line =~ ^nidus:\ $1$ ]] || fail "'$stderr' instead of: $1"
}

# No group of our own counts here: an ordinary user.
weaker() {
	! is_root
}

@test "a time limit that ended it is named" {
	sandbox 124 --timeout 500ms --grace 100ms -- sleep 60
	said "ended by --timeout 500ms"
	sandbox 124 --cpu-time 300ms --grace 100ms -- "$TEST_BIN/burn" 1
	said 'ended by --cpu-time 300ms \(used 0\.[2-9][0-9]s\)'
	sandbox 124 --cpu-time 300ms --grace 100ms --log-level error -- "$TEST_BIN/burn" 1
	equal "$stderr" "" stderr
}

@test "a memory limit that ended it is named, with the peak" {
	sandbox 137 --memory 20M -- "$TEST_BIN/hog" 256 2000
	said 'ended by --memory 20M \(peak [0-9.]+M\)'
	# the same status without the same cause
	sandbox 137 --memory 20M -- sh -c 'exit 137'
	lacks "$stderr" "ended by"
}

@test "forks that --pids refused are counted, even if it ended well" {
	! weaker || skip "RLIMIT_NPROC counts no refusals"
	sandbox 0 --pids 3 -- "$TEST_BIN/forkbomb" 1
	said '--pids 3 refused [0-9]+ processes or threads'
	sandbox 0 --pids 300 -- true
	equal "$stderr" "" stderr
}

@test "a kill by the filter" {
	profile_for uname KILL_PROCESS >"$scratch/profile.json"
	sandbox 159 --seccomp "$scratch/profile.json" -- uname
	contains "$stderr" "nidus: ended by "
	contains "$stderr" "seccomp filter"
	equal "$(lines "$stderr")" 1 lines
}

@test "an end by nidus stop or kill" {
	background --name "ending-$TEST_AS" -- sleep 60
	"$NIDUS" kill "ending-$TEST_AS"
	ended 137
	equal "$(<"$BATS_TEST_TMPDIR/err")" "nidus: ended by nidus stop or nidus kill" stderr
}

@test "an end of its own needs no line" {
	local what
	for what in 'exit 0' 'exit 3' 'exit 124' 'kill -TERM $$' 'kill -KILL $$' 'kill -SEGV $$'; do
		"$NIDUS" run --timeout 20s -- sh -c "$what" 2>"$scratch/err" 3>&- || true
		equal "$(<"$scratch/err")" "" "stderr of $what"
	done
}

@test "a limit that is weaker than its name: a line, once" {
	sandbox 0 --memory 64M --pids 50 -- true
	if weaker; then
		contains "$stderr" "nidus: --memory 64M: watched, not limited: there is no memory controller here"
		contains "$stderr" "nidus: --pids 50: by RLIMIT_NPROC: there is no pids controller here"
		equal "$(lines "$stderr")" 2 lines
		sandbox 0 --log-level error --memory 64M --pids 50 -- true
		# what is asked for and left out
		sandbox 0 --limits best-effort --cpus 0.5 --cpuset 0 -- true
		contains "$stderr" "nidus: --cpus 0.5: not enforced"
		contains "$stderr" "nidus: --cpuset 0: not enforced"
		# the parent of a detached one has the caller's stderr
		expect 0 "$NIDUS" run --detach --memory 64M -- true
		contains "$stderr" "nidus: --memory 64M: watched"
		"$NIDUS" wait "$output" 3>&- || true
		# nothing started
		expect 127 "$NIDUS" run --memory 64M -- nidus-no-such-command
		equal "$(lines "$stderr")" 1 lines
	else
		equal "$stderr" "" stderr
	fi
}

@test "memory_peak is never below the kernel's figure of one process, and says whose it is" {
	local source
	sandbox 0 --memory 200M -- "$TEST_BIN/hog" 60 0
	report 'J["memory_peak"] >= J["max_rss"]' 'J["max_rss"] >= 60 << 20' \
		'J["memory_source"] in ("cgroup", "monitor", "max_rss")'
	source=$("$HELPERS/check-json" "$REPORT" 'print(J["memory_source"]) or True')
	if weaker; then
		sandbox 0 -- "$TEST_BIN/hog" 60 0
		report 'J["memory_source"] == "max_rss"' 'J["memory_peak"] == J["max_rss"]'
	else
		# or one process was larger than what its group was charged for
		[ "$source" = cgroup ] || [ "$source" = max_rss ] || fail "source $source"
	fi
	# gone between two looks of a monitor that is almost asleep
	sandbox 0 --memory 200M --memory-interval 10s -- "$TEST_BIN/hog" 60 0
	report 'J["memory_peak"] >= J["max_rss"]' 'J["max_rss"] >= 60 << 20'
	sandbox 127 -- nidus-no-such-command
	report 'J["memory_peak"] is None' 'J["memory_source"] is None' 'J["max_rss"] is None'
}

@test "a report that can't be written is told; the status changes only if asked to" {
	expect 3 "$NIDUS" run --report /dev/full -- sh -c 'exit 3'
	equal "$stderr" "nidus: --report /dev/full: lost: No space left on device" stderr
	expect 125 "$NIDUS" run --report /dev/full --report-strict -- sh -c 'exit 3'
	equal "$stderr" "nidus: --report /dev/full: lost: No space left on device" stderr
	expect 3 "$NIDUS" run --events /dev/full -- sh -c 'exit 3'
	equal "$stderr" "nidus: --events /dev/full: 4 lost: No space left on device" stderr
	expect 125 "$NIDUS" run --events /dev/full --report-strict -- sh -c 'exit 3'
	expect 125 "$HELPERS/unread" 9 "$NIDUS" run --events 9 --report-strict -- sh -c 'exit 3'
	contains "$stderr" "nidus: --events: 4 lost: Broken pipe"
	expect 3 "$NIDUS" run --report "$REPORT" --events "$EVENTS" --report-strict -- sh -c 'exit 3'
	equal "$stderr" "" stderr
	expect 125 "$NIDUS" run --report-strict -- true
	contains "$stderr" "--report-strict: needs --report or --events"
}
