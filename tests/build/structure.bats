#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tools/structure.sh finds the circles between files of a small tree.

load ../e2e/helpers
# shellcheck disable=SC2034 # of e2e's setup
HELPERS=$BATS_TEST_DIRNAME/../e2e/helpers
STRUCTURE=$TEST_STAGE/source/tools/structure.sh

# tree FLAGS…: a uses b, b uses c, c uses a; d is used by a; each file's symbol is its name.
tree() {
	command -v gcc >/dev/null || skip "gcc is not installed"
	mkdir -p "$scratch/room" "$scratch/tools" "$scratch/build/obj/room" "$scratch/build/initobj/room"
	: >"$scratch/tools/circles"
	echo 'int b(void); extern int d; int a(void); int a(void) { return b() + d; }' >"$scratch/room/a.c"
	echo 'int c(void); int b(void); int b(void) { return c(); }' >"$scratch/room/b.c"
	echo 'int a(void); int c(void); int c(void) { return a(); }' >"$scratch/room/c.c"
	echo 'extern int d; int d = 1;' >"$scratch/room/d.c"
	for file in a b c d; do
		gcc "$@" -c -o "$scratch/build/obj/room/$file.o" "$scratch/room/$file.c"
	done
	cp "$scratch/build/obj/room/d.o" "$scratch/build/initobj/room/d.o"
	export TREE=$scratch
}

@test "a circle fails, and says by which symbols" {
	tree
	expect 1 "$STRUCTURE"
	equal "$output" "structure: a circle of 3 files: room/a.c room/b.c room/c.c
    room/a.c uses b of room/b.c
    room/b.c uses c of room/c.c
    room/c.c uses a of room/a.c"
}

@test "so it does in objects for link-time optimization" {
	tree -flto
	expect 1 "$STRUCTURE"
	contains "$output" "a circle of 3 files: room/a.c room/b.c room/c.c"
}

@test "a circle that is named with its reason passes, and so does a part of it" {
	tree
	echo "room/a.c room/b.c room/c.c room/e.c # docs/decisions/0001" >"$scratch/tools/circles"
	expect 0 "$STRUCTURE"
	equal "$output" ""
	expect 0 "$STRUCTURE" --list
	contains "$output" "an allowed circle of 3 files"
	echo "room/a.c room/b.c # docs/decisions/0001" >"$scratch/tools/circles"
	expect 1 "$STRUCTURE"
}

@test "a circle named without a reason fails" {
	tree
	echo "room/a.c room/b.c room/c.c" >"$scratch/tools/circles"
	expect 1 "$STRUCTURE"
	contains "$output" "no reason in: room/a.c room/b.c room/c.c"
}

@test "the object of a file that is gone does not count" {
	tree
	rm "$scratch/room/c.c"
	expect 0 "$STRUCTURE"
}

@test "where nothing is built it fails" {
	tree
	rm "$scratch"/build/initobj/room/*.o
	expect 1 "$STRUCTURE"
	contains "$output" "nothing is built in build/initobj"
}

@test "--unused lists what no other file uses" {
	tree
	mkdir "$scratch/tests"
	echo 'int lonely(void); int lonely(void) { return 0; } int tested(void); int tested(void) { return 0; }' >"$scratch/room/d.c"
	echo 'int tested(void);' >"$scratch/tests/t.c"
	gcc -c -o "$scratch/build/obj/room/d.o" "$scratch/room/d.c"
	rm -r "$scratch/build/initobj"
	expect 0 "$STRUCTURE" --unused
	contains "$output" "room/d.c: tested: used by tests only"
	contains "$output" "room/d.c: lonely: used by nobody"
	lacks "$output" "room/a.c"
}
