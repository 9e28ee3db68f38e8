"""Messages over a pipe, each with its length in front."""

import struct
from typing import IO

_LENGTH = struct.Struct(">Q")


def send(pipe: IO[bytes], *messages: bytes) -> None:
    """Write the messages. Raises OSError when nobody reads any more."""
    for message in messages:
        pipe.write(_LENGTH.pack(len(message)))
        pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes], *, most: int | None = None) -> bytes:
    """The next message. Raises EOFError when the other side has ended, OverflowError beyond `most` bytes."""
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    if most is not None and length > most:
        raise OverflowError
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
