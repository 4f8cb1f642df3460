"""A report over the web, and an erasure, when the process dies between two steps of them."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.models.steps import Step
from stations.robots.models import ChatRobot
from tests import media
from tests.dying import Mortal
from tests.factories.hazards import form, into, report, stored_photo, stored_voice, upload
from yuanhang.core import tasks
from yuanhang.core.erasures import erasure_list, erasures
from yuanhang.core.media import helpers
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Delivery, Notice
from yuanhang.core.stored_files import writing_notes
from yuanhang.core.stored_files.models import FileToRemove

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=5f6a8c1e-0000-4000-8000-000000000000"
URL, RULE = "/hazards/report/", "hazards.rejected"
PHOTO, SIZES = media.jpeg(64, 48), 2  # a picture and its thumbnail
DELIVER = "yuanhang.core.outbox.tasks.deliver"
STEPS_MAX = 400
# Each step where there is time. What a step leaves lasts for more than three.
STRIDE = 1 if "EVERY_STEP" in os.environ else 3


@pytest.fixture(autouse=True)
def _commits_are_over(monkeypatch):
    monkeypatch.setattr(writing_notes, "SETTLED_SECONDS", -1)


@pytest.fixture
def mortal():
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
    return {name for photo in HazardPhoto.objects.all()
            for name in (photo.image.name, photo.thumbnail.name)}  # fmt: skip


def send(fields, photo, acknowledged):
    """What the server does from the request to the answer; the answer leaves by a file."""
    # A helper decodes in a process of its own, whose death is no step of ours.
    real, helpers.process_photo = helpers.process_photo, lambda file: photo
    try:
        answer = Client().post(URL, {**fields, "photos": upload(PHOTO)})
    finally:
        helpers.process_photo = real
    Path(acknowledged).write_text(answer.url)


def steps_until(lives):
    """Each step, or one of three and then those before the end: what the last leave is soon over.

    `lives()` says whether the process reached its end at the step that was given last.
    """
    step = 0
    while step < STEPS_MAX:
        yield step
        if lives():
            yield from range(step - 1, step - STRIDE, -1)
            return
        step += STRIDE


def counted(cases):
    """What must be there for so many reports, and what is: number, step, trail, files, messages."""
    found = {
        "numbers": NumberCounter.objects.aggregate(last=Sum("last"))["last"] or 0,
        "steps": Step.objects.filter(verb="submit").count(),
        "photos": HazardPhoto.objects.count(),
        "trail": AuditEvent.objects.filter(kind="hazards.submit").count(),
        "told": Notice.objects.filter(kind="hazards.staff_submit").count(),
        "messages": Delivery.objects.count(),
        "queued": len([row for row in OrmQ.objects.all() if row.task["func"] == DELIVER]),
    }
    return found, dict.fromkeys(found, cases)


def test_a_report_is_acknowledged_only_when_it_is_whole(town, mortal, on_disk, tmp_path):
    """It dies before each step from the request to the answer, and the phone tries again."""
    ChatRobot.objects.create(grid=town.six, name="群", url=ROBOT)
    photo, note, seen, died = stored_photo(PHOTO), tmp_path / "answer", set(), [True]
    for cases, step in enumerate(steps_until(lambda: not died[-1])):
        fields = form(category="manhole", grid=town.six.pk, description=f"第 {step} 步")
        note.unlink(missing_ok=True)
        died.append(mortal.dies_after(step, send, fields, photo, str(note)))
        there = Hazard.objects.filter(submission_key=fields["submission_key"]).count()
        found, wanted = counted(cases + there)
        assert found == wanted, step
        assert there or not note.exists()
        seen.add((died[-1], there, note.exists()))
        left = len(on_disk()) - SIZES * (cases + there)
        assert left >= 0
        tasks.sweep_files()
        assert on_disk() == named()
        # Sent again, as a phone does that got no answer; the answer is the same each time.
        send(fields, photo, note)
        send(fields, photo, tmp_path / "once more")
        assert note.read_text() == (tmp_path / "once more").read_text()
        found, wanted = counted(cases + 1)
        assert found == wanted, step
        assert on_disk() == named()
    assert seen == {(True, 0, False), (True, 1, False), (False, 1, True)}


def rejected(town, both):
    """A report with files that is to go, with all that hangs on it."""
    case = into(report(town.six, by=town.rider, attachments=both), "rejected", town)
    Hazard.objects.filter(pk=case.pk).update(waiting_since=timezone.now() - timedelta(days=40))
    return case


def listed():
    """Keys on the list of what was erased, those taken back apart."""
    if not erasure_list.path().exists():
        return set()
    lasting = erasure_list.lasting(erasure_list.read(erasure_list.path()))
    return {pk for one in lasting for pk in one.ids}


def test_what_is_erased_is_on_the_list_and_what_is_not_is_whole(town, mortal, on_disk):
    """The job dies before each step; the next night's does the rest."""
    both = Attachments(photos=[stored_photo(PHOTO)], voices=[stored_voice(media.wav(1.0))])
    seen = set()
    for step in range(0, STEPS_MAX, STRIDE):
        case = rejected(town, both)
        files = on_disk()
        died = mortal.dies_after(step, tasks.erase, RULE)
        there = Hazard.objects.filter(pk=case.pk).exists()
        # A restore at this instant forgets at least what is gone.
        assert there or case.pk in listed()
        seen.add((there, case.pk in listed(), len(on_disk())))
        tasks.sweep_files()
        assert on_disk() == (files if there else set())
        assert case.steps.exists() is case.photos.exists() is case.voices.exists() is there
        erasures.settle()
        assert (case.pk in listed()) is not there
        tasks.erase(RULE)
        erasures.settle()
        assert case.pk in listed()
        assert not Hazard.objects.exists()
        assert on_disk() == set()
        assert not FileToRemove.objects.exists()
        assert not Notice.objects.filter(url=case.get_absolute_url()).exists()
        if not died:
            break
    assert not died
    # Before the line, with the line alone, and after the commit with each number of files.
    known = {(True, False, 3), (True, True, 3)} | {(False, True, n) for n in range(4)}
    assert seen == known if STRIDE == 1 else {True, False} == {there for there, *_ in seen}
    assert seen <= known
