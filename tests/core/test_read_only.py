"""A folder of the site that turns read-only, as a disk with errors does."""

from pathlib import Path

import pytest

from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media, mounts
from tests.factories.hazards import form, report, stored_photo, upload
from tests.postgres.test_embedded import User, data_dir, new_user, place  # noqa: F401 - fixtures
from yuanhang.core import tasks
from yuanhang.core.stored_files.models import FileToRemove

URL = "/hazards/report/"
NO_MORE = ("Read-only file system", "File exists")


@pytest.fixture(params=["MEDIA_ROOT", "WRITING_NOTES"])
def held(request, settings, tmp_path):
    """The folder of the files, or that of the notes about them: it takes nothing."""
    with mounts.read_only(tmp_path / "held") as folder:
        setattr(settings, request.param, folder.folder)
        folder.hold()
        yield folder


@pytest.mark.logs_errors
def test_a_report_keeps_its_words_and_the_server_says_what_is_wrong(town, client, held):
    photo = upload(media.jpeg(64, 48))
    note = upload(media.wav(1.0), "note.wav", "audio/wav")
    sent = form(description="井盖翘起来了", grid=town.six.pk, photos=[photo], voice=note)
    answer = client.post(URL, sent)
    case = Hazard.objects.get()
    assert answer.url == case.get_receipt_url()
    assert case.description == "井盖翘起来了"
    assert case.steps.get().lost_files == 2
    assert not case.photos.exists()
    assert "没存上" in client.get(answer.url).content.decode()
    ready = client.get("/readyz")
    assert ready.status_code == 503
    lines = [line for line in ready.content.decode().splitlines() if "disk" not in line]
    assert lines in [[f"media: {words}"] for words in NO_MORE]
    assert client.get("/healthz").status_code == 200
    held.release()
    lines = client.get("/readyz").content.decode().splitlines()
    assert not [line for line in lines if line.startswith("media")]


@pytest.mark.logs_errors
@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_meanwhile_goes_when_the_disk_takes_it(town, settings, tmp_path):
    with mounts.read_only(tmp_path / "held") as folder:
        settings.MEDIA_ROOT = folder.folder
        case = report(town.six, attachments=Attachments(photos=[stored_photo(media.jpeg(64, 48))]))
        files = [path for path in folder.folder.rglob("*") if path.is_file()]
        folder.hold()
        case.delete()
        assert FileToRemove.objects.count() == len(files) == 2
        folder.release()
        tasks.sweep_files()
        assert not FileToRemove.objects.exists()
        assert not [path for path in folder.folder.rglob("*") if path.is_file()]


@pytest.mark.xdist_group("embedded")
def test_a_database_says_at_its_start_that_its_log_cannot_be_written(new_user, data_dir):  # noqa: F811
    logs = Path(f"{data_dir}.log")
    with mounts.read_only(logs) as folder:
        user = new_user()
        assert user.sql("SELECT 1") == 1
        user.leave()
        folder.hold()
        said = new_user().sql("SELECT 1")["OperationalError"]
        assert f"cannot use {logs}" in said
        assert "\n" not in said
        folder.release()
        assert new_user().sql("SELECT 1") == 1
