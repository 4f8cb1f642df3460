"""What a JPEG says of itself before any decoder starts; pure."""

import io
import struct
from typing import BinaryIO

Size = tuple[int, int]


def read_header(file: BinaryIO) -> tuple[Size, float]:
    """((width, height), how many samples a pixel libjpeg has to keep while decoding; 0: none)."""
    size: Size | None = None
    components, progressive, samples = 0, False, 0.0
    file.seek(2)
    while True:
        if file.read(1) != b"\xff":
            raise ValueError("no marker where one must be")
        marker = 0xFF
        while marker == 0xFF:  # any number of them may pad
            marker = file.read(1)[0]
        if marker in range(0xD0, 0xD9) or marker == 0x01:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            if size:
                raise ValueError("two frames")
            _precision, height, width, components = struct.unpack(">BHHB", file.read(6))
            size, progressive = (width, height), marker not in (0xC0, 0xC1)
            table = file.read(3 * components)
            factors = [(part >> 4) * (part & 15) for part in table[1::3]]
            samples = sum(factors) / max([*factors, 1])
            length -= 6 + 3 * components
        elif marker == 0xDA:
            if size is None:
                raise ValueError("a scan before its frame")
            # A scan that does not hold all colours makes libjpeg wait for the others.
            whole = progressive or file.read(1)[0] < components
            return size, samples if whole else 0.0
        file.seek(max(0, length - 2), io.SEEK_CUR)


def count(file: BinaryIO, needle: bytes) -> int:
    """How often two bytes occur in the file, read in pieces."""
    file.seek(0)
    found, last = 0, b""
    while piece := file.read(256 * 1024):
        found += (last + piece).count(needle)
        last = piece[-1:]
    return found
