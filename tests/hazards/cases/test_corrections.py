"""What was recorded wrongly is put right; the clock keeps still for a question; leases; splits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.access import waiting_for
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.catalogue.models import Category, Urgency
from hazards.deadline_reminders.standstills import look_after_standstills
from hazards.deadlines import working_time
from hazards.deadlines.deadlines import current_working_time
from tests import media
from tests.factories.hazards import arguments, into, report, standard, stored_photo
from tests.factories.stations import GridFactory
from tests.factories.workers import UserFactory, post
from yuanhang.core.errors import NotAllowedNowError


def earlier(hazard, **ago):
    """Let everything of a case have happened so much earlier."""
    names = (
        "submitted_at",
        "waiting_since",
        "accepted_at",
        "clock_started_at",
        "acknowledge_due_at",
        "secure_due_at",
        "fix_due_at",
        "suspended_at",
    )
    moved = {
        name: getattr(hazard, name) - timedelta(**ago) for name in names if getattr(hazard, name)
    }
    Hazard.objects.filter(pk=hazard.pk).update(**moved)
    hazard.refresh_from_db()
    return hazard


# --- another grid ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SUBMITTED, State.ACCEPTED, State.DISPATCHED])
def test_another_grid_keeps_the_deadlines_and_moves_the_news(town, state):
    hazard = into(report(town.six, by=town.rider), state, town)
    cases.take(hazard, by=town.grid_worker)
    due = hazard.due_at
    hazard = cases.reassign(
        hazard, by=town.grid_worker, reason="在路那边", community=town.community, grid=town.one
    )
    assert (hazard.grid, hazard.state, hazard.due_at, hazard.is_taken) == (
        town.one,
        state,
        due,
        False,
    )
    assert town.other_grid_worker.notices.latest("id").kind == "hazards.staff_reassign"
    old = town.grid_worker.notices.all()
    assert not old.unread().exists()
    assert set(old.values_list("url", flat=True)) == {""}
    assert hazard.steps.last().note == "在路那边"


def test_a_grid_of_another_subdistrict_and_the_present_one_are_refused(town):

    hazard = report(town.six)
    away = GridFactory()
    with pytest.raises(NotAllowedNowError, match="本街道"):
        cases.reassign(
            hazard, by=town.staff, role="staff", reason="x", community=away.community, grid=away
        )
    with pytest.raises(NotAllowedNowError, match="已经在这个网格"):
        cases.reassign(
            hazard,
            by=town.staff,
            role="staff",
            reason="x",
            community=town.community,
            grid=town.six,
        )


def test_staff_move_it_out_of_every_grid_by_the_page(town, visit, press):
    hazard = report(town.six, by=town.rider)
    client = visit(town.staff)
    page = client.get(f"{hazard.get_absolute_url()}correct/").content.decode()
    assert "期限不变：答应上报人的时间照旧。" in page
    assert "网格外" in page
    response = press(
        "staff", hazard, "reassign", place=f"community-{town.community.pk}", reason="在院里"
    )
    assert response.status_code == 302
    hazard.refresh_from_db()
    assert (hazard.grid, hazard.community) == (None, town.community)
    wrong = press("staff", hazard, "reassign", place="grid-0", reason="写好的原因")
    assert wrong.status_code == 400
    assert "没有这个网格。" in wrong.content.decode()
    assert "写好的原因" in wrong.content.decode()


# --- category, standard, urgency: the rule of the deadlines ----------------------------------


def test_before_acceptance_the_new_category_brings_its_urgency(town):
    hazard = earlier(report(town.six, category="rubbish"), hours=5)
    assert hazard.urgency == Urgency.NORMAL
    oil = Category.objects.get(key="oil_gas")
    hazard = cases.recategorise(hazard, by=town.grid_worker, reason="有油味", category=oil)
    assert hazard.urgency == oil.urgency
    hours = current_working_time()
    expected = working_time.acknowledge_by(hazard.submitted_at, oil.urgency, hours)
    assert hazard.acknowledge_due_at == expected


def test_another_standard_counts_from_acceptance_with_the_extensions(town):
    hazard = earlier(into(report(town.six), State.DISPATCHED, town), hours=6)
    hazard = cases.extend(hazard, by=town.officer, reason="等配件")
    other = standard(2)
    hazard = cases.restandard(hazard, by=town.grid_worker, reason="只是破了", standard_case=other)
    hours, start = current_working_time(), hazard.clock_started_at
    once = working_time.due(start, other.limit, other.unit, hours)
    assert hazard.fix_due_at == working_time.due(once, other.limit, other.unit, hours)
    assert hazard.secure_due_at <= hazard.fix_due_at


@pytest.mark.parametrize("is_repaired_first", [False, True])
def test_another_urgency_moves_the_making_safe_alone(town, is_repaired_first):
    hazard = into(report(town.six, by=town.rider), State.ACCEPTED, town)
    # A repair within two hours, or one within days that leaves room to make the place safe.
    variant = 1 if is_repaired_first else 3
    urgency = Urgency.NORMAL if is_repaired_first else Urgency.URGENT
    if not is_repaired_first:
        other = standard(variant)
        hazard = cases.restandard(hazard, by=town.grid_worker, reason="响", standard_case=other)
    fix_due_at = hazard.fix_due_at
    hazard = cases.reprioritise(hazard, by=town.grid_worker, reason="晚上看不见", urgency=urgency)
    start, hours = hazard.clock_started_at, current_working_time()
    safe = working_time.secure_by(start, urgency, hours)
    assert (fix_due_at < safe) is is_repaired_first
    assert (hazard.fix_due_at, hazard.secure_due_at) == (fix_due_at, min(safe, fix_due_at))
    assert "晚上看不见" in town.rider.notices.latest("id").body


def test_the_preview_shows_what_would_be_due(town, press):
    hazard = into(report(town.six, by=town.rider), State.ACCEPTED, town)
    data = {"standard_case": standard(2).pk, "reason": "只是破了", "preview": "1"}
    response = press("grid_worker", hazard, "restandard", **data)
    page = response.content.decode()
    assert response.context["preview"].due_at != hazard.due_at
    assert "上报人会读到" in page
    assert "→" in page
    hazard.refresh_from_db()
    assert hazard.standard_case == standard()


@pytest.mark.parametrize("verb", ["recategorise", "restandard", "reprioritise"])
def test_what_is_so_already_is_refused_and_what_was_typed_stays(town, press, verb):
    hazard = into(report(town.six), State.ACCEPTED, town)
    same = {"recategorise": {}, "restandard": {"standard_case": hazard.standard_case_id}}
    same = same.get(verb, {"urgency": hazard.urgency})
    if verb == "recategorise":
        category = hazard.category
        with pytest.raises(NotAllowedNowError, match="不用改"):
            cases.recategorise(hazard, by=town.grid_worker, reason="x", category=category)
        return
    response = press("grid_worker", hazard, verb, reason="写了很久的原因", **same)
    assert response.status_code == 409
    assert "不用改" in response.content.decode()
    assert "写了很久的原因" in response.content.decode()


def test_a_thing_that_turns_out_to_be_about_a_person_has_one_promise_and_back(town):
    hazard = into(report(town.six), State.ACCEPTED, town)
    elder = Category.objects.get(key="elder")
    hazard = cases.recategorise(hazard, by=town.grid_worker, reason="是老人", category=elder)
    assert (hazard.standard_case, hazard.secure_due_at) == (None, None)
    cover = Category.objects.get(key="manhole")
    with pytest.raises(NotAllowedNowError, match="立案标准"):
        cases.recategorise(hazard, by=town.grid_worker, reason="是井盖", category=cover)
    hazard = cases.recategorise(
        hazard, by=town.grid_worker, reason="是井盖", category=cover, standard_case=standard()
    )
    assert hazard.secure_due_at is not None


# --- a refusal taken back ---------------------------------------------------------------------


def test_a_refusal_is_taken_back_within_seven_days_and_not_later(town, press):
    hazard = cases.reject(report(town.six, by=town.rider), by=town.grid_worker, reason="看错了")
    within = earlier(hazard, days=6, hours=23)
    assert press("grid_worker", within, "unreject").status_code == 302
    hazard.refresh_from_db()
    assert (hazard.state, hazard.is_overdue) == (State.SUBMITTED, False)
    assert town.rider.notices.latest("id").kind == "hazards.unreject"
    late = earlier(into(report(town.six), State.REJECTED, town), days=7, seconds=1)
    response = press("grid_worker", late, "unreject")
    assert response.status_code == 409
    assert "超过 7 天" in response.content.decode()


# --- a question -------------------------------------------------------------------------------


def test_a_question_stops_the_clock_and_is_no_delay_of_the_reviewers(town):
    hazard = report(town.six, by=town.rider, category="oil_gas")
    before = hazard.acknowledge_due_at
    hazard = cases.ask_info(hazard, by=town.grid_worker, reason="哪口井？")
    hazard = earlier(hazard, hours=9)
    assert (hazard.due_at, hazard.is_overdue) == (None, False)
    assert hazard not in Hazard.objects.due_before(timezone.now())
    hazard = cases.supply_info(hazard, by=town.rider, note="三号井")
    assert not hazard.is_overdue
    assert hazard.acknowledge_due_at > before - timedelta(minutes=1)


def test_an_answer_by_telephone_is_enough_with_a_note(town, press):
    hazard = into(report(town.six, by=town.rider), State.NEEDS_INFO, town)
    data = {"standard_case": standard().pk, "urgency": "2"}
    refused = press("grid_worker", hazard, "accept", **data)
    assert refused.status_code == 400
    assert "写一句是怎么知道的" in refused.content.decode()
    told = press("grid_worker", hazard, "accept", note="打电话问到了，是东边", **data)
    assert told.status_code == 302
    hazard.refresh_from_db()
    assert hazard.state == State.ACCEPTED


def test_the_reporter_is_reminded_once_after_a_day(town):
    hazard = into(report(town.six, by=town.rider), State.NEEDS_INFO, town)
    earlier(hazard, hours=23, minutes=59)
    assert look_after_standstills()["reminded"] == 0
    earlier(hazard, minutes=2)
    assert [look_after_standstills()["reminded"] for _run in range(2)] == [1, 0]
    assert town.rider.notices.latest("id").kind == "hazards.question"
    assert "路口东边还是西边？" in town.rider.notices.latest("id").body


def test_after_a_week_the_reviewer_is_asked_to_decide_once(town):
    hazard = into(report(town.six, by=town.rider), State.NEEDS_INFO, town)
    mine = Hazard.objects.in_charge_of(town.grid_worker).filter
    earlier(hazard, days=6, hours=23)
    assert look_after_standstills()["expired"] == 0
    assert not mine(waiting_for(town.grid_worker)).exists()
    earlier(hazard, hours=2)
    assert [look_after_standstills()["expired"] for _run in range(2)] == [1, 0]
    assert town.grid_worker.notices.latest("id").kind == "hazards.staff_question"
    assert mine(waiting_for(town.grid_worker)).get() == hazard
    # Asked anew, the reporter gets a new day.
    hazard = cases.supply_info(hazard, by=town.rider, note="东边")
    hazard = cases.ask_info(hazard, by=town.grid_worker, reason="几号楼？")
    assert (hazard.question_reminded_at, hazard.question_expired_at) == (None, None)


def test_what_was_put_off_until_today_waits_for_the_centre_again(town):
    hazard = into(report(town.six), State.SUSPENDED, town)
    waits = Hazard.objects.in_charge_of(town.officer).filter
    assert look_after_standstills()["over"] == 0
    assert not waits(waiting_for(town.officer)).exists()
    Hazard.objects.filter(pk=hazard.pk).update(suspended_until=timezone.localdate())
    assert [look_after_standstills()["over"] for _run in range(2)] == [1, 0]
    assert town.officer.notices.latest("id").kind == "hazards.staff_suspension"
    assert waits(waiting_for(town.officer)).get() == hazard


# --- 我来办 -----------------------------------------------------------------------------------


def test_a_case_is_taken_for_half_an_hour_and_nobody_is_kept_from_acting(town, visit, press):
    hazard = report(town.six)
    other = UserFactory()

    post(other, "grid_worker", town.six)
    assert press("grid_worker", hazard, "take").status_code == 302
    hazard.refresh_from_db()
    left = hazard.taken_until - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    page = visit(other).get(hazard.get_absolute_url()).content.decode()
    assert f"{town.grid_worker.display_name}在办，到" in page
    with pytest.raises(NotAllowedNowError, match="正在办这一件"):
        cases.take(hazard, by=other)
    # A lease says who is at it, and no more.
    accepted = cases.accept(hazard, by=other, **arguments("accept", town))
    assert (accepted.state, accepted.taken_by) == (State.ACCEPTED, None)


def test_a_lease_is_extended_given_back_and_over_by_itself(town):
    hazard = cases.take(report(town.six), by=town.grid_worker)
    almost_over = timezone.now() + timedelta(minutes=1)
    Hazard.objects.filter(pk=hazard.pk).update(taken_until=almost_over)
    anew = cases.take(hazard, by=town.grid_worker).taken_until
    assert anew > almost_over + timedelta(minutes=28)
    Hazard.objects.filter(pk=hazard.pk).update(taken_until=timezone.now() - timedelta(seconds=1))
    hazard.refresh_from_db()
    assert not hazard.is_taken
    with pytest.raises(NotAllowedNowError, match="不是你在办"):
        cases.release(hazard, by=town.grid_worker)
    assert cases.take(hazard, by=town.officer, role="centre").taken_by == town.officer


def test_the_queue_says_who_is_at_it(town, visit):
    cases.take(report(town.six), by=town.grid_worker)
    page = visit(town.staff).get("/hazards/queue/?tab=open").content.decode()
    assert f"{town.grid_worker.display_name}在办" in page


# --- one report, two hazards ------------------------------------------------------------------


def test_a_report_is_split_with_its_photos_by_choice(town, visit, press, stored_files):
    pictures = Attachments(photos=[stored_photo(media.jpeg(60 + n, 40)) for n in range(2)])
    hazard = report(town.six, by=town.rider, attachments=pictures, place="南六街")
    chosen = hazard.photos.first()
    data = {"category": "street_light", "description": "旁边路灯也不亮", "photos": [chosen.pk]}
    assert press("grid_worker", hazard, "split", **data).status_code == 302
    part = Hazard.objects.get(split_from=hazard)
    assert (part.reporter, part.grid, part.place, part.state) == (
        town.rider,
        town.six,
        "南六街",
        State.SUBMITTED,
    )
    (copy,) = part.photos.all()
    assert copy.width == chosen.width
    assert copy.image.name != chosen.image.name
    assert len(stored_files()) == 6
    told = town.rider.notices.latest("id")
    assert part.number in told.body
    client = visit(town.rider)
    assert part.get_absolute_url() in client.get(hazard.get_absolute_url()).content.decode()
    assert hazard.get_absolute_url() in client.get(part.get_absolute_url()).content.decode()
    again = press("grid_worker", hazard, "split", **data)
    assert again.status_code == 409
    assert Hazard.objects.filter(split_from=hazard).count() == 1


def test_another_cases_photo_cannot_be_taken_along(town, press):
    pictures = Attachments(photos=[stored_photo(media.jpeg(60, 40))])
    other = report(town.far, attachments=pictures)
    data = {"category": "ice", "description": "结冰", "photos": [other.photos.get().pk]}
    assert press("grid_worker", report(town.six), "split", **data).status_code == 400


def test_a_guest_finds_the_second_case_by_the_first_ones_receipt(town, client):
    hazard = cases.split(report(town.six), by=town.grid_worker, **arguments("split", town))
    part = hazard.parts.get()
    page = client.get(hazard.get_receipt_url()).content.decode()
    assert part.get_receipt_url() in page
    assert part.get_absolute_url() not in page
