#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what a bare machine lacks: setup.sh demo|check|lint|vm|cross|coverage
#
# It looks for commands and headers and leaves alone what is there; if nothing is
# missing, no package manager runs. Debian and Ubuntu are tested; Fedora, Alpine
# and Arch are best effort.
set -u
cd "$(dirname "$0")/.." || exit 1

set_name=${1:-}
case $set_name in
demo | check | lint | vm | cross | coverage) ;;
*)
	echo "usage: $0 demo|check|lint|vm|cross|coverage" >&2
	exit 2
	;;
esac

say() {
	echo "setup: $*"
}

manager=
for candidate in apt-get dnf apk pacman; do
	if command -v "$candidate" >/dev/null 2>&1; then
		manager=$candidate
		break
	fi
done

# want TEST apt dnf apk pacman: TEST is a command, a /header or file:PATTERN….
# - stands for a package that does not exist there, or comes with another one.
missing=
packages=
want() {
	case $1 in
	/*) found=$(find_header "$1") ;;
	file:*) found=$(find_file "${1#file:}") ;;
	*) found=$(command -v "$1" 2>/dev/null) ;;
	esac
	[ -n "$found" ] && return
	case $manager in
	apt-get) package=$2 ;;
	dnf) package=$3 ;;
	apk) package=$4 ;;
	pacman) package=$5 ;;
	*) package=$2 ;;
	esac
	missing="$missing $1"
	case " $packages " in
	*" $package "*) ;;
	*) [ "$package" = - ] || packages="$packages $package" ;;
	esac
}

# shellcheck disable=SC2086 # a list of patterns
find_file() {
	ls $1 2>/dev/null
}

find_header() {
	for directory in /usr/include /usr/include/*-linux-* /usr/local/include; do
		if [ -e "$directory$1" ]; then
			echo "$directory$1"
			return
		fi
	done
}

want_build() {
	want gcc gcc gcc gcc gcc
	want make make make make make
	want readelf binutils binutils binutils binutils
	want /stdio.h libc6-dev glibc-devel musl-dev glibc
	want musl-gcc musl-tools musl-gcc - musl
	want /linux/openat2.h linux-libc-dev kernel-headers linux-headers linux-api-headers
	want /seccomp.h libseccomp-dev libseccomp-devel libseccomp-dev libseccomp
	want /sys/capability.h libcap-dev libcap-devel libcap-dev libcap
	want /json-c/json.h libjson-c-dev json-c-devel json-c-dev json-c
	want /libmnl/libmnl.h libmnl-dev libmnl-devel libmnl-dev libmnl
	want /libnftnl/table.h libnftnl-dev libnftnl-devel libnftnl-dev libnftnl
}

want_check() {
	want_build
	want /cmocka.h libcmocka-dev libcmocka-devel cmocka-dev cmocka
	want bats bats bats bats bash-bats
	want prove perl perl-Test-Harness perl-utils perl
	want bash bash bash bash bash
	want busybox busybox-static busybox busybox-static busybox
	want newuidmap uidmap shadow-utils shadow-subids shadow
	want bwrap bubblewrap bubblewrap bubblewrap bubblewrap
	want file:/usr/bin/python3 python3 python3 python3 python
	want git git git git git
	want unshare util-linux util-linux util-linux util-linux
	want setpriv util-linux util-linux setpriv util-linux
	want ps procps procps-ng procps procps-ng
	want valgrind valgrind valgrind valgrind valgrind
	want ip iproute2 iproute iproute2 iproute2
	want nft nftables nftables nftables nftables
	want slirp4netns slirp4netns slirp4netns slirp4netns slirp4netns
	want strace strace strace strace strace
	want tini tini tini tini -
	want dumb-init dumb-init - dumb-init -
	want catatonit catatonit catatonit - catatonit
	want podman podman podman podman podman
	want runc runc runc runc runc
}

want_lint() {
	want_build
	want /cmocka.h libcmocka-dev libcmocka-devel cmocka-dev cmocka
	want shellcheck shellcheck ShellCheck shellcheck shellcheck
	want cppcheck cppcheck cppcheck cppcheck cppcheck
	want clang clang clang clang clang
	want clang-tidy clang-tidy clang-tools-extra clang-extra-tools clang
	want clang-format clang-format clang-tools-extra clang-extra-tools clang
	want mandoc mandoc mandoc mandoc mandoc
	want 'file:/usr/lib*/llvm*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a /usr/lib*/clang/*/lib/*/libclang_rt.fuzzer*.a' \
		"$(fuzzer_package)" compiler-rt compiler-rt compiler-rt
}

want_vm() {
	want_build
	want /cmocka.h libcmocka-dev libcmocka-devel cmocka-dev cmocka
	want bash bash bash bash bash
	want prove perl perl-Test-Harness perl-utils perl
	want qemu-system-x86_64 qemu-system-x86 qemu-system-x86-core qemu-system-x86_64 qemu-system-x86
	want cpio cpio cpio cpio cpio
	want 'file:/sbin/mke2fs /usr/sbin/mke2fs /usr/bin/mke2fs' e2fsprogs e2fsprogs e2fsprogs-extra e2fsprogs
	want busybox busybox-static busybox busybox-static busybox
	want unshare util-linux util-linux util-linux util-linux
	want setpriv util-linux util-linux setpriv util-linux
	want newuidmap uidmap shadow-utils shadow-subids shadow
}

want_coverage() {
	want_check
	want gcov gcc gcc gcc gcc
	want gcovr gcovr gcovr gcovr gcovr
}

# Compilers with their C libraries, and emulators; only with Debian's names.
want_cross() {
	want make make make make make
	want aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu - - -
	want file:/usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross - - -
	want riscv64-linux-gnu-gcc gcc-riscv64-linux-gnu - - -
	want file:/usr/riscv64-linux-gnu/include/stdio.h libc6-dev-riscv64-cross - - -
	want arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf - - -
	want file:/usr/arm-linux-gnueabihf/include/stdio.h libc6-dev-armhf-cross - - -
	want i686-linux-gnu-gcc gcc-i686-linux-gnu - - -
	want file:/usr/i686-linux-gnu/include/stdio.h libc6-dev-i386-cross - - -
	want qemu-aarch64-static qemu-user-static - - -
}

# Debian's cloud kernel into build/vm: unpacked, never installed.
download_kernel() {
	[ -n "$(find_file 'build/vm/kernel/boot/vmlinuz-*')" ] && return
	if [ "$manager" != apt-get ]; then
		say "the kernel for the tests is Debian's: no apt-get, no kernel"
		return 1
	fi
	[ -n "$(apt-cache search --names-only '^linux-image-cloud-amd64$')" ] ||
		$sudo apt-get update -qq </dev/null
	package=$(apt-cache depends linux-image-cloud-amd64 |
		sed -n 's/.*Depends: *\(linux-image-[0-9].*\)/\1/p' | head -n 1)
	say "downloads ${package:-linux-image-cloud-amd64}"
	mkdir -p build/vm && rm -rf build/vm/*.deb build/vm/unpacked build/vm/kernel &&
		(cd build/vm && apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$package" </dev/null) &&
		dpkg -x build/vm/*.deb build/vm/unpacked &&
		rm build/vm/*.deb &&
		mv build/vm/unpacked build/vm/kernel && return
	say "could not download a kernel" >&2
	return 1
}

sudo=
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"

# Debian names it after the version of clang: the installed one, or the one that would be.
fuzzer_package() {
	if command -v clang >/dev/null 2>&1; then
		version=$(clang -dumpversion)
	else
		version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*clang-\([0-9]*\).*/\1/p' | head -n 1)
	fi
	echo "libclang-rt-${version%%.*}-dev"
}

# Returns the status of the package manager. $packages is a list of words.
# shellcheck disable=SC2086
install_packages() {
	case $manager in
	apt-get)
		export DEBIAN_FRONTEND=noninteractive
		$sudo apt-get update -qq </dev/null &&
			$sudo apt-get install -y -qq --no-install-recommends $packages </dev/null >/dev/null
		;;
	dnf) $sudo dnf install -y -q $packages </dev/null ;;
	apk) $sudo apk add --quiet $packages </dev/null ;;
	pacman) $sudo pacman -Sy --needed --noconfirm $packages </dev/null ;;
	esac
}

"want_$(echo "$set_name" | sed 's/demo/build/')"

if [ -z "$packages" ]; then
	[ -z "$missing" ] || say "not packaged here, done without:$missing"
	[ "$set_name" != vm ] || download_kernel
	exit
fi

say "missing:$missing"
if [ -z "$manager" ]; then
	say "no apt-get, dnf, apk or pacman: install (Debian's names):$packages" >&2
	exit 1
fi

if [ -n "$sudo" ] && ! $sudo true 2>/dev/null; then
	say "not root and no password-less sudo: as root, install$packages" >&2
	exit 1
fi

say "$manager installs:$packages"
if ! install_packages; then
	say "$manager could not install:$packages" >&2
	exit 1
fi

packages=
missing=
"want_$(echo "$set_name" | sed 's/demo/build/')"
if [ -n "$packages" ]; then
	say "still missing after the installation:$missing" >&2
	exit 1
fi
say "done"
[ "$set_name" != vm ] || download_kernel
