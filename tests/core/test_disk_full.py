"""A disk that takes no more: a real one of one megabyte where it can be mounted."""

import os
import resource
import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from hazards.cases.models.hazards import Hazard
from tests import media, mounts
from tests.admin_forms import all_posted
from tests.factories.admin_rows import MAKERS
from tests.factories.hazards import form, report, upload
from yuanhang.core import jobs, readiness
from yuanhang.core.outbox.models import Delivery, Party
from yuanhang.core.uploads.models import DraftUpload

URL = "/hazards/report/"


@pytest.fixture
def full_disk(settings, tmp_path):
    """A file system of its own for the media folder, filled to the last block; its folder.

    Without the right to mount one, no file of this process may grow beyond a few bytes, which
    fails in the same place with another number (EFBIG for ENOSPC).
    """
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = mounts.mount(folder)
    settings.MEDIA_ROOT = folder
    if mounted:
        try:
            _fill(folder)
            yield folder
        finally:
            mounts.unmount(folder)
    else:
        print("no right to mount a file system: RLIMIT_FSIZE stands for the full disk")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, before[1]))
        yield folder
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _fill(folder):
    filler = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while True:
            os.write(filler, b"x" * 4096)
    os.close(filler)


def photos(*sizes):
    return [upload(media.jpeg(*size)) for size in sizes]


def test_a_report_keeps_its_words_and_says_what_was_lost(town, client, full_disk):
    sent = form(
        description="井盖翘起来了",
        grid=town.six.pk,
        photos=photos((640, 480), (480, 640)),
        voice=upload(media.wav(1.0), "note.wav", "audio/wav"),
    )
    response = client.post(URL, sent)
    hazard = Hazard.objects.get()
    assert response.url == hazard.get_receipt_url()
    assert hazard.description == "井盖翘起来了"
    assert not hazard.photos.exists()
    assert not hazard.voices.exists()
    page = client.get(response.url).content.decode()
    assert "有 3 个照片或语音没存上：当时存文件的地方满了。可以再补。" in page
    # Nothing truncated stays.
    assert {path.name for path in full_disk.rglob("*") if path.is_file()} <= {"filler"}
    # The phone's second try is the same report.
    files = {"photos": photos((640, 480), (480, 640))}
    files["voice"] = upload(media.wav(1.0), "note.wav", "audio/wav")
    again = client.post(URL, sent | files)
    assert again.status_code == 302
    assert Hazard.objects.count() == 1


def test_what_hangs_on_a_case_is_refused_with_its_words_kept(town, visit, full_disk):
    hazard = report(town.six, by=town.rider)
    client = visit(town.grid_worker)
    page = f"/hazards/{hazard.number}/secure/"
    answer = client.post(page, {"note": "围上了", "photos": photos((640, 480))})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "照片和语音现在存不下" in text
    assert "围上了" in text
    hazard.refresh_from_db()
    assert hazard.secured_at is None


def test_a_page_of_the_admin_keeps_what_was_typed(town, visit, full_disk):
    activity = MAKERS["volunteers.activity"](town)
    client, url = visit(town.admin), f"/admin/volunteers/activity/{activity.pk}/change/"
    sent = all_posted(client.get(url)) | {"title": "换个名字", "banner": photos((1200, 600))[0]}
    answer = client.post(url, sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "照片和语音现在存不下" in page
    assert 'value="换个名字"' in page
    before = activity.title
    activity.refresh_from_db()
    assert activity.title == before


def test_a_refused_form_comes_back_without_its_files(town, client, full_disk):
    sent = form(contact_phone="12", description="井盖", photos=photos((640, 480)))
    answer = client.post(URL, sent)
    assert answer.status_code == 400
    assert "井盖" in answer.content.decode()
    assert not DraftUpload.objects.exists()


@pytest.mark.logs_errors
def test_the_server_says_what_is_wrong(db, client, full_disk):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    lines = answer.content.decode().splitlines()
    assert [line.partition(":")[0] for line in lines if "disk" not in line] == ["media"]
    assert client.get("/healthz").status_code == 200


def test_a_large_upload_that_finds_no_room_on_its_way_is_refused_in_words(
    town, client, settings, monkeypatch
):
    """The temporary folder is full: Django would answer 500 before anything is read."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    real = TemporaryFileUploadHandler.receive_data_chunk

    def refuse(handler, raw_data, start):
        if handler.file_name == "gone.jpg":
            raise OSError(28, "No space left on device")
        return real(handler, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", refuse)
    good, gone = upload(media.jpeg(64, 48), "good.jpg"), upload(media.jpeg(48, 64), "gone.jpg")
    answer = client.post(URL, form(description="井盖翘起来了", photos=[good, gone]))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "系统现在存不下照片和语音" in page
    assert "井盖翘起来了" in page
    assert DraftUpload.objects.count() == 1  # the good one need not be sent again


# --- what else is wrong ---------------------------------------------------------------------


def said(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.content.decode().splitlines()


@pytest.mark.logs_errors
def test_a_folder_that_nobody_may_write(db, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("in the way")
    status, lines = said(client)
    assert (status, lines) == (503, ["media: File exists"])


@pytest.mark.logs_errors
def test_little_room(db, client, monkeypatch):
    monkeypatch.setattr(readiness, "FREE_MIN", 10**18)
    status, lines = said(client)
    assert status == 503
    assert lines[0].startswith("disk: ")


@pytest.mark.logs_errors
def test_jobs_that_nobody_takes(db, client):
    since = timezone.now()
    job = OrmQ.objects.create(key=jobs.CLOCK, payload="x", lock=since - timedelta(minutes=4))
    # An export or a night's erasing may stand before another for longer.
    OrmQ.objects.create(key=jobs.LONG, payload="x", lock=since - timedelta(minutes=20))
    assert said(client) == (200, ["ready"])
    OrmQ.objects.filter(pk=job.pk).update(lock=since - timedelta(minutes=7))
    assert said(client) == (503, ["queue: a job has waited for 7 min"])


@pytest.mark.logs_errors
def test_schedules_that_nobody_starts(db, client):
    Schedule.objects.update(next_run=timezone.now())
    late = Schedule.objects.first()
    Schedule.objects.filter(pk=late.pk).update(next_run=timezone.now() - timedelta(hours=2))
    assert said(client) == (503, ["queue: a schedule is 120 min late"])


@pytest.mark.logs_errors
def test_messages_that_no_gateway_takes(db, client):
    long_ago = timezone.now() - timedelta(minutes=45)
    fields = {"channel": "sms", "key": uuid.uuid4().hex, "text": "x"}
    message = Delivery.objects.create(**fields)
    assert said(client) == (200, ["ready"])
    Delivery.objects.filter(pk=message.pk).update(asked_at=long_ago)
    assert said(client) == (503, ["gateway: a message has waited for 45 min"])


@pytest.mark.logs_errors
def test_a_gateway_that_does_not_answer(db, client):
    now = timezone.now()
    party = Party.objects.create(key="sms", failures=1, failing_since=now - timedelta(minutes=9))
    assert said(client) == (200, ["ready"])
    Party.objects.filter(pk=party.pk).update(failing_since=now - timedelta(minutes=50))
    assert said(client) == (503, ["gateway: no answer for 50 min"])


@pytest.mark.logs_errors
def test_migrations_that_were_not_applied(transactional_db, client, monkeypatch):
    from django.db.migrations.recorder import MigrationRecorder

    monkeypatch.setattr(readiness, "_migrated", [])
    rows = MigrationRecorder.Migration.objects.filter(app="hazards").order_by("-name")
    last = rows.first()
    rows.filter(pk=last.pk).delete()
    try:
        assert said(client) == (503, ["migrations: 1 not applied"])
    finally:
        last.save(force_insert=True)
    assert said(client) == (200, ["ready"])


def test_the_storage_leaves_no_half_of_a_file(full_disk):
    with pytest.raises(OSError, match="No space|too large"):
        default_storage.save("hazards/x.jpg", ContentFile(b"x" * 10_000))
    left = {str(path.relative_to(full_disk)) for path in full_disk.rglob("*") if path.is_file()}
    assert left <= {"filler"}
