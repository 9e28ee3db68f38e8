"""Compressed bytes made whole, within a limit that counts what comes out."""

import zlib
from collections.abc import Iterable, Iterator

_GZIP_OR_ZLIB = 47  # of zlib's wbits: the header tells which
_STEP = 65_536  # bytes


class TooLarge(Exception):
    """More comes out than the limit allows. What came out before is thrown away."""


class Damaged(Exception):
    """No such data, or they end in the middle."""


def inflated(pieces: Iterable[bytes], limit: int) -> bytes:
    """The content of gzip or zlib data, of several members too. At most `limit` bytes and a step are ever held.

    Raises TooLarge and Damaged.
    """
    return within(_steps(pieces), limit)


def within(pieces: Iterable[bytes], limit: int) -> bytes:
    """The pieces in one, at most `limit` bytes. Raises TooLarge as soon as there are more."""
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > limit:
            raise TooLarge
    return bytes(whole)


def _steps(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What comes out, a step at a time: one piece of a bomb may hold a thousand times its size."""
    inflater, begun = zlib.decompressobj(_GZIP_OR_ZLIB), False
    try:
        for piece in pieces:
            rest = piece
            while rest:
                begun = True
                yield inflater.decompress(rest, _STEP)
                rest = inflater.unconsumed_tail
                if inflater.eof:
                    rest, inflater, begun = inflater.unused_data, zlib.decompressobj(_GZIP_OR_ZLIB), False
    except zlib.error as error:
        raise Damaged from error
    if begun and not inflater.eof:
        raise Damaged
