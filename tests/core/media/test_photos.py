import gc
import hashlib
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from tests import media
from yuanhang.core.media import photos
from yuanhang.core.media.invalid_upload import InvalidUploadError

RED, BLUE = (220, 20, 20), (20, 20, 220)


def process(data):
    """Bytes, or a function that makes them: the costly ones are made only when a test runs."""
    return photos.process(io.BytesIO(data() if callable(data) else data))


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refused(data):
    with pytest.raises(InvalidUploadError) as caught:
        process(data)
    return caught.value.message


def close_to(colour, other, off=30):
    return all(abs(a - b) <= off for a, b in zip(colour, other, strict=True))


# --- what is taken --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(media.jpeg(), id="jpeg"),
        pytest.param(media.jpeg(progressive=True), id="progressive jpeg"),
        pytest.param(media.jpeg(mode="L"), id="grey jpeg"),
        pytest.param(media.jpeg(mode="CMYK"), id="cmyk jpeg"),
        pytest.param(media.png(), id="png"),
        pytest.param(media.png(mode="P"), id="palette png"),
        pytest.param(media.png(mode="L"), id="grey png"),
        pytest.param(media.png(mode="LA"), id="grey and alpha png"),
        pytest.param(media.png(mode="1"), id="1-bit png"),
        pytest.param(media.png(mode="I;16"), id="16-bit png"),
        pytest.param(media.webp(), id="lossy webp"),
        pytest.param(media.webp(lossless=True), id="lossless webp"),
        pytest.param(media.webp(gps=True), id="extended webp"),
        pytest.param(media.heic(800, 600), id="heic"),
    ],
)
def test_every_usual_kind_becomes_a_jpeg_and_a_thumbnail(data):
    photo = process(data)
    stored, thumbnail = opened(photo.data), opened(photo.thumbnail)
    assert (stored.format, stored.mode, stored.size) == ("JPEG", "RGB", (800, 600))
    assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", (320, 240))
    assert (photo.width, photo.height) == (800, 600)
    assert photo.sha256 == hashlib.sha256(photo.data).hexdigest()


@pytest.mark.parametrize("data", [media.jpeg(), media.png(), media.webp(), media.heic(800, 600)])
def test_the_picture_is_still_the_picture(data):
    stored = opened(process(data).data)
    assert close_to(stored.getpixel((100, 75)), RED)
    assert close_to(stored.getpixel((750, 560)), BLUE)


def test_a_sixteen_bit_picture_keeps_its_greys():
    grey = Image.new("I;16", (64, 64), 0x8000)
    out = io.BytesIO()
    grey.save(out, "PNG")
    assert close_to(opened(process(out.getvalue()).data).getpixel((30, 30)), (128, 128, 128), 2)


@pytest.mark.parametrize(
    ("size", "stored", "thumbnail"),
    [
        ((4000, 3000), (2000, 1500), (320, 240)),
        ((3000, 4000), (1500, 2000), (240, 320)),
        ((2100, 1050), (2048, 1024), (320, 160)),
        ((2048, 2048), (2048, 2048), (320, 320)),
        ((1, 1), (1, 1), (1, 1)),
        ((20_000, 1), (1667, 1), (320, 1)),
        ((1, 20_000), (1, 1667), (1, 320)),
    ],
)
@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_sizes_from_one_pixel_to_a_panorama(kind, size, stored, thumbnail):
    photo = process(getattr(media, kind)(*size))
    assert abs(photo.width - stored[0]) <= 1
    assert abs(photo.height - stored[1]) <= 1
    assert opened(photo.data).size == (photo.width, photo.height)
    assert opened(photo.thumbnail).size == thumbnail


def test_the_same_upload_gives_the_same_bytes():
    assert process(media.jpeg()) == process(media.jpeg())


def test_a_file_may_have_been_read_before_and_may_come_from_disk():
    small = SimpleUploadedFile("a.txt", media.jpeg(), content_type="text/plain")
    small.read()
    large = TemporaryUploadedFile("a.svg", "image/svg+xml", 0, None)
    large.write(media.jpeg())
    assert photos.process(small) == photos.process(large) == process(media.jpeg())
    large.close()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_stands_upright_whatever_way_the_phone_was_held(orientation):
    upright = media.picture(800, 600)
    # What the sensor saw: the inverse of the turn that the orientation asks for.
    seen_turn = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}.get(
        orientation, photos.TURNS.get(orientation)
    )
    seen = upright.transpose(seen_turn) if seen_turn is not None else upright
    out = io.BytesIO()
    seen.save(out, "JPEG", exif=media.exif(orientation))
    photo = process(out.getvalue())
    assert (photo.width, photo.height) == (800, 600)
    assert close_to(opened(photo.data).getpixel((50, 50)), RED)
    assert close_to(opened(photo.data).getpixel((760, 570)), BLUE)
    assert opened(photo.thumbnail).size == (320, 240)


def test_a_heic_is_not_turned_twice():
    photo = process(media.heic(gps=True))
    # pillow-heif writes the EXIF orientation 6 as a rotation that libheif applies itself.
    assert (photo.width, photo.height) == opened_heic_size(media.heic(gps=True))


def opened_heic_size(data):
    import pillow_heif

    heif = pillow_heif.open_heif(io.BytesIO(data))
    heif.data  # noqa: B018 - the size is final only after decoding
    return heif.size


def test_transparent_parts_become_white():
    stored = opened(process(media.png(mode="RGBA")).data)
    assert close_to(stored.getpixel((100, 75)), RED)
    assert close_to(stored.getpixel((400, 500)), (255, 255, 255), 3)


def test_a_transparent_colour_becomes_white_too():
    out = io.BytesIO()
    media.picture(200, 200, (10, 200, 10)).save(out, "PNG", transparency=RED)
    stored = opened(process(out.getvalue()).data)
    assert close_to(stored.getpixel((20, 20)), (255, 255, 255), 8)


# --- what is thrown away --------------------------------------------------------------------


def test_the_test_photo_really_carries_what_must_go():
    tags = opened(media.jpeg(orientation=6, gps=True)).getexif()
    assert tags[0x010F] == media.SECRET_MAKER
    assert tags.get_ifd(media.GPS_IFD)[3] == "E"


def loaded_jpeg():
    """A JPEG with everything in it that must not be stored."""
    data = media.jpeg(orientation=1, gps=True, comment=media.SECRET_WORDS)
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x>" + media.SECRET_WORDS + b"</x>"
    segment = b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    icc = b"ICC_PROFILE\0\x01\x01" + profile
    segment += b"\xff\xe2" + struct.pack(">H", len(icc) + 2) + icc
    return data[:2] + segment + data[2:] + b"<script>" + media.SECRET_WORDS


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(loaded_jpeg(), id="jpeg"),
        pytest.param(media.webp(gps=True), id="webp"),
        pytest.param(media.heic(gps=True), id="heic"),
    ],
)
def test_no_position_maker_comment_or_trailing_byte_is_stored(data):
    assert media.SECRET_MAKER.encode() in data
    photo = process(data)
    for stored in (photo.data, photo.thumbnail):
        image = opened(stored)
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert image.applist == [("APP0", image.app["APP0"])]
        assert stored.endswith(b"\xff\xd9")
        for word in (
            media.SECRET_WORDS,
            media.SECRET_MAKER.encode(),
            b"Exif",
            b"ICC_",
            b"ns.adobe",
        ):
            assert word not in stored


def test_text_in_a_png_is_not_stored():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", media.SECRET_WORDS.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", media.SECRET_WORDS.decode())
    out = io.BytesIO()
    media.picture().save(out, "PNG", pnginfo=text, exif=media.exif(gps=True), dpi=(300, 300))
    photo = process(out.getvalue())
    assert media.SECRET_WORDS not in photo.data
    assert b"Exif" not in photo.data


# Pillow tells the log about it, and that is enough.
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_unreadable_exif_is_no_reason_to_refuse():
    data = media.jpeg()
    junk = b"Exif\0\0" + b"MM\0*" + b"\xff" * 60
    segment = b"\xff\xe1" + struct.pack(">H", len(junk) + 2) + junk
    assert process(data[:2] + segment + data[2:]).width == 800


def p3_profile():
    """A made-up wide RGB profile: sRGB with its red and green columns exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for at in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12):
        tags[bytes(data[at : at + 4])] = at
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    # Its own name, or it would be taken for sRGB and left alone.
    return bytes(data).replace(b"s\0R\0G\0B", b"W\0I\0D\0E")


def test_colours_of_another_rgb_space_are_translated():
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(out, "JPEG", icc_profile=p3_profile())
    red, green, _blue = opened(process(out.getvalue()).data).getpixel((30, 30))
    assert green > red + 100


@pytest.mark.parametrize("profile", [b"junk" * 50, b"\0" * 3000])
def test_a_broken_colour_profile_is_ignored(profile):
    out = io.BytesIO()
    media.picture(64, 64).save(out, "JPEG", icc_profile=profile)
    assert process(out.getvalue()).width == 64


# --- what is refused ------------------------------------------------------------------------

NOT_A_PHOTO = "这个文件不是照片"
MOVING = "动图不能用"
TOO_MANY_PIXELS = "照片像素太高"
BROKEN = "照片没有传完整或已损坏"


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
        pytest.param(media.gif(), MOVING, id="gif"),
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
        pytest.param(media.big_jpeg_file, "照片超过 20 MB", id="too large"),
        pytest.param(media.huge_png, TOO_MANY_PIXELS, id="png of 200 megapixels"),
        pytest.param(media.huge_jpeg, TOO_MANY_PIXELS, id="jpeg of 50 megapixels"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(data, words):
    assert words in refused(data)


def test_exactly_twenty_megabytes_are_taken():
    assert process(media.big_jpeg_file(photos.MAX_BYTES)).width == 800


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_photo_cut_off_anywhere_is_refused(cut):
    data = media.jpeg(64, 64, orientation=6, gps=True)
    assert refused(data[: len(data) * cut // 40])


def test_the_tolerance_for_truncated_files_is_off():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_photo_of_fifty_megapixels_names_the_limit():
    assert refused(media.huge_jpeg()) == (
        "照片像素太高（最多 4000 万像素），请用普通拍照模式重拍，或截图后再传。"
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
        pytest.param(lambda: media.webp(2400, 2400, lossless=True), id="lossless webp"),
        pytest.param(lambda: media.huge_jpeg(4000, 3500, progressive=True), id="progressive jpeg"),
        pytest.param(lambda: media.huge_png(14), id="png"),
        pytest.param(lambda: media.heic(4000, 3300), id="heic"),
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
        pytest.param(media.huge_jpeg, 4, id="refused jpeg of 50 megapixels"),
        pytest.param(media.huge_png, 4, id="refused png of 200 megapixels"),
        pytest.param(lambda: media.huge_jpeg(7300, 5470), 40, id="jpeg of 40 megapixels"),
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
