"""The ledger: the total is the sum of its parts, and nobody can buy hours."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories.stations import CommunityFactory
from tests.factories.volunteers import ActivityFactory, held, riders, session
from tests.factories.workers import UserFactory
from tests.threads import at_once
from volunteers.record import attendance, commendations, service_records
from volunteers.record.attendance import Mark
from volunteers.record.models.service_records import Commendation, Confirmation, ServiceRecord
from volunteers.record.presenter import record_of
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

HAND = {"content": "送药", "reason": "当天没有网"}


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff)


def by_hand(town, *, by=None, minutes=60, user=None, days=1):
    return service_records.enter_by_hand(
        user=user or town.rider,
        community=town.community,
        minutes=minutes,
        on=timezone.localdate() - timedelta(days=days),
        by=by or town.staff,
        **HAND,
    )


# --- properties ---------------------------------------------------------------------------------

KINDS = st.sampled_from(["present", "absent", "late", "left_early"])
STEP = st.one_of(
    st.tuples(st.just("correct"), st.integers(0, 2), KINDS, st.integers(-5, 100)),
    st.tuples(st.just("hand"), st.integers(0, 2), st.integers(-200, 200)),
    st.tuples(st.just("answer"), st.integers(0, 9), st.booleans(), st.integers(0, 3)),
    st.tuples(st.just("future"), st.integers(0, 2)),
)


class TheTotalIsTheSumOfItsParts(TestCase):
    """Whatever is marked, corrected, typed, confirmed and refused, in any order."""

    def setUp(self):
        self.community = CommunityFactory()
        self.people = riders(3)
        self.staff = [UserFactory() for _ in range(2)]
        self.activity = ActivityFactory(community=self.community, organiser=self.staff[0])

    PRESENT = [("present", 1)] * 3
    TWICE = [("hand", 2, -1), ("answer", 0, True, 1), ("correct", 2, "absent", 0)]

    @settings(max_examples=40, deadline=None)
    # Taken back by hand and on the list: in time, and so late that another has to confirm it.
    @example(length=1, days=1, first=PRESENT, steps=TWICE)
    @example(length=1, days=8, first=PRESENT, steps=[("answer", 0, True, 1)] * 3 + TWICE)
    @example(
        length=1,
        days=8,
        first=PRESENT,
        steps=[("answer", 0, True, 1)] * 3 + TWICE + [("answer", 0, True, 1)],
    )
    @given(
        length=st.integers(1, 90),
        days=st.sampled_from([1, 6, 8, 30]),
        first=st.lists(st.tuples(KINDS, st.integers(1, 90)), min_size=3, max_size=3),
        steps=st.lists(STEP, max_size=12),
    )
    def test_invariants(self, length, days, first, steps):
        place = held(self.activity, self.people, minutes=length, days=days)
        coming = session(self.activity, hours=1)
        keys = [f"u{person.pk}" for person in self.people]
        marks = {
            key: Mark(kind, min(minutes, length))
            for key, (kind, minutes) in zip(keys, first, strict=True)
        }
        attendance.settle_session(place, by=self.staff[0], marks=marks)
        self.check(place, coming)
        for step in steps:
            try:
                with transaction.atomic():
                    self.take(step, place, coming, keys)
            except NotAllowedNowError:
                pass
            self.check(place, coming)

    def take(self, step, place, coming, keys):
        what, *values = step
        if what == "correct":
            who, kind, minutes = values
            marks = {keys[who]: Mark(kind, minutes)}
            attendance.correct_attendance(place, by=self.staff[0], reason="更正", marks=marks)
        elif what == "hand":
            who, minutes = values
            service_records.enter_by_hand(
                user=self.people[who],
                community=self.community,
                minutes=minutes,
                on=timezone.localdate(),
                by=self.staff[0],
                **HAND,
            )
        elif what == "answer":
            which, is_accepted, who = values
            waiting = list(ServiceRecord.objects.pending().order_by("pk"))
            if waiting:
                by = [*self.staff, *self.people][who]
                service_records.answer_entry(
                    waiting[which % len(waiting)], by=by, is_accepted=is_accepted, reason="看过"
                )
        else:
            attendance.settle_session(coming, by=self.staff[0])

    def check(self, place, coming):
        for person in self.people:
            entries = list(ServiceRecord.objects.filter(user=person))
            parts = [entry.minutes for entry in entries if entry.counts]
            record = record_of(person)
            assert record.total == sum(parts)
            assert record.total == ServiceRecord.objects.filter(user=person).counting().total()
            assert sum(minutes for _year, minutes in record.years) == record.total
            assert record.total >= 0
            of_session = [e.minutes for e in entries if e.session_id == place.pk and e.counts]
            assert 0 <= sum(of_session) <= place.minutes
            for entry in entries:
                answer = entry.answer
                assert answer is None or answer.by_id not in (entry.by_id, entry.user_id)
        assert not ServiceRecord.objects.filter(session=coming).exists()
        last = {mark.user_id: mark for mark in place.attendances.all()}
        for mark in last.values():
            if mark.kind == "absent":
                rows = ServiceRecord.objects.filter(session=place, user=mark.user_id)
                left = rows.exclude(confirmation__is_accepted=False).total()
                refused = rows.filter(confirmation__is_accepted=False).exists()
                assert left == 0 or refused


# --- late and by hand -----------------------------------------------------------------------


def test_within_seven_days_a_list_counts_and_after_them_it_waits(activity, town):
    [rider] = riders(1)
    attendance.settle_session(held(activity, [rider], days=6.9), by=town.staff)
    assert ServiceRecord.objects.counting().total() == 60
    attendance.settle_session(held(activity, [rider], days=7.1), by=town.staff)
    assert ServiceRecord.objects.counting().total() == 60
    assert ServiceRecord.objects.pending().total() == 60


def test_hours_by_hand_count_nothing_until_another_confirms_and_stay_marked(visit, town, colleague):
    page = reverse("volunteers:person", args=[town.rider.pk])
    sent = {"content": "送药", "on": str(timezone.localdate()), "minutes": "90", "reason": "没网"}
    answer = visit(town.staff).post(reverse("volunteers:person-hours", args=[town.rider.pk]), sent)
    assert answer.url == page
    entry = ServiceRecord.objects.get()
    assert "补录，待确认" in visit(town.rider).get(reverse("volunteers:record")).content.decode()
    assert record_of(town.rider).total == 0
    confirm = reverse("volunteers:record-answer", args=[entry.pk])
    assert visit(town.staff).post(confirm, {"answer": "yes"}).status_code == 403
    assert visit(colleague).post(confirm, {"answer": "yes"}).status_code == 302
    assert record_of(town.rider).total == 90
    mine = visit(town.rider).get(reverse("volunteers:record")).content.decode()
    assert "补录，已确认" in mine
    assert "1 小时 30 分钟" in mine
    again = visit(colleague).post(confirm, {"answer": "yes"})
    assert again.status_code == 409
    assert "已被他人处理" in again.content.decode()


def test_neither_who_typed_it_nor_who_gains_may_confirm(town, colleague):
    gained = by_hand(town, user=colleague)
    for person, words in ((town.staff, "自己录的"), (colleague, "自己的时长")):
        with pytest.raises(NotAllowedNowError, match=words):
            service_records.answer_entry(gained, by=person, is_accepted=True)
    with pytest.raises(NotAllowedNowError, match="原因"):
        service_records.answer_entry(gained, by=town.admin, is_accepted=False)
    service_records.answer_entry(gained, by=town.admin, is_accepted=False, reason="没有这回事")
    assert ServiceRecord.objects.counting().total() == 0
    assert colleague.notices.get().body == "没有这回事"


@pytest.mark.parametrize("who", ["staff", "rider", "nobody"])
def test_the_table_itself_demands_a_second_person(town, who):
    entry = by_hand(town)
    by = getattr(town, who, None)
    with pytest.raises(IntegrityError, match="somebody else"), transaction.atomic():
        Confirmation.objects.create(record=entry, by=by, is_accepted=True)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"minutes": "0"}, "1 到 1440"),
        ({"minutes": "1441"}, "1 到 1440"),
        ({"minutes": "许多"}, "1 到 1440"),
        ({"on": "2999-01-01"}, "今天以前"),
        ({"on": "2001-01-01"}, "一年以内"),
        ({"on": "昨天"}, "2026-11-25"),
        ({"content": ""}, "要填"),
        ({"content": "\u200b\x00"}, "要填"),
        ({"reason": ""}, "要填"),
    ],
)
def test_nonsense_by_hand_saves_nothing(visit, town, changed, words):
    sent = {"content": "送药", "on": str(timezone.localdate()), "minutes": "90", "reason": "没网"}
    address = reverse("volunteers:person-hours", args=[town.rider.pk])
    answer = visit(town.staff).post(address, sent | changed)
    assert answer.status_code in (400, 409)
    assert words in answer.content.decode()
    assert not ServiceRecord.objects.exists()


def test_a_correction_never_takes_more_than_there_is(town, colleague):
    service_records.answer_entry(by_hand(town, minutes=60), by=colleague, is_accepted=True)
    too_much = by_hand(town, minutes=-90)
    with pytest.raises(NotAllowedNowError, match="小于 0"):
        service_records.answer_entry(too_much, by=colleague, is_accepted=True)
    service_records.answer_entry(by_hand(town, minutes=-60), by=colleague, is_accepted=True)
    assert record_of(town.rider).total == 0


def test_a_late_correction_waits_and_blocks_the_next_until_it_is_answered(
    activity, town, colleague
):
    [rider] = riders(1)
    place = held(activity, [rider], days=2)
    attendance.settle_session(place, by=town.staff)
    place.refresh_from_db()
    type(place).objects.filter(pk=place.pk).update(
        starts_at=place.starts_at - timedelta(days=8), ends_at=place.ends_at - timedelta(days=8)
    )
    key = f"u{rider.pk}"
    correct = {"by": town.staff, "reason": "没来"}
    attendance.correct_attendance(place, marks={key: Mark("absent")}, **correct)
    assert ServiceRecord.objects.counting().total() == 60
    with pytest.raises(NotAllowedNowError, match="等人确认"):
        attendance.correct_attendance(place, marks={key: Mark("late", 30)}, **correct)
    service_records.answer_entry(
        ServiceRecord.objects.pending().get(), by=colleague, is_accepted=True
    )
    assert ServiceRecord.objects.counting().total() == 0


def test_an_errand_counts_once_and_never_by_its_own_word(town):
    facts = {
        "user": town.rider,
        "community": town.community,
        "minutes": 15,
        "content": "送药",
        "reference": "errand:1",
    }
    today = timezone.localdate()
    first = service_records.enter_errand(by=town.staff, on=today, **facts)
    assert service_records.enter_errand(by=town.staff, on=today, **facts) == first
    assert ServiceRecord.objects.counting().total() == 15
    with pytest.raises(NotAllowedNowError, match="别人"):
        service_records.enter_errand(by=town.rider, on=today, **facts)
    facts["reference"] = "errand:2"
    old = service_records.enter_errand(by=town.staff, on=today - timedelta(days=8), **facts)
    assert old.needs_second


# --- nothing is changed or deleted --------------------------------------------------------------


def test_an_entry_is_never_changed_or_deleted_by_any_way(town):
    entry = by_hand(town)
    with pytest.raises(TypeError, match="never changed"):
        entry.save()
    with pytest.raises(TypeError, match="never deleted"):
        entry.delete()
    rows = ServiceRecord.objects.filter(pk=entry.pk)
    ways = [
        lambda: rows.update(minutes=600),
        lambda: rows.update(user=town.staff),
        lambda: rows.update(by=town.admin),
        rows.delete,
        lambda: connection.cursor().execute("DELETE FROM volunteers_servicerecord"),
    ]
    for way in ways:
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            way()
    assert ServiceRecord.objects.get().minutes == 60


def test_an_erased_account_leaves_its_minutes_without_the_person(activity, town, colleague):
    [rider] = riders(1)
    place = held(activity, [rider])
    attendance.settle_session(place, by=town.staff)
    service_records.answer_entry(by_hand(town, user=rider), by=colleague, is_accepted=True)
    commendations.commend(rider, kind="award", text="冰上扶人", by=town.staff)
    rider.delete()
    assert ServiceRecord.objects.counting().total() == 120
    assert set(ServiceRecord.objects.values_list("user", flat=True)) == {None}
    assert not Commendation.objects.exists()
    assert not place.attendances.exists()


def test_a_correction_of_an_erased_account_can_still_be_answered(town, colleague):
    [rider] = riders(1)
    service_records.answer_entry(by_hand(town, user=rider), by=colleague, is_accepted=True)
    correction = by_hand(town, user=rider, minutes=-20)
    rider.delete()
    correction.refresh_from_db()
    service_records.answer_entry(correction, by=colleague, is_accepted=True)
    assert ServiceRecord.objects.counting().total() == 40


@pytest.mark.parametrize("minutes", [61, -1])
def test_the_table_refuses_more_than_the_session_had_and_less_than_none(activity, town, minutes):
    place = held(activity, [town.rider])
    with pytest.raises(IntegrityError, match="beyond the session"), transaction.atomic():
        _raw(place, town, minutes)


def test_the_table_refuses_a_session_that_has_not_ended(activity, town):
    with pytest.raises(IntegrityError, match="not ended"), transaction.atomic():
        _raw(session(activity, hours=-0.5), town, 10)


def _raw(place, town, minutes):
    return ServiceRecord.objects.create(
        user=town.rider,
        community=town.community,
        source="session",
        session=place,
        content="x",
        on=timezone.localdate(),
        minutes=minutes,
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_answer_an_entry_once(town, colleague):
    entry = by_hand(town)
    results = at_once(
        lambda: service_records.answer_entry(entry, by=colleague, is_accepted=True), 3
    )
    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["Confirmation", "NotAllowedNowError", "NotAllowedNowError"]
    assert AuditEvent.objects.filter(kind="volunteers.answer_entry").count() == 1


# --- pages ----------------------------------------------------------------------------------


def test_a_look_at_somebodys_record_is_logged_and_words_are_private(visit, town, colleague):
    address = reverse("volunteers:person", args=[town.rider.pk])
    answer = visit(town.staff).post(
        reverse("volunteers:person-commend", args=[town.rider.pk]),
        {"kind": "evaluation", "text": "热心"},
    )
    assert answer.status_code == 302
    assert "热心" in visit(colleague).get(address).content.decode()
    assert AuditEvent.objects.filter(kind="volunteers.record_viewed").count() == 1
    assert visit(town.other_staff).get(address).status_code == 404
    words = Commendation.objects.get()
    visit(colleague).post(reverse("volunteers:commendation-revoke", args=[words.pk]))
    mine = visit(town.rider).get(reverse("volunteers:record")).content.decode()
    assert "热心" not in mine


def test_the_export_has_the_five_groups(visit, town, colleague, activity):
    import io

    from openpyxl import load_workbook

    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    commendations.commend(town.rider, kind="award", text="=1+1", by=town.staff)
    answer = visit(town.rider).get(reverse("volunteers:record-export"))
    book = load_workbook(io.BytesIO(answer.content))
    names = ["个人基本信息", "志愿服务情况", "培训情况", "表彰奖励情况", "评价情况"]
    assert book.sheetnames == names
    assert [row[3].value for row in book[names[1]].iter_rows(min_row=2)] == [60]
    words = book[names[3]]["B2"]
    assert (words.value, words.data_type) == ("=1+1", "s")
    assert AuditEvent.objects.filter(kind="volunteers.record_exported").count() == 1
