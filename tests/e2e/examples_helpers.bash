# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch, status, stderr: of helpers.bash
#
# For the tests that execute what README.md and the manual pages show, word for word.

# A place as an example's reader may have it: programs of that name, and nidus in PATH.
stage_examples() {
	"$HELPERS/documented" "$TEST_STAGE/source" >"$scratch/documented"
	mkdir "$scratch/bin"
	ln -s "$NIDUS" "$scratch/bin/nidus"
	ln -s "$TEST_BIN/nidus-init" "$scratch/bin/nidus-init"
	local program
	for program in server database job bin/server bin/curl; do
		printf '#!/bin/sh\necho served\n' >"$scratch/$program"
		chmod 0755 "$scratch/$program"
	done
	PATH=$scratch/bin:$PATH
	cd "$scratch" || return 1
}

# example STATUS COMMAND: is documented exactly so, and ends like that.
example() {
	grep -qxF -- "$2" "$scratch/documented" || fail "no document shows: $2"
	expect "$1" bash -c "$2"
}
