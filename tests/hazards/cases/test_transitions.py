"""Every verb through its door: who is told, what is written, what is refused."""

import uuid

import pytest

from hazards.cases import cases, reports
from hazards.cases.cases import VERBS
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from hazards.cases.transitions import TRANSITIONS
from hazards.catalogue.models import Urgency
from tests.factories.hazards import advance, arguments, into, ready_for, report, standard
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


def notices(user):
    return list(user.notices.order_by("id").values_list("kind", flat=True))


def test_every_move_of_the_table_has_its_verb_and_no_verb_is_beside_it():
    assert set(VERBS) == set(TRANSITIONS)


def test_a_report_lands_with_the_workers_of_its_grid_and_nobody_else(town):
    hazard = report(town.six, by=town.rider)
    assert hazard.state == State.SUBMITTED
    assert hazard.community == town.community
    assert notices(town.grid_worker) == ["hazards.staff_submit"]
    assert Notice.objects.count() == 1
    assert [step.verb for step in hazard.steps.all()] == ["submit"]
    event = AuditEvent.objects.get(kind="hazards.submit")
    assert (event.target_id, event.actor_id) == (str(hazard.pk), town.rider.pk)


def test_outside_every_grid_it_goes_to_the_communitys_staff(town):
    report(None, by=town.rider)
    assert notices(town.staff) == ["hazards.staff_submit"]
    assert Notice.objects.count() == 1


def test_a_grid_that_nobody_holds_falls_to_the_staff(town):
    town.grid_worker.postings.all().delete()
    report(town.six)
    assert notices(town.staff) == ["hazards.staff_submit"]


def test_numbers_count_within_the_day_without_gaps(town):
    numbers = [report(town.six).number for _ in range(3)]
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]
    assert len({number[:10] for number in numbers}) == 1


def test_the_same_key_makes_one_case(town):
    key = uuid.uuid4()
    first = report(town.six, submission_key=key)
    # By then the phone may know better where it is.
    second, is_new = reports.submit(
        by=None,
        submission_key=key,
        category=first.category,
        description=first.description,
        grid=town.one,
    )
    assert (second.pk, is_new) == (first.pk, False)
    assert Hazard.objects.count() == Step.objects.count() == 1


def test_another_report_under_a_used_key_is_a_second_case_however_often_it_is_sent(town):
    key = uuid.uuid4()
    first = report(town.six, submission_key=key)
    others = [report(town.six, submission_key=key, description="路灯不亮") for _ in range(2)]
    again = report(town.six, submission_key=key)
    assert (others[0].pk, again.pk) == (others[1].pk, first.pk)
    assert set(Hazard.objects.values_list("description", flat=True)) == {
        first.description,
        "路灯不亮",
    }


def test_a_key_of_another_account_is_refused(town):
    key = uuid.uuid4()
    first = report(town.six, by=town.rider, submission_key=key)
    with pytest.raises(NotAllowedNowError, match="另一个账号"):
        reports.submit(by=town.stranger, submission_key=key, category=first.category)
    assert Hazard.objects.count() == 1


def test_the_reporter_is_told_of_every_step_in_words_a_person_would_say(town):
    hazard = report(town.six, by=town.rider, place="南六街")
    hazard = cases.accept(
        hazard,
        by=town.grid_worker,
        standard_case=standard(),
        urgency=Urgency.URGENT,
        note="马上过去看，先摆警示桩。",
    )
    advance_from_accepted(hazard, town)
    told = list(town.rider.notices.order_by("id").values_list("title", "body"))
    assert [title for title, _body in told] == [
        "你报的「井盖道路」，我们受理了",
        "你报的「井盖道路」，已经报到街道了",
        "你报的「井盖道路」，已经派人去修了",
        "你报的「井盖道路」，修好了",
        "你报的「井盖道路」，办结了，谢谢你",
    ]
    assert told[0][1].startswith("南六街。")
    assert "前围护，" in told[0][1]
    assert told[0][1].endswith("前修好。网格员说：「马上过去看，先摆警示桩。」")
    assert town.organisation.name in told[2][1]


def advance_from_accepted(hazard, town):
    hazard = cases.escalate(hazard, by=town.grid_worker)
    assert notices(town.officer) == ["hazards.staff_escalate"]
    hazard = cases.dispatch(
        hazard, by=town.officer, organisation=town.organisation, outside_number="SZ-1"
    )
    hazard = cases.fix(hazard, by=town.officer)
    assert notices(town.grid_worker)[-2:] == ["hazards.staff_dispatch", "hazards.staff_fix"]
    hazard = cases.close(hazard, by=town.grid_worker, condition_met=True)
    assert hazard.state == State.CLOSED
    assert hazard.closed_at is not None


def test_asking_and_answering(town):
    hazard = report(town.six, by=town.rider)
    hazard = cases.ask_info(hazard, by=town.grid_worker, reason="是路口东边还是西边？")
    assert hazard.state == State.NEEDS_INFO
    assert "是路口东边还是西边？" in town.rider.notices.get().body
    with pytest.raises(NotAllowedNowError, match="不能是空的"):
        cases.supply_info(hazard, by=town.rider)
    hazard = cases.supply_info(hazard, by=town.rider, note="东边")
    assert hazard.state == State.SUBMITTED
    assert notices(town.grid_worker) == ["hazards.staff_submit", "hazards.staff_supply_info"]


def test_rejecting_tells_why_and_withdrawing_spares_the_reviewer(town):
    refused = cases.reject(
        report(town.six, by=town.rider), by=town.grid_worker, reason="这是小区内部的事，已转物业"
    )
    assert refused.state == State.REJECTED
    assert "已转物业" in town.rider.notices.get().body
    taken_back = cases.withdraw(report(town.six, by=town.rider), by=town.rider)
    assert taken_back.state == State.WITHDRAWN
    assert notices(town.grid_worker)[-1] == "hazards.staff_withdraw"


def test_closing_needs_the_condition(town):
    hazard = advance(report(town.six), "fixed", reviewer=town.grid_worker, officer=town.officer)
    with pytest.raises(NotAllowedNowError, match="结案条件"):
        cases.close(hazard, by=town.grid_worker, condition_met=False)
    hazard.refresh_from_db()
    assert hazard.state == State.FIXED


def written():
    return Step.objects.count(), Notice.objects.count(), AuditEvent.objects.count()


@pytest.mark.parametrize("state", list(State))
def test_each_state_allows_the_moves_of_the_table_and_no_other(town, state):
    """Exhaustive, every verb from every state, generated from the table."""
    for verb, move in TRANSITIONS.items():
        hazard = into(report(town.six, by=town.rider), state, town)
        assert hazard.state == state
        if (verb, state) == ("rate", State.MERGED):
            advance(hazard.main, "closed", reviewer=town.grid_worker, officer=town.officer)
        if state in move.sources:
            hazard = ready_for(verb, hazard, town)
        given = arguments(verb, town)
        if (verb, state) == ("accept", State.NEEDS_INFO):
            given["note"] = "打电话问到了"
        if state in move.sources:
            target = move.target_from(hazard, state)
            role = move.actors_from(state)[0]
            moved = VERBS[verb](hazard, by=town.grid_worker, role=role, **given)
            assert moved.state == target, verb
            assert moved.steps.last().verb == verb or verb in ("take", "release")
        else:
            before = written()
            with pytest.raises(NotAllowedNowError, match="已被他人处理"):
                VERBS[verb](hazard, by=town.grid_worker, **given)
            assert written() == before, verb


def test_a_failure_in_the_middle_leaves_nothing(town, monkeypatch):
    hazard = report(town.six, by=town.rider)
    before = (Step.objects.count(), Notice.objects.count(), AuditEvent.objects.count())

    def break_down(*args, **kwargs):
        raise RuntimeError("the notice could not be stored")

    monkeypatch.setattr("hazards.cases.notifications.notify_step", break_down)
    with pytest.raises(RuntimeError):
        cases.accept(hazard, by=town.grid_worker, standard_case=standard(), urgency=Urgency.SOON)
    hazard.refresh_from_db()
    assert hazard.state == State.SUBMITTED
    assert (Step.objects.count(), Notice.objects.count(), AuditEvent.objects.count()) == before
