"""What hangs on a case when it ends another way than the happy one."""

import threading

import pytest
from django.db import OperationalError

from hazards.cases import cases, merging
from hazards.cases.access import waiting_for
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.catalogue.models import EndReason
from tests.factories.hazards import advance, arguments, into, report
from tests.factories.workers import UserFactory
from tests.threads import PATIENCE, at_once, wait_until_held_up
from yuanhang.core.errors import NotAllowedNowError


def follow(town, main, by=None):
    """A report that was merged into the main one."""
    return cases.merge(report(town.six, by=by), by=town.grid_worker, main=main)


def told(user):
    return list(user.notices.order_by("id").values_list("kind", flat=True))


def end(how, main, town):
    """End the main case without a repair."""
    if how == "withdraw":
        return cases.withdraw(main, by=town.rider)
    if how == "reject":
        return cases.reject(main, by=town.grid_worker, reason="看错了")
    main = advance(main, "accepted", reviewer=town.grid_worker)
    other = EndReason.objects.get(key="other")
    return cases.end_unrepaired(main, by=town.grid_worker, end_reason=other, note="认错了地方")


@pytest.mark.parametrize("how", ["withdraw", "reject", "end_unrepaired"])
def test_the_oldest_follower_leads_and_everybody_is_told(town, how):
    people = [UserFactory() for _n in range(3)]
    main = report(town.six, by=town.rider)
    oldest, second, third = (follow(town, main, person) for person in people)
    end(how, main, town)
    for case in (oldest, second, third):
        case.refresh_from_db()
    assert (oldest.state, oldest.main, oldest.merged_into) == (State.SUBMITTED, None, None)
    others = {(case.state, case.main, case.merged_into) for case in (second, third)}
    assert others == {(State.MERGED, oldest, oldest)}
    in_queue = Hazard.objects.in_charge_of(town.grid_worker).filter(waiting_for(town.grid_worker))
    assert oldest in in_queue
    assert [told(person)[-1] for person in people] == [
        "hazards.lead",
        "hazards.follow",
        "hazards.follow",
    ]
    last = people[0].notices.latest("id")
    assert "先报的那件" in last.body
    assert "。 你这件没有丢" in last.body
    assert "。。" not in last.body


def test_a_reason_that_holds_for_the_place_ends_all_with_the_same_words(town, visit):
    person = UserFactory()
    main = report(town.six, by=town.rider)
    own = follow(town, main, person)
    main = advance(main, "accepted", reviewer=town.grid_worker)
    gone = EndReason.objects.get(key="gone")
    cases.end_unrepaired(main, by=town.grid_worker, end_reason=gone, note="路面已经平了")
    own.refresh_from_db()
    assert (own.state, own.main) == (State.MERGED, main)
    assert told(person)[-1] == "hazards.end_unrepaired"
    assert "自行消失。路面已经平了" in person.notices.latest("id").body
    page = visit(person).get(own.get_absolute_url()).content.decode()
    assert "一起处理" not in page
    assert "了结了，没有修：自行消失。路面已经平了" in page


def test_a_refusal_that_holds_for_the_place_is_told_to_all_and_taken_back_for_all(town):
    person = UserFactory()
    main = report(town.six, by=town.rider)
    own = follow(town, main, person)
    main = cases.reject(main, by=town.grid_worker, reason="归物业管", holds_for_place=True)
    own.refresh_from_db()
    assert (own.main, told(person)[-1]) == (main, "hazards.reject")
    cases.unreject(main, by=town.grid_worker)
    assert told(person)[-1] == "hazards.unreject"


def test_the_box_of_a_refusal_is_there_only_where_somebody_follows(town, visit, press):
    main = report(town.six, by=town.rider)
    client = visit(town.grid_worker)
    assert "一起不受理" not in client.get(main.get_absolute_url()).content.decode()
    own = follow(town, main)
    assert "一起不受理" in client.get(main.get_absolute_url()).content.decode()
    press("grid_worker", main, "reject", reason="归物业管", followers="end")
    own.refresh_from_db()
    assert own.state == State.MERGED


def test_a_chain_is_followed_to_its_end_and_taken_apart_link_by_link(town):
    first, second, third = (report(town.six) for _n in range(3))
    second = cases.merge(second, by=town.grid_worker, main=first)
    third = cases.merge(third, by=town.grid_worker, main=second)
    assert (third.main, third.merged_into) == (first, first)
    fourth = report(town.six)
    first = cases.merge(first, by=town.grid_worker, main=fourth)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.main, third.main, second.merged_into) == (fourth, fourth, first)
    first = cases.unmerge(first, by=town.grid_worker)
    second.refresh_from_db()
    third.refresh_from_db()
    # What had come along goes along.
    assert (first.state, first.main) == (State.SUBMITTED, None)
    assert (second.main, third.main) == (first, first)


def test_the_oldest_may_have_come_by_another_case(town):
    deep = report(town.six)
    middle = report(town.six)
    deep = cases.merge(deep, by=town.grid_worker, main=middle)
    main = report(town.six, by=town.rider)
    middle = cases.merge(middle, by=town.grid_worker, main=main)
    cases.withdraw(main, by=town.rider)
    deep.refresh_from_db()
    middle.refresh_from_db()
    assert (deep.state, middle.main, middle.merged_into) == (State.SUBMITTED, deep, deep)


def test_a_report_that_names_a_merged_case_follows_the_one_that_leads(town):
    main = report(town.six)
    merged = follow(town, main)
    own = report(town.six, same_as=merged)
    assert own.main == main


def test_the_time_beside_another_case_is_not_counted(town):
    main = report(town.six, by=town.rider)
    own = follow(town, main)
    before = own.acknowledge_due_at
    cases.withdraw(main, by=town.rider)
    own.refresh_from_db()
    assert own.acknowledge_due_at >= before
    assert own.clock_started_at > own.submitted_at


def test_a_followers_page_offers_to_reopen_and_to_rate(town, visit):
    person = UserFactory()
    main = report(town.six, by=town.rider)
    own = follow(town, main, person)
    main = advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    client = visit(person)
    page = client.get(own.get_absolute_url())
    assert {move.slug for move in page.context["moves"]} == {"rate", "reopen"}
    url = own.get_absolute_url()
    assert client.post(f"{url}rate/", {"rating": "1", "note": "还是会响"}).status_code == 302
    own.refresh_from_db()
    main.refresh_from_db()
    assert (own.rating, main.rating) == (1, None)
    assert client.post(f"{url}rate/", {"rating": "3"}).status_code == 409
    assert client.post(f"{url}reopen/", {"reason": "又翘了"}).status_code == 302
    own.refresh_from_db()
    main.refresh_from_db()
    assert (main.state, own.state, own.rating) == (State.ACCEPTED, State.MERGED, None)
    step = main.steps.last()
    assert (step.verb, step.by, step.by_role) == ("reopen", person, "follower")
    assert told(town.rider)[-1] == "hazards.reopen"


def test_a_guest_who_follows_does_both_by_the_receipt(town, client):
    main = report(town.six, by=town.rider)
    own = follow(town, main)
    advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    url = own.get_receipt_url()
    assert {move.slug for move in client.get(url).context["moves"]} == {"rate", "reopen"}
    assert client.post(f"{url}rate/", {"rating": "3"}).status_code == 302
    assert client.post(f"{url}reopen/", {"reason": "没修"}).status_code == 302
    main.refresh_from_db()
    assert main.state == State.ACCEPTED


def test_a_stranger_reopens_nothing_by_way_of_another_case(town, visit):
    own = follow(town, report(town.six, by=town.rider), UserFactory())
    advance(own.main, "closed", reviewer=town.grid_worker, officer=town.officer)
    response = visit(UserFactory()).post(f"{own.get_absolute_url()}reopen/", {"reason": "没修"})
    assert response.status_code == 404


def test_no_rating_before_the_main_case_is_closed(town):
    own = follow(town, report(town.six), town.rider)
    with pytest.raises(NotAllowedNowError, match="办结以后"):
        cases.rate(own, by=town.rider, rating=3)


def withdraw_while_taken_apart(town, monkeypatch):
    """One person takes a link of the chain apart while the reporter takes the main case back.

    The link came with a case of a lower key, so the two want the same rows in opposite orders.
    Returns what each heard.
    """
    deep, middle = report(town.six), report(town.six)
    cases.merge(deep, by=town.grid_worker, main=middle)
    main = report(town.six, by=town.rider)
    middle = cases.merge(middle, by=town.grid_worker, main=main)
    inside = threading.Event()
    stand_alone = merging._stand_alone

    def slowly(case, earlier):
        inside.set()
        wait_until_held_up()
        stand_alone(case, earlier)

    monkeypatch.setattr(merging, "_stand_alone", slowly)

    def take_back():
        assert inside.wait(PATIENCE)
        return cases.withdraw(main, by=town.rider).state

    todo = iter([lambda: cases.unmerge(middle, by=town.grid_worker).state, take_back])

    def act():
        try:
            return next(todo)()
        except OperationalError as error:
            return str(error)

    return at_once(act), deep, middle


@pytest.mark.django_db(transaction=True)
def test_ending_and_taking_apart_at_once_leave_nobody_behind(town, monkeypatch):
    heard, deep, middle = withdraw_while_taken_apart(town, monkeypatch)
    assert sorted(heard) == [State.SUBMITTED, State.WITHDRAWN]
    deep.refresh_from_db()
    middle.refresh_from_db()
    assert (deep.main, middle.main, middle.state) == (middle, None, State.SUBMITTED)


@pytest.mark.django_db(transaction=True)
def test_without_the_main_cases_lock_the_two_stop_each_other(town, monkeypatch):
    """The negative control: the main row is held before what hangs on it."""
    monkeypatch.setattr(
        merging, "_hold", lambda _main, pk: Hazard.objects.select_for_update().get(pk=pk)
    )
    heard, _deep, _middle = withdraw_while_taken_apart(town, monkeypatch)
    assert any("deadlock" in word for word in heard)


def test_whoever_reported_it_does_not_close_it(town, visit):
    own = into(report(town.six, by=town.grid_worker), State.FIXED, town)
    with pytest.raises(NotAllowedNowError, match="另一位同事"):
        cases.close(own, by=town.grid_worker, **arguments("close", town))
    page = visit(town.grid_worker).get(own.get_absolute_url())
    assert "close" not in {move.slug for move in page.context["moves"]}


def test_where_only_the_reporter_holds_the_grid_the_staff_check_the_repair(town, visit):
    own = into(report(town.six, by=town.grid_worker), State.FIXED, town)
    assert town.staff.notices.latest("id").kind == "hazards.staff_fix"
    mine = Hazard.objects.in_charge_of(town.staff).filter(waiting_for(town.staff))
    assert own in mine
    page = visit(town.staff).get(own.get_absolute_url())
    assert "close" in {move.slug for move in page.context["moves"]}
    # Somebody else's report is the grid worker's to check.
    other = into(report(town.six, by=town.rider), State.FIXED, town)
    assert other not in mine
