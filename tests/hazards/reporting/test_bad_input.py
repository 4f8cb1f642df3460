"""What people and programs send by mistake or on purpose: a clear sentence, nothing half saved."""

import io
import uuid

import pytest
from django.urls import reverse
from PIL import Image

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.catalogue.models import Category
from tests import media
from tests.factories.hazards import form, report, upload
from tests.hazards.reporting.test_report import HARBIN, URL, errors_of, text_of
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

BROKEN_PHOTO = "照片没有传完整或已损坏，请重新拍一张，或换一张再传。"
NO_PHOTO = "这个文件不是照片。请传 JPG、PNG、WebP 或 HEIC 照片。"
MOVING = "动图不能用，请传一张普通照片。"
NO_VOICE = "这个文件不是语音，请直接录一段，或改用文字说明。"
OUT_OF_DATE = "这个页面过期了，请再点一次发出。"
# Characters beyond the basic plane, a dot between names, a script of its own, an emoji.
RARE = "𠮷·ئايگۈل 👷🏽"


@pytest.fixture
def nothing_saved(town, stored_files):
    """Fails unless the database and the disk are as they were before any report."""

    def check():
        models = (Hazard, HazardPhoto, HazardVoice, Notice, AuditEvent, NumberCounter)
        assert {model.__name__: model.objects.count() for model in models} == {
            model.__name__: 0 for model in models
        }
        assert stored_files() == []

    return check


def refusal(response):
    """The sentences of a form that came back, which must be in the page as well."""
    assert response.status_code == 400
    sentences = errors_of(response)
    page = text_of(response)
    assert all(sentence in page for sentence in sentences)
    return sentences


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
            "照片像素太高（最多 1300 万像素），请用普通拍照模式重拍，或截图后再传。",
            id="200 megapixels",
        ),
        pytest.param(
            lambda: media.big_jpeg_file(30 * 1024 * 1024),
            "照片超过 20 MB，请选小一点的照片，或截图后再传。",
            id="30 MB",
        ),
        pytest.param(lambda: b"", "照片是空的，请重新选择或重新拍一张。", id="empty"),
    ],
)
def test_a_photo_that_is_none_is_refused(client, nothing_saved, make, sentence):
    good, bad = upload(media.jpeg(60, 40)), upload(make())
    response = client.post(URL, form(description="井盖", photos=[good, bad]))
    assert refusal(response) == [sentence]
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
        ("description", "井\0盖", "文字里有不能显示的字符，请删掉重写。"),
        ("place", "南\0街", "文字里有不能显示的字符，请删掉重写。"),
        ("description", "井\x1b[31m盖", "文字里有不能显示的字符，请删掉重写。"),
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


@pytest.mark.parametrize("field", [*form(), "category", "grid", "latitude", "datum", "accuracy"])
@pytest.mark.parametrize("text", ["\0", "a" * 5000])
def test_what_only_a_program_sends_does_no_harm(client, nothing_saved, field, text):
    response = client.post(URL, form(**{"description": "井盖", field: text}))
    assert len(refusal(response)) >= 1
    nothing_saved()


def test_a_category_out_of_use_cannot_be_picked(client, nothing_saved):
    Category.objects.filter(key="ice").update(is_active=False)
    response = client.post(URL, form(description="井盖", category="ice"))
    assert refusal(response) == ["没有这个类别，请重新选。"]
    nothing_saved()


def test_two_thousand_characters_fit_however_lines_are_broken(client, town):
    text = ("冰\r\n" * 1000)[:-2]
    assert client.post(URL, form(description=text + "冰")).status_code == 302
    assert len(Hazard.objects.get().description) == 2000


@pytest.mark.logs_errors
def test_a_megabyte_of_words_is_cut_off_before_it_is_read(client, nothing_saved):
    assert client.post(URL, form(description="a" * 1_100_000)).status_code == 400
    nothing_saved()


def test_rare_characters_and_emoji_are_ordinary_words(client, town):
    data = form(description=f"路口结冰 🧊 {RARE}", place="𠮷林路", contact_name=RARE)
    response = client.post(URL, data)
    hazard = Hazard.objects.get()
    assert (hazard.contact_name, hazard.place) == (RARE, "𠮷林路")
    assert RARE in text_of(client.get(response.url))
    assert list(Hazard.objects.matching("𠮷林")) == [hazard]


def test_words_are_shown_as_words(client, visit, town):
    evil = "<script>alert(1)</script>"
    data = form(description=evil, place=evil, contact_name=evil, contact_phone="10000019999")
    response = client.post(URL, data | {"grid": town.six.pk})
    hazard = Hazard.objects.get()
    pages = [
        client.get(response.url),
        visit(town.grid_worker).get(hazard.get_absolute_url()),
        visit(town.grid_worker).get(reverse("hazards:queue")),
        visit(town.grid_worker).get(reverse("core:inbox")),
    ]
    for page in pages:
        assert evil not in text_of(page)
        assert "&lt;script&gt;" in text_of(page)


# --- keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "",
        "garbage",
        "9e3ff2a8-e85a-11f1-8119-02fc00000001",  # of the kind that holds a clock and a device
        str(uuid.UUID(int=0)),
        "1" * 64,
        "20297b1-2f0f-4753-8121-ce0d70f36954",
    ],
)
def test_a_key_made_by_hand_is_replaced_by_a_good_one(client, nothing_saved, key):
    data = form(description="井盖", submission_key=key)
    response = client.post(URL, data)
    assert refusal(response) == [OUT_OF_DATE]
    nothing_saved()
    renewed = response.context["form"]["submission_key"].value()
    assert uuid.UUID(renewed).version == 4
    assert client.post(URL, data | {"submission_key": renewed}).status_code == 302


def test_the_key_of_another_account_opens_nothing(visit, town):
    data = form(description="我的", grid=town.six.pk)
    visit(town.rider).post(URL, data)
    hazard = Hazard.objects.get()
    response = visit(town.stranger).post(URL, data | {"description": "别人的"})
    assert response.status_code == 409
    assert errors_of(response) == ["这份已经用另一个账号发过了。要再发一份，再点一次发出。"]
    assert hazard.receipt_token not in text_of(response)
    assert hazard.number not in text_of(response)
    renewed = response.context["form"]["submission_key"].value()
    assert renewed != data["submission_key"]
    assert Hazard.objects.get().description == "我的"


# --- guesses --------------------------------------------------------------------------------


def test_a_stranger_cannot_tell_a_number_that_exists_from_one_that_does_not(visit, town):
    hazard = report(town.six, by=town.rider)
    other = hazard.number[:-4] + "9999"
    client = visit(town.stranger)
    there = client.get(hazard.get_absolute_url())
    nowhere = client.get(reverse("hazards:case", args=[other]))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content


def test_files_of_other_cases_are_not_found_through_ones_own(visit, town, stored_files):
    client = visit(town.stranger)
    files = {
        "photos": upload(media.jpeg(60, 40)),
        "voice": upload(media.wav(1.0), "a.wav", "audio/wav"),
    }
    visit(town.rider).post(URL, form(grid=town.six.pk, **files))
    theirs = Hazard.objects.get()
    mine = report(town.one, by=town.stranger)
    photo, voice = theirs.photos.get(), theirs.voices.get()
    client = visit(town.stranger)
    for case in (theirs.get_absolute_url(), mine.get_absolute_url(), mine.get_receipt_url()):
        for rest in (
            f"photos/{photo.pk}/full/",
            f"photos/{photo.pk}/thumb/",
            f"voices/{voice.pk}/",
        ):
            assert client.get(case + rest).status_code == 404
    for path in (photo.image.name, photo.thumbnail.name, voice.audio.name):
        for door in ("/never-served/", "/media/", "/static/", "/"):
            assert client.get(door + path).status_code == 404
    assert client.get(f"{mine.get_absolute_url()}photos/{10**30}/full/").status_code == 404


def look_up(client, number, code):
    return client.post(reverse("hazards:lookup"), {"number": number, "code": code})


def test_the_eleventh_guess_of_a_code_is_turned_away(client, town):
    hazard = report(town.six)
    wrong = "00000000" if hazard.lookup_code != "00000000" else "11111111"
    answers = [look_up(client, hazard.number, wrong).status_code for _ in range(10)]
    assert answers == [400] * 10
    late = look_up(client, hazard.number, hazard.lookup_code)
    assert late.status_code == 429
    assert "试的次数太多了，过十分钟再来。" in text_of(late)
    # Writing the number differently is no way around, another case is not touched.
    spaced = f" {hazard.number.lower()} "
    assert look_up(client, spaced, hazard.lookup_code).status_code == 429
    other = report(town.six)
    assert look_up(client, other.number, other.lookup_code).url == other.get_receipt_url()


def test_one_device_cannot_try_number_after_number(client, town):
    client.get(reverse("hazards:lookup"))
    hazard = report(town.six)
    start = hazard.number[:-4]
    answers = [
        look_up(client, f"{start}{n:04d}", "00000000").status_code for n in range(5000, 5021)
    ]
    assert answers == [400] * 20 + [429]
    assert look_up(client, hazard.number, hazard.lookup_code).status_code == 429
    neighbour = type(client)()
    neighbour.get(reverse("hazards:lookup"))
    assert look_up(neighbour, hazard.number, hazard.lookup_code).status_code == 302


@pytest.mark.parametrize("junk", ["", "garbage", "%00", "%F0%9F%91%B7", "a" * 300, "..%2f..%2fetc"])
def test_addresses_made_of_junk_are_not_found(client, visit, town, junk):
    visit(town.grid_worker)
    addresses = [
        f"/hazards/receipt/{junk}/",
        f"/hazards/receipt/{junk}/photos/1/full/",
        f"/hazards/receipt/{junk}/voices/1/",
        f"/hazards/{junk}/",
        f"/hazards/YH20261123-0001{junk}/photos/1/full/",
    ]
    assert [client.get(address).status_code for address in addresses] == [404] * len(addresses)
    assert client.post(f"/hazards/receipt/{junk}/withdraw/").status_code == 404
    assert client.get(f"/hazards/queue/?case={junk}&after={junk}&q={junk}").status_code == 200
