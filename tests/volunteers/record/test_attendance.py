"""Who took part: present by default, exceptions by the leader, corrections that stay visible."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, ended, held, riders, session
from tests.factories.workers import UserFactory
from tests.threads import at_once
from volunteers.activities import signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.record import attendance
from volunteers.record.attendance import Extra, Mark
from volunteers.record.models.service_records import Attendance, ServiceRecord
from volunteers.record.roster import lines_of
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

ABSENT, LATE, EARLY = "absent", "late", "left_early"


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff)


@pytest.fixture
def leader(db):
    return UserFactory()


def minutes(place):
    """{user: minutes in the ledger} of a session."""
    found = {}
    for record in ServiceRecord.objects.filter(session=place):
        found[record.user_id] = found.get(record.user_id, 0) + record.minutes
    return found


def url(place):
    return reverse("volunteers:roster", args=[place.pk])


def form_of(place, **said):
    """The list as a browser sends it: everybody as the page has it, but for what is said."""
    sent = {}
    for line in lines_of(place):
        sent[f"kind-{line.key}"] = line.kind
        sent[f"minutes-{line.key}"] = line.minutes if line.kind in (LATE, EARLY) else ""
    return sent | said


def test_one_button_writes_down_everybody_but_the_exceptions(visit, activity, leader):
    people = riders(4)
    place = held(activity, people, leader=leader)
    keys = [f"u{person.pk}" for person in people]
    sent = form_of(place) | {
        f"kind-{keys[1]}": ABSENT,
        f"kind-{keys[2]}": LATE,
        f"minutes-{keys[2]}": "40",
        f"kind-{keys[3]}": EARLY,
        f"minutes-{keys[3]}": "25",
    }
    answer = visit(leader).post(url(place), sent)
    assert answer.status_code == 302
    a, _b, c, d = people
    assert minutes(place) == {a.pk: 60, c.pk: 40, d.pk: 25}
    # Nobody needed a mark for having been there.
    assert {mark.user for mark in Attendance.objects.all()} == set(people[1:])
    assert Notice.objects.filter(kind="volunteers.recorded").count() == 3
    page = visit(leader).get(url(place)).content.decode()
    assert "名单已确认" in page
    assert "没来" in page


def test_before_the_end_it_is_the_plain_list_and_nothing_is_written(visit, activity, leader):
    [rider] = riders(1)
    place = session(activity, hours=1, leader=leader)
    signups.sign_up(place, by=rider)
    page = visit(leader).get(url(place)).content.decode()
    assert rider.display_name in page
    assert rider.phone not in page
    assert rider.masked_phone not in page
    assert "确认名单" not in page
    answer = visit(leader).post(url(place), {})
    assert answer.status_code == 409
    assert "还没结束" in answer.content.decode()
    assert not ServiceRecord.objects.exists()


def test_those_who_wait_or_left_are_not_on_the_list(activity):
    people = riders(3)
    place = held(activity, people)
    for person, state in zip(people[1:], ("waiting", "cancelled"), strict=True):
        end = timezone.now() if state == "cancelled" else None
        SignUp.objects.filter(user=person).update(state=state, ended_at=end)
    attendance.settle_session(place, by=None)
    assert minutes(place) == {people[0].pk: 60}


def test_a_confirmed_list_is_not_confirmed_again_and_a_correction_says_why(
    visit, activity, leader, town
):
    people = riders(2)
    place = held(activity, people, leader=leader)
    client = visit(leader)
    client.post(url(place), form_of(place))
    again = client.post(url(place), form_of(place))
    assert again.status_code == 409
    assert "已经有人确认过" in again.content.decode()
    correction = form_of(place) | {f"kind-u{people[0].pk}": ABSENT, "correct": "1"}
    assert client.post(url(place), correction).status_code == 409
    assert minutes(place)[people[0].pk] == 60
    assert (
        visit(town.staff).post(url(place), correction | {"reason": "认错人了"}).status_code == 302
    )
    assert minutes(place) == {people[0].pk: 0, people[1].pk: 60}
    entries = ServiceRecord.objects.filter(user=people[0]).order_by("pk")
    assert list(entries.values_list("minutes", "reason")) == [(60, ""), (-60, "认错人了")]
    page = visit(leader).get(url(place)).content.decode()
    assert "认错人了" in page
    assert str(town.staff) in page
    # Sent again, nothing changes and nothing is added.
    visit(leader).post(url(place), form_of(place) | {"correct": "1", "reason": "再存一次"})
    assert ServiceRecord.objects.count() == 3
    assert Attendance.objects.count() == 1


def test_an_absence_taken_back_gives_the_minutes_back(activity, leader):
    [rider] = riders(1)
    place = held(activity, [rider])
    key = f"u{rider.pk}"
    attendance.settle_session(place, by=leader, marks={key: Mark(ABSENT)})
    assert minutes(place) == {}
    attendance.correct_attendance(place, by=leader, reason="后来想起他在", marks={key: Mark()})
    assert minutes(place) == {rider.pk: 60}
    kinds = Attendance.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["absent", "present"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [("61", "1 到 60"), ("0", "1 到 60"), ("-5", "1 到 60"), ("很久", "1 到 60"), ("", "实际")],
)
def test_minutes_outside_the_session_save_nothing(visit, activity, leader, typed, words):
    [rider] = riders(1)
    place = held(activity, [rider], leader=leader)
    key = f"u{rider.pk}"
    sent = form_of(place) | {f"kind-{key}": LATE, f"minutes-{key}": typed}
    answer = visit(leader).post(url(place), sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ServiceRecord.objects.exists()
    place.refresh_from_db()
    assert place.settled_at is None


def test_somebody_extra_by_phone_gets_the_minutes_and_the_page_tells_nothing(
    visit, activity, leader
):
    registered = UserFactory(display_name="骑手秘密（演示）")
    place = held(activity, riders(1), leader=leader)
    sent = form_of(place) | {
        "extra_phone-0": registered.phone,
        "extra_phone-1": "10000098765",
        "extra_minutes-1": "30",
        "extra_name-2": "小王",
    }
    client = visit(leader)
    assert client.post(url(place), sent).status_code == 302
    assert minutes(place)[registered.pk] == 60
    assert ServiceRecord.objects.count() == 2
    page = client.get(url(place)).content.decode()
    known, unknown = f"尾号 {registered.phone[-4:]}", "尾号 8765"
    assert known in page
    assert unknown in page
    assert "小王" in page
    assert registered.display_name not in page
    assert registered.phone not in page
    # But for digits and minutes the two lines are the same.
    assert Attendance.objects.filter(user__isnull=True).count() == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"extra_name-1": "小王", "extra_phone-1": "123"}, "请填 11 位手机号"),
        ({"extra_minutes-1": "30"}, "这些分钟是谁的？"),
    ],
)
def test_every_fault_of_the_list_is_told_at_once(visit, activity, leader, typed, words):
    place = held(activity, riders(1), leader=leader)
    (key,) = [line.key for line in lines_of(place)]
    sent = form_of(place) | typed | {f"kind-{key}": LATE, f"minutes-{key}": ""}
    answer = visit(leader).post(url(place), sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "写上实际多少分钟" in answer.content.decode()
    assert not ServiceRecord.objects.exists()


def test_an_extra_person_who_is_on_the_list_counts_once(activity, leader):
    [rider] = riders(1)
    place = held(activity, [rider])
    attendance.settle_session(place, by=leader, extras=[Extra(phone=rider.phone, minutes=30)])
    assert minutes(place) == {rider.pk: 60}


def test_an_extra_person_entered_by_mistake_is_marked_absent(activity, leader):
    other = UserFactory()
    place = held(activity, riders(1))
    attendance.settle_session(place, by=leader, extras=[Extra(name="小李", phone=other.phone)])
    [line] = [line for line in lines_of(place) if line.is_extra]
    attendance.correct_attendance(place, by=leader, reason="记错", marks={line.key: Mark(ABSENT)})
    assert minutes(place)[other.pk] == 0


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (Extra(phone="123"), "11 位"),
        (Extra(name="  ", phone=""), "称呼或手机号"),
        (Extra(name="小王", minutes=61), "1 到 60"),
    ],
)
def test_nonsense_about_extra_people_is_refused(activity, leader, extra, words):
    place = held(activity, riders(1))
    with pytest.raises(NotAllowedNowError, match=words):
        attendance.settle_session(place, by=leader, extras=[extra])
    with pytest.raises(NotAllowedNowError, match="换个写法"):
        attendance.settle_session(place, by=leader, extras=[Extra("小王"), Extra("小王")])
    with pytest.raises(NotAllowedNowError, match="名单变了"):
        attendance.settle_session(place, by=leader, marks={"u999999": Mark()})
    assert not Attendance.objects.exists()


def test_what_was_not_held_or_is_no_service_writes_no_minutes(town, leader):
    for kind in ("care", "exchange", "training"):
        activity = ActivityFactory(community=town.community, organiser=town.staff, kind=kind)
        attendance.settle_session(held(activity, riders(2)), by=leader)
    assert not ServiceRecord.objects.exists()
    for state, reason in (("draft", ""), ("cancelled", "下雪")):
        activity = ActivityFactory(
            community=town.community, organiser=town.staff, state=state, cancel_reason=reason
        )
        with pytest.raises(NotAllowedNowError, match="没有举行"):
            attendance.settle_session(held(activity, riders(1)), by=leader)


def test_untouched_lists_settle_themselves_after_three_days_and_say_so(visit, activity, leader):
    young, old = held(activity, riders(2), days=2), held(activity, riders(3), days=4, leader=leader)
    assert attendance.settle_due() == 1
    assert attendance.settle_due() == 0
    assert not minutes(young)
    assert sorted(minutes(old).values()) == [60, 60, 60]
    assert set(ServiceRecord.objects.values_list("by", flat=True)) == {None}
    assert "系统按都到了记的" in visit(leader).get(url(old)).content.decode()


def test_after_an_outage_late_lists_wait_for_a_second_person(activity):
    place = held(activity, riders(1), days=8)
    assert attendance.settle_due() == 1
    assert ServiceRecord.objects.filter(session=place).counting().total() == 0
    assert ServiceRecord.objects.pending().count() == 1


def test_the_leader_is_asked_once_and_never_about_old_sessions(activity, leader):
    held(activity, days=0.1, leader=leader)
    held(activity, days=3, leader=leader)
    assert attendance.ask_leaders() == 1
    assert attendance.ask_leaders() == 0
    assert leader.notices.filter(kind="volunteers.ask_roster").count() == 1


def test_a_confidential_list_is_the_organisers_alone(visit, town, leader):
    activity = ActivityFactory(community=town.community, organiser=town.staff, is_confidential=True)
    [rider] = riders(1)
    place = held(activity, [rider], leader=leader)
    assert visit(town.staff).get(url(place)).status_code == 200
    for other in (leader, town.admin, town.other_staff, rider):
        assert visit(other).get(url(place)).status_code == 403
    attendance.settle_session(place, by=town.staff)
    assert ServiceRecord.objects.get().content == "志愿服务"
    assert activity.title not in ServiceRecord.objects.get().content


def test_nobody_who_takes_part_has_to_do_anything(visit, activity, leader):
    [rider] = riders(1)
    place = held(activity, [rider], leader=leader)
    assert visit(rider).get(url(place)).status_code == 403
    visit(leader).post(url(place), form_of(place))
    assert minutes(place) == {rider.pk: 60}


@pytest.mark.parametrize("count", [1, 40])
def test_the_list_costs_the_same_for_one_and_for_forty(
    visit, activity, leader, django_assert_num_queries, count
):
    people = riders(count)
    place = held(activity, people, leader=leader)
    marks = {f"u{person.pk}": Mark(ABSENT) for person in people}
    attendance.settle_session(place, by=leader, marks=marks)
    client = visit(leader)
    with django_assert_num_queries(7):
        client.get(url(place))


def test_a_mark_is_never_changed_nor_deleted(activity, leader):
    [rider] = riders(1)
    place = held(activity, [rider])
    attendance.settle_session(place, by=leader, marks={f"u{rider.pk}": Mark(ABSENT)})
    mark = Attendance.objects.get()
    with pytest.raises(TypeError, match="never changed"):
        mark.save()
    with pytest.raises(TypeError, match="never deleted"):
        mark.delete()


@pytest.mark.parametrize(
    "fields", [{"kind": "absent", "minutes": 5}, {"kind": "late", "minutes": 0}]
)
def test_the_database_refuses_marks_that_make_no_sense(activity, fields):
    place = held(activity)
    with pytest.raises(IntegrityError, match="attendance_minutes_fit"), transaction.atomic():
        Attendance.objects.create(session=place, label="小王", **fields)


def test_a_session_is_not_settled_before_its_end(activity):
    place = session(activity, hours=1)
    with pytest.raises(IntegrityError, match="session_settled_after_its_end"):
        ActivitySession.objects.filter(pk=place.pk).update(settled_at=timezone.now())


# --- two leaders at once ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_leaders_at_once_write_one_entry_a_person(activity, town, leader):
    people = riders(3)
    place = held(activity, people)
    results = at_once(lambda: attendance.settle_session(place, by=leader), 4)
    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["ActivitySession"] + ["NotAllowedNowError"] * 3
    assert minutes(place) == {person.pk: 60 for person in people}
    assert ServiceRecord.objects.count() == 3
    assert AuditEvent.objects.filter(kind="volunteers.settle").count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_two_leaders_both_write(activity, leader, monkeypatch):
    """Negative control: both find the list open; only the table itself then stops the second."""
    import threading

    barrier = threading.Barrier(2)

    def unlocked(pk):
        found = ActivitySession.objects.select_related("activity").get(pk=pk)
        barrier.wait(timeout=20)
        return found

    monkeypatch.setattr(attendance, "locked", unlocked)
    [rider] = riders(1)
    place = held(activity, [rider])
    results = at_once(lambda: attendance.settle_session(place, by=leader))
    assert "NotAllowedNowError" not in {type(result).__name__ for result in results}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_leader_and_the_job_at_once_settle_once(activity, leader):
    place = ended(held(activity, riders(2)), days=4)
    steps = [lambda: attendance.settle_session(place, by=leader), attendance.settle_due]
    results = at_once(lambda: steps.pop()())
    assert ServiceRecord.objects.count() == 2
    assert all(isinstance(r, int | ActivitySession | NotAllowedNowError) for r in results), results
    assert Activity.objects.get().sessions.unsettled().count() == 0
    assert place.ends_at < timezone.now() - timedelta(days=3)
