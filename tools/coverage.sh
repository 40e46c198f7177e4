#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# coverage.sh [TEST…]: runs make check-fast's tests, and those named, with the build that
# counts (mk/coverage.mk), prints how many lines and branches of each folder they executed,
# and fails where that is less than tests/coverage asks for. build/coverage/lines lists
# what no test came to.
set -u
cd "$(dirname "$0")/.." || exit 1
build=build/coverage

# A lane hides these, and so the counts.
case $PWD/ in
/tmp/* | /var/tmp/* | /run/* | /dev/shm/* | /home/* | /root/*)
	echo "coverage: the checkout must not be in a home, /tmp, /var/tmp, /run or /dev/shm" >&2
	exit 1
	;;
esac

find "$build" -name '*.gcda' -exec rm {} +
rm -f "$build"/counters/*
NIDUS_BUILD=$build tests/run --fast "$@"
status=$?

for program in "$build/nidus-init" "$build/nidus" "$build"/unit/test_*; do
	[ -x "$program" ] || continue
	NIDUS_COVERAGE_DUMP=1 "$program" >/dev/null 2>&1 </dev/null
done
gcovr --root . --object-directory "$build" --filter 'init/' --filter 'spawn/' --filter 'cgroup/' \
	--filter 'net/' --exclude-unreachable-branches --exclude-throw-branches \
	--json-summary "$build/summary.json" --json "$build/lines.json" "$build" || exit 1
tools/coverage-folders "$build/summary.json" "$build/lines.json" tests/coverage >"$build/table" || status=1
cat "$build/table"
exit "$status"
