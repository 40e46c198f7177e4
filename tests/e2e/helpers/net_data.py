# SPDX-License-Identifier: Apache-2.0
"""Data that shows every byte lost, doubled or moved: blocks of noise, each numbered."""
import functools
import hashlib
import random

BLOCK = 1 << 20


@functools.cache
def noise():
    return random.Random(3).randbytes(BLOCK - 8)


def blocks(size):
    for number in range((size + BLOCK - 1) // BLOCK):
        block = number.to_bytes(8, "big") + noise()
        yield block[:min(BLOCK, size - number * BLOCK)]


def send(sock, size):
    for block in blocks(size):
        sock.sendall(block)


def receive(sock):
    """To EOF: how many bytes, and their digest."""
    size, digest = 0, hashlib.sha256()
    while piece := sock.recv(1 << 18):
        size += len(piece)
        digest.update(piece)
    return size, digest.hexdigest()


def digest_of(size):
    digest = hashlib.sha256()
    for block in blocks(size):
        digest.update(block)
    return digest.hexdigest()
