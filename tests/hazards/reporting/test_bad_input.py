"""What people and programs send by mistake or on purpose: a clear sentence, nothing half saved."""

import io

import pytest
from PIL import Image

from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import form, upload
from tests.hazards.reporting.bad_input_help import refusal
from tests.hazards.reporting.test_report import HARBIN, URL, text_of

BROKEN_PHOTO = "照片没有传完整或已损坏，请重新拍一张，或换一张再传。"
NO_PHOTO = "这个文件不是照片。请传 JPG、PNG、WebP 或 HEIC 照片。"
MOVING = "动图不能用，请传一张普通照片。"
NO_VOICE = "这个文件不是语音，请直接录一段，或改用文字说明。"


# --- photos ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(media.text_as_jpg, NO_PHOTO, id="text"),
        pytest.param(media.svg, NO_PHOTO, id="svg"),
        pytest.param(media.pdf, NO_PHOTO, id="pdf"),
        pytest.param(media.tiff, NO_PHOTO, id="tiff"),
        pytest.param(media.wav, NO_PHOTO, id="sound"),
        pytest.param(media.html_behind_jpeg_magic, BROKEN_PHOTO, id="page like jpeg"),
        pytest.param(media.truncated_jpeg, BROKEN_PHOTO, id="truncated"),
        pytest.param(media.gif_animated, MOVING, id="animated gif"),
        pytest.param(media.png_animated, MOVING, id="animated png"),
        pytest.param(media.webp_animated, MOVING, id="animated webp"),
        pytest.param(
            media.huge_png,
            "照片像素太高（最多 7500 万像素），请用普通拍照模式重拍，或截图后再传。",
            id="200 megapixels",
        ),
        pytest.param(
            lambda: media.big_jpeg_file(30 * 1024 * 1024 + 1),
            "照片超过 30 MB，请选小一点的照片，或截图后再传。",
            id="30 MB",
        ),
        pytest.param(lambda: b"", "照片是空的，请重新选择或重新拍一张。", id="empty"),
    ],
)
def test_a_photo_that_is_none_is_refused(client, nothing_saved, make, sentence):
    good, bad = upload(media.jpeg(60, 40)), upload(make())
    response = client.post(URL, form(description="井盖", photos=[good, bad]))
    assert refusal(response) == [f"第 2 张（photo.jpg）：{sentence}"]
    assert "井盖" in text_of(response)
    nothing_saved()


def test_the_bomb_of_the_test_above_is_small_enough_to_arrive():
    assert 100_000 < len(media.huge_png()) < 400_000


def test_five_photos_are_one_too_many(client, nothing_saved):
    photos = [upload(media.jpeg(60, 40)) for _ in range(5)]
    response = client.post(URL, form(photos=photos))
    assert refusal(response) == ["最多 4 张照片，请去掉几张。"]
    nothing_saved()


@pytest.mark.logs_errors
def test_more_files_than_any_form_has_are_cut_off(client, nothing_saved):
    photos = [upload(media.jpeg(60, 40)) for _ in range(13)]
    assert client.post(URL, form(photos=photos)).status_code == 400
    nothing_saved()


def stored_bytes(stored_files):
    return [path.read_bytes() for path in stored_files()]


def test_a_rotated_photo_is_stored_upright(client, town, stored_files):
    client.post(URL, form(photos=upload(media.jpeg(800, 600, orientation=6))))
    photo = HazardPhoto.objects.get()
    assert (photo.width, photo.height) == (600, 800)
    image = Image.open(io.BytesIO(photo.image.open().read())).convert("RGB")
    photo.image.close()
    # Shot with the phone turned: what was the left edge is the top, so red is now top right.
    red, blue = image.getpixel((590, 10)), image.getpixel((10, 790))
    assert red[0] > 150 > red[2]
    assert blue[2] > 150 > blue[0]


def test_a_photo_keeps_nothing_but_its_pixels(client, town, stored_files):
    data = media.jpeg(gps=True, comment=media.SECRET_WORDS)
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(media.GPS_IFD)
    client.post(URL, form(photos=[upload(data), upload(media.heic(gps=True), "IMG_1.HEIC")]))
    kept = stored_bytes(stored_files)
    assert len(kept) == 4
    for stored in kept:
        image = Image.open(io.BytesIO(stored))
        assert image.format == "JPEG"
        assert not image.getexif()
        assert not image.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        for trace in (b"Exif", media.SECRET_WORDS, media.SECRET_MAKER.encode()):
            assert trace not in stored


def test_a_heic_photo_is_taken(client, town):
    client.post(URL, form(photos=upload(media.heic(), "IMG_0001.HEIC", "image/heic")))
    photo = HazardPhoto.objects.get()
    assert (photo.width, photo.height) == (640, 480)
    assert photo.image.name.endswith(".jpg")


def test_a_files_own_name_and_type_count_for_nothing(client, town, stored_files, settings):
    evil = upload(media.jpeg(60, 40), "../../../etc/cron.d/evil.php", "text/html")
    client.post(URL, form(photos=evil))
    assert {path.suffix for path in stored_files()} == {".jpg"}
    assert all(path.is_relative_to(settings.MEDIA_ROOT / "hazards") for path in stored_files())
    assert not any("evil" in str(path) for path in stored_files())


# --- voice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(
            lambda: media.wav(300.0, 8000), "语音超过 60 秒，请说短一点，或分两次上报。", id="5 min"
        ),
        pytest.param(
            media.video_mp4, "这是视频或照片。这里请录一段语音，或改用文字说明。", id="film"
        ),
        pytest.param(lambda: b"", "语音是空的，请重新录一段。", id="empty"),
        pytest.param(media.text_as_jpg, NO_VOICE, id="text"),
        pytest.param(media.playlist, NO_VOICE, id="playlist"),
        pytest.param(media.concat_script, NO_VOICE, id="concat script"),
        pytest.param(media.jpeg, NO_VOICE, id="photo"),
        pytest.param(
            lambda: media.m4a(2.0)[:600], "语音没有传完整或已损坏，请重新录一段。", id="truncated"
        ),
        pytest.param(
            lambda: media.wav(0.2),
            "没有听到声音，请按住多说一会儿，或改用文字说明。",
            id="a slip of the thumb",
        ),
        pytest.param(
            lambda: media.wav(1.0).ljust(11 * 1024 * 1024, b"\0"),
            "语音文件超过 10 MB，请录短一点再传。",
            id="11 MB",
        ),
    ],
)
def test_a_voice_note_that_is_none_is_refused(client, nothing_saved, make, sentence):
    data = form(photos=upload(media.jpeg(60, 40)), voice=upload(make(), "note.m4a", "audio/mp4"))
    assert refusal(client.post(URL, data)) == [sentence]
    nothing_saved()


# --- places ---------------------------------------------------------------------------------

OFF_THE_EARTH = "位置超出了地球的范围，请重新定位，或直接写下地点。"
UNREADABLE = "位置的数字看不懂，请重新定位，或直接写下地点。"


@pytest.mark.parametrize(
    ("latitude", "longitude", "sentence"),
    [
        ("91", "124.945", OFF_THE_EARTH),
        ("46.545", "181", OFF_THE_EARTH),
        ("NaN", "124.945", UNREADABLE),
        ("46.545", "inf", UNREADABLE),
        ("46,545", "124,945", UNREADABLE),
        ("四十六", "一百二十四", UNREADABLE),
        ("46.545", "", "位置只收到一半，请重新定位，或直接写下地点。"),
        (
            "124.945",
            "46.545",
            "经纬度好像写反了：纬度在前（如 46.545），经度在后（如 124.945）。请对调后再提交。",
        ),
    ],
)
def test_a_point_that_cannot_be_is_refused(client, nothing_saved, latitude, longitude, sentence):
    point = {"latitude": latitude, "longitude": longitude}
    response = client.post(URL, form(description="井盖", **point))
    assert refusal(response) == [sentence]
    nothing_saved()


def test_an_unknown_datum_is_refused(client, nothing_saved):
    point = {"latitude": "46.545", "longitude": "124.945", "datum": "mars"}
    response = client.post(URL, form(description="井盖", **point))
    assert refusal(response) == ["不认识这种坐标，请重新定位，或直接写下地点。"]
    nothing_saved()


def test_an_accuracy_that_the_phone_made_up_is_dropped(client, town):
    point = {"latitude": "46.545", "longitude": "124.945", "accuracy": "NaN"}
    client.post(URL, form(description="井盖", **point))
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.accuracy) == (town.six, None)


def test_a_point_in_another_city_is_refused(client, nothing_saved):
    response = client.post(URL, form(description="井盖", **HARBIN))
    (sentence,) = refusal(response)
    assert "像在别的城市" in sentence
    nothing_saved()


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("description", "冰" * 10_000, "太长了，最多 2000 个字。"),
        ("place", "冰" * 10_000, "太长了，最多 120 个字。"),
        ("contact_name", "冰" * 10_000, "太长了，最多 60 个字。"),
        ("contact_phone", "打我电话", "请填 11 位手机号。"),
        ("contact_phone", "0459-0000000", "请填 11 位手机号。"),
        ("contact_phone", "１００００", "请填 11 位手机号。"),
        ("category", "dragons", "没有这个类别，请重新选。"),
        ("grid", "999999", "没有这个网格，请重新选。"),
        ("grid", "99999999999999999999", "没有这个网格，请重新选。"),
        ("grid", "第六网格", "没有这个网格，请重新选。"),
    ],
)
def test_words_that_no_field_takes_are_refused(client, nothing_saved, field, text, sentence):
    photo = upload(media.jpeg(60, 40))
    data = form(photos=photo, **{"description": "井盖", field: text})
    assert refusal(client.post(URL, data)) == [sentence]
    nothing_saved()
