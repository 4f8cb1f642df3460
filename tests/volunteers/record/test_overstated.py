"""Minutes are taken back after they were certified: the certificate says more than is true."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, held
from volunteers.record import attendance, certificates, service_records
from volunteers.record.attendance import Mark
from volunteers.record.models.certificates import Certificate

SIGNED = {"person_in_charge": "主任（演示）", "contact": "0459-0000000"}


@pytest.fixture
def places(town):
    """The rider took part in two sessions of an hour each, two and three days ago."""
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    rows = [held(activity, [town.rider], days=days) for days in (2, 3)]
    return [attendance.settle_session(place, by=town.staff) for place in rows]


def issued(town, **period):
    asked = certificates.request(town.rider, community=town.community, **period)
    return certificates.issue(asked, by=town.staff, **SIGNED)


def state_of(certificate):
    return Certificate.objects.get(pk=certificate.pk).state


def absent(town, place):
    marks = {f"u{town.rider.pk}": Mark("absent")}
    attendance.correct_attendance(place, by=town.staff, reason="没来", marks=marks)


def by_hand(town, minutes, days=2):
    return service_records.enter_by_hand(
        user=town.rider,
        community=town.community,
        minutes=minutes,
        on=timezone.localdate() - timedelta(days=days),
        content="更正",
        reason="记错了",
        by=town.staff,
    )


def test_minutes_taken_off_the_list_void_what_certified_them(town, places, client):
    certificate = issued(town)
    absent(town, places[0])
    certificate.refresh_from_db()
    assert (certificate.state, certificate.minutes) == ("revoked", 120)
    assert "60 分钟" in certificate.end_reason
    assert "已作废" in client.get(certificate.get_check_url()).content.decode()
    told = town.rider.notices.get(kind="volunteers.certificate_revoked")
    assert certificate.end_reason in told.body
    assert town.staff.notices.filter(kind="volunteers.staff_certificate_overstated").exists()


def test_a_correction_by_hand_voids_it_once_it_counts(town, places, colleague):
    certificate = issued(town)
    entry = by_hand(town, -30)
    assert state_of(certificate) == "valid"
    service_records.answer_entry(entry, by=colleague, is_accepted=True)
    assert state_of(certificate) == "revoked"


def test_a_correction_that_was_refused_changes_nothing(town, places, colleague):
    certificate = issued(town)
    entry = by_hand(town, -30)
    service_records.answer_entry(entry, by=colleague, is_accepted=False, reason="没有记错")
    assert state_of(certificate) == "valid"


def test_what_still_covers_the_certified_minutes_leaves_it_valid(town, places, colleague):
    certificate = issued(town)
    service_records.answer_entry(by_hand(town, 90), by=colleague, is_accepted=True)
    absent(town, places[0])
    assert state_of(certificate) == "valid"


def test_a_certificate_of_other_days_stays(town, places):
    day = timezone.localdate(places[1].starts_at)
    certificate = issued(town, start=day, end=day)
    absent(town, places[0])
    assert state_of(certificate) == "valid"
