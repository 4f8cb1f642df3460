"""A stream of bytes under a key: what is read back is what was written, all of it and in order.

AES-256-GCM in pieces of a mebibyte. The nonce of a piece is the file's own random beginning, the
piece's number, and whether it is the last: none can be changed, moved, left out or cut off without
being noticed. The key is made of the operator's words by scrypt, with a salt of the file's own.
"""

import io
import os
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"yuanhang backup 1\n"
PIECE = 1024 * 1024
TAG = 16  # bytes that GCM adds to a piece
SALT, PREFIX = 16, 7


class SealError(Exception):
    """The key is wrong, or the file was changed or cut off; the message says so to the operator."""


def _cipher(words: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(words.encode()))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it into `target`; complete only when closed."""

    def __init__(self, target: BinaryIO, words: str) -> None:
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._cipher, self._target = _cipher(words, salt), target
        self._rest, self._number = bytearray(), 0
        target.write(MAGIC + salt + self._prefix)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._rest += data
        # A full piece waits until more comes: the last one is marked.
        while len(self._rest) > PIECE:
            self._seal(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]
        return len(data)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._target.write(self._cipher.encrypt(nonce, piece, MAGIC))
        self._number += 1

    def finish(self) -> None:
        """Write the last piece; without it a reader takes the file for cut off."""
        self._seal(bytes(self._rest), last=True)
        self._rest.clear()


class SealedReader(io.RawIOBase):
    """Decrypts a file that SealedWriter wrote. Reading raises SealError."""

    def __init__(self, source: BinaryIO, words: str) -> None:
        head = source.read(len(MAGIC) + SALT + PREFIX)
        salt, self._prefix = head[len(MAGIC) : -PREFIX], head[-PREFIX:]
        if len(salt) != SALT:
            raise SealError("The backup is cut off.")
        self._cipher, self._source = _cipher(words, salt), source
        self._ready, self._number = b"", 0
        self._next = source.read(PIECE + TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._ready and self._next:
            self._open()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _open(self) -> None:
        piece, self._next = self._next, self._source.read(PIECE + TAG)
        nonce = _nonce(self._prefix, self._number, last=not self._next)
        try:
            self._ready = self._cipher.decrypt(nonce, piece, MAGIC)
        except InvalidTag:
            what = "The backup was changed or cut off" if self._number else "The key is not right"
            raise SealError(f"{what}.") from None
        self._number += 1


def is_sealed(source: BinaryIO) -> bool:
    """Whether a file is encrypted; leaves it at its beginning."""
    head = source.read(len(MAGIC))
    source.seek(0)
    return head == MAGIC
