"""The locks around entries, certificates, warnings and calendars, shown by taking them away.

As in test_controls.py, two meet after both have read what they decide by.
"""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, SkillFactory, held, riders
from tests.threads import PATIENCE, at_once, meet, together, wait_for, without_row_locks
from tests.volunteers.activities.test_controls import names
from tests.volunteers.record.test_certificates import SIGNED, issued
from tests.volunteers.record.test_service_records import by_hand
from tests.volunteers.record.test_training import own
from volunteers.activities import calendar_feeds
from volunteers.activities.models.calendar_feeds import CalendarFeed
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record import attendance, certificates, service_records, training_records
from volunteers.record.attendance import Mark
from volunteers.record.models.service_records import Confirmation, ServiceRecord
from yuanhang.core import audit, locked_transitions
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("rows_come_back"),
]


def told(*kinds):
    """The trail of these kinds, in order."""
    wanted = [f"volunteers.{kind}" for kind in kinds]
    return list(AuditEvent.objects.filter(kind__in=wanted).order_by("pk").values_list("kind"))


# --- a second person's word on an entry ---------------------------------------------------------


def two_answer(town, colleague, monkeypatch):
    entry = by_hand(town)
    meet(monkeypatch, Confirmation.objects, "create", after=False)
    return names(
        at_once(lambda: service_records.answer_entry(entry, by=colleague, is_accepted=True))
    )


def test_an_entry_is_answered_once(town, colleague, monkeypatch):
    assert two_answer(town, colleague, monkeypatch) == ["Confirmation", "NotAllowedNowError"]


def test_without_the_lock_the_constraint_refuses_and_somebody_sees_an_error(
    town, colleague, monkeypatch
):
    without_row_locks(monkeypatch)
    assert two_answer(town, colleague, monkeypatch) == ["Confirmation", "IntegrityError"]


def corrected_while_answered(town, colleague, monkeypatch):
    """A late absence is not believed while the leader says "late" instead; what the leader gets."""
    [rider] = riders(1)
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place = held(activity, [rider], days=2)
    attendance.settle_session(place, by=town.staff)
    week = timedelta(days=8)
    ActivitySession.objects.filter(pk=place.pk).update(
        starts_at=place.starts_at - week, ends_at=place.ends_at - week
    )
    key, how = f"u{rider.pk}", {"by": town.staff, "reason": "看错了"}
    attendance.correct_attendance(place, marks={key: Mark("absent")}, **how)
    entry = ServiceRecord.objects.pending().get()
    real, has_read, is_answered = service_records.minutes_of, threading.Event(), threading.Event()

    def read_and_wait(session, user):
        minutes = real(session, user)
        has_read.set()
        wait_for(is_answered)
        return minutes

    def answer():
        has_read.wait(timeout=PATIENCE)
        service_records.answer_entry(entry, by=colleague, is_accepted=False, reason="他来了")
        is_answered.set()

    monkeypatch.setattr(service_records, "minutes_of", read_and_wait)
    got, _answered = together(
        lambda: attendance.correct_attendance(place, marks={key: Mark("late", 30)}, **how), answer
    )
    assert ServiceRecord.objects.counting().total() == 60
    return type(got).__name__


def test_a_list_is_not_corrected_while_an_entry_of_it_waits(town, colleague, monkeypatch):
    assert corrected_while_answered(town, colleague, monkeypatch) == "NotAllowedNowError"


def test_without_the_lock_only_the_table_refuses_minutes_that_were_never_away(
    town, colleague, monkeypatch
):
    without_row_locks(monkeypatch)
    assert corrected_while_answered(town, colleague, monkeypatch) == "IntegrityError"


# --- certificates -------------------------------------------------------------------------------


@pytest.fixture
def certificate(town):
    """A valid one, and hours that came after it."""
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    made = issued(town)
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    return made


def two_revoke(certificate, town, monkeypatch):
    meet(monkeypatch, locked_transitions, "check")  # nobody has written anything yet
    return names(at_once(lambda: certificates.revoke(certificate, by=town.staff, reason="写错")))


def test_a_certificate_is_revoked_once(town, certificate, monkeypatch):
    assert two_revoke(certificate, town, monkeypatch) == ["Certificate", "NotAllowedNowError"]
    assert len(told("revoke")) == 1


def test_without_the_lock_it_is_revoked_twice(town, certificate, monkeypatch):
    without_row_locks(monkeypatch)
    assert two_revoke(certificate, town, monkeypatch) == ["Certificate", "Certificate"]
    assert len(told("revoke")) == 2


def revoked_while_superseded(certificate, town, monkeypatch):
    """Staff declare one void while a colleague issues its successor; what the trail says."""
    asked = certificates.request(town.rider, community=town.community)
    # Both have read it as valid; what is written of the successor before that is nobody's matter.
    ends = ("volunteers.revoke", "volunteers.supersede")
    meet(monkeypatch, audit, "event", after=False, when=lambda kind, *_more, **_named: kind in ends)
    together(
        lambda: certificates.issue(asked, by=town.staff, **SIGNED),
        lambda: certificates.revoke(certificate, by=town.staff, reason="写错"),
    )
    return len(told("revoke", "supersede"))


def test_a_certificate_ends_one_way(town, certificate, monkeypatch):
    assert revoked_while_superseded(certificate, town, monkeypatch) == 1


def test_without_the_lock_it_ends_both_ways(town, certificate, monkeypatch):
    without_row_locks(monkeypatch)
    assert revoked_while_superseded(certificate, town, monkeypatch) == 2


# --- warnings and calendars ---------------------------------------------------------------------


def two_jobs_warn(town, monkeypatch):
    today = timezone.localdate()
    own(town.rider, SkillFactory(), today + timedelta(days=10))
    meet(monkeypatch, training_records, "stage_of")
    return sorted(at_once(training_records.warn_expiries))


def test_two_jobs_warn_once(town, monkeypatch):
    assert two_jobs_warn(town, monkeypatch) == [0, 1]


def test_without_the_lock_both_would_and_the_notices_key_still_refuses(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert two_jobs_warn(town, monkeypatch) == [1, 1]
    assert Notice.objects.filter(kind="volunteers.skill_ends").count() == 1


def two_renew(town, monkeypatch):
    calendar_feeds.renew_feed(by=town.rider)
    meet(monkeypatch, audit, "record", after=False)
    assert names(at_once(lambda: calendar_feeds.renew_feed(by=town.rider))) == ["CalendarFeed"] * 2
    assert CalendarFeed.objects.count() == 1
    return len(told("end_feed"))


def test_an_address_ends_once(town, monkeypatch):
    """The second tap waits, and what it then ends is nothing or the first tap's new address."""
    assert two_renew(town, monkeypatch) == 1


def test_without_the_lock_the_same_address_ends_twice(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert two_renew(town, monkeypatch) == 2
