#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Real programs run unchanged inside.

load helpers

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "a python3 script with modules, threads, temporary files and a child" {
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
	cat >"$scratch/script.py" <<-'PYTHON'
		import hashlib, json, multiprocessing, os, subprocess, tempfile, threading

		def work(n):
		    return n * n

		if __name__ == "__main__":
		    with tempfile.NamedTemporaryFile("w+") as file:
		        file.write("data")
		        file.flush()
		        size = os.stat(file.name).st_size
		    thread = threading.Thread(target=lambda: None)
		    thread.start()
		    thread.join()
		    with multiprocessing.Pool(2) as pool:
		        squares = pool.map(work, range(4))
		    out = subprocess.run(["echo", "child"], capture_output=True, text=True).stdout.strip()
		    print(json.dumps([size, squares, out, hashlib.sha256(b"x").hexdigest()[:8]]))
	PYTHON
	sandbox 0 -- /usr/bin/python3 "$scratch/script.py"
	equal "$output" '[4, [0, 1, 4, 9], "child", "2d711642"]'
}

@test "gcc compiles and runs a file in a writable bind" {
	need gcc
	mkdir "$scratch/src"
	printf '#include <stdio.h>\nint main(void) { puts("compiled inside"); return 5; }\n' \
		>"$scratch/src/main.c"
	sandbox 5 --bind "$scratch/src" /mnt --chdir /mnt -- sh -c 'gcc -O2 -o main main.c && ./main'
	equal "$output" "compiled inside"
	[ -x "$scratch/src/main" ] || fail "the binary is not in the host's directory"
	equal "$(stat -c %u "$scratch/src/main")" "$(id -u)" "owner of what the sandbox made"
}

@test "git clones a local repository and commits" {
	need git
	git init -q "$scratch/repo"
	echo content >"$scratch/repo/file"
	git -C "$scratch/repo" add file
	git -C "$scratch/repo" -c user.name=t -c user.email=t@example.org commit -qm one
	sandbox 0 -- sh -c "git clone -q $scratch/repo /tmp/clone && cd /tmp/clone && cat file &&
		echo more >>file && git -c user.name=t -c user.email=t@example.org commit -qam two &&
		git log --oneline | wc -l"
	equal "$output" $'content\n2'
}

@test "a shell pipeline" {
	sandbox 0 -- bash -c 'set -o pipefail; seq 1 100000 | sort -rn | head -n 1000 | tail -n 1 |
		while read -r n; do echo "got $n"; done; diff <(echo a) <(echo a) && echo same'
	equal "$output" $'got 99001\nsame'
}

@test "perl" {
	need perl
	sandbox 0 -- perl -MPOSIX -e 'my $p = fork; exit 3 unless $p; waitpid $p, 0;
		print "child ", WEXITSTATUS($?), "\n"; exit 4 if -w "/etc"' || true
	contains "$output" "child 3"
}

@test "node" {
	need node
	sandbox 0 -- node -e 'setTimeout(() => console.log([1, 2, 3].map(x => x * 2).join()), 10)'
	equal "$output" 2,4,6
}

@test "sed, awk, tar, find, xargs on a writable bind" {
	mkdir "$scratch/data"
	for n in 1 2 3; do echo "line $n" >"$scratch/data/$n.txt"; done
	sandbox 0 --bind "$scratch/data" /mnt --chdir /mnt -- sh -c \
		'find . -name "*.txt" | xargs sed -i s/line/row/ && tar cf all.tar ./*.txt &&
		mkdir out && tar xf all.tar -C out && cat out/*.txt | awk "{ s += \$2 } END { print s, \$1 }"'
	equal "$output" "6 row"
	equal "$(cat "$scratch/data/1.txt")" "row 1"
}

@test "--root with a busybox tree" {
	need busybox
	mkdir -p "$scratch"/tree/{bin,etc,proc,dev,tmp}
	cp "$(command -v busybox)" "$scratch/tree/bin/busybox"
	ln -s busybox "$scratch/tree/bin/sh"
	ln -s busybox "$scratch/tree/bin/ls"
	chmod -R a+rX "$scratch/tree"
	echo tree >"$scratch/tree/etc/name"
	sandbox 0 --root "$scratch/tree" -- /bin/sh -c 'read name </etc/name; echo "in $name"; ls /; ls -d /proc/self; echo x >/tmp/x && echo x >/dev/null'
	contains "$output" "in tree"
	lacks "$output" home
	contains "$output" /proc/self
}

@test "a name server's file, time zone and locale can be read" {
	sandbox 0 -- sh -c 'date +%Y >/dev/null && test -r /etc/passwd && id -un >/dev/null 2>&1; echo $?'
}
