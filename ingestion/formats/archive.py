"""Zip files within limits, in memory: nothing is written to a disk, and no archive inside is opened.

Sizes are counted while inflating, whatever the directory says: it is written by whoever wants to deceive.
"""

import zipfile
import zlib
from io import BytesIO
from typing import IO

from rag.errors import DocumentUnreadable

MAX_INFLATED = 200_000_000  # bytes
_MAX_ENTRIES = 10_000
_MAX_RATIO = 100
_ANY_RATIO = 5_000_000  # bytes; small files may repeat themselves as they like
_BLOCK = 1 << 20  # bytes
_ENCRYPTED = 0x1


class Archive:
    """The members of a zip file. Raises DocumentUnreadable for what is damaged, locked or a bomb."""

    def __init__(self, data: bytes) -> None:
        if _entries(data) > _MAX_ENTRIES:
            raise DocumentUnreadable(f"has more than {_MAX_ENTRIES:,} parts")
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise DocumentUnreadable("is damaged or incomplete") from error
        self.names = tuple(dict.fromkeys(self._zip.namelist()))
        if len(self.names) > _MAX_ENTRIES:
            raise DocumentUnreadable(f"has more than {_MAX_ENTRIES:,} parts")
        self._inflated = 0

    def read(self, name: str) -> bytes:
        """All of a member; empty where there is none of that name."""
        info = self._zip.NameToInfo.get(name)
        if info is None:
            return b""
        if info.flag_bits & _ENCRYPTED:
            raise DocumentUnreadable("is password-protected")
        if info.compress_type not in {
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        }:  # others inflate without a limit
            raise DocumentUnreadable("is packed in a way that is not read")
        try:
            with self._zip.open(info) as member:
                return self._counted(member, info.compress_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise DocumentUnreadable("is damaged or incomplete") from error

    def _counted(self, member: IO[bytes], packed: int) -> bytes:
        blocks: list[bytes] = []
        size = 0
        while block := member.read(_BLOCK):
            blocks.append(block)
            size += len(block)
            self._inflated += len(block)
            if self._inflated > MAX_INFLATED:
                raise DocumentUnreadable(f"inflates to more than {MAX_INFLATED // 1_000_000} MB")
            if size > max(_ANY_RATIO, packed * _MAX_RATIO):
                raise DocumentUnreadable(f"inflates to more than {_MAX_RATIO} times its size")
        return b"".join(blocks)


def _entries(data: bytes) -> int:
    """How many entries the directory holds at least: each begins with this signature."""
    return data.count(b"PK\x01\x02")
