#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The file options, in order; and trees that lay traps.

load helpers

@test "--bind is writable, --ro-bind is not" {
	mkdir "$scratch/rw" "$scratch/ro"
	echo a >"$scratch/rw/file"
	expect 0 "$NIDUS" run --bind "$scratch/rw" /mnt -- sh -c 'echo b >>/mnt/file; echo c >/mnt/new; cat /mnt/file'
	equal "$output" $'a\nb'
	equal "$(cat "$scratch/rw/new")" c
	equal "$(stat -c %u "$scratch/rw/new")" "$(id -u)" "owner outside of what the sandbox made"
	expect 0 "$NIDUS" run --ro-bind "$scratch/ro" /mnt -- sh -c '! touch /mnt/x 2>/dev/null'
	[ ! -e "$scratch/ro/x" ] || fail "written through --ro-bind"
}

@test "a writable bind of one file" {
	echo old >"$scratch/file"
	expect 0 "$NIDUS" run --bind "$scratch/file" /etc/hostname -- sh -c 'echo new >/etc/hostname'
	equal "$(cat "$scratch/file")" new
}

@test "--bind-try of what is missing is left out, --bind is an error" {
	expect 0 "$NIDUS" run --bind-try /no/such /mnt -- echo ran
	equal "$output" ran
	expect 125 "$NIDUS" run --bind /no/such /mnt -- echo ran
	contains "$stderr" /no/such
}

@test "a source that is missing is told with its option" {
	cd "$scratch"
	expect 125 "$NIDUS" run --bind ./no/such /mnt -- true
	equal "$stderr" "nidus: --bind ./no/such /mnt: No such file or directory"
	expect 125 "$NIDUS" run --ro-bind no/such /mnt -- true
	equal "$stderr" "nidus: --ro-bind no/such /mnt: No such file or directory"
	expect 125 "$NIDUS" run --root /no/such -- true
	equal "$stderr" "nidus: --root /no/such: No such file or directory"
	expect 125 "$NIDUS" run --net /no/such -- true
	equal "$stderr" "nidus: --net /no/such: No such file or directory"
}

@test "a file that is no namespace is told with its option" {
	: >"$scratch/file"
	expect 125 "$NIDUS" run --net "$scratch/file" -- true
	equal "$stderr" "nidus: --net $scratch/file: not a net namespace"
	expect 125 "$NIDUS" run --join "uts=$scratch/file" -- true
	equal "$stderr" "nidus: --join uts=$scratch/file: not a uts namespace"
}

@test "a destination that is missing on a read-only root is told with its option, and what helps" {
	local options
	mkdir "$scratch/job"
	cd "$scratch"
	for options in '--bind ./job /no-such' '--ro-bind ./job /no/such' '--dir /no-such' \
		'--tmpfs /no-such' '--symlink a /no-such' '--dev /no-such' '--proc /no-such'; do
		# shellcheck disable=SC2086 # words on purpose
		sandbox 125 $options -- true
		contains "$stderr" "nidus: $options: the destination does not exist"
		contains "$stderr" "below /tmp or /run"
		equal "$(lines "$stderr")" 1 "lines on stderr"
		report 'J["fault"]["step"] == "root"' 'J["fault"]["errno"] == 30' \
			"J['fault']['object'] == '$options'"
	done
}

@test "a destination that is missing is made below /tmp and /run, and in a --tmpfs" {
	mkdir "$scratch/job"
	expect 0 "$NIDUS" run --bind "$scratch/job" /tmp/a/job --ro-bind "$scratch/job" /run/job --tmpfs /mnt \
		--dir /mnt/b/job --chdir /tmp/a/job -- sh -c 'touch made; ls -d /run/job /mnt/b/job'
	equal "$output" $'/mnt/b/job\n/run/job'
	[ -e "$scratch/job/made" ] || fail "not written to the bound directory"
}

@test "later operations stand on earlier ones" {
	mkdir "$scratch/one" "$scratch/two"
	echo 1 >"$scratch/one/f"
	echo 2 >"$scratch/two/f"
	expect 0 "$NIDUS" run --ro-bind "$scratch/one" /mnt --ro-bind "$scratch/two" /mnt -- cat /mnt/f
	equal "$output" 2
	expect 0 "$NIDUS" run --tmpfs /mnt --dir /mnt/a/b --ro-bind "$scratch/one" /mnt/a/b --remount-ro /mnt -- \
		sh -c 'cat /mnt/a/b/f; ! touch /mnt/x 2>/dev/null && echo read-only'
	equal "$output" $'1\nread-only'
}

@test "--tmpfs, --perms, --size, --dir, --chmod, --symlink" {
	expect 0 "$NIDUS" run --perms 0700 --size 1M --tmpfs /mnt --perms 0711 --dir /mnt/d --symlink d /mnt/link \
		--chmod 0750 /mnt/d -- sh -c 'stat -c %a /mnt /mnt/d; readlink /mnt/link; head -c 2M /dev/zero >/mnt/big 2>/dev/null || echo full'
	equal "$output" $'700\n750\nd\nfull'
}

@test "--file, --bind-data, --ro-bind-data" {
	printf data >"$scratch/data"
	run bash -c "exec '$NIDUS' run --perms 0640 --file 7 /tmp/f --ro-bind-data 8 /etc/hostname --bind-data 9 /etc/passwd -- \
		sh -c 'cat /tmp/f /etc/hostname /etc/passwd; stat -c %a /tmp/f; ! (echo x >/etc/hostname) 2>/dev/null && echo ro; echo y >/etc/passwd && cat /etc/passwd' \
		7<'$scratch/data' 8<'$scratch/data' 9<'$scratch/data'" 3>&-
	equal "$status" 0 "$output"
	equal "$output" $'datadatadata640\nro\ny'
}

@test "--bind-fd" {
	mkdir "$scratch/dir"
	echo by-fd >"$scratch/dir/f"
	run bash -c "exec '$NIDUS' run --ro-bind-fd 7 /mnt -- cat /mnt/f 7<'$scratch/dir'" 3>&-
	equal "$output" by-fd
	equal "$status" 0
}

@test "overlays" {
	mkdir -p "$scratch"/{one,two,upper,work}
	echo low >"$scratch/one/f"
	echo high >"$scratch/two/g"
	# one id map, so that the files' owner is known inside
	expect 0 "$NIDUS" run --userns keep --overlay-src "$scratch/one" --tmp-overlay /mnt -- \
		sh -c 'echo more >>/mnt/f; cat /mnt/f'
	equal "$output" $'low\nmore'
	expect 0 "$NIDUS" run --userns keep --overlay-src "$scratch/one" \
		--overlay "$scratch/upper" "$scratch/work" /mnt -- sh -c 'echo kept >/mnt/new'
	equal "$(cat "$scratch/upper/new")" kept
	expect 0 "$NIDUS" run --overlay-src "$scratch/one" --overlay-src "$scratch/two" --ro-overlay /mnt -- \
		sh -c 'cat /mnt/f /mnt/g; ! touch /mnt/x 2>/dev/null'
	equal "$output" $'low\nhigh'
	equal "$(cat "$scratch/one/f")" low
	rm -rf "$scratch/work" 2>/dev/null || chmod -R u+rwX "$scratch/work"
}

@test "mount points made below a writable bind go with the sandbox" {
	mkdir "$scratch/dir"
	echo text >"$scratch/text"
	: >"$scratch/dir/own"
	# shellcheck disable=SC2094 # it is read only
	sandbox 0 --bind "$scratch/dir" /mnt --ro-bind "$scratch/text" /mnt/.x --tmpfs /mnt/a/b \
		--ro-bind "$scratch/text" /mnt/own --ro-bind-data 7 /mnt/data --dir /mnt/stays --ro-bind "$scratch/text" /mnt/used/f -- \
		sh -c 'cat /mnt/.x; ls -A /mnt; touch /mnt/used/more' 7<"$scratch/text"
	equal "$output" $'text\n.x\na\ndata\nown\nstays\nused'
	equal "$(cd "$scratch/dir" && find . | sort | tr '\n' ' ')" ". ./own ./stays ./used ./used/more "
}

@test "the mount points of a sandbox that dies go with gc, and of one that fails to start at once" {
	mkdir "$scratch/dir"
	expect 125 "$NIDUS" run --bind "$scratch/dir" /mnt --ro-bind /dev/null /mnt/.x --ro-bind /dev/null /nowhere/x -- true
	equal "$(ls -A "$scratch/dir")" ""
	background --bind "$scratch/dir" /mnt --ro-bind /dev/null /mnt/.x -- sleep 30
	equal "$(ls -A "$scratch/dir")" .x
	kill -9 "$spawner"
	wait "$spawner" || true
	expect 0 "$NIDUS" gc
	equal "$(ls -A "$scratch/dir")" ""
}

@test "a mount point that another sandbox uses stays as long as that" {
	local first
	mkdir "$scratch/dir"
	background --bind "$scratch/dir" /mnt --ro-bind /dev/null /mnt/.x -- sh -c 'until [ -e /mnt/end1 ]; do sleep 0.02; done'
	first=$spawner
	background --bind "$scratch/dir" /mnt --ro-bind /dev/null /mnt/.x -- \
		sh -c 'until [ -e /mnt/end2 ]; do sleep 0.02; done; [ -c /mnt/.x ] && ! (rm -f /mnt/.x) 2>/dev/null'
	touch "$scratch/dir/end1"
	exits 20 "$first" 0 "the first"
	[ -e "$scratch/dir/.x" ] || fail "removed under another sandbox"
	touch "$scratch/dir/end2"
	ended 0
	[ ! -e "$scratch/dir/.x" ] || fail "left behind"
}

@test "--deny hides files and directories without a trace" {
	mkdir -p "$scratch/dir/closed"
	echo secret >"$scratch/dir/.env"
	echo secret >"$scratch/dir/closed/key"
	ln -s .env "$scratch/dir/link"
	expect 0 "$NIDUS" run --bind "$scratch/dir" /mnt --deny /mnt/.env --deny /mnt/closed --deny /etc/hostname -- \
		sh -c 'cat /mnt/.env /mnt/link /etc/hostname; ls -A /mnt/closed; ! mv /mnt/.env /mnt/x 2>/dev/null; ! touch /mnt/closed/x 2>/dev/null'
	equal "$output" ""
	expect 0 "$NIDUS" run --bind "$scratch/dir" /mnt --deny /mnt/link -- cat /mnt/.env
	equal "$output" ""
	# shellcheck disable=SC2012 # names of our own
	equal "$(ls -A "$scratch/dir" | tr '\n' ' ')" ".env closed link "
}

@test "--deny of nothing: nothing to do where nothing of the host's shows, an error below a writable bind" {
	mkdir "$scratch/dir"
	expect 0 "$NIDUS" run --ro-bind "$scratch/dir" /mnt --deny /mnt/a/b/.env --deny /no/such/place -- true
	expect 0 "$NIDUS" run --deny /tmp/x --deny /run/a/b --deny "$HOME/.ssh" --deny /home/nobody-there/.ssh \
		--deny /root/.ssh/id --tmpfs /mnt --deny /mnt/a/b -- true
	expect 0 "$NIDUS" run --tmpfs / --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
		--symlink usr/lib64 /lib64 --deny /etc/shadow --deny /home -- true
	for place in /mnt/.env /mnt/a/b/.env; do
		expect 125 "$NIDUS" run --bind "$scratch/dir" /mnt --deny "$place" -- true
		equal "$stderr" "nidus: --deny $place: there is nothing to hide, and the command could make it: its place is writable"
	done
	equal "$(ls -A "$scratch/dir")" ""
	expect 125 "$NIDUS" run --deny /mnt/x --bind "$scratch/dir" /mnt -- true
	equal "$stderr" "nidus: --deny /mnt/x: must come after --bind /mnt, which covers it"
	expect 125 "$NIDUS" run --deny / -- true
	contains "$stderr" "can't be the root"
}

@test "too many layers, and too many temporary overlays, are refused by name and limit" {
	local i arguments=()
	mkdir -p "$scratch"/layers/{1..120}
	for i in {1..120}; do
		arguments+=(--overlay-src "$scratch/layers/$i")
	done
	for i in --ro-overlay --tmp-overlay; do
		expect 125 "$NIDUS" run "${arguments[@]}" "$i" /mnt -- true
		equal "$stderr" "nidus: $i /mnt: too many layers: the kernel takes about 60 for one overlay"
	done
	expect 0 "$NIDUS" run "${arguments[@]:0:100}" --ro-overlay /mnt -- true
	arguments=()
	for i in {1..70}; do
		arguments+=(--overlay-src "$scratch/layers/1" --tmp-overlay "/tmp/t$i")
	done
	expect 125 "$NIDUS" run "${arguments[@]}" -- true
	contains "$stderr" "nidus: --tmp-overlay /tmp/t"
	contains "$stderr" "at most 64 tmpfs mounts"
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "--as-pid-1 takes hundreds of sources, and names the limit beyond that of descriptors" {
	local i arguments=()
	for i in {1..1100}; do
		arguments+=(--ro-bind /usr "/tmp/t$i")
	done
	expect 0 bash -c 'ulimit -n 1024; exec "$@"' - "$NIDUS" run --as-pid-1 "${arguments[@]:0:1200}" -- true
	expect 125 bash -c 'ulimit -n 1024; exec "$@"' - "$NIDUS" run --as-pid-1 "${arguments[@]}" -- true
	contains "$stderr" "nidus: --ro-bind /usr /tmp/t"
	contains "$stderr" "more descriptors are needed than RLIMIT_NOFILE (ulimit -n) allows"
}

# many OPTION COUNT: arguments that give as many directories.
many() {
	printf '%s\0' --tmpfs /mnt
	local i
	for ((i = 0; i < $2; i++)); do printf '%s\0' "$1" "$scratch/many/$((i % 50))" "/mnt/$i"; done
}

@test "5,000 binds under a limit of 1,024 descriptors" {
	local count option
	count=$(light 5000 1500)
	mkdir "$scratch/many"
	for ((i = 0; i < 50; i++)); do mkdir "$scratch/many/$i"; done
	for option in --ro-bind --bind; do
		many "$option" "$count" >"$scratch/args"
		# root's writable binds are id-mapped by the spawner: they need the hard limit
		run bash -c "ulimit -Sn 1024; exec '$NIDUS' run --args 7 -- sh -c 'grep -c \" /mnt/[0-9]\" /proc/self/mounts; ulimit -Sn; ls /proc/self/fd | wc -l; ps -e -o comm= | wc -l' 7<'$scratch/args'" 3>&-
		equal "$status" 0 "$output"
		equal "$(head -2 <<<"$output")" "$count"$'\n1024' "$option"
		[ "$(tail -2 <<<"$output" | head -1)" -le 5 ] || fail "descriptors left open: $output"
	done
}

@test "a missing source among thousands is told with its option" {
	mkdir -p "$scratch/many"
	for ((i = 0; i < 50; i++)); do mkdir "$scratch/many/$i"; done
	{ many --ro-bind 600; printf '%s\0' --ro-bind /no/such /mnt/x; } >"$scratch/args"
	expect 125 "$NIDUS" run --args 7 -- true 7<"$scratch/args"
	equal "$stderr" "nidus: --ro-bind /no/such /mnt/x: No such file or directory"
}

@test "more operations than a plan can hold are refused by name, with the limit" {
	local i
	yes -- --dir=/tmp/x | head -66000 | tr '=\n' '\0\0' >"$scratch/args"
	expect 125 "$NIDUS" run --args 7 -- true 7<"$scratch/args"
	equal "$stderr" "nidus: --dir /tmp/x: file operations, arguments and environment take more than 4 MiB together"
	expect 125 "$NIDUS" run --args 7 --args 8 -- true 7<"$scratch/args" 8<"$scratch/args"
	equal "$stderr" "nidus: --args 8: at most 1 MiB of arguments in all"
	for ((i = 0; i < 65; i++)); do printf '%s\0' --size 64K --tmpfs "/tmp/$i"; done >"$scratch/args"
	expect 125 "$NIDUS" run --args 7 -- true 7<"$scratch/args"
	contains "$stderr" "at most 64 tmpfs mounts"
}

# Who is root inside is not who the bind is mapped for.
@test "whatever an operation makes below a writable bind belongs to the bind's owner" {
	local options
	mkdir "$scratch/low"
	echo text >"$scratch/text"
	cd "$scratch"
	for options in '--ro-bind ./text /mnt/new' '--ro-bind ./low /mnt/new' '--dir /mnt/new' '--tmpfs /mnt/new' \
		'--symlink a /mnt/new' '--proc /mnt/new' '--dev /mnt/new' '--mqueue /mnt/new' '--file 7 /mnt/new' \
		'--ro-bind-data 7 /mnt/new' '--overlay-src ./low --tmp-overlay /mnt/new' '--dir /mnt/new/and/below'; do
		mkdir "$scratch/dir"
		# shellcheck disable=SC2086 # words on purpose
		expect 0 "$NIDUS" run --bind ./dir /mnt $options -- ls -d /mnt/new 7<text
		equal "$output" /mnt/new "$options"
		[ ! -e "$scratch/dir/new" ] ||
			equal "$(stat -c %u:%g "$scratch/dir/new")" "$(id -u):$(id -g)" "owner outside, $options"
		rm -rf "$scratch/dir"
	done
}

@test "an overlay belongs to the command inside and to the caller outside" {
	mkdir -p "$scratch"/{low,deep/upper,work}
	echo low >"$scratch/low/f"
	expect 0 "$NIDUS" run --overlay-src "$scratch/low" --overlay "$scratch/deep/upper" "$scratch/work" /mnt -- \
		sh -c 'echo more >>/mnt/f && mkdir /mnt/d && touch /mnt/d/new && stat -c %u /mnt/f /mnt/d/new && id -u'
	equal "$(sort -u <<<"$output" | wc -l)" 1 "owners and the command's own id: $output"
	equal "$(cat "$scratch/deep/upper/f")" $'low\nmore'
	equal "$(stat -c %u "$scratch/deep/upper/f" "$scratch/deep/upper/d/new" | sort -u)" "$(id -u)" "owner outside"
	equal "$(find "$scratch/work" "$scratch/deep" ! -uid "$(id -u)")" "" "what overlayfs made for itself"
	expect 0 "$NIDUS" run --overlay-src "$scratch/low" --tmp-overlay /mnt -- \
		sh -c 'echo more >>/mnt/f && touch /mnt/new && cat /mnt/f'
	equal "$output" $'low\nmore'
	equal "$(cat "$scratch/low/f")" low
	rm -rf "$scratch/work" 2>/dev/null || chmod -R u+rwX "$scratch/work"
}

@test "--tmp-overlay makes all of the host's / writable, and keeps nothing" {
	need_root
	for user in 0 1234; do
		expect 0 "$NIDUS" run --overlay-src / --tmp-overlay / --user "$user" -- \
			sh -c 'touch /new-by-nidus /etc/new-by-nidus && stat -c %u /etc/new-by-nidus'
		equal "$output" "$user"
	done
	[ ! -e /new-by-nidus ] && [ ! -e /etc/new-by-nidus ] || fail "written to the host"
}

@test "an overlay that the kernel would make read-only without a word is an error" {
	need_root
	mkdir -p "$scratch"/{low,upper,work}
	chown 4321 "$scratch/work"
	expect 125 "$NIDUS" run --overlay-src "$scratch/low" --overlay "$scratch/upper" "$scratch/work" /mnt -- true
	contains "$stderr" "nidus: --overlay $scratch/upper $scratch/work /mnt: the kernel makes this overlay read-only"
}

@test "a hostile --root with links for mount targets does not reach the host" {
	mkdir -p "$scratch/tree/bin" "$scratch/outside"
	cp "$(command -v busybox)" "$scratch/tree/bin/sh" || skip "busybox is not installed"
	local name
	for name in proc dev tmp run mnt; do
		ln -s "../../../../../../../../$scratch/outside" "$scratch/tree/$name"
	done
	mkdir "$scratch/source"
	echo inside >"$scratch/source/f"
	run timeout 30 "$NIDUS" run --root "$scratch/tree" --ro-bind "$scratch/source" /mnt/deep/er --dir /tmp/x -- /bin/sh -c 'echo ran'
	equal "$(find "$scratch/outside" | wc -l)" 1 "entries outside: $(find "$scratch/outside")"
}

@test "a link as the last part of a target is not followed out" {
	mkdir -p "$scratch/tree/bin" "$scratch/tree/etc" "$scratch/outside"
	echo original >"$scratch/outside/file"
	cp "$(command -v busybox)" "$scratch/tree/bin/sh" || skip "busybox is not installed"
	ln -s "$scratch/outside/file" "$scratch/tree/etc/target"
	echo new >"$scratch/data"
	run bash -c "timeout 30 '$NIDUS' run --root '$scratch/tree' --file 7 /etc/target -- /bin/sh -c 'echo ran' 7<'$scratch/data'" 3>&-
	equal "$(cat "$scratch/outside/file")" original
}

@test "mounts made on the host afterwards do not appear inside, nor the other way" {
	need_root
	mkdir "$scratch/point"
	background -- sh -c "until [ -e $scratch/now ]; do sleep 0.05; done; ls $scratch/point; echo looked"
	mount -t tmpfs tmpfs "$scratch/point"
	touch "$scratch/point/seen" "$scratch/now"
	wait "$spawner" || true
	umount "$scratch/point"
	contains "$(cat "$BATS_TEST_TMPDIR/out")" looked
	lacks "$(cat "$BATS_TEST_TMPDIR/out")" seen
}

# Each of these puts a further mount on the old root before it is left.
@test "nothing of the old root is left above the new one" {
	local inside='ls -A /..; [ / -ef /.. ]'
	mkdir -p "$scratch/root" "$scratch/lower"
	for name in bin dev etc lib lib64 mnt proc run sys tmp usr; do mkdir "$scratch/root/$name"; done
	touch "$scratch/root/etc/data"
	expect 0 "$NIDUS" run --root "$scratch/root" --ro-bind /usr /usr --ro-bind /lib /lib \
		--ro-bind-try /lib64 /lib64 --ro-bind /bin /bin --ro-bind-data 7 /etc/data 7<<<secret -- \
		sh -c "$inside"
	equal "$(tr '\n' ' ' <<<"$output")" "bin dev etc lib lib64 mnt proc run sys tmp usr "
	expect 0 "$NIDUS" run --root "$scratch/root" --ro-bind /usr /usr --ro-bind /lib /lib \
		--ro-bind-try /lib64 /lib64 --ro-bind /bin /bin --overlay-src "$scratch/lower" --tmp-overlay /mnt -- \
		sh -c "$inside"
	equal "$(tr '\n' ' ' <<<"$output")" "bin dev etc lib lib64 mnt proc run sys tmp usr "
}
