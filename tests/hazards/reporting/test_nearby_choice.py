"""Choosing one of the cases near by instead of reporting it again."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hazards.cases import cases, reports
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from tests.factories.hazards import advance, form, into, report
from tests.factories.workers import UserFactory
from tests.hazards.reporting.nearby_help import AT, REPORT, URL, at_point, confirmed, pictured, send
from tests.threads import PATIENCE, at_once, wait_until_held_up
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox.models import Notice


def test_a_guest_may_say_so_and_reads_on_at_the_receipt(client, town):
    main = at_point(town)
    mine = send(client, same_as=main.number)
    assert (mine.main, mine.reporter) == (main, None)
    page = client.get(mine.get_receipt_url()).content.decode()
    assert "每走一步都写在这个页面上" in page
    cases.fix(
        advance(main, "accepted", reviewer=town.grid_worker), by=town.grid_worker, note="换好了"
    )
    assert "换好了" in client.get(mine.get_receipt_url()).content.decode()


@pytest.mark.parametrize("choice", ["", "不是", "\x00", "YH20200101-0001", "9" * 5000])
def test_no_choice_or_a_senseless_one_is_a_report_like_any_other(client, town, choice):
    at_point(town)
    mine = send(client, same_as=choice)
    assert (mine.state, mine.main) == (State.SUBMITTED, None)
    assert "收到了，谢谢你" in client.get(mine.get_receipt_url()).content.decode()


def test_a_forged_number_attaches_to_no_case_of_the_town(client, town):
    others = [
        at_point(town, 500),
        at_point(town, 3, category="ice"),
        report(town.far),
        into(at_point(town), State.CLOSED, town),
        into(at_point(town), State.REJECTED, town),
    ]
    others.append(cases.merge(at_point(town), by=town.grid_worker, main=at_point(town)))
    for other in others:
        mine = send(client, same_as=other.number)
        assert (mine.state, mine.main) == (State.SUBMITTED, None)
        assert "staff_submit" in Notice.objects.latest("id").kind


def test_choosing_asks_for_no_less_and_no_more(client, town):
    main = at_point(town)
    response = client.post(REPORT, AT | form(same_as=main.number))
    assert response.status_code == 400
    assert "有一样就能发" in response.content.decode()
    # The plain form has the choice still.
    assert f'name="same_as" value="{main.number}"' in response.content.decode()
    assert Hazard.objects.count() == 1
    assert send(client, same_as=main.number).main == main


def test_sent_again_it_joins_once(client, town):
    main, key = at_point(town), str(uuid.uuid4())
    first = send(client, same_as=main.number, submission_key=key)
    cases.close(
        advance(main, "fixed", reviewer=town.grid_worker, officer=town.officer),
        by=town.grid_worker,
        condition_met=True,
    )
    again = send(client, same_as=main.number, submission_key=key)
    assert again == first
    assert list(first.steps.values_list("verb", flat=True)) == ["submit", "merge"]
    assert Hazard.objects.count() == 2


def test_staff_entering_a_report_choose_as_riders_do(visit, town):
    main = at_point(town)
    data = AT | form(description="打电话来说的", same_as=main.number)
    assert visit(town.grid_worker).post("/hazards/new/", data).status_code == 302
    assert Hazard.objects.latest("id").main == main
    # A number that was not offered is as good as none.
    far = report(town.far)
    other = AT | form(description="又一件", same_as=far.number)
    visit(town.grid_worker).post("/hazards/new/", other)
    assert Hazard.objects.latest("id").main is None


# --- two at once ----------------------------------------------------------------------------

race = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@race
def test_one_report_sent_twice_at_once_joins_once(town):
    main, data = at_point(town), AT | form(description="井盖")
    data["same_as"] = main.number
    answers = at_once(lambda: Client().post(REPORT, data))
    mine = main.merged.get()
    assert [(a.status_code, a.url) for a in answers] == [(302, mine.get_receipt_url())] * 2
    assert list(mine.steps.values_list("verb", flat=True)) == ["submit", "merge"]


def while_it_ends(town, main, end):
    """Send a report that joins `main` while somebody ends that case, before they commit."""
    locked = threading.Event()
    turns = iter(["reviewer", "reporter"])

    def reviewer():
        with transaction.atomic():
            end(main)
            locked.set()
            wait_until_held_up()

    def reporter():
        assert locked.wait(timeout=PATIENCE)
        return Client().post(REPORT, AT | form(description="井盖", same_as=main.number))

    found = at_once(lambda: {"reviewer": reviewer, "reporter": reporter}[next(turns)]())
    return next(answer for answer in found if answer is not None)


def closing(town):
    def end(main):
        cases.close(main, by=town.grid_worker, condition_met=True)

    return end


def merging(town):
    other = at_point(town, 5)

    def end(main):
        cases.merge(main, by=town.grid_worker, main=other)

    return end


@race
@pytest.mark.parametrize(("ending", "state"), [(closing, "fixed"), (merging, "submitted")])
def test_a_case_that_ends_meanwhile_takes_nothing_and_the_report_goes_in(town, ending, state):
    main, end = into(at_point(town), state, town), ending(town)
    answer = while_it_ends(town, main, end)
    assert answer.status_code == 302
    mine = Hazard.objects.get(description="井盖")
    assert (mine.state, mine.main) == (State.SUBMITTED, None)
    main.refresh_from_db()
    assert not main.is_open


@race
def test_without_the_lock_that_report_would_be_refused(town, monkeypatch):
    monkeypatch.setattr(reports, "_held_open", lambda case: case)
    answer = while_it_ends(town, into(at_point(town), "fixed", town), closing(town))
    assert answer.status_code == 409
    assert not Hazard.objects.filter(description="井盖").exists()


@race
def test_whoever_joins_while_it_is_closed_learns_the_end_or_stands_alone(town):
    """Nobody is left behind: merged before the close and told of it, or a case of their own."""
    for _ in range(3):
        main, rider = into(at_point(town), "fixed", town), UserFactory()
        sender = Client()
        sender.force_login(rider)
        acts = iter(
            [
                lambda main=main: cases.close(main, by=town.grid_worker, condition_met=True),
                lambda main=main, sender=sender: sender.post(
                    REPORT, AT | form(description="井盖", same_as=main.number)
                ),
            ]
        )
        found = at_once(lambda acts=acts: next(acts)())
        assert not [answer for answer in found if isinstance(answer, Exception)]
        mine = Hazard.objects.get(reporter=rider)
        ends = rider.notices.filter(kind="hazards.close").count()
        assert (mine.state, ends) in {(State.MERGED, 1), (State.SUBMITTED, 0)}
        Hazard.objects.filter(pk=mine.pk).exclude(state=State.MERGED).update(state=State.WITHDRAWN)


def test_the_workflow_alone_refuses_to_follow_what_is_over(town):
    """The verb itself stays strict; only the report is never lost."""
    over = into(at_point(town), State.CLOSED, town)
    with pytest.raises(NotAllowedNowError):
        cases.merge(at_point(town), by=None, role="reporter", main=over)
    mine = report(town.six, same_as=over)
    assert mine.state == State.SUBMITTED
    assert Step.objects.filter(hazard=mine).count() == 1


# --- how much it asks the database ----------------------------------------------------------


@pytest.mark.parametrize(("who", "expected"), [(None, 15), ("confirmed", 6)])
def test_the_database_is_asked_as_often_for_one_as_for_many(visit, town, who, expected):
    town.confirmed = confirmed(town)

    def count():
        client = visit(getattr(town, who) if who else None)
        client.post(URL, AT)  # what staff edit is kept from then on
        with CaptureQueriesContext(connection) as caught:
            assert client.post(URL, AT).status_code == 200
        return len(caught)

    at_point(town, attachments=pictured())
    few = count()
    for _ in range(8):
        at_point(town, 4, attachments=pictured())
    assert (few, count()) == (expected, expected)
