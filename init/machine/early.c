/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounts that a machine needs before anything else, and those that its configuration
 * adds. A mount that an initramfs or a container manager has already made is left alone.
 */
#include <errno.h>
#include <string.h>
#include <sys/vfs.h>

#include "../kernel_abi.h"
#include "choice.h"
#include "files.h"
#include "role.h"

/* Type, target, options. */
static const char devices[] = "devtmpfs\0/dev\0nosuid,mode=0755";

/* For a container too, which may lack them and may be allowed to mount them. */
static const char mounts[] = "proc\0/proc\0nosuid,nodev,noexec\0"
			     "sysfs\0/sys\0nosuid,nodev,noexec\0"
			     "cgroup2\0/sys/fs/cgroup\0nosuid,nodev,noexec,nsdelegate\0"
			     "devpts\0/dev/pts\0nosuid,noexec,mode=0620,gid=5,ptmxmode=0666\0"
			     "tmpfs\0/dev/shm\0nosuid,nodev,mode=1777\0"
			     "tmpfs\0/run\0nosuid,nodev,mode=0755\0"
			     "tmpfs\0/tmp\0nosuid,nodev,mode=1777";
#define OF_CONTAINERS 3
#define OF_MACHINES 7

/* In the order of their flags. */
static const char options[] = "ro|nosuid|nodev|noexec|sync|noatime|relatime|bind|rw|nofail";
static const unsigned flags_of[] = {
	MS_RDONLY,  MS_NOSUID,   MS_NODEV, MS_NOEXEC, MS_SYNCHRONOUS,
	MS_NOATIME, MS_RELATIME, MS_BIND,
};
#define OPTION_RW 8
#define OPTION_NOFAIL 9

/* Options that are not flags go to the file system. Returns whether `nofail` is among them. */
static bool split_options(const char *text, unsigned *flags, char *data)
{
	bool nofail = false;
	char *to = data;

	*flags = 0;
	while (*text) {
		size_t len = strcspn(text, ",");
		int option = choice_find(options, text, len);

		if (option < 0 && len > 0) {
			memcpy(to, text, len);
			to[len] = ',';
			to += len + 1;
		} else if (option == OPTION_NOFAIL) {
			nofail = true;
		} else if (option == OPTION_RW) {
			*flags &= ~(unsigned)MS_RDONLY;
		} else if (option >= 0) {
			*flags |= flags_of[option];
		}
		text += len + (text[len] == ',');
	}
	if (to > data)
		to--;
	*to = '\0';
	return nofail;
}

#define GUARDS 15u /* MS_RDONLY, NOSUID, NODEV, NOEXEC: the same bits in statfs(2) */

/*
 * A bind ignores flags: they need a second call, and if that fails the bind is undone.
 * The second call replaces all flags, so it is also given the guards of the source.
 */
static int mount_whole(const struct conf_mount *m, unsigned flags, const char *data)
{
	struct statfs st;

	if (path_make(m->target) < 0 ||
	    path_mount(m->source, m->target, m->type, flags, data) < 0)
		return -1;
	if (!(flags & MS_BIND) || flags == MS_BIND)
		return 0;
	flags |= MS_REMOUNT;
	if (statfs(m->target, &st) == 0)
		flags |= (unsigned)st.f_flags & GUARDS;
	if (path_mount(NULL, m->target, NULL, flags, NULL) == 0)
		return 0;
	syscall(SYS_umount2, m->target, 0); /* succeeds, and so keeps errno */
	return -1;
}

int early_mount(const struct conf_mount *mount)
{
	static char data[CONF_LINE_MAX + 1];
	unsigned flags;
	bool nofail = split_options(mount->options, &flags, data);
	struct say *say;

	if (mount_whole(mount, flags, data) == 0)
		return 0;
	say = machine_line("mount");
	say_text(say, mount->source);
	say_text(say, " ");
	say_text(say, mount->target);
	say_text(say, ": ");
	say_errno(say, errno);
	machine_line_end(say);
	return nofail ? 0 : -1;
}

static const char *behind(const char *text)
{
	return text + strlen(text) + 1;
}

/* A failure is reported, and the machine goes on without the mount. */
static void mount_missing(const char *text, unsigned count)
{
	for (; count > 0; count--) {
		struct conf_mount mount = {.source = text, .type = text};

		mount.target = behind(text);
		mount.options = behind(mount.target);
		text = behind(mount.options);
		if (!path_is_mount(mount.target))
			early_mount(&mount);
	}
}

/* Before the console, which is a device: errors here go to the console of the kernel. */
void early_devices(const struct machine *m)
{
	mount_missing(devices, m->ours);
}

void early_mounts(const struct machine *m)
{
	mount_missing(mounts, m->ours ? OF_MACHINES : OF_CONTAINERS);
}
