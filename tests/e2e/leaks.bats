#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What must not get through: descriptors into the workload, secrets out of it.

load helpers

@test "only 0, 1 and 2 reach the workload" {
	# shellcheck disable=SC2261 # many descriptors on purpose
	run bash -c "exec 5</etc/passwd 7>'$scratch/x' 99</dev/null; exec '$NIDUS' run -- '$TEST_BIN/fds'"
	equal "$status" 0
	equal "$output" "0 1 2 "
}

@test "nor do those that nidus itself was given" {
	run bash -c "exec 5>'$scratch/e' 6>'$scratch/r' 7>'$scratch/i'
		exec '$NIDUS' run --events 5 --report 6 --info-fd 7 -- '$TEST_BIN/fds'"
	equal "$status" 0
	equal "$output" "0 1 2 "
}

@test "--pass-fd passes what was asked for" {
	run bash -c "exec 5</etc/passwd 8</dev/null; exec '$NIDUS' run --pass-fd 8 -- '$TEST_BIN/fds'"
	equal "$status" 0
	equal "$output" "0 1 2 8 "
}

@test "PID 1 keeps none of the caller's descriptors" {
	need_root
	bash -c "exec 50<'$scratch'; exec '$NIDUS' run --events '$EVENTS' -- sleep 60" </dev/null 3>&- 4>&- &
	local pid=$!
	wait_for 10 has_event setup_finished
	local links
	links=$(ls -l "/proc/$(init_pid)/fd")
	kill "$pid"
	exits 30 "$pid" 143 "nidus run"
	lacks "$links" "$scratch"
}

@test "secrets never show, whatever goes wrong" {
	local secret=hunter2-$RANDOM$RANDOM level
	export PASSWORD_FROM_CALLER=$secret-a
	printf '%s-c' "$secret" >"$scratch/secret-file"
	for level in trace info error; do
		"$NIDUS" run --log-level "$level" --events "$scratch/e1" --report "$scratch/r1" \
			--setenv TOKEN "$secret-b" --file 8 /tmp/secret -- \
			cat /tmp/secret 8<"$scratch/secret-file" >"$scratch/out" 2>"$scratch/l1" 3>&-
		contains "$(cat "$scratch/out")" "$secret-c"
		"$NIDUS" run --log-level "$level" --events "$scratch/e2" --report "$scratch/r2" \
			--setenv TOKEN "$secret-b" -- nidus-no-such-command 2>"$scratch/l2" 3>&- || true
		"$NIDUS" run --log-level "$level" --log-format json --setenv TOKEN "$secret-b" \
			--bind /no/such /x -- true 2>"$scratch/l3" 3>&- || true
		"$NIDUS" run --log-level "$level" --setenv "TOKEN=$secret-b" "$secret-b" -- true 2>"$scratch/l4" 3>&- || true
		"$NIDUS" run --log-level "$level" --setenv TOKEN "$secret-b" --memory nonsense -- true 2>"$scratch/l5" 3>&- || true
	done
	"$NIDUS" run --explain --setenv TOKEN "$secret-b" -- true >"$scratch/x1" 2>&1 3>&-
	rm "$scratch/out" "$scratch/secret-file"
	run grep -rn "$secret" "$scratch"
	equal "$output" "" "secrets found"
}

@test "the journal holds no argument and no environment" {
	export PASSWORD_FROM_CALLER=swordfish-$RANDOM$RANDOM
	background --setenv TOKEN "$PASSWORD_FROM_CALLER" -- sh -c "sleep 5; : $PASSWORD_FROM_CALLER"
	run grep -rn "$PASSWORD_FROM_CALLER" /run/nidus "${XDG_RUNTIME_DIR:-/run/nidus}/nidus" "$EVENTS"
	lacks "$output" "$PASSWORD_FROM_CALLER"
	kill -TERM "$spawner"
	ended 143
}

@test "with too few descriptors a start fails at once, and is removed with those that there are" {
	local most status option
	for option in "--ro-bind /etc /mnt" "--hostname box"; do
		for ((most = 5; most < 34; most++)); do
			status=0
			# shellcheck disable=SC2086 # words
			(ulimit -S -n "$most" && timeout 4 "$NIDUS" run $option -- true) >/dev/null 2>"$scratch/err" 3>&- 4>&- || status=$?
			[ "$status" -eq 0 ] || [ "$status" -eq 125 ] || fail "$most descriptors, $option: status $status, $(cat "$scratch/err")"
			[ "$status" -eq 0 ] || [ -s "$scratch/err" ] || fail "$most descriptors, $option: no word"
			equal "$("$NIDUS" list --json | tr -d '[] \n')" "" "left after $most descriptors, $option"
		done
		equal "$status" 0 "status with $most"
	done
}
