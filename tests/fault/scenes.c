/* SPDX-License-Identifier: Apache-2.0 */
#include "scenes.h"

#include <string.h>

#define BIND                                                                                       \
	"--bind @/dir /mnt --tmpfs /mnt/new/deep --ro-bind /etc/hostname /mnt/file "               \
	"--deny @/secret"

const struct scene scenes[] = {
	{ .name = "default", .options = "", .checks = "uid=65534 gid=65534 nproc=4096 net=lo" },
	{ .name = "limits",
	  .tells = true,
	  .memory = "67108864",
	  .pids = "41", /* init is counted, too */
	  .options = "--memory 64M --pids 40 --timeout 30s --rlimit nofile=100:100",
	  .checks = "uid=65534 gid=65534 nofile=100 net=lo" },
	{ .name = "bind",
	  .options = BIND,
	  .checks = "uid=65534 gid=65534 net=lo hidden=@/secret writable=/mnt/new/deep" },
	{ .name = "lease",
	  .options = "--user 1000:1001 --name lease --lock-file @/lock --label a=b --pids 40",
	  .checks = "uid=1000 gid=1001 net=lo" },
	{ .name = "detach",
	  .form = SCENE_DETACH,
	  .tells = true,
	  .options = "--detach --name detached --pids 40 " BIND,
	  .checks = "uid=65534 gid=65534 net=lo hidden=@/secret stay=1" },
	{ .name = "nat",
	  .has_network = true,
	  .options = "--net nat --publish 18090:8000 --net-deny 192.0.2.0/24:9 --net-peer x",
	  .checks = "uid=65534 gid=65534 net=nat" },
	{ .name = "closing",
	  .has_network = true,
	  .by_name = true,
	  .options = "--net nat --publish 18096:8000",
	  .checks = "uid=65534 gid=65534 net=nat connect=192.0.2.2" },
	{ .name = "user", .uid = 1500, .options = "", .checks = "net=lo" },
	{ .name = "gc",
	  .form = SCENE_GC,
	  .tells = true,
	  .options = "--name lost --pids 40 " BIND,
	  .checks = "uid=65534 gid=65534 net=lo stay=1" },
	{ .name = "pid1",
	  .options = "--as-pid-1",
	  .checks = "uid=65534 gid=65534 pid=1 nproc=4096 net=lo" },
};
const int scene_count = sizeof(scenes) / sizeof(scenes[0]);

const struct scene *scene_find(const char *name)
{
	for (int i = 0; i < scene_count; i++)
		if (strcmp(scenes[i].name, name) == 0)
			return &scenes[i];
	return NULL;
}
