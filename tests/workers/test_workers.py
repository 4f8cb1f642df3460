"""Joining, correcting, consenting, confirming: every verb through its door."""

import threading
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.stations import CommunityFactory
from tests.factories.workers import PASSWORD, UserFactory, WorkerFactory, post
from tests.threads import at_once
from workers import workers
from workers.access import can_reset_password
from workers.models import Consent, PrivacyNotice, Worker, WorkerQuerySet
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.outbox.models import Notice

Purpose = Consent.Purpose
FACTS = {
    "free_times": ["weekend_morning"],
    "skills": "急救、电工",
    "party": "member",
    "help_times": ["noon"],
}
EMPTY = {"free_times": [], "skills": "", "party": "", "help_times": []}
OPTIONAL = [Purpose.FREE_TIMES, Purpose.SKILLS, Purpose.PARTY, Purpose.HELP_TIMES]


def register(town, consents=(), **fields):
    user = fields.pop("user", None) or UserFactory()
    fields.setdefault("job", Worker.Job.COURIER)
    fields.setdefault("community", town.community)
    return workers.register(user=user, consents=consents, **fields)


def facts(worker):
    worker.refresh_from_db()
    return {name: getattr(worker, name) for name in EMPTY}


def in_force(worker):
    return set(worker.consents.in_force().values_list("purpose", flat=True))


def publish(version):
    return PrivacyNotice.objects.create(version=version, text="新说明", published_at=timezone.now())


def test_every_optional_fact_hangs_on_a_consent_of_its_own():
    assert set(workers.OPTIONAL) == set(Purpose) - {Purpose.BASIC}
    assert {name for name, _empty in workers.OPTIONAL.values()} == set(EMPTY)


# --- joining --------------------------------------------------------------------------------


def test_registering_stores_the_facts_and_tells_the_staff_of_that_community(town):
    user = UserFactory()
    worker = register(
        town,
        user=user,
        station=town.station,
        usual_grids=[town.six, town.far],
        wants_sms=True,
        wants_activity_notices=True,
        **EMPTY,
    )
    worker.refresh_from_db()
    assert (worker.user, worker.community, worker.station) == (user, town.community, town.station)
    assert (worker.job, worker.wants_sms, worker.wants_activity_notices) == ("courier", True, True)
    assert set(worker.usual_grids.all()) == {town.six, town.far}
    assert not worker.is_confirmed
    told = Notice.objects.get()
    assert (told.recipient, told.kind) == (town.staff, "workers.staff_registered")
    assert (told.title, told.body) == ("有人新登记：快递小哥", "远航社区，等你确认。")
    assert user.phone not in told.title + told.body
    event = AuditEvent.objects.get()
    assert (event.kind, event.target_id, event.actor_id) == (
        "workers.register",
        str(worker.pk),
        user.pk,
    )


def test_facts_without_their_consent_are_not_stored(town):
    worker = register(town, **FACTS)
    assert facts(worker) == EMPTY
    assert in_force(worker) == {Purpose.BASIC}


@pytest.mark.parametrize("purpose", OPTIONAL)
def test_each_consent_keeps_its_own_fact_and_no_other(town, purpose):
    worker = register(town, [purpose], **FACTS)
    name = workers.OPTIONAL[purpose][0]
    assert facts(worker) == EMPTY | {name: FACTS[name]}
    assert in_force(worker) == {Purpose.BASIC, purpose}


def test_a_consent_remembers_the_version_that_was_accepted(town):
    early = register(town, [Purpose.SKILLS], **FACTS)
    second = publish("2026-12")
    late = register(town, [Purpose.SKILLS], **FACTS)
    versions = {
        worker: set(worker.consents.values_list("purpose", "notice__version"))
        for worker in (early, late)
    }
    assert versions == {
        early: {("basic", "2026-11"), ("skills", "2026-11")},
        late: {("basic", second.version), ("skills", second.version)},
    }


def test_without_a_published_notice_nobody_registers_and_nothing_is_left(town):
    PrivacyNotice.objects.update(published_at=None)
    before = (Worker.objects.count(), AuditEvent.objects.count(), Notice.objects.count())
    with pytest.raises(NotAllowedNowError, match="个人信息告知还没有发布"):
        register(town)
    after = (Worker.objects.count(), AuditEvent.objects.count(), Notice.objects.count())
    assert after == before
    assert not Consent.objects.exists()


def test_the_trail_names_the_purposes_but_never_what_was_said(town):
    worker = register(town, OPTIONAL, **FACTS)
    workers.correct(worker, by=worker.user, consents=OPTIONAL, display_name="新名字", **FACTS)
    workers.withdraw_consent(worker, Purpose.PARTY, by=worker.user)
    trail = str(list(AuditEvent.objects.values_list("changes", flat=True)))
    assert "party" in trail
    for value in ("急救", "member", "weekend_morning", "新名字", worker.user.phone):
        assert value not in trail


# --- correcting -----------------------------------------------------------------------------


def test_people_correct_what_they_told(town):
    worker = register(town, usual_grids=[town.six], **EMPTY)
    workers.correct(
        worker,
        by=worker.user,
        display_name="阿卜杜·热西提",
        usual_grids=[town.one],
        job=Worker.Job.DRIVER,
        wants_sms=True,
    )
    worker.refresh_from_db()
    assert User.objects.get(pk=worker.user_id).display_name == "阿卜杜·热西提"
    assert (worker.job, worker.wants_sms) == ("driver", True)
    assert set(worker.usual_grids.all()) == {town.one}
    event = AuditEvent.objects.get(kind="workers.correct")
    assert (event.actor_id, event.changes) == (worker.user_id, {"fields": ["job", "wants_sms"]})


def test_what_is_not_mentioned_stays(town):
    worker = register(town, usual_grids=[town.six], **EMPTY)
    name = worker.user.display_name
    workers.correct(worker, by=worker.user, wants_sms=True)
    worker.refresh_from_db()
    assert (worker.job, set(worker.usual_grids.all())) == ("courier", {town.six})
    assert User.objects.get(pk=worker.user_id).display_name == name


def test_a_new_fact_comes_with_a_consent_under_the_notice_of_that_day(town):
    worker = register(town, [Purpose.SKILLS], **FACTS)
    publish("2026-12")
    workers.correct(worker, by=worker.user, consents=[Purpose.SKILLS, Purpose.PARTY], **FACTS)
    assert facts(worker) == EMPTY | {"skills": "急救、电工", "party": "member"}
    assert set(worker.consents.values_list("purpose", "notice__version")) == {
        ("basic", "2026-11"),
        ("skills", "2026-11"),
        ("party", "2026-12"),
    }


def test_a_consent_no_longer_ticked_is_withdrawn_and_its_fact_erased(town):
    worker = register(town, OPTIONAL, **FACTS)
    workers.correct(worker, by=worker.user, consents=[Purpose.SKILLS], **FACTS)
    assert facts(worker) == EMPTY | {"skills": "急救、电工"}
    assert in_force(worker) == {Purpose.BASIC, Purpose.SKILLS}
    withdrawn = worker.consents.filter(withdrawn_at__isnull=False)
    assert set(withdrawn.values_list("purpose", flat=True)) == {"free_times", "party", "help_times"}


# --- withdrawing ----------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", OPTIONAL)
def test_withdrawing_erases_the_fact_at_once_and_keeps_the_rest(town, purpose):
    worker = register(town, OPTIONAL, **FACTS)
    workers.withdraw_consent(worker, purpose, by=worker.user)
    name = workers.OPTIONAL[purpose][0]
    assert facts(worker) == FACTS | {name: EMPTY[name]}
    assert in_force(worker) == set(Purpose) - {purpose}
    stamped = worker.consents.get(purpose=purpose)
    assert stamped.withdrawn_at >= stamped.given_at
    with pytest.raises(NotAllowedNowError, match="本来就没有同意过"):
        workers.withdraw_consent(worker, purpose, by=worker.user)


def test_a_consent_can_be_given_again_and_both_are_remembered(town):
    worker = register(town, [Purpose.SKILLS], **FACTS)
    workers.withdraw_consent(worker, Purpose.SKILLS, by=worker.user)
    workers.correct(worker, by=worker.user, consents=[Purpose.SKILLS], **FACTS)
    assert facts(worker)["skills"] == "急救、电工"
    assert worker.consents.filter(purpose=Purpose.SKILLS).count() == 2


@pytest.mark.parametrize("purpose", ["basic", "", "everything", "\x00", "x" * 5000])
def test_the_registration_itself_is_ended_at_the_desk(town, purpose):
    worker = register(town, OPTIONAL, **FACTS)
    with pytest.raises(NotAllowedNowError, match="到驿站前台"):
        workers.withdraw_consent(worker, purpose, by=worker.user)
    assert facts(worker) == FACTS
    assert in_force(worker) == set(Purpose)


# --- confirming -----------------------------------------------------------------------------


def test_confirming_tells_the_person_and_happens_once(town):
    worker = workers.confirm(town.rider.worker, by=town.staff)
    assert worker.is_confirmed
    assert worker.confirmed_by == town.staff
    told = town.rider.notices.get()
    assert (told.kind, told.title, told.url) == (
        "workers.confirmed",
        "你的登记确认好了",
        "/workers/me/",
    )
    with pytest.raises(NotAllowedNowError, match="已经确认过了。"):
        workers.confirm(town.rider.worker, by=town.admin)
    worker.refresh_from_db()
    assert worker.confirmed_by == town.staff
    assert Notice.objects.count() == AuditEvent.objects.count() == 1


@pytest.fixture
def waiting(transactional_db):
    """A committed registration and somebody who may confirm it."""
    return WorkerFactory(community=CommunityFactory()), UserFactory()


def confirmed_at_once(waiting):
    worker, staff = waiting
    results = at_once(lambda: workers.confirm(Worker(pk=worker.pk), by=staff))
    return sorted(type(result).__name__ for result in results)


def test_two_who_confirm_at_the_same_instant_are_one_success_and_one_answer(waiting):
    assert confirmed_at_once(waiting) == ["NotAllowedNowError", "Worker"]
    assert AuditEvent.objects.count() == Notice.objects.count() == 1


def test_without_the_lock_both_would_confirm(waiting, monkeypatch):
    """The control: with the row read but not locked, the test above sees two successes."""
    both_read = threading.Barrier(2)

    class Unlocked:
        def __init__(self, rows):
            self.rows = rows

        def get(self, **which):
            row = self.rows.get(**which)
            both_read.wait(timeout=10)
            return row

    monkeypatch.setattr(WorkerQuerySet, "select_for_update", lambda rows: Unlocked(rows))
    assert confirmed_at_once(waiting) == ["Worker", "Worker"]
    assert AuditEvent.objects.count() == 2


# --- a forgotten password -------------------------------------------------------------------


def test_a_new_password_opens_the_account_ends_other_sessions_and_is_kept_nowhere(town):
    elsewhere = Client()
    elsewhere.force_login(town.rider)
    password = workers.reset_password(town.rider.worker, by=town.staff)
    user = User.objects.get(pk=town.rider.pk)
    assert user.check_password(password)
    assert not user.check_password(PASSWORD)
    assert elsewhere.get("/workers/me/").status_code == 302
    assert workers.reset_password(town.rider.worker, by=town.staff) != password
    kept = str(list(AuditEvent.objects.values())) + str(list(Notice.objects.values()))
    assert password not in kept
    assert [told.kind for told in town.rider.notices.all()] == ["workers.password_reset"] * 2


def test_staff_reset_for_riders_of_their_place_but_never_take_over_a_colleague(town):
    colleague = WorkerFactory(user=town.grid_worker, community=town.community)
    insider = WorkerFactory(user=UserFactory(is_staff=True), community=town.community)
    there = WorkerFactory(community=town.other)
    workers = {town.rider.worker, colleague, insider, there}
    may = {
        name: {worker for worker in workers if can_reset_password(getattr(town, name), worker)}
        for name in ("staff", "other_staff", "admin", "rider", "officer", "grid_worker")
    }
    assert may == {
        "staff": {town.rider.worker},
        "other_staff": {there},
        "admin": workers,
        "rider": set(),
        "officer": set(),
        "grid_worker": set(),
    }
    past = timezone.localdate() - timedelta(days=1)
    town.grid_worker.postings.update(start=past, end=past)
    former = Worker.objects.get(pk=colleague.pk)
    assert can_reset_password(town.staff, former)
    post(former.user, "station_keeper", town.station)
    assert not can_reset_password(town.staff, Worker.objects.get(pk=colleague.pk))
