/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NIDUS_NET_NFT_INSIDE_H
#define NIDUS_NET_NFT_INSIDE_H

#include "rtnl.h"

/*
 * Makes the table in the namespace of the socket, which has none: from then on nothing that is
 * sent there to an address of closed_list_all leaves, over whichever link. Fails where
 * the kernel has no nf_tables; then nothing is made.
 */
int nft_close_inside(struct rtnl *nft, struct fault *fault);

#endif
