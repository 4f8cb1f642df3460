"""Photos and voice notes of the demo's cases, made by processes of their own.

They take as long as all the rows, so they are made beside them, on the other cores. A Python that
has only what draws and hums is begun for it, no copy of ours: ours is connected to the database.
"""

import io
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

from yuanhang.core.media import photos, voice
from yuanhang.demo import drawings, voices

# More would stand in the way of the rows, which everybody waits for.
PROCESSES = min(os.cpu_count() or 1, 4)


def photo(kind: str, seed: int, stage: str) -> photos.StoredPhoto:
    """A picture of a hazard, "before" or "after" its repair, as an upload would be stored."""
    return photos.process(io.BytesIO(drawings.draw_hazard(kind, seed, stage)))


def voice_note(seconds: int, seed: int) -> voice.StoredVoice:
    """Somebody's hum, as an upload would be stored."""
    return voice.convert(io.BytesIO(voices.make_voice(seconds, seed)))


class Studio:
    """Begins everything at once in the order it is asked for; a context manager."""

    def __init__(self):
        self.pool = ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn"))
        self.begun = {}

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.pool.shutdown(cancel_futures=True)

    def begin(self, make, *about):
        """Have `photo` or `voice_note` made of what they take."""
        if (make, about) not in self.begun:
            self.begun[make, about] = self.pool.submit(make, *about)

    def get(self, make, *about):
        """What was made; waits for it."""
        self.begin(make, *about)
        return self.begun.pop((make, about)).result()
