"""Locks shown by taking them away: the same two people at the same instant, with and without.

They meet after both have read what they decide by. Meeting before that proves nothing: under
READ COMMITTED the second one would see what the first one wrote.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories.volunteers import (
    ActivityFactory,
    SkillFactory,
    TeamFactory,
    held,
    riders,
    session,
)
from tests.threads import PATIENCE, Meeting, at_once, meet, together, wait_for, without_row_locks
from tests.volunteers.record.test_service_records import by_hand
from tests.volunteers.teams.teams_help import join
from volunteers.activities import activity_sessions, offers, signups
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record import attendance, service_records
from volunteers.record.presenter import record_of
from volunteers.skills import skills
from volunteers.skills import skills as acts
from volunteers.skills.models import Skill, SkillNeed
from volunteers.teams import teams
from volunteers.teams.models import Membership
from yuanhang.core.outbox.models import Notice

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("rows_come_back"),
]


def names(results):
    """What each got, as the names of types."""
    return sorted(type(result).__name__ for result in results)


# --- a skill that presupposes itself, by a long way round --------------------------------------


def both_halves_of_a_circle(town, monkeypatch):
    """a needs b and c needs d, side by side, where b needs c and d needs a already."""
    a, b, c, d = (SkillFactory() for _ in range(4))
    skills.require_skill(b, c, by=town.admin)
    skills.require_skill(d, a, by=town.admin)
    meet(monkeypatch, acts, "reaches")
    results = together(
        lambda: skills.require_skill(a, b, by=town.admin),
        lambda: skills.require_skill(c, d, by=town.admin),
    )
    goes_round = any(
        acts.reaches(need.needed_id, need.skill_id) for need in SkillNeed.objects.all()
    )
    return names(results), goes_round


def test_two_halves_of_a_circle_never_close_it(town, monkeypatch):
    answer = both_halves_of_a_circle(town, monkeypatch)
    assert answer == (["NotAllowedNowError", "SkillNeed"], False)


def test_without_the_lock_the_circle_closes(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert both_halves_of_a_circle(town, monkeypatch) == (["SkillNeed", "SkillNeed"], True)


def test_locking_the_two_skills_at_hand_is_not_enough(town, monkeypatch):
    """The halves share none of their ends, so the lock has to hold all skills."""
    real, rows = acts.require_skill, Skill.objects.all()

    def narrow(skill, needed):
        def lock(**options):
            return rows.filter(pk__in=(skill.pk, needed.pk)).select_for_update(**options)

        return lock

    chosen = threading.local()
    monkeypatch.setattr(
        Skill.objects, "select_for_update", lambda **options: chosen.lock(**options)
    )

    def require(skill, needed, *, by):
        chosen.lock = narrow(skill, needed)
        return real(skill, needed, by=by)

    monkeypatch.setattr(skills, "require_skill", require)
    assert both_halves_of_a_circle(town, monkeypatch) == (["SkillNeed", "SkillNeed"], True)


# --- the same weeks added twice ---------------------------------------------------------------


def repeated_twice(town, monkeypatch):
    """(what each got, how many sessions, at how many different times)."""
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    session(activity)
    meet_before_the_first_write(monkeypatch)
    results = at_once(lambda: activity_sessions.repeat_weekly(activity, by=town.staff, weeks=2))
    times = activity.sessions.values_list("starts_at", flat=True)
    return names(results), len(times), len(set(times))


def meet_before_the_first_write(monkeypatch):
    """Each thread has read the pattern; before its first new session it waits for the other."""
    real, meeting, seen = ActivitySession.save, Meeting(), threading.local()

    def save(row, **options):
        if not hasattr(seen, "waited"):
            seen.waited = True
            meeting.wait()
        return real(row, **options)

    monkeypatch.setattr(ActivitySession, "save", save)


def test_two_who_repeat_it_add_different_weeks(town, monkeypatch):
    assert repeated_twice(town, monkeypatch) == (["list", "list"], 5, 5)


def test_without_the_lock_each_week_is_there_twice(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert repeated_twice(town, monkeypatch) == (["list", "list"], 5, 3)


# --- telling what was put off to the morning --------------------------------------------------


def put_off(town, monkeypatch):
    """Somebody was offered a place in quiet hours, which are over now."""
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place, (first, second) = session(activity, maximum=1), riders(2)
    leaver = signups.sign_up(place, by=first)
    signup = signups.sign_up(place, by=second)
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(
        "volunteers.activities.quiet_hours.tell_at", lambda moment, starts_at: later
    )
    signups.leave(leaver, by=first)
    signup.refresh_from_db()
    assert signup.tell_at == later
    return signup, later


def told(signup):
    return Notice.objects.filter(kind="volunteers.offered", recipient=signup.user).count()


def twins_tell(town, monkeypatch):
    signup, later = put_off(town, monkeypatch)
    meet(monkeypatch, offers, "notify_signup", after=False)
    return sorted(at_once(lambda: offers.notify_offers(now=later))), told(signup)


def test_twins_of_the_job_tell_once(town, monkeypatch):
    assert twins_tell(town, monkeypatch) == ([0, 1], 1)


def test_without_the_lock_both_would_and_the_notices_key_still_refuses(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert twins_tell(town, monkeypatch) == ([1, 1], 1)


def left_while_told(town, monkeypatch):
    """The job has read the offer; before it tells, the person gives the place back."""
    signup, later = put_off(town, monkeypatch)
    read, left, real, order = threading.Event(), threading.Event(), offers.notify_signup, []

    def telling(one, *args, **context):
        if threading.current_thread() is job.get("thread"):
            read.set()
            wait_for(left)
            order.append("told")
        return real(one, *args, **context)

    def tell():
        job["thread"] = threading.current_thread()
        return offers.notify_offers(now=later)

    def leave():
        read.wait(timeout=PATIENCE)
        signups.leave(signup, by=signup.user)
        order.append("left")
        left.set()

    job = {}
    monkeypatch.setattr(offers, "notify_signup", telling)
    results = together(tell, leave)
    return order, names(results)


def test_nobody_is_told_of_a_place_they_gave_back(town, monkeypatch):
    assert left_while_told(town, monkeypatch) == (["told", "left"], ["NoneType", "int"])


def test_without_the_lock_somebody_is_told_of_a_place_that_is_gone(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert left_while_told(town, monkeypatch) == (["left", "told"], ["NoneType", "int"])


# --- hours taken back twice -------------------------------------------------------------------


def taken_back_twice(town, colleague, monkeypatch, *, on_the_list):
    """(what each got, the total after) where an hour is there and two take it back."""
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place = held(activity, [town.rider], minutes=60)
    attendance.settle_session(place, by=town.staff)
    entries = [by_hand(town, minutes=-60) for _ in range(2)]
    absent = {f"u{town.rider.pk}": attendance.Mark("absent")}
    meet(monkeypatch, service_records, "_refuse_below_zero")

    def by_second(entry):
        return service_records.answer_entry(entry, by=colleague, is_accepted=True)

    def by_list():
        return attendance.correct_attendance(place, by=town.staff, reason="没来", marks=absent)

    other = by_list if on_the_list else lambda: by_second(entries[1])
    results = together(lambda: by_second(entries[0]), other)
    return names(results), record_of(town.rider).total


@pytest.mark.parametrize("on_the_list", [True, False])
def test_two_who_take_an_hour_back_do_not_take_two(town, colleague, monkeypatch, on_the_list):
    got, total = taken_back_twice(town, colleague, monkeypatch, on_the_list=on_the_list)
    assert "NotAllowedNowError" in got
    assert total == 0


@pytest.mark.parametrize("on_the_list", [True, False])
def test_without_the_lock_the_total_falls_below_zero(town, colleague, monkeypatch, on_the_list):
    monkeypatch.setattr(service_records, "_hold_hours", lambda user_id: None)
    got, total = taken_back_twice(town, colleague, monkeypatch, on_the_list=on_the_list)
    assert "NotAllowedNowError" not in got
    assert total == -60


# --- two leaders ------------------------------------------------------------------------------


def two_choose_a_leader(town, monkeypatch):
    """The leader hands over to one, staff appoint another; both know who leads now."""
    team = TeamFactory(community=town.community)
    join(team, town.rider, is_leader=True)
    one, another = (join(team, rider) for rider in riders(2))
    meet(monkeypatch, teams, "_leader")
    results = together(
        lambda: teams.hand_over(team, one.pk, by=town.rider),
        lambda: teams.appoint_leader(team, another.pk, by=town.staff),
    )
    leaders = team.memberships.current().filter(is_leader=True)
    heard = Notice.objects.filter(kind="volunteers.team_leader").values_list("recipient", flat=True)
    assert set(leaders.values_list("user", flat=True)) <= set(heard)
    return names(results), leaders.count()


def test_two_who_choose_a_leader_leave_one(town, monkeypatch):
    got, leaders = two_choose_a_leader(town, monkeypatch)
    # Whoever came second: staff overrule the one handed to, the former leader hears a reason.
    assert got in (["NoneType", "NoneType"], ["NoneType", "NotAllowedNowError"])
    assert leaders == 1


def test_without_the_lock_the_constraint_refuses_and_somebody_sees_an_error(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert two_choose_a_leader(town, monkeypatch) == (["IntegrityError", "NoneType"], 1)


@pytest.fixture
def no_constraint(transactional_db):
    """The table without its own word about leaders."""
    found = [c for c in Membership._meta.constraints if c.name == "team_has_one_leader"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Membership, found[0])
    yield
    Membership.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Membership, found[0])


def test_the_lock_alone_keeps_one_leader(town, monkeypatch, no_constraint):
    assert two_choose_a_leader(town, monkeypatch)[1] == 1


def test_without_lock_and_constraint_there_are_two(town, monkeypatch, no_constraint):
    without_row_locks(monkeypatch)
    assert two_choose_a_leader(town, monkeypatch) == (["NoneType", "NoneType"], 2)
