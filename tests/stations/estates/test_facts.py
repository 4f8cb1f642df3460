"""Written by riders, confirmed by two others, staff or the property; old by itself; undone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from stations.estates import facts
from stations.estates.facts import Content
from stations.estates.gates import is_old
from stations.estates.models import Estate, EstateFact, FactConfirmation, FactVersion
from stations.estates.presenter import why_of
from tests.factories.workers import UserFactory, WorkerFactory
from tests.stations.estates.help import believed, fact_of, north, written
from tests.threads import meet, together, without_row_locks
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

PARKED = Content(words="车停门外白线里")


def again(version):
    return FactVersion.objects.get(pk=version.pk)


# --- who writes, who confirms -------------------------------------------------------------------


def test_two_others_make_it_public(estate, riders):
    version = written(estate, riders[0])
    assert version.confirmed_at is None
    facts.confirm(version, by=riders[1])
    assert again(version).confirmed_at is None
    facts.confirm(version, by=riders[2])
    found = again(version)
    assert (found.sure_as, found.round) == ("workers", 1)
    told = Notice.objects.get(kind="stations.fact_confirmed")
    assert told.recipient == riders[0]


def test_the_writer_never_counts(estate, riders):
    version = written(estate, riders[0])
    with pytest.raises(NotAllowedNowError, match="你自己写的"):
        facts.confirm(version, by=riders[0])
    facts.confirm(version, by=riders[1])
    assert again(version).confirmed_at is None
    assert FactConfirmation.objects.count() == 1


def test_the_same_worker_twice_never_counts(estate, riders):
    version = written(estate, riders[0])
    facts.confirm(version, by=riders[1])
    with pytest.raises(NotAllowedNowError, match="已经记过你说的"):
        facts.confirm(version, by=riders[1])
    assert again(version).confirmed_at is None
    with pytest.raises(IntegrityError), transaction.atomic():
        FactConfirmation.objects.create(version=version, user=riders[1], role="worker", round=0)


def test_who_is_not_confirmed_writes_nothing(estate, riders, town):
    unconfirmed = UserFactory()
    WorkerFactory(user=unconfirmed, community=town.community)
    for person in (unconfirmed, town.stranger, town.other_staff, town.grid_worker):
        with pytest.raises(NotAllowedNowError, match="登记确认过的骑手才能写"):
            written(estate, person)
    version = written(estate, riders[0])
    for person in (unconfirmed, town.stranger, town.other_staff):
        with pytest.raises(NotAllowedNowError, match="登记确认过的骑手才能说对"):
            facts.confirm(version, by=person)


def test_staff_confirm_alone_and_what_they_write_stands(estate, riders, town):
    version = written(estate, riders[0])
    facts.confirm(version, by=town.staff)
    assert again(version).sure_as == "staff"
    own = written(estate, town.staff, PARKED, "parking")
    assert again(own).sure_as == "staff"


def test_staff_asked_the_property_by_telephone_on_a_day(estate, riders, town, clock):
    version = written(estate, riders[0])
    day = timezone.localdate() - timedelta(days=3)
    with pytest.raises(NotAllowedNowError, match="不能在今天以后"):
        facts.confirm(version, by=town.staff, phoned_on=timezone.localdate() + timedelta(days=1))
    with pytest.raises(NotAllowedNowError, match="不能在今天以后"):
        facts.confirm(version, by=riders[1], phoned_on=day)
    facts.confirm(version, by=town.staff, phoned_on=day)
    found = again(version)
    assert (found.sure_as, found.sure_on) == ("phone", day)
    assert "打物业电话问过，11 月 20 日" in why_of(found)
    # It was so on that day, so it is out of date three days earlier.
    clock(days=177)
    assert is_old(found)


def test_a_gate_of_that_name_is_there_already(estate, riders):
    written(estate, riders[0])
    with pytest.raises(NotAllowedNowError, match="已经有「北门」了"):
        written(estate, riders[1])
    other = written(estate, riders[1], north(name="东门"))
    with pytest.raises(NotAllowedNowError, match="已经有「北门」了"):
        facts.correct(fact_of(other), north(), by=riders[2], seen=other.pk)


def test_enough_is_written(estate, riders, monkeypatch):
    monkeypatch.setattr(facts, "FACTS_MAX", 2)
    for _time in range(2):
        written(estate, riders[0], PARKED, "parking")
    with pytest.raises(NotAllowedNowError, match="已经写了很多条"):
        written(estate, riders[0], PARKED, "parking")


# --- out of date, fact by fact ------------------------------------------------------------------


def test_a_fact_is_out_of_date_by_itself(estate, riders, town, clock):
    """Fact A 179 days old, fact B corrected and undone: two days later A is out of date."""
    gate = believed(estate, riders)
    parking = believed(estate, riders, PARKED, "parking")
    clock(days=179)
    assert not is_old(again(gate))
    newer = facts.correct(
        fact_of(parking), Content(words="车停北边"), by=riders[3], seen=parking.pk
    )
    facts.confirm(newer, by=town.staff)
    facts.undo(newer, by=town.staff)
    assert again(parking).ended_at is None
    clock(days=181)
    assert is_old(again(gate))
    # Nor is B younger for it.
    assert is_old(again(parking))


@pytest.mark.parametrize(("seconds", "old"), [(-1, False), (0, True)])
def test_half_a_year_to_the_second(estate, riders, clock, seconds, old):
    version = again(believed(estate, riders))
    clock(days=180, seconds=seconds)
    assert is_old(version) is old


def test_two_others_again_renew_it(estate, riders, clock):
    version = believed(estate, riders)
    clock(days=170)
    facts.confirm(version, by=riders[1])
    assert again(version).sure_at < timezone.now() - timedelta(days=169)
    facts.confirm(version, by=riders[3])
    assert again(version).round == 2
    clock(days=300)
    assert not is_old(again(version))


def test_who_said_so_too_long_ago_does_not_count(estate, riders, clock):
    version = written(estate, riders[0])
    facts.confirm(version, by=riders[1])
    clock(days=181)
    facts.confirm(version, by=riders[2])
    assert again(version).confirmed_at is None


# --- correcting, undoing, taking down -----------------------------------------------------------


def test_a_correction_waits_while_the_old_one_is_shown(estate, riders):
    first = believed(estate, riders)
    second = facts.correct(
        fact_of(first), north(closes=None, opens=None), by=riders[3], seen=first.pk
    )
    assert list(FactVersion.objects.shown()) == [first]
    for rider in riders[:2]:
        facts.confirm(second, by=rider)
    assert list(FactVersion.objects.shown()) == [second]
    assert again(first).end == "replaced"


def test_a_correction_of_what_waits_takes_its_place(estate, riders):
    first = written(estate, riders[0])
    second = facts.correct(
        fact_of(first), north(closes=None, opens=None), by=riders[1], seen=first.pk
    )
    with pytest.raises(NotAllowedNowError, match="已经有人改过了"):
        facts.confirm(first, by=riders[2])
    # Whoever wrote the first may confirm the second.
    facts.confirm(second, by=riders[0])
    facts.confirm(second, by=riders[2])
    assert again(second).confirmed_at


def test_whoever_saw_an_older_version_looks_first(estate, riders):
    first = believed(estate, riders)
    facts.correct(fact_of(first), north(words="夜里按铃"), by=riders[3], seen=first.pk)
    with pytest.raises(NotAllowedNowError, match="已经有人刚改过"):
        facts.correct(fact_of(first), north(words="白天按铃"), by=riders[1], seen=first.pk)


def test_staff_undo_and_nobody_else(estate, riders, town):
    first = believed(estate, riders)
    second = facts.correct(fact_of(first), north(bikes="shut"), by=riders[3], seen=first.pk)
    facts.confirm(second, by=town.staff)
    for person in (riders[0], town.other_staff):
        with pytest.raises(NotAllowedNowError, match="你不管这个小区"):
            facts.undo(second, by=person)
    facts.undo(second, by=town.staff)
    assert list(FactVersion.objects.shown()) == [first]
    with pytest.raises(NotAllowedNowError, match="已经有人改过了"):
        facts.undo(second, by=town.staff)
    assert Notice.objects.get(kind="stations.fact_undone").recipient == riders[3]


def test_staff_decide_what_the_property_wants_down(estate, riders, town):
    version = believed(estate, riders)
    fact = fact_of(version)
    facts.ask_down(fact, words="门要换了", estate=estate)
    assert Notice.objects.get(kind="stations.fact_down_asked").recipient == town.staff
    with pytest.raises(NotAllowedNowError, match="已经请求过了"):
        facts.ask_down(fact, words="", estate=estate)
    assert FactVersion.objects.shown().exists()
    facts.leave_up(fact, by=town.staff)
    with pytest.raises(NotAllowedNowError, match="已经处理过了"):
        facts.leave_up(fact, by=town.staff)
    with pytest.raises(NotAllowedNowError, match="你不管这个小区"):
        facts.take_down(fact, by=riders[0])
    facts.take_down(fact, by=town.staff)
    assert not FactVersion.objects.shown().exists()
    with pytest.raises(NotAllowedNowError, match="已经撤下了"):
        facts.confirm(version, by=riders[3])


def test_the_trail_knows_role_and_key_and_no_words(estate, riders, town):
    version = written(estate, riders[0])
    facts.confirm(version, by=town.staff)
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", "actor_role"))
    assert kinds == [
        ("stations.write_fact", "worker"),
        ("stations.confirm_fact", "community_staff"),
    ]
    assert "抬杆" not in str(list(AuditEvent.objects.values_list("changes", flat=True)))


def test_whoever_leaves_is_nobody_and_the_fact_stays(estate, riders):
    version = believed(estate, riders)
    for rider in riders:
        rider.delete()
    found = again(version)
    assert (found.written_by, found.written_as) == (None, "worker")
    assert set(found.confirmations.values_list("user", flat=True)) == {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"agreement": "走北门"},
        {"latitude": None},
        {"name": "示意小区甲", "slug": "other"},
    ],
)
def test_the_database_refuses_nonsense_of_an_estate(estate, town, wrong):
    fields = {"community": town.community, "name": "示意小区乙", "slug": "e-yi"}
    fields |= {"latitude": 46.5, "longitude": 124.9} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        Estate.objects.create(**fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": "06:00"},
        {"sure_as": "staff"},
        {"end": "undone"},
        {"latitude": 46.5},
    ],
)
def test_the_database_refuses_nonsense_of_a_version(estate, wrong):
    fact = EstateFact.objects.create(estate=estate, kind="gate")
    with pytest.raises(IntegrityError), transaction.atomic():
        FactVersion.objects.create(fact=fact, written_as="worker", **wrong)


def test_one_version_waits_and_one_is_shown(estate, riders):
    version = written(estate, riders[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        FactVersion.objects.create(fact=version.fact, written_as="worker")
    shown = believed(estate, riders, PARKED, "parking")
    sure = {"confirmed_at": shown.confirmed_at, "sure_at": shown.sure_at, "sure_as": "staff"}
    with pytest.raises(IntegrityError), transaction.atomic():
        FactVersion.objects.create(
            fact=shown.fact, written_as="worker", sure_on=shown.sure_on, **sure
        )


# --- at one instant -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_confirm_at_once_and_it_is_believed(estate, riders):
    version = written(estate, riders[0])
    together(
        lambda: facts.confirm(version, by=riders[1]),
        lambda: facts.confirm(version, by=riders[2]),
    )
    found = again(version)
    assert (found.sure_as, found.round) == ("workers", 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_neither_of_the_two_sees_the_other(estate, riders, monkeypatch):
    version = written(estate, riders[0])
    without_row_locks(monkeypatch)
    meet(monkeypatch, facts, "agreeing_of")
    together(
        lambda: facts.confirm(version, by=riders[1]),
        lambda: facts.confirm(version, by=riders[2]),
    )
    assert version.confirmations.count() == 2
    assert again(version).confirmed_at is None


@pytest.mark.django_db(transaction=True)
def test_one_worker_twice_at_once_is_one(estate, riders):
    version = written(estate, riders[0])
    told = together(*[lambda: facts.confirm(version, by=riders[1])] * 2)
    assert sorted(type(one).__name__ for one in told) == ["FactVersion", "NotAllowedNowError"]
    assert (version.confirmations.count(), again(version).confirmed_at) == (1, None)


@pytest.mark.django_db(transaction=True)
def test_two_correct_at_once_one_is_told(estate, riders):
    version = believed(estate, riders)
    fact = fact_of(version)
    told = together(
        lambda: facts.correct(fact, north(words="一"), by=riders[1], seen=version.pk),
        lambda: facts.correct(fact, north(words="二"), by=riders[2], seen=version.pk),
    )
    assert sorted(type(one).__name__ for one in told) == ["FactVersion", "NotAllowedNowError"]
