"""Files at rest: what was sealed opens again, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from files.sealing import MAGIC, PIECE_BYTES, Unsealable, opened, sealed

KEY = bytes(range(32))
PLACE = "hotline-2031/file-1"
SIZES = (1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES)
HEAD = len(MAGIC) + 32
STORED_PIECE = PIECE_BYTES + 16


def plain_of(size: int) -> bytes:
    return bytes(n * 7 % 251 for n in range(size))


async def stream(data: bytes, chunk: int = 10_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), chunk):
        yield data[at : at + chunk]


async def seal(data: bytes, *, place: str = PLACE, chunk: int = 10_000) -> bytes:
    return b"".join([each async for each in sealed(stream(data, chunk), KEY, place)])


async def unseal(data: bytes, *, key: bytes = KEY, place: str = PLACE, chunk: int = 10_000) -> bytes:
    return b"".join([each async for each in opened(stream(data, chunk), key, place)])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chunk", [7_000, PIECE_BYTES, 1_000_000])
async def test_what_was_sealed_opens_again_however_it_is_cut(size: int, chunk: int) -> None:
    assert await unseal(await seal(plain_of(size), chunk=chunk), chunk=chunk) == plain_of(size)


async def test_one_byte_at_a_time_does() -> None:
    assert await unseal(await seal(b"abc"), chunk=1) == b"abc"


async def test_nothing_of_it_can_be_read() -> None:
    assert b"ABCDEFGH" not in await seal(b"ABCDEFGH" * 1000)


async def test_the_same_file_is_never_sealed_alike() -> None:
    assert await seal(b"the same") != await seal(b"the same")


@pytest.mark.parametrize("at", [0, 5, HEAD, HEAD + 100, HEAD + STORED_PIECE - 1, -1])
async def test_a_byte_that_was_changed_is_found(at: int) -> None:
    stored = bytearray(await seal(plain_of(3 * PIECE_BYTES)))
    stored[at] ^= 1
    with pytest.raises(Unsealable):
        await unseal(bytes(stored))


@pytest.mark.parametrize("left", [0, 3, HEAD, HEAD + STORED_PIECE, HEAD + 2 * STORED_PIECE, -1])
async def test_a_file_that_was_cut_short_is_found(left: int) -> None:
    stored = await seal(plain_of(3 * PIECE_BYTES))
    with pytest.raises(Unsealable):
        await unseal(stored[:left])


async def test_bytes_after_the_end_are_found() -> None:
    with pytest.raises(Unsealable):
        await unseal(await seal(plain_of(PIECE_BYTES)) + b"x")


async def test_pieces_in_another_order_are_found() -> None:
    stored = await seal(plain_of(3 * PIECE_BYTES))
    first, second = HEAD + STORED_PIECE, HEAD + 2 * STORED_PIECE
    with pytest.raises(Unsealable):
        await unseal(stored[:HEAD] + stored[first:second] + stored[HEAD:first] + stored[second:])


async def test_what_was_good_before_the_damage_is_all_that_comes() -> None:
    stored = bytearray(await seal(plain_of(3 * PIECE_BYTES)))
    stored[-1] ^= 1
    came = opened(stream(bytes(stored)), KEY, PLACE)
    assert await anext(came) + await anext(came) == plain_of(2 * PIECE_BYTES)
    with pytest.raises(Unsealable):
        await anext(came)


async def test_another_files_bytes_do_not_open_in_its_place() -> None:
    stored = await seal(b"a bill of somebody else", place="hotline-2032/file-1")
    with pytest.raises(Unsealable):
        await unseal(stored)


async def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unsealable):
        await unseal(await seal(b"abc"), key=bytes(32))
