/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the descriptors it was started with, in one line. */
#include <fcntl.h>
#include <stdio.h>

int main(void)
{
	for (int fd = 0; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	putchar('\n');
	return 0;
}
