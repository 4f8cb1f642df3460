"""Certificates from elsewhere, and two parts settled at once."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tests import media
from tests.factories.hazards import stored_photo
from tests.factories.volunteers import ActivityFactory, held, riders
from tests.threads import at_once
from tests.volunteers.record.training_help import DAY
from volunteers.record import attendance, training_records
from volunteers.skills import qualifications
from volunteers.skills.models import Qualification
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

# --- certificates from elsewhere ----------------------------------------------------------------


def paper(granted, **changed):
    scan = SimpleUploadedFile("paper.jpg", media.jpeg(200, 150), "image/jpeg")
    today = timezone.localdate()
    return {
        "skill": granted.pk,
        "issuer": "红十字会（演示）",
        "since": str(today - 10 * DAY),
        "until": str(today + 10 * DAY),
        "scan": scan,
    } | changed


def test_staff_register_a_certificate_with_its_private_picture(visit, town, skill, stored_files):
    address = reverse("volunteers:person-paper", args=[town.rider.pk])
    assert visit(town.staff).post(address, paper(skill)).status_code == 302
    assert qualifications.in_force(town.rider) == {skill.pk}
    assert len(stored_files()) == 2
    scan = reverse("volunteers:scan", args=[Qualification.objects.get().pk])
    for person, status in (
        (town.rider, 200),
        (town.staff, 200),
        (town.stranger, 404),
        (town.other_staff, 404),
    ):
        answer = visit(person).get(scan)
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    assert AuditEvent.objects.filter(kind="volunteers.scan_viewed").count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"until": "2020-01-01"}, "还没过期"),
        ({"since": "2999-01-01", "until": ""}, "日期不对"),
        ({"issuer": ""}, "要填"),
        ({"skill": "99999"}, "要填"),
        ({"scan": ""}, "照片"),
        ({"scan": SimpleUploadedFile("a.jpg", b"no picture")}, "不是照片"),
    ],
)
def test_nonsense_papers_save_nothing(visit, town, skill, stored_files, changed, words):
    address = reverse("volunteers:person-paper", args=[town.rider.pk])
    answer = visit(town.staff).post(address, paper(skill, **changed))
    assert answer.status_code in (400, 409)
    assert words in answer.content.decode()
    assert not Qualification.objects.exists()
    # A good picture is kept for the next try, and nothing else.
    assert all("drafts" in path.parts for path in stored_files())


def registered(user, skill, town):
    """A certificate from elsewhere, with its picture."""
    return training_records.register_certificate(
        user=user,
        skill=skill,
        issuer="x",
        since=date(2026, 1, 1),
        until=None,
        scan=stored_photo(media.jpeg(64, 48)),
        by=town.staff,
    )


def test_a_registration_that_breaks_off_leaves_no_file(town, skill, stored_files, monkeypatch):
    def break_off(*args, **kwargs):
        raise RuntimeError("the queue is away")

    monkeypatch.setattr(training_records, "_notify", break_off)
    with pytest.raises(RuntimeError):
        registered(town.rider, skill, town)
    assert stored_files() == []
    assert not Qualification.objects.exists()


def test_the_picture_goes_with_an_erased_account(town, skill, stored_files, commit):
    [rider] = riders(1)
    registered(rider, skill, town)
    with commit(), transaction.atomic():
        rider.delete()
        transaction.set_rollback(True)
    assert len(stored_files()) == 2
    with commit():
        type(rider).objects.filter(phone=rider.phone).delete()
    assert stored_files() == []


def test_nobody_registers_their_own(town, skill):
    with pytest.raises(NotAllowedNowError, match="别人"):
        training_records.register_certificate(
            user=town.staff,
            skill=skill,
            issuer="x",
            since=timezone.localdate(),
            until=None,
            scan=None,
            by=town.staff,
        )


# --- two parts settled at once ------------------------------------------------------------------


def both_parts(town, course, rider):
    """Steps that settle the two parts of a course."""
    places = []
    for part in (1, 2):
        activity = ActivityFactory(community=town.community, kind="training", course=course)
        places.append(held(activity, [rider], part=part))
    return lambda: attendance.settle_session(places.pop(), by=town.staff)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_parts_settled_at_once_grant_the_skill_once(town, course, skill):
    [rider] = riders(1)
    at_once(both_parts(town, course, rider))
    assert Qualification.objects.filter(user=rider).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_two_parts_at_once_grant_nothing(town, course, skill, monkeypatch):
    """Negative control: each writes its part, and neither sees the other's."""
    import threading

    barrier = threading.Barrier(2)
    monkeypatch.setattr("volunteers.record.attendance.hold_training", lambda: None)
    real = training_records.grant

    def together(user, course):
        barrier.wait(timeout=20)
        made = real(user, course)
        barrier.wait(timeout=20)
        return made

    monkeypatch.setattr(training_records, "grant", together)
    [rider] = riders(1)
    at_once(both_parts(town, course, rider))
    assert not Qualification.objects.exists()
