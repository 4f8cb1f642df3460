"""Files and the rows that name them, when a process dies between two steps."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from django_q.models import Schedule

from hazards.cases import reports
from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from tests import media
from tests.dying import Mortal
from tests.factories.hazards import report, stored_photo, stored_voice
from yuanhang.core import files, tasks
from yuanhang.core.outbox.models import Notice
from yuanhang.core.stored_files import sweep, writing_notes
from yuanhang.core.stored_files.models import FileToRemove

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
FILES = 3  # a photo, its thumbnail, a voice note
STEPS_MAX = 200
# Each step where there is time; files take more than three each, so none is passed over.
STRIDE = 1 if "EVERY_STEP" in os.environ else 3


@pytest.fixture(autouse=True)
def _commits_are_over(monkeypatch):
    monkeypatch.setattr(writing_notes, "SETTLED_SECONDS", -1)


@pytest.fixture
def mortal(settings):
    """A process that dies when it is told to."""
    one = Mortal()
    yield one
    one.end()


@pytest.fixture
def on_disk(stored_files, settings):
    """Names of what lies in the media folder, by a call."""
    return lambda: {str(path.relative_to(settings.MEDIA_ROOT)) for path in stored_files()}


def named():
    """Names of the files that rows name."""
    found = set()
    for photo in HazardPhoto.objects.all():
        found |= {photo.image.name, photo.thumbnail.name}
    return found | {voice.audio.name for voice in HazardVoice.objects.all()}


def nothing_noted(settings):
    notes = Path(settings.WRITING_NOTES)
    left = [path for path in notes.iterdir() if path.suffix != ".lock"] if notes.exists() else []
    return not FileToRemove.objects.exists() and not left


def sent():
    photo, voice = stored_photo(media.jpeg(64, 48)), stored_voice(media.wav(1.0))
    return Attachments(photos=[photo], voices=[voice])


def submit(key, grid, category, files_of_it):
    return reports.submit(
        by=None, submission_key=key, category=category, grid=grid, attachments=files_of_it
    )


def delete(pk):
    Hazard.objects.get(pk=pk).delete()


def forget(pk):
    """As it would be without the note in the transaction."""
    FileToRemove.objects.bulk_create = lambda rows: rows
    delete(pk)


def test_a_report_is_there_with_its_files_or_leaves_none(town, mortal, on_disk, settings):
    """The process dies before each step of a submission, and the sweep comes after it."""
    both, category = sent(), Category.objects.first()
    seen = set()
    for step in range(0, STEPS_MAX, STRIDE):
        words = (uuid.uuid4(), town.six, category, both)
        died = mortal.dies_after(step, submit, *words)
        left = len(on_disk())
        tasks.sweep_files()
        assert on_disk() == named()
        assert nothing_noted(settings)
        cases = Hazard.objects.count()
        assert len(named()) == FILES * cases
        seen.add((left, cases))
        if not died:
            break
        # Sent again, as a phone does that got no answer.
        hazard, is_new = submit(*words)
        assert is_new is not bool(cases)
        assert (Hazard.objects.get(), len(on_disk())) == (hazard, FILES)
        hazard.delete()
    assert not died
    # It died with each number of files written, with and without the case.
    assert seen == {(0, 0), (1, 0), (2, 0), (3, 0), (3, 1)}


def test_what_is_erased_is_gone_with_its_files_or_stays_with_them(town, mortal, on_disk, settings):
    both, seen = sent(), set()
    for step in range(STEPS_MAX):
        hazard = report(town.six, attachments=both)
        died = mortal.dies_after(step, delete, hazard.pk)
        left, cases = len(on_disk()), Hazard.objects.count()
        tasks.sweep_files()
        assert on_disk() == named()
        assert len(named()) == FILES * cases
        assert nothing_noted(settings)
        seen.add((left, cases))
        if not died:
            break
        Hazard.objects.all().delete()
    assert not died
    assert seen == {(3, 1), (3, 0), (2, 0), (1, 0), (0, 0)}


def test_without_the_note_in_the_transaction_files_outlive_their_rows(town, mortal, on_disk):
    """The control: what was to be removed is remembered by the process alone."""
    both, seen = sent(), set()
    for step in range(STEPS_MAX):
        hazard = report(town.six, attachments=both)
        died = mortal.dies_after(step, forget, hazard.pk)
        tasks.sweep_files()
        seen.add(on_disk() == named())
        if not died or len(seen) == 2:
            break
        Hazard.objects.all().delete()
        for name in on_disk():
            default_storage.delete(name)
    assert seen == {True, False}


def test_a_rollback_further_out_takes_the_files_along(town, on_disk, settings):
    """The admin opens a transaction around the verb's own."""
    with transaction.atomic():
        report(town.six, attachments=sent())
        transaction.set_rollback(True)
    assert len(on_disk()) == FILES
    tasks.sweep_files()
    assert on_disk() == set()
    assert nothing_noted(settings)


def test_who_still_writes_is_left_alone(town, on_disk):
    with transaction.atomic():
        report(town.six, attachments=sent())
        tasks.sweep_files()
        assert len(on_disk()) == FILES
    assert on_disk() == named()


def test_a_commit_whose_answer_was_lost_keeps_its_files(town, on_disk, monkeypatch):
    """The case is stored, though nobody heard so; deleting its files would leave it empty."""
    database = connections["default"]
    real = database._commit

    def commit():
        real()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(database, "_commit", commit)
    with pytest.raises(OperationalError):
        report(town.six, attachments=sent())
    monkeypatch.setattr(database, "_commit", real)
    connection.close()
    tasks.sweep_files()
    assert Hazard.objects.count() == 1
    assert on_disk() == named()
    assert len(on_disk()) == FILES


def stored_at(name, hours):
    name = default_storage.save(name, files.ContentFile(b"x"))
    moment = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(default_storage.path(name), (moment, moment))
    return name


def test_files_of_no_row_go_after_a_day(town, on_disk):
    report(town.six, attachments=sent())
    for name in named():
        os.utime(default_storage.path(name), (0, 0))
    old = [stored_at(files.shelved_name(folder, "jpg"), 25) for folder in ("hazards/x", "drafts")]
    old += [stored_at("volunteers/searches/loose.jpg", 25)]
    old += [stored_at(files.shelved_name("hazards/photos", "jpg") + ".part", 25)]
    young = stored_at(files.shelved_name("hazards/photos", "jpg"), 23)
    strange = stored_at("lost+found/note.txt", 1000)
    assert tasks.sweep_files() == len(old)
    assert on_disk() == named() | {young, strange}
    assert Schedule.objects.get(func="yuanhang.core.tasks.sweep_files").minutes == 60


def test_rows_without_a_file_are_told_to_administrators_once_a_day(town, caplog):
    hazard = report(town.six, attachments=sent())
    photo = hazard.photos.get()
    default_storage.delete(photo.image.name)
    tasks.sweep_files()
    tasks.sweep_files()
    notice = Notice.objects.get(kind="core.missing_files")
    assert notice.recipient == town.admin
    assert notice.title == "有 1 个文件不见了"
    assert f"#{photo.pk}：{photo.image.name}" in notice.body
    sweep.sweep(timezone.now() + timedelta(days=1))
    assert Notice.objects.filter(kind="core.missing_files").count() == 2


@pytest.mark.logs_errors
def test_a_disk_that_refuses_a_removal_is_asked_again(town, on_disk, monkeypatch, caplog):
    def refuse(name):
        raise OSError(30, "Read-only file system")

    hazard = report(town.six, attachments=sent())
    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", refuse)
        caplog.set_level("CRITICAL")
        hazard.delete()
    assert len(on_disk()) == FILES
    assert tasks.sweep_files() == FILES
    assert on_disk() == set()
