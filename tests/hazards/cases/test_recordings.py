"""A voice note is looked at before the receipt, and converted by the queue after it."""

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import OrmQ

from hazards.cases import recordings, tasks
from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardVoice
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.dying import Mortal
from tests.factories.hazards import converted, form, report, stored_voice, upload
from tests.threads import at_once
from yuanhang.core import jobs
from yuanhang.core.media import helpers
from yuanhang.core.media.invalid_upload import NotNowError
from yuanhang.core.media.stored_voice import StoredVoice
from yuanhang.core.stored_files import sweep, writing_notes
from yuanhang.core.uploads.models import DraftUpload

URL = "/hazards/report/"
SOON, NEVER = "语音正在整理，好了就能听。", "有一段语音放不出来。"
WITH_COMMITS = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def as_it_came(data):
    """A recording as the form hands it on, without a helper."""
    return StoredVoice(data, 2.0, uuid.uuid4().hex, is_original=True)


@pytest.fixture
def note(town):
    """A voice note that is not converted yet."""
    files = Attachments(voices=[as_it_came(media.m4a(2.0, title="SECRET-WORDS"))])
    return report(town.six, by=town.rider, attachments=files).voices.get()


@pytest.fixture
def asked(monkeypatch):
    """What helpers were asked to do."""
    kinds, real = [], helpers._Helper.ask

    def ask(one, kind, file):
        kinds.append(kind)
        return real(one, kind, file)

    monkeypatch.setattr(helpers._Helper, "ask", ask)
    return kinds


def send(client, town, **more):
    sound = upload(media.m4a(2.0, title="SECRET-WORDS"), "a.m4a", "audio/mp4")
    return client.post(URL, form(voice=sound, grid=town.six.pk) | more)


def test_the_receipt_waits_for_a_look_alone(visit, town, asked, stored_files):
    client = visit(town.rider)
    receipt = send(client, town).url
    voice = Hazard.objects.get().voices.get()
    assert asked == ["probe"]
    assert (voice.audio.name, voice.seconds) == ("", pytest.approx(2.0, abs=0.1))
    assert SOON in client.get(receipt).content.decode()
    # What was sent names what it was made with, and goes to nobody, its sender among them.
    assert b"SECRET-WORDS" in Path(voice.original.path).read_bytes()
    sounds = (f"{receipt}voices/{voice.pk}/", f"/hazards/{voice.hazard}/voices/{voice.pk}/")
    assert [client.get(url).status_code for url in sounds] == [404, 404]
    # The queue of sound and pictures has it.
    (row,) = [row for row in OrmQ.objects.all() if row.task["func"] == recordings.TASK]
    assert (row.key, row.task["args"]) == (jobs.MEDIA, (voice.pk,))
    assert tasks.convert_recording(*row.task["args"]) == 1
    heard = [b"".join(client.get(url)) for url in sounds]
    assert all(data[4:8] == b"ftyp" and b"SECRET" not in data for data in heard)
    assert SOON not in client.get(receipt).content.decode()
    voice.refresh_from_db()
    assert (voice.original.name, len(voice.wave)) == ("", 40)


def test_the_look_would_not_pass_for_a_conversion(visit, town, asked, monkeypatch):
    """The control of the test above: a field that converts is seen."""
    monkeypatch.setattr(helpers, "probe_voice", helpers.convert_voice)
    send(visit(town.rider), town)
    assert asked == ["voice"]


@pytest.mark.parametrize(
    "draw", [media.webm, media.ogg, media.m4a, media.aac, media.mp3, media.wav, media.amr]
)
def test_a_look_tells_the_length_that_the_conversion_finds(draw):
    looked, made = (
        ask(io.BytesIO(draw(3.0))) for ask in (helpers.probe_voice, helpers.convert_voice)
    )
    assert looked.seconds == pytest.approx(made.seconds, abs=0.1)
    assert (looked.data, looked.is_original, looked.wave) == (draw(3.0), True, "")


def test_a_recording_kept_of_a_refused_form_is_still_as_it_came(visit, town, asked):
    client = visit(town.rider)
    answer = send(client, town, contact_phone="123")
    (draft,) = DraftUpload.objects.all()
    assert answer.status_code == 400
    client.post(URL, form(voice_kept=draft.key, grid=town.six.pk))
    voice = converted(Hazard.objects.get()).voices.get()
    assert asked == ["probe", "voice"]
    assert (voice.original.name, bool(voice.audio.name)) == ("", True)
    assert default_storage.exists(draft.file.name)


def test_what_cannot_be_converted_is_kept_and_its_page_says_so(visit, town):
    good = media.webm(2.0)
    broken = good[:400] + bytes(len(good) - 400)
    case = report(town.six, by=town.rider, attachments=Attachments(voices=[as_it_came(broken)]))
    voice = case.voices.get()
    assert recordings.convert(voice.pk)
    voice.refresh_from_db()
    assert Path(voice.original.path).read_bytes() == broken
    assert NEVER in visit(town.rider).get(case.get_receipt_url()).content.decode()
    # That is the end of it.
    assert not recordings.convert(voice.pk)
    assert recordings.sweep(timezone.now() + timedelta(days=2)) == 0


def test_where_no_helper_is_free_the_note_waits_a_day_at_most(note, monkeypatch):
    def busy(_file):
        raise NotNowError("busy")

    monkeypatch.setattr(helpers, "convert_voice", busy)
    assert not recordings.convert(note.pk)
    note.refresh_from_db()
    assert not note.is_unreadable
    assert recordings.convert(note.pk, now=timezone.now() + timedelta(days=2))
    note.refresh_from_db()
    assert note.is_unreadable


def test_the_sweep_queues_what_is_in_no_queue(note):
    later = timezone.now() + timedelta(hours=1)
    assert recordings.sweep(later) == 0  # it waits there
    OrmQ.objects.all().delete()
    assert recordings.sweep() == 0  # it is young
    assert (recordings.sweep(later), recordings.sweep(later)) == (1, 0)
    converted(note.hazard)
    OrmQ.objects.all().delete()
    assert recordings.sweep(later) == 0


def test_a_note_that_is_erased_meanwhile_leaves_no_file(
    note, monkeypatch, stored_files, django_capture_on_commit_callbacks
):
    made = stored_voice(media.m4a(2.0))

    def erased(_file):
        with django_capture_on_commit_callbacks(execute=True):
            HazardVoice.objects.all().delete()
        return made

    monkeypatch.setattr(helpers, "convert_voice", erased)
    assert not recordings.convert(note.pk)
    assert stored_files() == []


@WITH_COMMITS
def test_twins_convert_once(note, stored_files):
    assert sorted(at_once(lambda: recordings.convert(note.pk), times=3)) == [False, False, True]
    note.refresh_from_db()
    assert [path.suffix for path in stored_files()] == [".m4a"]
    assert Path(note.audio.path) == stored_files()[0]


def replace(pk, made):
    helpers.convert_voice = lambda _file: made
    return recordings.convert(pk)


@WITH_COMMITS
def test_a_process_that_dies_leaves_the_one_file_or_the_other(
    note, town, monkeypatch, stored_files
):
    monkeypatch.setattr(writing_notes, "SETTLED_SECONDS", -1)
    made, seen, mortal = stored_voice(media.m4a(2.0)), set(), Mortal()
    sent = note.original.name
    try:
        for step in range(200):
            died = mortal.dies_after(step, replace, note.pk, made)
            sweep.sweep()
            note.refresh_from_db()
            seen.add(bool(note.audio))
            (file,) = stored_files()
            assert str(file).endswith(note.audio.name or sent)
            if not died:
                break
            if note.audio:  # the next step is tried with a new one
                HazardVoice.objects.all().delete()
                files = Attachments(voices=[as_it_came(media.m4a(2.0))])
                note = report(town.six, by=town.rider, attachments=files).voices.get()
                sent = note.original.name
    finally:
        mortal.end()
    assert not died
    assert seen == {False, True}
