/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the signal mask and the ignored set it was started with: "blocked HEX", "ignored HEX". */
#include <stdio.h>
#include <string.h>

int main(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "re");

	if (!status)
		return 1;
	while (fgets(line, sizeof(line), status)) {
		if (strncmp(line, "SigBlk:\t", 8) == 0)
			printf("blocked %s", line + 8);
		if (strncmp(line, "SigIgn:\t", 8) == 0)
			printf("ignored %s", line + 8);
	}
	fclose(status);
	return 0;
}
