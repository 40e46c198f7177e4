/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/prctl.h>

#include "program.h"

int main(int argc, char **argv)
{
	/* executed from a memfd it would be called by its number */
	prctl(PR_SET_NAME, "nidus");
	return cli_main(argc, argv);
}
