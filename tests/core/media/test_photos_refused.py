"""Photos that are refused, and what a photo costs in memory."""

import gc
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from tests import media
from tests.core.media.photos_help import process
from yuanhang.core.media import photos
from yuanhang.core.media.invalid_upload import InvalidUploadError


def refused(data):
    with pytest.raises(InvalidUploadError) as caught:
        process(data)
    return caught.value.message


# --- what is refused ------------------------------------------------------------------------

NOT_A_PHOTO = "这个文件不是照片"
MOVING = "动图不能用"
TOO_MANY_PIXELS = "照片像素太高"
BROKEN = "照片没有传完整或已损坏"


def claimed_jpeg(width, height, progressive=False):
    """A small JPEG whose header claims another size."""
    data = bytearray(media.jpeg(64, 64, progressive=progressive))
    at = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "照片是空的", id="empty"),
        pytest.param(media.text_as_jpg(), NOT_A_PHOTO, id="text"),
        pytest.param(media.svg(), NOT_A_PHOTO, id="svg"),
        pytest.param(media.pdf(), NOT_A_PHOTO, id="pdf"),
        pytest.param(media.tiff(), NOT_A_PHOTO, id="tiff"),
        pytest.param(media.m4a(), NOT_A_PHOTO, id="sound"),
        pytest.param(media.video_mp4(), NOT_A_PHOTO, id="film"),
        pytest.param(media.gif_animated(), MOVING, id="animated gif"),
        pytest.param(media.png_animated(), MOVING, id="animated png"),
        pytest.param(media.webp_animated(), MOVING, id="animated webp"),
        pytest.param(media.truncated_jpeg(), BROKEN, id="truncated jpeg"),
        pytest.param(media.truncated(media.jpeg(progressive=True)), BROKEN, id="truncated scans"),
        pytest.param(media.truncated(media.png(mode="P")), BROKEN, id="truncated png"),
        pytest.param(media.truncated(media.webp()), BROKEN, id="truncated webp"),
        pytest.param(media.truncated(media.heic()), BROKEN, id="truncated heic"),
        pytest.param(media.html_behind_jpeg_magic(), BROKEN, id="html as jpeg"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 99, BROKEN, id="png of zeros"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", BROKEN, id="webp head only"),
        pytest.param(b"\0\0\0\x18ftypheic" + b"\0" * 99, BROKEN, id="heic of zeros"),
        pytest.param(media.big_jpeg_file, "照片超过 30 MB", id="too large"),
        pytest.param(media.huge_png, TOO_MANY_PIXELS, id="png of 200 megapixels"),
        pytest.param(claimed_jpeg(16_000, 16_000), TOO_MANY_PIXELS, id="jpeg of 256 megapixels"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(data, words):
    assert words in refused(data)


def test_exactly_thirty_megabytes_are_taken():
    assert process(media.big_jpeg_file(photos.MAX_BYTES)).width == 800


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_photo_cut_off_anywhere_is_refused(cut):
    data = media.jpeg(64, 64, orientation=6, gps=True)
    assert refused(data[: len(data) * cut // 40])


def test_the_tolerance_for_truncated_files_is_off():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_photo_with_too_many_pixels_is_told_how_many_are_taken():
    assert refused(claimed_jpeg(16_000, 16_000)) == (
        "照片像素太高（最多 21000 万像素），请用普通拍照模式重拍，或截图后再传。"
    )


def patched_webp_size(width, height):
    """A lossy WebP whose header claims another size."""
    data = bytearray(media.webp(64, 64))
    assert data[12:16] == b"VP8 "
    data[26:30] = struct.pack("<HH", width, height)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(patched_webp_size(16_000, 16_000), id="lossy webp"),
        pytest.param(claimed_jpeg(12_000, 12_000, progressive=True), id="progressive jpeg"),
        pytest.param(lambda: media.huge_png(80), id="png"),
    ],
)
def test_formats_that_must_be_decoded_whole_have_a_smaller_limit(data):
    assert TOO_MANY_PIXELS in refused(data)


def test_a_jpeg_of_thousands_of_scans_is_refused_before_decoding():
    data = media.jpeg(progressive=True)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\x00"
    with pytest.raises(InvalidUploadError) as caught:
        process(data[:-2] + scan * 500 + b"\xff\xd9")
    # The reason matters: a decoder would have choked on these scans too, but much later.
    assert str(caught.value.__cause__) == "too many scans"


def test_a_text_bomb_in_a_png_is_refused():
    body = b"Comment\0\0" + zlib.compress(b"A" * 1_000_000, 9)
    chunk = media._png_chunk(b"zTXt", body)
    data = media.png(64, 64)
    assert refused(data[:33] + chunk * 40 + data[33:]).startswith(BROKEN)


def test_other_pictures_behind_the_first_are_not_looked_at():
    out = io.BytesIO()
    media.picture(200, 100).save(
        out, "MPO", save_all=True, append_images=[media.picture(100, 100, (0, 90, 0))]
    )
    photo = process(out.getvalue())
    assert (photo.width, photo.height) == (200, 100)


# --- what it costs --------------------------------------------------------------------------

MEASURE = """
import sys
from yuanhang.core.media import photos
from yuanhang.core.media.invalid_upload import InvalidUploadError
from django.conf import settings
settings.configure(USE_I18N=False)
def megabytes(key):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024
before = megabytes("VmRSS")
try:
    photos.process(open(sys.argv[1], "rb"))
except InvalidUploadError:
    pass
print(megabytes("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    ("data", "most"),
    [
        pytest.param(lambda: claimed_jpeg(16_000, 16_000), 4, id="refused jpeg"),
        pytest.param(media.huge_png, 4, id="refused png of 200 megapixels"),
        pytest.param(media.huge_jpeg, 40, id="jpeg of 50 megapixels"),
        pytest.param(lambda: media.huge_jpeg(16_382, 3_628), 40, id="panorama"),
        pytest.param(media.phone_photo, 40, id="phone photo"),
    ],
)
def test_memory_stays_small(data, most, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(data())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < most


def test_heic_is_not_registered_with_pillow():
    script = "import yuanhang.core.media.photos, sys; print('pillow_heif' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    process(media.heic())
    assert "HEIF" not in Image.OPEN


def test_no_file_is_left_open():
    gc.collect()
    process(media.jpeg())
    refused(media.truncated_jpeg())
    gc.collect()
