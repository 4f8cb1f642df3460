"""Courses in several parts, skills that expire, certificates from elsewhere, warnings."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, SkillFactory, held, riders, session
from tests.threads import at_once
from tests.volunteers.record.training_help import DAY
from volunteers.activities import signups, trainings
from volunteers.record import attendance, training_records
from volunteers.record.attendance import Mark
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills import qualifications, skills
from volunteers.skills.models import Course, Qualification
from yuanhang.core.errors import NotAllowedNowError


@pytest.fixture
def lesson(town, course):
    """`lesson(people, part=2)`: a training of the course that was held yesterday."""

    def hold(people, *, part=1, course=course, marks=None, days=1):
        activity = ActivityFactory(
            community=town.community, organiser=town.staff, kind="training", course=course
        )
        place = held(activity, people, part=part, days=days)
        return attendance.settle_session(place, by=town.staff, marks=marks or {})

    return hold


def holders(skill):
    return set(Qualification.objects.in_force().filter(skill=skill).values_list("user", flat=True))


def own(user, skill, until, since=None, **fields):
    """A certificate from elsewhere, valid until a day."""
    return Qualification.objects.create(
        user=user,
        skill=skill,
        source="registered",
        issuer="红十字会（演示）",
        since=since or timezone.localdate() - 300 * DAY,
        until=until,
        **fields,
    )


# --- a skill is granted by the whole course -----------------------------------------------------


def test_only_those_who_attended_both_parts_have_the_skill(lesson, skill):
    both, first, second, late = riders(4)
    lesson([both, first, late], part=1)
    assert holders(skill) == set()
    lesson([both, second, late], part=2, marks={f"u{late.pk}": Mark("late", 20)})
    assert holders(skill) == {both.pk, late.pk}
    assert qualifications.in_force(both) == {skill.pk}
    assert qualifications.in_force(first) == qualifications.in_force(second) == set()


def test_the_same_part_twice_is_not_the_other_part(lesson, skill):
    [rider] = riders(1)
    lesson([rider], part=1)
    lesson([rider], part=1)
    assert holders(skill) == set()


def test_another_courses_part_does_not_count(lesson, skill):
    [rider] = riders(1)
    other = Course.objects.create(title="别的课", parts=2)
    lesson([rider], part=1)
    lesson([rider], part=2, course=other)
    assert holders(skill) == set()


def test_what_was_built_on_a_skill_never_earned_goes_with_it(lesson, skill):
    [rider] = riders(1)
    upper, top = SkillFactory(), SkillFactory()
    skills.require_skill(upper, skill, by=rider)
    skills.require_skill(top, upper, by=rider)
    second = Course.objects.create(title="上一级", parts=1, skill=upper)
    third = Course.objects.create(title="再上一级", parts=1, skill=top)
    lesson([rider], part=1)
    place = lesson([rider], part=2)
    lesson([rider], course=second)
    lesson([rider], course=third)
    assert qualifications.in_force(rider) == {skill.pk, upper.pk, top.pk}
    absent = {f"u{rider.pk}": Mark("absent")}
    attendance.correct_attendance(place, by=rider, reason="没来", marks=absent)
    assert qualifications.in_force(rider) == set()
    lost = rider.notices.filter(kind="volunteers.skill_lost")
    assert lost.count() == 3
    back = {f"u{rider.pk}": Mark("present")}
    attendance.correct_attendance(place, by=rider, reason="其实来了", marks=back)
    assert qualifications.in_force(rider) == {skill.pk, upper.pk, top.pk}


def test_what_was_built_on_it_stays_where_the_skill_is_had_from_elsewhere(lesson, skill):
    [rider] = riders(1)
    upper = SkillFactory()
    skills.require_skill(upper, skill, by=rider)
    second = Course.objects.create(title="上一级", parts=1, skill=upper)
    lesson([rider], part=1)
    place = lesson([rider], part=2)
    lesson([rider], course=second)
    own(rider, skill, timezone.localdate() + 300 * DAY)
    absent = {f"u{rider.pk}": Mark("absent")}
    attendance.correct_attendance(place, by=rider, reason="没来", marks=absent)
    assert qualifications.in_force(rider) == {skill.pk, upper.pk}


def test_absent_or_not_passed_grants_nothing(lesson, skill):
    absent, failed, passed = people = riders(3)
    lesson(people, part=1)
    marks = {f"u{absent.pk}": Mark("absent"), f"u{failed.pk}": Mark(is_passed=False)}
    lesson(people, part=2, marks=marks)
    assert holders(skill) == {passed.pk}
    results = TrainingRecord.objects.filter(part=2).values_list("user", "is_passed")
    assert set(results) == {(failed.pk, False), (passed.pk, True)}


def test_the_leader_marks_who_did_not_pass_on_the_list(visit, town, course, skill):
    one = Course.objects.create(title="一讲的课", skill=skill)
    failed, passed = people = riders(2)
    activity = ActivityFactory(
        community=town.community, organiser=town.staff, kind="training", course=one
    )
    place = held(activity, people)
    sent = {f"kind-u{person.pk}": "present" for person in people}
    sent[f"failed-u{failed.pk}"] = "on"
    visit(town.staff).post(place.get_roster_url(), sent)
    assert holders(skill) == {passed.pk}


def test_a_correction_takes_the_skill_and_another_gives_it_back(lesson, skill, town):
    [rider] = riders(1)
    lesson([rider], part=1)
    place = lesson([rider], part=2)
    key = f"u{rider.pk}"
    correct = {"by": town.staff, "reason": "签错了"}
    attendance.correct_attendance(place, marks={key: Mark("absent")}, **correct)
    assert holders(skill) == set()
    assert rider.notices.filter(kind="volunteers.skill_lost").count() == 1
    attendance.correct_attendance(place, marks={key: Mark()}, **correct)
    assert holders(skill) == {rider.pk}
    assert Qualification.objects.count() == 2


def test_a_renewal_asks_for_every_part_anew(lesson, skill):
    [rider] = riders(1)
    lesson([rider], part=1, days=300)
    lesson([rider], part=2, days=300)
    first = Qualification.objects.get()
    assert first.until == first.since + 365 * DAY
    lesson([rider], part=1, days=2)
    assert Qualification.objects.count() == 1
    lesson([rider], part=2, days=1)
    assert Qualification.objects.order_by("pk").last().since > first.since


def test_what_a_skill_presupposes_is_needed_to_sign_up_and_to_be_granted(town, lesson, skill):
    basic = SkillFactory(name="急救基础")
    skills.require_skill(skill, basic, by=town.staff)
    basics = Course.objects.create(title="急救基础课", skill=basic)
    [rider] = riders(1)
    activity = ActivityFactory(
        community=town.community,
        kind="training",
        course=Course.objects.get(skill=skill),
        title="救援",
    )
    teaches = ActivityFactory(
        community=town.community, kind="training", course=basics, title="先学这个"
    )
    session(teaches)
    with pytest.raises(NotAllowedNowError, match="要先会：急救基础。「先学这个」能学到"):
        signups.sign_up(session(activity), by=rider)
    lesson([rider], part=1)
    lesson([rider], part=2)
    assert holders(skill) == set()
    lesson([rider], course=basics)
    # What was passed before counts as soon as the ground is there.
    assert holders(skill) == {rider.pk}
    assert signups.sign_up(session(activity, hours=72), by=rider).state == "confirmed"


def test_only_trainings_have_courses_and_only_their_parts(town, course):
    with pytest.raises(IntegrityError, match="activity_course_is_training"):
        ActivityFactory(community=town.community, kind="care", course=course)


def test_a_part_beyond_the_last_is_refused(town, course):
    activity = ActivityFactory(community=town.community, kind="training", course=course)
    place = session(activity)
    place.part = 3
    with pytest.raises(ValidationError, match="没有这一讲"):
        place.full_clean()


# --- time ---------------------------------------------------------------------------------------


def test_an_expired_skill_stops_counting_at_once(town, skill):
    [rider] = riders(1)
    today = timezone.localdate()
    held_one = own(rider, skill, today)
    activity = ActivityFactory(community=town.community)
    activity.skills.add(skill)
    assert signups.sign_up(session(activity), by=rider)
    Qualification.objects.filter(pk=held_one.pk).update(until=today - DAY)
    with pytest.raises(NotAllowedNowError, match="要先会：应急救援"):
        signups.sign_up(session(activity, hours=72), by=rider)


def test_where_to_learn_proposes_coming_announced_trainings_only(town, course, skill):
    [rider] = riders(1)
    wanted = ActivityFactory(community=town.community)
    wanted.skills.add(skill)
    common = {"community": town.community, "kind": "training", "course": course}
    session(ActivityFactory(title="下周的", **common), hours=100)
    session(ActivityFactory(title="明天的", **common), hours=20)
    session(ActivityFactory(title="草稿", state="draft", **common))
    session(ActivityFactory(title="保密的", is_confidential=True, **common))
    held(ActivityFactory(title="上周的", **common))
    assert trainings.where_to_learn(rider, wanted) == "「明天的」、「下周的」能学到。"
    own(rider, skill, None)
    assert trainings.where_to_learn(rider, wanted) == ""


def warned(user):
    kinds = user.notices.filter(kind="volunteers.skill_ends").order_by("pk")
    return [title.split("：")[0] for title in kinds.values_list("title", flat=True)]


def test_warnings_come_sixty_fourteen_and_no_days_before_once_each(skill):
    [rider] = riders(1)
    until = timezone.localdate() + 60 * DAY
    own(rider, skill, until)
    for days in (61, 60, 60, 59, 30, 14, 13, 1, 0, 0, -1):
        training_records.warn_expiries(today=until - days * DAY)
    assert warned(rider) == ["还有 60 天到期", "还有 14 天到期", "今天到期"]


def test_after_an_outage_only_the_latest_warning_comes(skill):
    a, b, c = riders(3)
    today = timezone.localdate()
    own(a, skill, today + 3 * DAY)
    own(b, skill, today - 5 * DAY)
    own(c, skill, today - 200 * DAY)
    assert training_records.warn_expiries() == 2
    assert training_records.warn_expiries() == 0
    assert (warned(a), warned(b), warned(c)) == (["还有 3 天到期"], ["过期了"], [])


def test_renewed_short_and_revoked_ones_are_not_warned_of(skill, town, course):
    renewed, short, revoked, told = riders(4)
    today = timezone.localdate()
    own(renewed, skill, today + 10 * DAY)
    own(renewed, skill, today + 400 * DAY)
    own(short, skill, today + 30 * DAY, since=today)
    own(revoked, skill, today, revoked_at=timezone.now(), revoke_reason="假的")
    own(told, skill, today + 10 * DAY)
    common = {"community": town.community, "kind": "training", "course": course}
    session(ActivityFactory(title="下一期", **common))
    assert training_records.warn_expiries() == 1
    assert "「下一期」" in told.notices.get().body


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_twins_of_the_job_warn_once(skill):
    [rider] = riders(1)
    own(rider, skill, timezone.localdate() + 10 * DAY)
    assert sorted(at_once(training_records.warn_expiries)) == [0, 1]
    assert len(warned(rider)) == 1
