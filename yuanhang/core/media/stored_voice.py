"""What a converted voice note is: apart from the converter, which only helper processes load."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StoredVoice:
    """A voice note ready to be stored: AAC in MP4, its length, the hex SHA-256 of `data`."""

    data: bytes
    seconds: float
    sha256: str
    # How loud it is along its way, see `wave`; of old notes nobody knows.
    wave: str = ""
