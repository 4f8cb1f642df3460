"""A copy of a picture with boxes filled; pure.

It is drawn anew from the redacted pixels, so nothing beneath a box is in the file.
"""

import io
from importlib import import_module
from math import ceil, floor

from PIL import Image

BOXES_MAX = 20
LONGEST_SIDE = 1280  # the public sees enough, and a page of before and after stays light
QUALITY = 80
SMALL_SIDE, SMALL_QUALITY = 480, 70
INK = (34, 35, 31)


def redacted(source, boxes):
    """JPEG bytes of the picture with solid boxes; [left, top, width, height] in shares of it."""
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    # Loaded by whoever covers a picture: every web process would keep it otherwise.
    draw, (width, height) = import_module("PIL.ImageDraw").Draw(picture), picture.size
    for left, top, across, down in boxes:
        # Outward to whole pixels: what lies half under the edge goes, too.
        west, north = floor(left * width), floor(top * height)
        east, south = ceil((left + across) * width), ceil((top + down) * height)
        draw.rectangle((west, north, max(west, east - 1), max(north, south - 1)), fill=INK)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    picture.info = {}
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def small(data):
    """JPEG bytes of a covered copy for lists: half a phone's width, at about three pixels a dot."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=SMALL_QUALITY)
    return out.getvalue()
