"""The two clocks of a case through its moves, and the watch that tells of them once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard, Rating
from hazards.cases.states import State
from hazards.cases.words import both_deadlines, make_safe_deadline, repair_deadline, time_left
from hazards.catalogue.models import StandardCase, Urgency
from hazards.deadline_reminders import deadline_reminders
from hazards.deadlines.models import WorkingSpan
from stations.postings.models import Posting
from tests.factories.hazards import advance, into, report, standard
from tests.threads import at_once
from yuanhang.core.errors import NotAllowedNowError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(month, day, hour, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _posts_held_for_years(town):
    """The clock of these tests jumps about; the posts are held all the time."""
    Posting.objects.update(start="2020-01-01")


@pytest.fixture
def at(monkeypatch):
    """`at(moment)`: from now on it is that moment."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(UTC))


def workdays(days):
    """A standard with a limit in workdays."""
    return StandardCase.objects.filter(unit="work_days", limit=days).first()


def accepted(town, case=None, urgency=Urgency.NORMAL):
    hazard = report(town.six, by=town.rider)
    return cases.accept(
        hazard, by=town.grid_worker, standard_case=case or standard(), urgency=urgency
    )


def test_a_report_must_be_acknowledged_as_its_category_is_urgent(town, at):
    at(local(11, 24, 10))
    urgent = report(town.six, category="oil_gas")
    assert urgent.acknowledge_due_at == local(11, 24, 10, 30)


def test_accepting_on_a_friday_gives_the_next_week(town, at):
    at(local(11, 27, 16))  # a Friday
    hazard = accepted(town, workdays(2))
    assert hazard.fix_due_at == local(12, 1, 17)  # Monday is day one, Tuesday day two
    assert hazard.secure_due_at == local(11, 30, 17)
    at(local(11, 28, 9))
    assert make_safe_deadline(hazard) == "11 月 30 日 17:00 前围护"
    assert repair_deadline(hazard) == "12 月 1 日前修好"


def test_national_day_is_not_worked_and_its_make_up_day_is(town, at):
    at(local(9, 30, 9))
    hazard = accepted(town, workdays(1))
    assert hazard.fix_due_at.date() > local(10, 7, 0).date()


def test_clock_hours_run_through_the_spring_festival(town, at):
    at(local(2, 17, 23))
    hazard = accepted(town, urgency=Urgency.URGENT)  # 2 紧急工作时
    assert hazard.fix_due_at == local(2, 18, 1)
    assert hazard.secure_due_at <= hazard.fix_due_at


def test_edited_working_hours_count_from_then_on(town, at):
    WorkingSpan.objects.create(opens="09:00", closes="15:00")
    at(local(11, 24, 10))
    assert accepted(town, workdays(1)).fix_due_at == local(11, 25, 15)


def test_an_unknown_year_warns_staff_and_falls_back_to_weekends(town, at, visit):
    at(local(12, 30, 10, year=2030))
    hazard = accepted(town, workdays(2))
    assert hazard.fix_due_at == local(1, 1, 17, year=2031)
    assert (
        "先按周一到周五算"
        in visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
    )


def test_a_suspension_gives_back_what_was_left(town, at):
    at(local(11, 24, 9))
    hazard = into(report(town.six), State.DISPATCHED, town)  # 2 clock hours: due at 11:00
    at(local(11, 24, 10))
    hazard = cases.suspend(hazard, by=town.officer, reason="等井盖", until=local(11, 26, 0).date())
    assert hazard.due_at is None
    assert not hazard.is_overdue
    at(local(11, 25, 8))
    hazard = cases.resume(hazard, by=town.officer)
    assert hazard.fix_due_at == local(11, 25, 9)
    assert (hazard.suspended_at, hazard.suspended_until) == (None, None)


def test_extending_twice_and_not_thrice(town, at):
    at(local(11, 24, 9))
    hazard = into(report(town.six), State.DISPATCHED, town)
    for due in (local(11, 24, 13), local(11, 24, 15)):
        hazard = cases.extend(hazard, by=town.officer, reason="等料")
        assert hazard.fix_due_at == due
    with pytest.raises(NotAllowedNowError, match="延期两次"):
        cases.extend(hazard, by=town.officer, reason="再等")
    hazard.refresh_from_db()
    assert hazard.fix_due_at == local(11, 24, 15)


def test_only_who_holds_the_case_extends_it(town):
    hazard = into(report(town.six), State.DISPATCHED, town)
    with pytest.raises(NotAllowedNowError):
        cases.extend(hazard, by=town.grid_worker, role="reviewer", reason="等料")


def test_sending_back_and_redoing_return_the_time_it_lay_elsewhere(town, at):
    at(local(11, 24, 9))
    hazard = advance(report(town.six), "escalated", reviewer=town.grid_worker)
    at(local(11, 24, 10))
    hazard = cases.return_case(hazard, by=town.officer, reason="照片看不清")
    assert (hazard.state, hazard.fix_due_at) == (State.ACCEPTED, local(11, 24, 12))
    hazard = cases.fix(hazard, by=town.grid_worker)
    at(local(11, 24, 10, 30))
    hazard = cases.redo(hazard, by=town.grid_worker, reason="还响")
    assert (hazard.state, hazard.fix_due_at) == (State.ACCEPTED, local(11, 24, 12, 30))
    assert hazard.fixed_at is None


def test_a_check_takes_no_time_from_making_safe_either(town, at):
    at(local(11, 24, 9))
    hazard = accepted(town, workdays(5), Urgency.URGENT)
    at(local(11, 24, 10))
    hazard = cases.fix(hazard, by=town.grid_worker)
    at(local(11, 24, 15))
    hazard = cases.redo(hazard, by=town.grid_worker, reason="没好")
    assert hazard.secure_due_at == local(11, 24, 16)
    assert not hazard.is_overdue


def test_redo_returns_the_case_to_whoever_said_it_was_done(town):
    hazard = into(report(town.six), State.FIXED, town)
    assert cases.redo(hazard, by=town.grid_worker, reason="没好").state == State.DISPATCHED


def test_reopening_starts_a_fresh_clock_in_the_same_case(town, at):
    at(local(11, 24, 9))
    hazard = into(report(town.six, by=town.rider), State.CLOSED, town)
    at(local(12, 20, 9))
    hazard = cases.reopen(hazard, by=town.rider, reason="又翘了")
    assert (hazard.state, hazard.reopened) == (State.ACCEPTED, 1)
    assert hazard.fix_due_at == local(12, 20, 11)
    assert hazard.secured_at is None
    assert [s.verb for s in hazard.steps.all()][-2:] == ["close", "reopen"]
    hazard = cases.fix(hazard, by=town.grid_worker)
    hazard = cases.close(hazard, by=town.grid_worker, condition_met=True)
    at(local(1, 25, 9, year=2027))
    with pytest.raises(NotAllowedNowError, match="30 天"):
        cases.reopen(hazard, by=town.rider, reason="又翘了")


def test_the_history_keeps_each_rating_of_a_case_that_came_back(town, visit):
    case = into(report(town.six, by=town.rider), State.CLOSED, town)
    case = cases.rate(case, by=town.rider, rating=Rating.POOR)
    case = cases.reopen(case, by=town.rider, reason="又翘了")
    page = visit(town.rider).get(case.get_absolute_url()).content.decode()
    assert "你评价：不满意" in page
    case = cases.fix(case, by=town.grid_worker)
    case = cases.close(case, by=town.grid_worker, condition_met=True)
    cases.rate(case, by=town.rider, rating=Rating.GOOD)
    page = visit(town.grid_worker).get(case.get_absolute_url()).content.decode()
    assert page.index("上报人评价：不满意") < page.index("上报人评价：满意")


def test_reopening_reaches_the_centre_that_had_it_repaired(town):
    dispatched = into(report(town.six, by=town.rider), State.CLOSED, town)
    town.officer.notices.all().delete()
    cases.reopen(dispatched, by=town.rider, reason="又翘了")
    assert kinds(town.officer) == ["hazards.staff_reopen"]
    town.officer.notices.all().delete()
    mended = advance(report(town.six, by=town.rider), "accepted", reviewer=town.grid_worker)
    mended = cases.fix(mended, by=town.grid_worker)
    mended = cases.close(mended, by=town.grid_worker, condition_met=True)
    cases.reopen(mended, by=town.rider, reason="又翘了")
    assert kinds(town.officer) == []


def test_securing_is_said_once_and_rating_too(town):
    hazard = cases.secure(accepted(town), by=town.grid_worker)
    with pytest.raises(NotAllowedNowError, match="已经围护"):
        cases.secure(hazard, by=town.officer, role="centre")
    hazard = into(report(town.six, by=town.rider), State.CLOSED, town)
    hazard = cases.rate(hazard, by=town.rider, rating=1)
    with pytest.raises(NotAllowedNowError, match="已经评价"):
        cases.rate(hazard, by=town.rider, rating=3)


def test_the_running_deadline_is_the_nearer_one(town, at):
    at(local(11, 24, 9))
    hazard = accepted(town, workdays(5), Urgency.URGENT)
    assert hazard.due_at == hazard.secure_due_at == local(11, 24, 11)
    at(local(11, 24, 12))
    assert hazard.is_overdue
    assert time_left(hazard) == "超 1 小时"
    hazard = cases.secure(hazard, by=town.grid_worker)
    assert hazard.due_at == hazard.fix_due_at
    assert not hazard.is_overdue
    assert "围护" not in both_deadlines(hazard)


def kinds(user):
    return list(user.notices.order_by("id").values_list("kind", flat=True))


def test_the_watch_tells_the_holder_once_and_the_level_above_when_it_is_late(town, at):
    at(local(11, 24, 9))
    hazard = accepted(town)  # due at 11:00
    for user in (town.grid_worker, town.staff, town.officer):
        user.notices.all().delete()
    at(local(11, 24, 9, 30))
    assert deadline_reminders.remind_of_deadlines() == (1, 0)
    assert deadline_reminders.remind_of_deadlines() == (0, 0)
    assert (kinds(town.grid_worker), kinds(town.staff)) == (["hazards.staff_soon"], [])
    at(local(11, 24, 11, 1))
    assert deadline_reminders.remind_of_deadlines() == (0, 1)
    assert deadline_reminders.remind_of_deadlines() == (0, 0)
    assert kinds(town.grid_worker)[1:] == ["hazards.staff_overdue"]
    assert kinds(town.staff) == ["hazards.staff_overdue"]
    # The repair is another deadline than the making safe, and gets its own warning.
    hazard = cases.secure(hazard, by=town.grid_worker)
    assert deadline_reminders.remind_of_deadlines() == (0, 1)


def test_a_repair_that_is_late_is_told_of_though_nobody_made_the_place_safe(town, at):
    at(local(11, 24, 9))
    hazard = accepted(town, workdays(1), Urgency.URGENT)  # mended by 17:00 tomorrow
    safe, mended = hazard.secure_due_at, hazard.fix_due_at
    at(safe + timedelta(minutes=1))
    assert deadline_reminders.remind_of_deadlines() == (0, 1)
    town.grid_worker.notices.all().delete()
    at(mended - timedelta(hours=1))
    assert deadline_reminders.remind_of_deadlines() == (1, 0)
    at(mended)
    assert deadline_reminders.remind_of_deadlines() == (0, 1)
    assert deadline_reminders.remind_of_deadlines() == (0, 0)
    told = town.grid_worker.notices.order_by("id")
    assert [notice.kind for notice in told] == ["hazards.staff_soon", "hazards.staff_overdue"]
    assert all("11 月 25 日 17:00" in notice.body for notice in told)
    assert kinds(town.staff)[-2:] == ["hazards.staff_overdue"] * 2


def test_after_an_outage_one_notice_speaks_of_many(town, at):
    at(local(11, 24, 9))
    for _ in range(6):
        accepted(town)
    town.grid_worker.notices.all().delete()
    at(local(11, 26, 9))
    assert deadline_reminders.remind_of_deadlines() == (0, 6)
    assert [n.title for n in town.grid_worker.notices.all()] == ["有 6 件超时了"]


def test_what_is_over_or_stands_still_is_not_watched(town, at):
    at(local(11, 24, 9))
    for state in (State.FIXED, State.CLOSED, State.REJECTED, State.SUSPENDED, State.WITHDRAWN):
        into(report(town.six, by=town.rider), state, town)
    at(local(11, 25, 9))
    assert deadline_reminders.remind_of_deadlines() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_tell_once(town, at):
    at(local(11, 24, 9))
    accepted(town)
    town.grid_worker.notices.all().delete()
    at(local(11, 24, 12))
    counts = at_once(deadline_reminders.remind_of_deadlines)
    assert sorted(counts) == [(0, 0), (0, 1)]
    assert kinds(town.grid_worker) == ["hazards.staff_overdue"]


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_watches_would_tell_twice(town, at, monkeypatch):
    """The negative control of the one above."""
    at(local(11, 24, 9))
    accepted(town)
    at(local(11, 24, 12))
    monkeypatch.setattr("django.db.models.QuerySet.update", lambda *args, **kwargs: 1)
    assert [overdue for _soon, overdue in at_once(deadline_reminders.remind_of_deadlines)] == [1, 1]


def test_the_due_tab_shows_what_ends_soon_and_nothing_else(town, at, visit):
    at(local(11, 24, 9))
    late = accepted(town)
    calm = accepted(town, workdays(5))
    calm = cases.secure(calm, by=town.grid_worker)
    page = visit(town.grid_worker).get("/hazards/queue/?tab=due").content.decode()
    assert late.number in page
    assert calm.number not in page
    assert Hazard.objects.due_before(local(11, 24, 10)).count() == 0
