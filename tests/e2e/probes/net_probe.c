/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network as a program's first act sees it:
 *     net_probe connect ADDR PORT   how many microseconds connect(2) took
 *     net_probe own ADDR            the local address of what goes to ADDR
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S 10

static socklen_t parse(const char *text, const char *port, struct sockaddr_storage *addr)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)atoi(port));
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)atoi(port));
	return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1 ? sizeof(*v6) : 0;
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int print_own(int fd)
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own);
	char text[INET6_ADDRSTRLEN];
	const void *bytes;

	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return 1;
	bytes = own.ss_family == AF_INET ? (const void *)&((struct sockaddr_in *)&own)->sin_addr :
					   (const void *)&((struct sockaddr_in6 *)&own)->sin6_addr;
	puts(inet_ntop(own.ss_family, bytes, text, sizeof(text)));
	return 0;
}

int main(int argc, char **argv)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	int is_own = argc == 3 && strcmp(argv[1], "own") == 0;
	struct sockaddr_storage addr;
	socklen_t len;
	long before;
	int fd;

	if (!is_own && (argc != 4 || strcmp(argv[1], "connect") != 0))
		return 2;
	before = now_us();
	len = parse(argv[2], is_own ? "9" : argv[3], &addr);
	fd = len ? socket(addr.ss_family, is_own ? SOCK_DGRAM : SOCK_STREAM, 0) : -1;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    connect(fd, (struct sockaddr *)&addr, len) < 0) {
		fprintf(stderr, "net_probe: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	if (is_own)
		return print_own(fd);
	printf("%ld\n", now_us() - before);
	return 0;
}
