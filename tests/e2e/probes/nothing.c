/* SPDX-License-Identifier: Apache-2.0 */
/* Ends at once: what starts it, and not itself, is measured. */
int main(void)
{
	return 0;
}
