"""What the tests of photos share."""

import io

from yuanhang.core.media import photos


def process(data):
    """Bytes, or a function that makes them: the costly ones are made only when a test runs."""
    return photos.process(io.BytesIO(data() if callable(data) else data))
