"""Helper processes: what they take off the web process, and what happens when one fails."""

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
from functools import partial

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests import media
from yuanhang.core.media import helpers, photos, uploads, voice
from yuanhang.core.media.invalid_upload import InvalidUploadError

FAILED = "这个文件打不开"


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    """Each test starts without helpers, leaves none, and has the machine's places to itself."""
    settings.VAR_DIR = tmp_path
    helpers.end_all()
    yield
    helpers.end_all()


def drawn(width, height, kind, **options):
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    if kind == "HEIC":
        pillow_heif.from_pillow(image).save(out)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def made(data):
    return helpers.process_photo(io.BytesIO(data))


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(partial(drawn, 5712, 4284, "HEIC"), id="heic of 24 megapixels"),
        pytest.param(media.huge_jpeg, id="jpeg of 50 megapixels"),
        pytest.param(partial(drawn, 16_382, 3_628, "JPEG"), id="panorama"),
        pytest.param(partial(media.huge_jpeg, progressive=True), id="progressive, 50 megapixels"),
        pytest.param(partial(drawn, 4000, 3000, "WEBP"), id="webp of 12 megapixels"),
        pytest.param(partial(drawn, 1080, 15_000, "PNG"), id="long screenshot"),
        pytest.param(partial(drawn, 1200, 900, "AVIF", speed=10), id="avif"),
        pytest.param(media.gif, id="still gif"),
    ],
)
def test_photos_of_todays_phones_are_taken(draw):
    photo = made(draw())
    assert Image.open(io.BytesIO(photo.data)).size == (photo.width, photo.height)


@pytest.mark.parametrize("brand", [b"heif", b"hevc", b"msf1", b"mif1"])
def test_a_heic_is_one_under_any_of_its_brands(brand):
    data = bytearray(media.heic(800, 600))
    data[8:12] = brand
    assert (made(bytes(data)).width, made(bytes(data)).height) == (800, 600)


def test_a_helper_makes_what_we_would_make_and_refuses_in_the_same_words():
    assert made(media.jpeg()) == photos.process(io.BytesIO(media.jpeg()))
    note = helpers.convert_voice(io.BytesIO(media.webm()))
    assert note == voice.convert(io.BytesIO(media.webm()))
    for ask, own in ((made, photos.process), (helpers.convert_voice, voice.convert)):
        words = []
        for call in (ask, own):
            given = media.svg() if call is made else io.BytesIO(media.svg())
            with pytest.raises(InvalidUploadError) as caught:
                call(given)
            words.append(caught.value.message)
        assert words[0] == words[1]


def test_a_helper_serves_many_files_and_then_makes_room(monkeypatch):
    monkeypatch.setattr("yuanhang.core.media.helper.FILES_EACH", 2)
    for expected in (1, 0, 1):
        made(media.jpeg(64, 64))
        assert len(helpers._idle) == expected


def test_a_helper_that_takes_too_long_is_ended_and_the_next_file_is_read(monkeypatch):
    monkeypatch.setattr(helpers, "SECONDS", 0.0)
    with pytest.raises(InvalidUploadError, match=FAILED):
        made(media.jpeg())
    assert helpers._idle == []
    monkeypatch.undo()
    assert made(media.jpeg()).width == 800


def test_a_helper_that_was_killed_is_replaced():
    made(media.jpeg(64, 64))
    helpers._idle[0]._process.kill()
    helpers._idle[0]._process.wait()
    assert made(media.jpeg()).width == 800


def test_a_helper_that_is_killed_at_work_says_nothing_of_the_photo(monkeypatch):
    """Another one is asked, once: who always dies has met what kills it."""
    real, killed = helpers._Helper.ask, []

    def ask(one, kind, file):
        if len(killed) < times:
            killed.append(one)
            one._process.kill()
        return real(one, kind, file)

    monkeypatch.setattr(helpers._Helper, "ask", ask)
    times = 1
    assert helpers.process_photo(io.BytesIO(media.jpeg(64, 48))).width == 64
    killed.clear()
    times = 2
    with pytest.raises(InvalidUploadError, match=FAILED):
        helpers.process_photo(io.BytesIO(media.jpeg(64, 48)))


def test_a_picture_beyond_the_memory_of_a_helper_is_refused(monkeypatch, tmp_path):
    """What the header's arithmetic would let through by mistake, the limit of the process holds."""
    script = (
        "import io, sys\n"
        "from yuanhang.core.media import helper, photos\n"
        "photos.MAX_PIXELS_PNG = 10**9\n"
        "helper.main(sys.argv[1])\n"
    )
    popen = subprocess.Popen

    def without_header(command, **options):
        return popen([sys.executable, "-c", script, command[-1]], **options)

    monkeypatch.setattr(helpers.subprocess, "Popen", without_header)
    with pytest.raises(InvalidUploadError, match="没有传完整或已损坏|打不开"):
        made(rgb_bomb())


def rgb_bomb():
    return media.huge_png(600)


def test_no_more_helpers_work_at_once_than_there_are_cores(monkeypatch):
    monkeypatch.setattr(helpers.os, "cpu_count", lambda: 1)
    monkeypatch.setattr(helpers, "WAIT_SECONDS", 0.05)
    inside, go = threading.Event(), threading.Event()

    def hold():
        with helpers._slot():
            inside.set()
            go.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(5)
    try:
        with pytest.raises(InvalidUploadError, match="人多"):
            made(media.jpeg())
    finally:
        go.set()
        thread.join()
    monkeypatch.setattr(helpers, "WAIT_SECONDS", 30)
    assert made(media.jpeg()).width == 800


def test_only_what_is_decoded_whole_waits_for_its_like():
    costly = [media.huge_jpeg(progressive=True), drawn(2000, 1500, "PNG", compress_level=0)]
    cheap = [media.phone_photo(), media.jpeg(progressive=True), media.png(64, 64), b"\xff\xd8\xff"]
    assert [photos.is_costly(io.BytesIO(data)) for data in costly] == [True, True]
    assert [photos.is_costly(io.BytesIO(data)) for data in cheap] == [False] * 4


MEASURE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "yuanhang.settings"
import django
django.setup()
from yuanhang.core.media import helpers
def megabytes(key):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024
before = megabytes("VmRSS")
helpers.process_photo(open(sys.argv[1], "rb"))
print(megabytes("VmHWM") - before)
"""


def test_a_photo_adds_little_to_the_web_process(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(media.huge_jpeg(progressive=True))
    command = [sys.executable, "-c", MEASURE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 20


def test_an_idle_helper_ends_with_its_process():
    script = (
        "import os, io\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'yuanhang.settings'\n"
        "import django; django.setup()\n"
        "from tests import media\n"
        "from yuanhang.core.media import helpers\n"
        "helpers.process_photo(io.BytesIO(media.jpeg(64, 64)))\n"
        "print(helpers._idle[0]._process.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(int(done.stdout), 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the helper outlived its process")


def test_what_was_sent_is_hashed_once_whoever_asks(monkeypatch):
    """A report's forms ask three times; each look at three megabytes is 15 ms of a rider's wait."""
    upload, hashed, real = SimpleUploadedFile("a.jpg", media.jpeg()), [], hashlib.sha256
    monkeypatch.setattr(uploads.hashlib, "sha256", lambda: hashed.append(1) or real())
    digests = {uploads.sha256_of(upload) for _time in range(3)}
    assert len(hashed) == 1
    assert digests == {uploads.sha256_of(io.BytesIO(media.jpeg()))}
