/* SPDX-License-Identifier: Apache-2.0 */
#include "scenes.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "groups.h"
#include "left.h"

#define RUN_MS 20000 /* for one command: longer is hung */
#define END_MS 5000 /* for processes that nobody waits for */
#define WORDS_MAX 64
#define TEXT_MAX 8192
#define WHY_MAX 1024
#define TELL_FD 30

static char place[256], state_root[256], of_host[512];
static char environment_home[300], environment_runtime[300];
static char *environment[] = {
	(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	(char *)"TERM=dumb", environment_home, environment_runtime, NULL
};
static char nidus[300], probe[300], census[300], helpers_census[300];
static char why[WHY_MAX], table_before[TEXT_MAX * 8];
static int out_fd = -1, err_fd = -1, tell_fds[2] = { -1, -1 };
static bool told, told_well;
static const char *groups_wrong;
static const struct scene *on;

__attribute__((format(printf, 1, 2))) static const char *because(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return why;
}

/* ---- commands ---- */

/* Words by blanks, @ is the place. Their memory lasts until the process ends: it is reused. */
static int split(char **words, int count, const char *text, char *memory, size_t size)
{
	size_t used = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		int n = text[0] == '@' ? snprintf(memory + used, size - used, "%s%.*s", place,
						  (int)len - 1, text + 1)
			: strchr(text, '@') && strchr(text, '@') < text + len
				? snprintf(memory + used, size - used, "%.*s%s%.*s",
					   (int)(strchr(text, '@') - text), text, place,
					   (int)(text + len - strchr(text, '@') - 1),
					   strchr(text, '@') + 1)
				: snprintf(memory + used, size - used, "%.*s", (int)len, text);

		if (n < 0 || used + (size_t)n >= size || count >= WORDS_MAX - 1)
			errx(1, "too many words");
		words[count++] = memory + used;
		used += (size_t)n + 1;
		text += len;
		text += strspn(text, " ");
	}
	words[count] = NULL;
	return count;
}

static void run_words(const struct scene *scene, char **words, char *memory, size_t size)
{
	static char tell[32], pass[16], namespaces[600];
	size_t half = size / 2;
	int count = 0;

	words[count++] = nidus;
	words[count++] = (char *)"run";
	count = split(words, count, scene->options, memory, half);
	snprintf(pass, sizeof(pass), "%d", TELL_FD);
	if (scene->tells) {
		words[count++] = (char *)"--pass-fd";
		words[count++] = pass;
	}
	words[count++] = (char *)"--";
	words[count++] = probe;
	snprintf(namespaces, sizeof(namespaces), "ns=%s", of_host);
	words[count++] = namespaces;
	snprintf(tell, sizeof(tell), "tell=%d", TELL_FD);
	if (scene->tells)
		words[count++] = tell;
	split(words, count, scene->checks, memory + half, size - half);
}

static pid_t start(char **words, const char *name, int pass)
{
	const struct trace_command command = { .argv = words,
					       .environment = environment,
					       .uid = on->uid,
					       .out = out_fd,
					       .err = err_fd,
					       .pass = pass };

	return trace_start(&command, name);
}

/* Not traced, to its end. Its wait status, or -1 if it had to be killed. */
static int play_free(char **words)
{
	pid_t pid = start(words, NULL, -1);
	int status;

	if (trace_serve(pid, &status, NULL, trace_now_ms() + RUN_MS) > 0)
		return status;
	kill(pid, SIGKILL);
	return -1;
}

static void empty_outputs(void)
{
	if (ftruncate(out_fd, 0) < 0 || ftruncate(err_fd, 0) < 0)
		err(1, "outputs");
}

static const char *text_of(int fd)
{
	static char texts[2][TEXT_MAX * 8];
	static int turn;
	char *text = texts[turn ^= 1];
	ssize_t n = pread(fd, text, sizeof(texts[0]) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* ---- the workload's word ---- */

static void make_channel(void)
{
	const int one = 1;
	int ends[2];

	if (tell_fds[0] >= 0)
		close(tell_fds[0]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
	    setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0)
		err(1, "socketpair");
	tell_fds[0] = ends[0];
	tell_fds[1] = dup3(ends[1], TELL_FD, O_CLOEXEC);
	close(ends[1]);
	told = told_well = false;
	groups_wrong = NULL;
}

/* It waits for our answer, so its groups can be looked at. */
static bool hear(void)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char byte = 0;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct ucred sender;

	if (told || recvmsg(tell_fds[0], &message, MSG_DONTWAIT) != 1)
		return told;
	memcpy(&sender, CMSG_DATA(&control.header), sizeof(sender));
	told = true;
	told_well = byte == 'y';
	if (on->memory)
		groups_wrong = groups_check(sender.pid, on->memory, on->pids);
	if (send(tell_fds[0], "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		told_well = false;
	return true;
}

static bool hear_and_go_on(void)
{
	hear();
	return false;
}

/* ---- before ---- */

static void find_namespaces(void)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup" };
	char path[64], text[64];
	size_t used = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		n = readlink(path, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		used += (size_t)snprintf(of_host + used, sizeof(of_host) - used, "%s,", text);
	}
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", place, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

static const char *table(void)
{
	char *words[] = { (char *)"/usr/sbin/nft",
			  (char *)"-s",
			  (char *)"list",
			  (char *)"table",
			  (char *)"inet",
			  (char *)"nidus",
			  NULL };

	empty_outputs();
	return play_free(words) == 0 ? text_of(out_fd) : "no table";
}

static const char *need(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		errx(1, "%s is not set: tests/run --fault starts the walk", name);
	return value;
}

static int run_census(const char *verb)
{
	char *words[] = { helpers_census, (char *)verb, census, NULL };
	const struct trace_command command = {
		.argv = words, .environment = environ, .out = out_fd, .err = err_fd, .pass = -1
	};
	pid_t pid;
	int status = -1;

	empty_outputs();
	pid = trace_start(&command, NULL);
	trace_serve(pid, &status, NULL, trace_now_ms() + 90000);
	return status;
}

void scene_prepare(const struct scene *scene)
{
	char path[300];

	on = scene;
	snprintf(nidus, sizeof(nidus), "%s", need("NIDUS"));
	snprintf(probe, sizeof(probe), "%s/confined", need("TEST_BIN"));
	snprintf(helpers_census, sizeof(helpers_census), "%s/e2e/helpers/census",
		 need("TEST_STAGE"));
	snprintf(place, sizeof(place), "%.200s/walk-%s", need("TEST_WORK"), scene->name);
	snprintf(census, sizeof(census), "%s.census", place);
	snprintf(state_root, sizeof(state_root), scene->uid ? "/run/user/%u/nidus" : "/run/nidus",
		 scene->uid);
	snprintf(environment_home, sizeof(environment_home), "HOME=/home/home-%u", scene->uid);
	snprintf(environment_runtime, sizeof(environment_runtime), "XDG_RUNTIME_DIR=/run/user/%u",
		 scene->uid);
	find_namespaces();
	if (out_fd < 0) {
		out_fd = memfd_create("out", MFD_CLOEXEC);
		err_fd = memfd_create("err", MFD_CLOEXEC);
		if (out_fd < 0 || err_fd < 0 || fcntl(out_fd, F_SETFL, O_APPEND) < 0 ||
		    fcntl(err_fd, F_SETFL, O_APPEND) < 0)
			err(1, "outputs");
	}
	snprintf(path, sizeof(path), "%s/dir", place);
	if ((mkdir(place, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(path, 0777) < 0 && errno != EEXIST))
		err(1, "%s", place);
	make_file("secret", "secret\n", 0644);
	make_file("lock", "", 0644);
	if (chdir("/") < 0)
		err(1, "/");
	trace_begin(NULL);
	left_note(place, state_root);
	scene_play(scene, NULL); /* makes what is made once */
	left_note(place, state_root);
	if (run_census("take") != 0)
		errx(1, "the census: %s", text_of(err_fd));
	if (scene->has_network)
		snprintf(table_before, sizeof(table_before), "%s", table());
}

/* ---- what a run must be like ---- */

static bool was_killed(const struct shot *shot, const char *name)
{
	return shot && trace_result()->fired && shot->kind != SHOT_ERROR &&
	       strcmp(shot->process, name) == 0;
}

/* The shot was at the message itself. */
static bool was_gagged(void)
{
	const struct trace_report *report = trace_result();

	return report->fired && strncmp(calls_name(report->number), "write", 5) == 0 &&
	       report->first_argument <= 2;
}

static const char *check_message(const char *command, int code)
{
	const char *message = text_of(err_fd);

	if (was_gagged() || strstr(text_of(out_fd), "not confined"))
		return NULL;
	if (!message[0])
		return because("%s: status %d, and not a word why", command, code);
	if (!strchr(message, ':') || strstr(message, "Success"))
		return because("%s: status %d, and a message that says nothing: %.300s", command,
			       code, message);
	return NULL;
}

/* `status` of a command that was traced as `name`; *passed: it ended with 0. */
static const char *check_end(const struct shot *shot, const char *name, int status, bool *passed)
{
	*passed = status == 0;
	if (trace_result()->crash)
		return because("%s got the signal %d", trace_result()->crashed,
			       trace_result()->crash);
	if (WIFSIGNALED(status) && !was_killed(shot, name))
		return because("%s: signal %d killed it", name, WTERMSIG(status));
	if (WIFSIGNALED(status) || *passed)
		return NULL;
	return check_message(name, WEXITSTATUS(status));
}

static const char *check_confined(bool passed)
{
	const char *said = text_of(out_fd);

	if (strstr(said, "not confined"))
		return because("%.400s", strstr(said, "not confined"));
	if (groups_wrong)
		return because("not confined: %s", groups_wrong);
	if (!passed)
		return NULL;
	if (!strstr(said, "confined\n"))
		return because(
			"run: status 0, but the workload did not say that it is confined: %.200s",
			said);
	return on->tells && !told_well ? because("run: status 0, but the workload did not speak") : NULL;
}

/* ---- forms ---- */

static const char *play_traced(char **words, const char *name, const struct shot *shot,
			       bool *passed)
{
	pid_t pid = start(words, name, on->tells && strcmp(name, "run") == 0 ? TELL_FD : -1);
	int status = 0;

	if (on->tells && strcmp(name, "run") == 0) {
		close(tell_fds[1]);
		tell_fds[1] = -1;
	}
	*passed = false;
	if (!trace_serve(pid, &status, on->tells ? hear_and_go_on : NULL, trace_now_ms() + RUN_MS))
		return because("%s: no end within %d s", name, RUN_MS / 1000);
	return check_end(shot, name, status, passed);
}

static const char *play_run(char **words, const struct shot *shot)
{
	bool passed;
	const char *wrong = play_traced(words, "run", shot, &passed);

	return wrong ? wrong : check_confined(passed);
}

static const char *play_detached(char **words, const struct shot *shot)
{
	char *stop[] = { nidus, (char *)"stop", (char *)"detached", NULL };
	bool passed, stopped;
	const char *wrong = play_traced(words, "run", shot, &passed);
	int status = 0;

	/* whose word is awaited, unless it or its init was killed: it is not traced any more */
	if (!wrong && passed && !told)
		trace_serve(0, &status, hear, trace_now_ms() + END_MS);
	if (!wrong && (told || !passed || !shot || strcmp(shot->process, "run") == 0))
		wrong = check_confined(passed && told);
	if (!wrong && passed && !shot && !told)
		wrong = because("run: status 0, but the workload did not speak");
	if (wrong || !passed)
		return wrong;
	if (ftruncate(err_fd, 0) < 0)
		err(1, "outputs");
	return play_traced(stop, "stop", shot, &stopped);
}

/* What is to be collected comes from a run that is not traced. */
static const char *play_collected(char **words, const struct shot *shot)
{
	char *gc[] = { nidus, (char *)"gc", NULL };
	const char *wrong, *what;
	pid_t pid = start(words, NULL, TELL_FD);
	int status;
	bool passed;

	close(tell_fds[1]);
	tell_fds[1] = -1;
	if (!trace_serve(pid, &status, hear, trace_now_ms() + RUN_MS) || !told)
		return because("the run before gc does not start: %.300s", text_of(err_fd));
	kill(pid, SIGKILL);
	trace_serve(pid, &status, NULL, trace_now_ms() + RUN_MS);
	empty_outputs();
	wrong = play_traced(gc, "gc", shot, &passed);
	if (!wrong && passed && !left_nothing_soon(&what))
		return because("gc: status 0, but: %s", what);
	return wrong;
}

/* ---- after ---- */

static const char *collect(void)
{
	char *gc[] = { nidus, (char *)"gc", NULL };
	char *stop[] = { nidus, (char *)"stop", (char *)"detached", NULL };
	const char *what;
	int status;

	/* what lost its owner ends by itself; what is detached is stopped */
	if (on->form == SCENE_DETACH)
		play_free(stop);
	trace_serve(0, &status, NULL, trace_now_ms() + (on->form == SCENE_DETACH ? 300 : 1500));
	empty_outputs();
	status = play_free(gc);
	if (status != 0)
		return because("gc afterwards: status %#x: %.300s", (unsigned)status,
			       text_of(err_fd));
	if (on->form == SCENE_DETACH)
		play_free(stop);
	if (!trace_serve(0, &status, NULL, trace_now_ms() + END_MS))
		return because("left: a process, %d s after gc", END_MS / 1000);
	if (!left_nothing_soon(&what))
		return because("%s", what);
	if (on->has_network && table_before[0] && strcmp(table_before, table()) != 0)
		return because("the table has changed: %.600s", text_of(out_fd));
	return NULL;
}

const char *scene_play(const struct scene *scene, const struct shot *shot)
{
	char *words[WORDS_MAX], memory[4096];
	const char *wrong = NULL;
	bool is_first = !shot;

	empty_outputs();
	if (scene->tells)
		make_channel();
	run_words(scene, words, memory, sizeof(memory));
	if (shot)
		trace_begin(shot);
	switch (scene->form) {
	case SCENE_RUN:
		wrong = play_run(words, shot);
		break;
	case SCENE_DETACH:
		wrong = play_detached(words, shot);
		break;
	case SCENE_GC:
		wrong = play_collected(words, shot);
		break;
	}
	if (!shot && wrong)
		return wrong;
	if (!wrong && is_first && scene->form != SCENE_GC && !strstr(text_of(out_fd), "confined"))
		wrong = because("it does not work at all: %.400s", text_of(err_fd));
	if (!wrong || strstr(wrong, "no end within"))
		wrong = wrong ? wrong : collect();
	return wrong;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0)
		remove(path);
	return 0;
}

/* What is left in the directory that sandboxes write in would change what the next ones do. */
static void empty_directory(void)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/dir", place);
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void scene_recover(const struct scene *scene)
{
	char *gc[] = { nidus, (char *)"gc", (char *)"--all", NULL };
	int status;

	trace_kill_all();
	play_free(gc);
	trace_serve(0, &status, NULL, trace_now_ms() + END_MS);
	trace_kill_all();
	play_free(gc);
	empty_directory();
	left_note(place, state_root);
	if (scene->has_network)
		snprintf(table_before, sizeof(table_before), "%s", table());
}

static int remove_all(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

const char *scene_finish(const struct scene *scene)
{
	static const struct shot nothing = { .process = "nobody" };
	const char *wrong = scene_play(scene, &nothing);

	if (wrong)
		return wrong;
	if (run_census("compare") != 0)
		return because("%.900s", text_of(out_fd));
	nftw(place, remove_all, 16, FTW_DEPTH | FTW_PHYS);
	remove(census);
	return NULL;
}
