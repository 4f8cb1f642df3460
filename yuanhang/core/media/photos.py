"""Photos as people send them in, made safe and small; pure, no models.

What a file is, is decided by its bytes. How much memory it will take is decided from its header,
before any decoder starts. Web processes have it done by helpers (helpers.py), which are let grow
and thrown away. What is stored is a fresh JPEG drawn from the pixels alone, so no position, maker,
comment or trailing byte of the original survives.
"""

import contextlib
import hashlib
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, PngImagePlugin
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.WebPImagePlugin import WebPImageFile

from yuanhang.core.media import exif_position, jpeg_header
from yuanhang.core.media.invalid_upload import MEGABYTE, InvalidUploadError
from yuanhang.core.media.picture_sizes import Size, kept_size, shrink_factor

MAX_BYTES = 30 * MEGABYTE
THUMBNAIL_SIDE = 320
PAGE_SIDE = 800  # what a page shows; the picture itself is a tap away
QUALITY = 82
THUMBNAIL_QUALITY = 76

# Most pixels we decode, by what decoding takes (measured peak bytes a pixel in brackets), so that
# a helper stays within its memory; see helpers.py. Phones write up to 50 million pixels, panoramas
# 60, and one sensor 200. What is beyond is no photo but an attack.
# A baseline JPEG is decoded at a half, a quarter or an eighth and so costs little at any size.
MAX_PIXELS_JPEG = 210_000_000
# Progressive JPEG: libjpeg keeps two bytes for each sample until the last scan [3 to 6].
MAX_BYTES_COEFFICIENTS = 330_000_000
# PNG: Pillow holds four bytes a pixel [4]. HEIC and AVIF: the decoder holds the frame and its RGB
# copy [5 to 8].
MAX_PIXELS_PNG = 75_000_000
MAX_PIXELS_HEIF = 50_000_000
# WebP: libwebp holds two canvases of four bytes and Pillow two more copies [16].
MAX_PIXELS_WEBP = 22_000_000
# GIF: a byte a pixel, and Pillow's copy in RGB [7]; nobody photographs in it.
MAX_PIXELS_GIF = 40_000_000

# A JPEG may be cut into any number of scans, and each makes libjpeg walk all its pixels again.
# Cameras and editors write about ten.
MAX_SCANS = 60
MAX_ICC_BYTES = MEGABYTE
# Below these a picture costs a helper next to nothing, however it is stored.
SMALL_PIXELS = 4_000_000
SMALL_BYTES = 64 * 1024
STRIP_PIXELS = 1_000_000

ORIENTATION_TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"heif", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
WHITE = (255, 255, 255)

# Latitude and longitude in WGS-84, in degrees.
Position = tuple[float, float]
# The rows of a picture from one to another, as a picture.
Rows = Callable[[int, int], Image.Image]

# Compressed text in a PNG may swell to this before Pillow gives up; its own 64 MB are more than
# a web process has to spare, and nobody here reads such text.
PngImagePlugin.MAX_TEXT_MEMORY = MEGABYTE


@dataclass(frozen=True)
class StoredPhoto:
    """A photo ready to be stored: JPEGs without metadata.

    `width` and `height` are those of `data`; `sha256` is the hex digest of `data`. `position` is
    where the camera says that it was: it is in no file, and for the sender to confirm. `medium`
    is for pages; empty where `data` is no larger itself.
    """

    data: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str
    position: Position | None = None
    medium: bytes = b""


@dataclass(frozen=True)
class Reading:
    """What a reader gives: the picture in RGB, shrunk; its ICC profile; what EXIF says of it."""

    image: Image.Image
    profile: Any
    exif: Image.Exif | None
    # Some decoders have turned the picture upright already.
    is_upright: bool = False


def process(file: BinaryIO) -> StoredPhoto:
    """Turn an uploaded file of unknown type into a `StoredPhoto`.

    Takes a seekable binary file (its name and content type are ignored) holding a JPEG, PNG,
    WebP, HEIC, AVIF or GIF still of at most `MAX_BYTES`. Raises `InvalidUploadError` for everything
    else: other types, animations, too many pixels, empty, truncated or broken files.
    """
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    if size == 0:
        raise InvalidUploadError(_("照片是空的，请重新选择或重新拍一张。"))
    if size > MAX_BYTES:
        raise InvalidUploadError(_("照片超过 30 MB，请选小一点的照片，或截图后再传。"))
    read = _reader(file.read(64))
    file.seek(0)
    try:
        reading = read(file)
        image = reading.image
        image = _in_srgb(_resized(image, kept_size(image.size)), reading.profile)
        turn = None if reading.is_upright else _turn(reading.exif)
        image = image.transpose(turn) if turn is not None else image
        return _stored(image, exif_position.position_of(reading.exif))
    except InvalidUploadError:
        raise
    # Decoders answer broken input with nearly every kind of exception.
    except Exception as error:
        raise InvalidUploadError(
            _("照片没有传完整或已损坏，请重新拍一张，或换一张再传。")
        ) from error


def is_costly(file: BinaryIO) -> bool:
    """Whether decoding takes much memory, so that one such file is decoded at a time."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    if not head.startswith(b"\xff\xd8\xff"):
        return size > SMALL_BYTES
    try:
        (width, height), samples = jpeg_header.read_header(file)
    except (ValueError, IndexError, struct.error):
        return False  # refused in a moment
    finally:
        file.seek(0)
    return samples > 0 and width * height > SMALL_PIXELS


def _reader(head: bytes) -> Callable[[BinaryIO], Reading]:
    """The function that reads files starting with these bytes."""
    if head.startswith(b"\xff\xd8\xff"):
        return _from_jpeg
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _from_png
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _from_webp
    if head[4:8] == b"ftyp":
        # The first brand names the kind, unless it is one that both kinds share.
        brands = {head[at : at + 4] for at in (8, *range(16, min(head[3], 64), 4))}
        if head[8:12] in AVIF_BRANDS or (head[8:12] in HEIF_BRANDS and brands & AVIF_BRANDS):
            return _from_avif
        if head[8:12] in HEIF_BRANDS:
            return _from_heif
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _from_gif
    raise InvalidUploadError(_("这个文件不是照片。请传 JPG、PNG、WebP 或 HEIC 照片。"))


def _check_pixels(size: Size, limit: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ValueError("no pixels")
    if width * height > limit:
        raise InvalidUploadError(
            _("照片像素太高（最多 %(limit)s 万像素），请用普通拍照模式重拍，或截图后再传。")
            % {"limit": limit // 10_000}
        )


def _check_still(moving: bool) -> None:
    if moving:
        raise InvalidUploadError(_("动图不能用，请传一张普通照片。"))


# --- one reader per format ------------------------------------------------------------------


def _from_jpeg(file: BinaryIO) -> Reading:
    size, samples = jpeg_header.read_header(file)
    whole = samples > 0
    most = MAX_PIXELS_JPEG
    if whole:
        most = min(most, int(MAX_BYTES_COEFFICIENTS / (2 * samples)))
    _check_pixels(size, most)
    if whole and jpeg_header.count(file, b"\xff\xda") > MAX_SCANS:
        raise ValueError("too many scans")
    # Not Image.open, here and below: the plugin is known, so no other one gets to see the file.
    file.seek(0)
    image = JpegImageFile(file)
    if image.size != size:
        raise ValueError("two opinions about the size")
    factor = shrink_factor(size)
    if factor > 1:
        image.draft("RGB", (max(1, size[0] // factor), max(1, size[1] // factor)))
    return _read(image)


def _from_png(file: BinaryIO) -> Reading:
    image = PngImagePlugin.PngImageFile(file)
    _check_still(image.is_animated)
    _check_pixels(image.size, MAX_PIXELS_PNG)
    return _read(image)


def _from_webp(file: BinaryIO) -> Reading:
    # The decoder takes its canvases when it is made, so the size is read by hand before that.
    head = file.read(30)
    kind = head[12:16]
    if kind == b"VP8X":
        _check_still(bool(head[20] & 0x02))
        size = _three_bytes(head[24:27]) + 1, _three_bytes(head[27:30]) + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        size = width & 0x3FFF, height & 0x3FFF
    else:
        raise ValueError("no picture in this WebP")
    _check_pixels(size, MAX_PIXELS_WEBP)
    file.seek(0)
    image = WebPImageFile(file)
    _check_still(image.is_animated)
    if image.size != size:
        raise ValueError("two opinions about the size")
    return _read(image)


def _three_bytes(number: bytes) -> int:
    return int.from_bytes(number, "little")


def _from_gif(file: BinaryIO) -> Reading:
    image = GifImageFile(file)
    _check_pixels(image.size, MAX_PIXELS_GIF)
    _check_still(image.is_animated)
    return Reading(_loaded(image), None, None)


def _from_avif(file: BinaryIO) -> Reading:
    # Imported for the few that come: the decoder weighs several megabytes.
    from PIL.AvifImagePlugin import AvifImageFile  # noqa: PLC0415

    image = AvifImageFile(file)
    _check_pixels(image.size, MAX_PIXELS_HEIF)
    _check_still(image.is_animated)
    return _read(image)


def _from_heif(file: BinaryIO) -> Reading:
    # Imported when the first HEIC comes, and never registered with Pillow: the library weighs
    # several megabytes in every process, and a registered opener is asked about every file.
    import pillow_heif  # noqa: PLC0415

    heif = pillow_heif.open_heif(file)
    image = heif[heif.primary_index]
    _check_pixels(image.size, MAX_PIXELS_HEIF)
    data, width, stride = memoryview(image.data), image.size[0], image.stride

    def rows(top: int, bottom: int) -> Image.Image:
        part = data[top * stride : bottom * stride]
        size = (width, bottom - top)
        return Image.frombytes(image.mode, size, part, "raw", image.mode, stride)

    # libheif has turned the picture already; its EXIF orientation is a leftover.
    shrunk, exif, said = _shrunk(image.size, rows), Image.Exif(), image.info.get("exif")
    with contextlib.suppress(Exception):  # unreadable EXIF is no reason to refuse a photo
        exif.load(said if isinstance(said, bytes) else b"")
    return Reading(shrunk, image.info.get("icc_profile"), exif, is_upright=True)


# --- pixels ---------------------------------------------------------------------------------


def _read(image: Image.Image) -> Reading:
    """What a file of Pillow's holds; some metadata is known only once its pixels are."""
    loaded = _loaded(image)
    try:
        exif = image.getexif()
    except Exception:  # unreadable EXIF is no reason to refuse a photo
        exif = None
    return Reading(loaded, image.info.get("icc_profile"), exif)


def _turn(exif: Image.Exif | None) -> Image.Transpose | None:
    """How to turn the picture upright, or None."""
    try:
        return TURNS.get(exif.get(ORIENTATION_TAG, 1)) if exif else None
    except Exception:
        return None


def _loaded(image: Image.Image) -> Image.Image:
    """The decoded picture as plain RGB, shrunk by a whole number when large."""
    image.load()
    if shrink_factor(image.size) == 1 and image.mode == "RGB" and not image.has_transparency_data:
        return image
    width = image.width
    return _shrunk(image.size, lambda top, bottom: image.crop((0, top, width, bottom)))


def _shrunk(size: Size, rows: Rows) -> Image.Image:
    """RGB picture made from `rows(top, bottom)`, strip by strip.

    Converting and shrinking a whole picture at once would need two or three copies of it.
    """
    width, height = size
    factor = shrink_factor(size)
    image = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    step = factor * max(1, STRIP_PIXELS // (width * factor))
    for top in range(0, height, step):
        strip = _flat(rows(top, min(top + step, height)))
        image.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return image


def _flat(image: Image.Image) -> Image.Image:
    """RGB on white, whatever the mode."""
    if image.mode.startswith("I"):
        # 16 bits a pixel; Pillow would clip them instead of scaling.
        image.info.pop("transparency", None)
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    flat = Image.new("RGB", image.size, WHITE)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _within(image: Image.Image, side: int) -> Image.Image:
    """The picture, shrunk if its longest side exceeds `side`; never enlarged, never 0 wide."""
    scale = side / max(image.size)
    width, height = (max(1, round(part * scale)) for part in image.size)
    return _resized(image, (width, height))


def _resized(image: Image.Image, size: Size) -> Image.Image:
    """The picture in that size; never enlarged."""
    if size[0] >= image.width and size[1] >= image.height:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Colours of another RGB space (Display P3 on many phones) in sRGB; other profiles are dropped.

    Works in place. A broken profile is ignored: the photo then looks a little duller.
    """
    if not isinstance(profile, bytes) or not profile or len(profile) > MAX_ICC_BYTES:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() == "RGB" and "sRGB" not in (
            source.profile.profile_description or ""
        ):
            ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError):
        pass
    return image


def _stored(image: Image.Image, position: Position | None) -> StoredPhoto:
    # Pillow writes comments and the like from here.
    image.info = {}
    data = _jpeg(image, QUALITY)
    is_large = max(image.size) > PAGE_SIDE
    page = _within(image, PAGE_SIDE)
    medium = _jpeg(page, QUALITY) if is_large else b""
    thumbnail = _jpeg(_within(page, THUMBNAIL_SIDE), THUMBNAIL_QUALITY)
    digest = hashlib.sha256(data).hexdigest()
    return StoredPhoto(data, thumbnail, *image.size, digest, position, medium)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
