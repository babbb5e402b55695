"""Bytes on disk: AES-256-GCM in pieces, so that a file of any size passes through with the same little memory.

    file   = magic (4) · salt (32) · piece · piece · …
    piece  = GCM(plain of 65,536 bytes; the last one shorter or as long, never followed by another) · tag (16)
    nonce  = number of the piece (11) · is it the last (1)
    key    = HKDF-SHA256(key of the complaint, salt, "redress file" and the place of the file)

A piece that is altered, moved, repeated or left out does not open; nor does a file that is cut short, since its last
piece is marked, or one that lies in the place of another.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"RDF1"
PIECE_BYTES = 65_536
_SALT_BYTES = 32
_HEAD_BYTES = len(MAGIC) + _SALT_BYTES
_TAG_BYTES = 16


class Unsealable(ValueError):
    """These are not the bytes that were sealed for this place with this key."""


async def sealed(plain: AsyncIterator[bytes], key: bytes, place: str) -> AsyncIterator[bytes]:
    """Seal a stream as it passes."""
    salt = os.urandom(_SALT_BYTES)
    cipher = _cipher(key, salt, place)
    yield MAGIC + salt
    number = 0
    async for piece, is_last in _pieces(plain, PIECE_BYTES):
        yield cipher.encrypt(_nonce(number, is_last=is_last), piece, MAGIC)
        number += 1


async def opened(stored: AsyncIterator[bytes], key: bytes, place: str) -> AsyncIterator[bytes]:
    """Open a stream as it passes; what is given out has been proven piece by piece.

    Raises:
        Unsealable: From here on the bytes are not those that were sealed.
    """
    stream = aiter(stored)
    head = b""
    while len(head) < _HEAD_BYTES:
        chunk = await anext(stream, None)
        if chunk is None:
            raise Unsealable
        head += chunk
    if not head.startswith(MAGIC):
        raise Unsealable
    salt, rest = head[len(MAGIC) : _HEAD_BYTES], head[_HEAD_BYTES:]
    cipher = _cipher(key, salt, place)
    number = 0
    async for piece, is_last in _pieces(_after(rest, stream), PIECE_BYTES + _TAG_BYTES):
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), piece, MAGIC)
        except InvalidTag:
            raise Unsealable from None
        number += 1


def _cipher(key: bytes, salt: bytes, place: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"redress file {place}".encode()).derive(
        key
    )
    return AESGCM(derived)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for each in rest:
        yield each


async def _pieces(stream: AsyncIterator[bytes], size: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Cut a stream into pieces of one size, and say of each whether it is the last; at least one comes."""
    waiting = bytearray()
    async for each in stream:
        waiting += each
        while len(waiting) > size:  # a whole piece waits until there is something after it
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True
