import hashlib
import io
import struct

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from tests import media
from tests.core.media.photos_help import process
from yuanhang.core.media import helpers, photos, picture_sizes

RED, BLUE = (220, 20, 20), (20, 20, 220)


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


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
        ((20_000, 1), (10_000, 1), (320, 1)),
        ((1, 20_000), (1, 10_000), (1, 320)),
        # A long screenshot keeps a width that can be read, a panorama its height.
        ((1080, 6000), (1024, 5689), (58, 320)),
        ((6000, 1080), (5689, 1024), (320, 58)),
        ((1440, 3200), (1024, 2276), (144, 320)),
        ((720, 8000), (720, 8000), (29, 320)),
        ((800, 12_000), (658, 9874), (21, 320)),
    ],
)
@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_sizes_from_one_pixel_to_a_panorama(kind, size, stored, thumbnail):
    photo = process(getattr(media, kind)(*size))
    assert abs(photo.width - stored[0]) <= 1
    assert abs(photo.height - stored[1]) <= 1
    assert opened(photo.data).size == (photo.width, photo.height)
    assert opened(photo.thumbnail).size == thumbnail


@pytest.mark.parametrize("ratio", [1, 4 / 3, 16 / 9, 20 / 9, 4, 6, 12, 40, 400])
@pytest.mark.parametrize("shortest", [90, 720, 1080, 1440])
def test_however_long_a_picture_is_what_is_kept_stays_small(ratio, shortest):
    size = (shortest, round(shortest * ratio))
    width, height = picture_sizes.kept_size(size)
    assert width <= size[0]
    assert height <= size[1] <= max(size)
    assert max(width, height) <= picture_sizes.LONG_SIDE_MAX
    assert width * height <= 1.01 * picture_sizes.LONG_PIXELS_MAX
    # Never less than the usual measure, and the proportions stay.
    assert max(width, height) >= min(max(size), picture_sizes.LONGEST_SIDE)
    assert width == pytest.approx(height * size[0] / size[1], abs=1.5)
    if ratio <= 6:
        assert width >= min(shortest, 1000)


def test_a_long_screenshot_costs_no_more_than_two_photos():
    """Text on white, as a conversation is saved: what is read must survive, and stay light."""
    page = Image.new("RGB", (1080, 6000), "white")
    pen = ImageDraw.Draw(page)
    for top in range(20, 5980, 40):
        pen.text((20, top), "12:30 the cover at the east gate is loose again " * 2, fill="black")
    out = io.BytesIO()
    page.save(out, "PNG")
    photo = process(out.getvalue())
    assert (photo.width, photo.height) == (1024, 5689)
    assert len(photo.data) < 2_000_000
    # A stroke is still black on white, not a grey smear.
    darkest = opened(photo.data).convert("L").crop((0, 0, 600, 60)).getextrema()
    assert darkest[0] < 90
    assert darkest[1] > 245


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(media.jpeg(gps=True), id="jpeg"),
        pytest.param(media.webp(gps=True), id="webp"),
        pytest.param(media.heic(gps=True), id="heic"),
        pytest.param(media.jpeg(orientation=6, gps=True), id="turned jpeg"),
    ],
)
def test_where_the_camera_was_is_told_and_is_in_no_file(data):
    photo = process(data)
    assert photo.position == pytest.approx((46.545, 124.945), abs=1e-6)
    assert b"Exif" not in photo.data + photo.thumbnail
    # By way of a helper as well.
    assert helpers.process_photo(io.BytesIO(data)) == photo


def gps(latitude=(46.0, 32.0, 42.0), longitude=(124.0, 56.0, 42.0), north="N", east="E"):
    tags = Image.Exif()
    tags.get_ifd(media.GPS_IFD).update({1: north, 2: latitude, 3: east, 4: longitude})
    out = io.BytesIO()
    media.picture(64, 48).save(out, "JPEG", exif=tags)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "position"),
    [
        (media.jpeg(), None),
        (media.png(), None),
        (gps(north="S", east="W"), (-46.545, -124.945)),
        (gps(latitude=(0.0, 0.0, 0.0), longitude=(0.0, 0.0, 0.0)), None),
        (gps(latitude=(146.0, 0.0, 0.0)), None),
        (gps(longitude=(181.0, 0.0, 0.0)), None),
        (gps(latitude=(46.5, 0.0)), None),
    ],
)
def test_a_position_that_is_none_is_none(data, position):
    assert process(data).position == (pytest.approx(position) if position else None)


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
