# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2153 # INIT: of setup_file
# For the tests of nidus-init on its own: $INIT in the background.

# begin ARGUMENT…: nidus-init as $init; its program writes to out, both to err.
begin() {
	"$INIT" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null 3>&- 4>&- &
	init=$!
}

# begin_ready ARGUMENT…: the same, once the program has said ready.
begin_ready() {
	begin "$@"
	wait_for 10 says ready
}

# ends STATUS
ends() {
	exits 20 "$init" "$1" nidus-init
}

# says LINE
says() {
	grep -qx "$1" "$BATS_TEST_TMPDIR/out"
}

# value KEY: of the report.
value() {
	sed -n "s/^$1=//p" "$REPORT"
}
