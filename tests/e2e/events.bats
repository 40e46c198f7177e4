#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Events, exit report, --info-fd, --block-fd, --sync-fd.

load helpers

@test "events come in the order things happen" {
	sandbox 0 --name "order-$TEST_AS" -- true
	events '[n for n in names if n not in ("degraded",)] == ["spawned", "setup_finished", "exited", "cleaned"]' \
		'[e["seq"] for e in E] == list(range(E[0]["seq"], E[0]["seq"] + len(E)))' \
		'len({e["id"] for e in E}) == 1' \
		'all(e["name"].startswith("order-") for e in E)' \
		'all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d)", e["ts"]) for e in E)' \
		'[e["ts"] for e in E] == sorted(e["ts"] for e in E)'
}

@test "each event says what it is about" {
	sandbox 3 -- sh -c 'exit 3'
	events 'ev("spawned")["pid"] > 1' 'len(ev("spawned")["namespaces"]) >= 7' \
		'all(ev("spawned")["namespaces"][ns] > 0 for ns in ("user", "mnt", "pid", "net", "ipc", "uts"))' \
		'ev("setup_finished")["setup_us"] > 0' 'ev("setup_finished")["setup_us"] < 20000000' \
		'ev("exited")["reason"] == "exited"' 'ev("exited")["exit_code"] == 3' \
		'ev("exited")["wall_us"] > 0' 'ev("cleaned")["us"] >= 0' 'ev("cleaned")["resources"] >= 1'
}

@test "the exit report is one object with the figures" {
	sandbox 0 -- sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
	report 'J["reason"] == "exited"' 'J["wall_us"] > 0' 'J["cpu_user_us"] + J["cpu_sys_us"] > 0' \
		'J["zombies_reaped"] == 0' 'J["id"] != ""'
	equal "$(grep -c '"reason"' "$REPORT")" 1 "objects in the report"
}

@test "events and report by descriptor" {
	"$NIDUS" run --events 8 --report 9 -- true 8>"$EVENTS" 9>"$REPORT" 3>&-
	events '"exited" in names'
	report 'J["exit_code"] == 0'
}

@test "a report replaces the one before, events are appended" {
	printf 'an older and much longer thing\n%s\n' "$(head -c 4096 /dev/zero | tr '\0' x)" >"$REPORT"
	"$NIDUS" run --events "$EVENTS" --report "$REPORT" -- sh -c 'exit 0' 3>&-
	expect 7 "$NIDUS" run --events "$EVENTS" --report "$REPORT" -- sh -c 'exit 7'
	equal "$(lines "$(cat "$REPORT")")" 1 "lines of the report"
	report 'J["exit_code"] == 7'
	equal "$(grep -c '"exited"' "$EVENTS")" 2 "sandboxes in the events"
}

@test "a report is empty before anything starts" {
	echo old >"$REPORT"
	expect 125 "$NIDUS" run --report "$REPORT" --init /dev/null -- true
	lacks "$(cat "$REPORT")" old
}

# refused_report ARGUMENT…: a run whose options are refused replaces the old report.
refused_report() {
	echo '{"reason":"exited"}' >"$REPORT"
	expect 125 "$NIDUS" run "$@"
	equal "$(lines "$stderr")" 1 "lines on stderr for $*"
	report 'J["reason"] == "start_error"' 'J["exit_code"] == 125' 'J["id"] is None' \
		'J["fault"]["step"] == "options"'
	"$HELPERS/check-json" "$REPORT" 'print(J["fault"]["message"]) or True' >"$scratch/message"
	equal "$stderr" "nidus: $(<"$scratch/message")" stderr
}

@test "options that are refused: the report says so, wherever it stands among them" {
	refused_report --report "$REPORT" --memory 5x -- true
	refused_report --memory 5x --report "$REPORT" -- true
	refused_report --setenv A=B x --pids 0 --bind / /mnt "--report=$REPORT" -- true
	refused_report --report "$REPORT" --no-such-option -- true
	refused_report --report "$REPORT"
	refused_report --report "$REPORT" --publish 80:80 -- true
	refused_report --report "$REPORT" --events /no/such/directory/file -- true
	# what stands behind the command, or may, is the command's
	echo old >"$REPORT"
	expect 125 "$NIDUS" run --no-such-option --report "$REPORT" -- true
	expect 125 "$NIDUS" run --memory 5x true --report "$REPORT"
	expect 125 "$NIDUS" run --memory 5x -- true --report "$REPORT"
	equal "$(<"$REPORT")" old "what is not ours"
	# behind the events of before
	echo '{"event":"older"}' >"$EVENTS"
	expect 125 "$NIDUS" run --events "$EVENTS" --report "$EVENTS" --memory 5x -- true
	equal "$(head -1 "$EVENTS")" '{"event":"older"}' "the first event"
	equal "$(lines "$(<"$EVENTS")")" 2 lines
}

@test "what the command could forge is refused" {
	local path option
	mkdir "$scratch/job" "$scratch/job/deep" "$scratch/work"
	ln -s job "$scratch/link"
	for option in --events --report; do
		for path in job/out job/deep/out link/out ./job/../job/out; do
			expect 125 "$NIDUS" run --bind "$scratch/job" /mnt "$option" "$scratch/$path" -- true
			contains "$stderr" "nidus: $option $scratch/$path: --bind $scratch/job makes it writable inside"
			equal "$(lines "$stderr")" 1 lines
		done
		expect 125 "$NIDUS" run --bind-fd 9 /mnt "$option" "$scratch/job/out" -- true 9<"$scratch/job"
		contains "$stderr" "--bind-fd"
		expect 125 "$NIDUS" run --overlay-src / --overlay "$scratch/job" "$scratch/work" / \
			"$option" "$scratch/job/out" -- true
		contains "$stderr" "--overlay"
		cd "$scratch/job"
		expect 125 "$NIDUS" run --dev-bind .. /mnt "$option" out -- true
		contains "$stderr" "--dev-bind"
		expect 125 "$NIDUS" run --bind-try "$scratch/job" /mnt "$option" out --detach -- true
		contains "$stderr" "--bind-try"
	done
	[ ! -e "$scratch/job/out" ] || fail "it was created"
	expect 0 "$NIDUS" run --ro-bind "$scratch/job" /mnt --report "$scratch/job/out" -- true
	[ -s "$scratch/job/out" ] || fail "no report"
	expect 0 "$NIDUS" run --bind "$scratch/job" /mnt --report "$scratch/jobs" -- true
	equal "$stderr" "" stderr
}

@test "a descriptor, or a FIFO, that the command could write to: a line says so" {
	mkdir "$scratch/job"
	expect 0 "$NIDUS" run --bind "$scratch/job" /mnt --report 9 -- true 9>"$scratch/job/out"
	contains "$stderr" "nidus: --report 9: --bind $scratch/job makes it writable inside: the command can forge"
	[ -s "$scratch/job/out" ] || fail "no report"
	expect 0 "$NIDUS" run --bind "$scratch/job" /mnt --report 9 -- true 9>"$scratch/out"
	equal "$stderr" "" stderr
	mkfifo -m 666 "$scratch/fifo"
	exec 7<>"$scratch/fifo" # its reader
	expect 0 "$NIDUS" run --events "$scratch/fifo" -- true
	exec 7>&-
	contains "$stderr" "nidus: --events $scratch/fifo: a FIFO that is visible inside"
	expect 0 "$NIDUS" run --log-level error --report 9 -- true 9<>"$scratch/fifo"
	equal "$stderr" "" stderr
}

@test "on a shared stream every object has a line of its own" {
	local name
	for name in events report; do
		# a pipe, whose state nobody knows
		"$NIDUS" run "--$name" 2 -- printf unfinished 2>&1 3>&- | cat >"$scratch/piped"
		# a file: only where it is needed
		"$NIDUS" run "--$name" 1 -- printf unfinished >"$scratch/filed" 3>&-
		"$NIDUS" run "--$name" 1 -- echo finished >"$scratch/ended" 3>&-
		equal "$(grep -c '^{.*}$' "$scratch/piped")" "$(grep -c '"id"' "$scratch/piped")" "objects in a pipe"
		equal "$(grep -c '^{.*}$' "$scratch/filed")" "$(grep -c '"id"' "$scratch/filed")" "objects in a file"
		grep -qx unfinished "$scratch/piped" "$scratch/filed"
		! grep -qx '' "$scratch/ended" "$scratch/filed" || fail "an empty line"
	done
}

# no_controls FILE…: no C1 control, neither encoded nor as a byte, and no other but newlines.
no_controls() {
	! LC_ALL=C grep -lP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|(?<![\xc2-\xf4])(?<![\xc2-\xf4][\x80-\xbf])[\x80-\x9f]' "$@" ||
		fail "$(cat -v "$@")"
}

@test "control characters of others reach no terminal and no JSON reader" {
	local evil=$'a\xc2\x9bb\x9bc\x1b[d\x7fe\xe2\x80\xa8' out=$scratch/out format
	mkdir "$scratch/$evil"
	for format in text json; do
		: >"$out"
		for option in --memory --pids --user --net --name --hostname --rlimit --publish --dns --seccomp \
			--share --cap-add --timeout --log-level --events --pass-fd --userns --chdir "--$evil" \
			--landlock-ro --root --lock-file; do
			"$NIDUS" --log-format "$format" run --log-level debug "$option" "/$evil" -- "$evil" \
				>>"$out" 2>&1 3>&- || true
		done
		"$NIDUS" --log-format "$format" "$evil" >>"$out" 2>&1 || true
		"$NIDUS" --log-format "$format" "-$evil" >>"$out" 2>&1 || true
		"$NIDUS" --log-format "$format" kill "$evil" >>"$out" 2>&1 || true
		"$NIDUS" --log-format "$format" list "--$evil" >>"$out" 2>&1 || true
		"$NIDUS" --log-format "$format" list "-$evil" >>"$out" 2>&1 || true
		"$NIDUS" --log-format "$format" check "$evil" >>"$out" 2>&1 || true
		"$NIDUS" --log-format "$format" seccomp "/$evil" >>"$out" 2>&1 || true
		[ "$(wc -l <"$out")" -gt 20 ] || fail "few lines: $(cat -v "$out")"
		no_controls "$out"
	done
	"$NIDUS" run --explain --bind "$scratch/$evil" /mnt --label $'k=\xc2\x9b' -- "$evil" >"$out" 3>&-
	no_controls "$out"
	"$NIDUS" run --events "$EVENTS" --report "$REPORT" --label $'\xc2\x9b=\x9b' --bind "/no/$evil" /mnt \
		-- true >"$out" 2>&1 3>&- || status=$?
	equal "$status" 125 status
	no_controls "$out" "$EVENTS" "$REPORT"
	background --label $'k=\xc2\x9b' -- sh -c 'exec sleep 60' "$evil"
	"$NIDUS" list >"$out"
	"$NIDUS" list --json >>"$out"
	kill -TERM "$spawner"
	ended 143
	no_controls "$out"
}

@test "one file for both keeps the events of before" {
	"$NIDUS" run --events "$EVENTS" --report "$EVENTS" -- true 3>&-
	"$NIDUS" run --events "$EVENTS" --report "$EVENTS" -- true 3>&-
	equal "$(grep -c '"cleaned":true' "$EVENTS")" 2 "reports"
	equal "$(grep -c '"event":"exited"' "$EVENTS")" 2 "ends"
}

@test "/dev/stdout, /dev/stderr and /dev/fd/N are the descriptors, not files of their own" {
	local name
	for name in /dev/stderr /dev/fd/2 2; do
		bash -c "echo before >&2; '$NIDUS' run --report $name -- sh -c 'echo during >&2'; echo after >&2" \
			2>"$scratch/log" 3>&-
		equal "$(grep -cE '^(before|during|after)$' "$scratch/log")" 3 "lines around the report by $name"
		equal "$(sed -n 3p "$scratch/log" | grep -c '"reason":"exited"')" 1 "the report by $name"
		equal "$(lines "$(cat "$scratch/log")")" 4 "lines by $name"
	done
	bash -c "echo before; '$NIDUS' run --events /dev/stdout -- echo during; echo after" >"$scratch/log" 3>&-
	equal "$(grep -cE '^(before|during|after)$' "$scratch/log")" 3 "lines around the events"
	equal "$(grep -c '"event":"cleaned"' "$scratch/log")" 1 "events"
}

@test "an events reader that is gone does not hold anything up" {
	# shellcheck disable=SC2094
	expect 0 bash -c "exec 8> >(exec true); sleep 0.2; exec '$NIDUS' run --events 8 -- echo fine"
	equal "$output" fine
}

@test "an events reader that does not read does not hold anything up" {
	mkfifo "$scratch/fifo"
	sleep 30 <>"$scratch/fifo" 3>&- 4>&- &
	local holder=$!
	expect 0 bash -c "exec 8<>'$scratch/fifo'; head -c 65536 /dev/zero >&8 & sleep 0.3; kill %1
		exec '$NIDUS' run --events 8 -- echo fine"
	kill "$holder"
	wait "$holder" 2>/dev/null || true
	equal "$output" fine
}

@test "--info-fd tells id, child-pid and namespaces" {
	"$NIDUS" run --info-fd 9 -- true 9>"$scratch/info" 3>&-
	"$HELPERS/check-json" "$scratch/info" 'J["child-pid"] > 1' 'J["pid-namespace"] > 0' \
		'J["mnt-namespace"] > 0' 'len(J["id"]) == 12'
}

@test "the end asked for before PID 1 has begun is kept: nothing of the command runs" {
	mkdir -m 0700 "$scratch/state"
	mkfifo "$scratch/fifo"
	NIDUS_STATE_DIR=$scratch/state "$NIDUS" run --block-fd 9 --events "$EVENTS" --report "$REPORT" \
		--bind "$scratch" "$scratch" -- touch "$scratch/ran" 9<>"$scratch/fifo" 3>&- 4>&- &
	# shellcheck disable=SC2034 # for ended
	spawner=$!
	wait_for 10 has_event spawned
	# what nidus kill and stop leave where there is no PID 1 to signal yet
	local records=("$scratch"/state/*/journal)
	: >"${records[0]%/journal}/canceled"
	echo >"$scratch/fifo"
	ended 137
	[ ! -e "$scratch/ran" ] || fail "the command ran"
	events '"setup_finished" not in names' 'ev("exited")["reason"] == "canceled"' 'ev("cleaned")'
	report 'J["reason"] == "canceled"'
}

@test "--block-fd waits until the other side writes or closes" {
	mkfifo "$scratch/fifo"
	"$NIDUS" run --block-fd 9 --events "$EVENTS" -- touch /tmp/x 9<>"$scratch/fifo" 3>&- 4>&- &
	local pid=$!
	sleep 0.5
	! has_event setup_finished || fail "the program ran before the block was lifted"
	echo >"$scratch/fifo"
	wait "$pid"
	has_event setup_finished
}

@test "--sync-fd stays open as long as the sandbox lives" {
	mkfifo "$scratch/fifo"
	"$NIDUS" run --sync-fd 9 -- sleep 0.7 9>"$scratch/fifo" 3>&- 4>&- &
	local pid=$! start=$EPOCHREALTIME
	cat "$scratch/fifo"
	local took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	wait "$pid"
	[ "$took" -ge 600 ] || fail "the descriptor was closed after $took ms, the sandbox lived 700"
}

@test "a start that fails is an event with step, errno, object and message" {
	sandbox 125 --bind /no/such/source /mnt -- true
	events 'names.count("failed") == 1' '"setup_finished" not in names' \
		'ev("failed")["errno"] in (2, "ENOENT")' 'ev("failed")["step"] != ""' \
		'"/no/such/source" in ev("failed")["object"]' 'ev("failed")["message"] != ""'
	equal "$(lines "$stderr")" 1 "lines on stderr"
	contains "$stderr" /no/such/source
	report 'J["reason"] == "start_error"' 'J["exit_code"] == 125'
}

@test "two sandboxes have two ids" {
	sandbox 0 -- true
	local first
	first=$("$HELPERS/check-json" "$REPORT" 'print(J["id"]) or True')
	sandbox 0 -- true
	lacks "$(cat "$REPORT")" "$first"
}

@test "the log can be JSON" {
	expect 125 "$NIDUS" run --log-format json --bind /no/such/source /mnt -- true
	echo "$stderr" >"$scratch/log"
	"$HELPERS/check-json" "$scratch/log" '"ts" in J' 'J["level"] == "error"' '"/no/such/source" in J["msg"]'
}
