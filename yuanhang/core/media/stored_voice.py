"""A voice note on its way into a row: apart from the converter, which only helpers load."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StoredVoice:
    """A voice note ready to be stored: AAC in MP4, its length, the hex SHA-256 of `data`.

    With `is_original` it is the recording as it came, looked at and to be converted later: it may
    say where and with what it was made, so nobody is given it.
    """

    data: bytes
    seconds: float
    sha256: str
    # How loud it is along its way, see `wave`; of old notes nobody knows.
    wave: str = ""
    is_original: bool = False
