"""The people's rows: what the database refuses, who sees whom, which notice is in force."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import ProtectedError
from django.utils import timezone

from tests.core.test_models import refused
from tests.factories.stations import CommunityFactory, StationFactory
from tests.factories.workers import UserFactory, WorkerFactory, post
from workers.access import can_confirm, worker_of
from workers.models import Consent, Platform, PrivacyNotice, Worker
from yuanhang.core.models import User

HOUR = timedelta(hours=1)


def notice(version="2026-12", published=-HOUR):
    published_at = None if published is None else timezone.now() + published
    return PrivacyNotice.objects.create(version=version, text="说明", published_at=published_at)


def consent(worker, purpose=Consent.Purpose.SKILLS, **fields):
    return Consent.objects.create(
        worker=worker, purpose=purpose, notice=PrivacyNotice.current(), **fields
    )


# --- what the database refuses --------------------------------------------------------------


def test_a_user_registers_once(town):
    with refused("workers_worker_user_id_key"):
        WorkerFactory(user=town.rider, community=town.other)


def test_who_confirmed_did_so_at_some_time(town):
    with refused("worker_confirmer_needs_time"):
        Worker.objects.update(confirmed_by=town.staff)
    Worker.objects.update(confirmed_by=town.staff, confirmed_at=timezone.now())
    Worker.objects.update(confirmed_by=None)


def test_one_consent_to_a_purpose_is_in_force_at_a_time(town):
    worker = town.rider.worker
    consent(worker, withdrawn_at=timezone.now() + HOUR)
    consent(worker, withdrawn_at=timezone.now() + HOUR)
    consent(worker)
    consent(worker, Consent.Purpose.PARTY)
    with refused("consent_in_force_once"):
        consent(worker)
    assert worker.consents.in_force().count() == 2


def test_a_consent_is_not_withdrawn_before_it_was_given(town):
    with refused("consent_withdrawn_after_given"):
        consent(town.rider.worker, withdrawn_at=timezone.now() - HOUR)


def test_platforms_and_versions_are_named_once(db):
    with refused("workers_platform_name_key"):
        Platform.objects.create(name=Platform.objects.first().name)
    with refused("workers_privacynotice_version_key"):
        notice(PrivacyNotice.current().version)


def test_a_notice_that_somebody_accepted_is_not_deleted(town):
    consent(town.rider.worker)
    with pytest.raises(ProtectedError):
        PrivacyNotice.current().delete()


# --- the notice in force --------------------------------------------------------------------


def test_the_newest_published_notice_is_in_force(db):
    first = PrivacyNotice.current()
    assert first.version == "2026-11"
    draft, planned = notice("draft", None), notice("planned", HOUR)
    assert PrivacyNotice.current() == first
    second = notice("2026-12")
    assert PrivacyNotice.current() == second
    planned.published_at = timezone.now()
    planned.save()
    assert PrivacyNotice.current() == planned
    PrivacyNotice.objects.exclude(pk=draft.pk).delete()
    assert PrivacyNotice.current() is None


def test_the_platforms_to_choose_from_are_loaded(db):
    names = list(Platform.objects.values_list("name", flat=True))
    assert len(names) == 17
    assert (names[0], names[-1]) == ("美团", "其他")


# --- who sees whom --------------------------------------------------------------------------


@pytest.fixture
def registered(town):
    """Three registrations: here, here without the station, and in the other community."""
    town.keeper = UserFactory()
    post(town.keeper, "station_keeper", town.station)
    town.late_staff = UserFactory()
    post(town.late_staff, "community_staff", town.community)
    past = timezone.localdate() - timedelta(days=1)
    town.late_staff.postings.update(start=past, end=past)
    town.here = town.rider.worker
    town.stationless = WorkerFactory(community=town.community)
    town.there = WorkerFactory(community=town.other, station=None)
    return town


def test_people_see_themselves_and_staff_those_of_their_place(registered):
    town = registered
    everyone = {town.here, town.stationless, town.there}
    expected = {
        "rider": {town.here},
        "stranger": set(),
        "grid_worker": set(),
        "officer": set(),
        "staff": {town.here, town.stationless},
        "other_staff": {town.there},
        "keeper": {town.here},
        "late_staff": set(),
        "admin": everyone,
    }
    seen = {name: set(Worker.objects.visible_to(getattr(town, name))) for name in expected}
    assert seen == expected
    assert set(Worker.objects.visible_to(AnonymousUser())) == set()


def test_a_rider_at_a_station_elsewhere_is_seen_by_both_places_once(registered):
    """Registered at one community's station but belonging to another: no row comes twice."""
    town = registered
    both = WorkerFactory(community=town.other, station=town.station)
    post(town.other_staff, "station_keeper", town.station)
    user = User.objects.get(pk=town.other_staff.pk)
    seen = list(Worker.objects.visible_to(user))
    assert sorted(worker.pk for worker in seen) == sorted([town.here.pk, town.there.pk, both.pk])


def test_whoever_may_act_on_a_registration_sees_it(registered):
    acting = set()
    for user in [AnonymousUser(), *User.objects.all()]:
        seen = set(Worker.objects.visible_to(user))
        for worker in Worker.objects.all():
            confirms = can_confirm(user, worker)
            assert not confirms or worker in seen
            acting |= {(user, worker)} if confirms else set()
    town = registered
    assert acting == {
        (town.staff, town.here),
        (town.staff, town.stationless),
        (town.other_staff, town.there),
        (town.admin, town.here),
        (town.admin, town.stationless),
        (town.admin, town.there),
    }


def test_a_registration_is_looked_up_once_per_request(town, django_assert_num_queries):
    user, nobody = User.objects.get(pk=town.rider.pk), User.objects.get(pk=town.stranger.pk)
    with django_assert_num_queries(1):
        for _ in range(3):
            assert worker_of(user).community == town.community
            assert worker_of(user).station == town.station
    with django_assert_num_queries(1):
        for _ in range(3):
            assert worker_of(nobody) is None
    with django_assert_num_queries(0):
        assert worker_of(AnonymousUser()) is None


def test_those_that_wait_are_those_nobody_confirmed(town):
    confirmed = WorkerFactory(community=town.community, confirmed_at=timezone.now())
    assert set(Worker.objects.waiting()) == {town.rider.worker}
    assert confirmed.is_confirmed
    assert not town.rider.worker.is_confirmed


def test_a_registration_survives_its_station_but_not_its_account(town):
    worker = WorkerFactory(community=town.community, station=StationFactory(community=town.other))
    worker.station.delete()
    worker.refresh_from_db()
    assert worker.station is None
    worker.user.delete()
    assert not Worker.objects.filter(pk=worker.pk).exists()


def test_a_registration_is_called_like_its_person(db):
    worker = WorkerFactory.build(
        user=UserFactory.build(display_name="阿卜杜·热西提"), community=CommunityFactory.build()
    )
    assert str(worker) == "阿卜杜·热西提"
