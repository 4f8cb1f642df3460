"""A copy of a picture with boxes filled; pure, but for where the copies are kept.

It is drawn anew from the redacted pixels, so nothing beneath a box is in the file.
"""

import io
from math import ceil, floor

from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from yuanhang.core.media.photos import THUMBNAIL_QUALITY, THUMBNAIL_SIDE

BOXES_MAX = 20
LONGEST_SIDE = 1280  # the public sees enough, and a page of before and after stays light
QUALITY = 80
INK = (34, 35, 31)


def redacted(source, boxes):
    """JPEG bytes of the picture with solid boxes; [left, top, width, height] in shares of it."""
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
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


def small_copy(photo):
    """JPEG bytes of the covered copy at the size of a thumbnail, for a list on a weak network."""
    with default_storage.open(photo.public_image.name) as source, Image.open(source) as picture:
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()
