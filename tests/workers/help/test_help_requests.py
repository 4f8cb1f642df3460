"""Asking for help, who hears of it, who goes, and how it ends."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from stations.postings.models import Posting
from tests.factories.workers import UserFactory, post
from tests.workers.help.help_help import POINT, asker, attached, call, keeper, neighbour
from workers import workers
from workers.help import asking, help_requests, neighbours
from workers.help.models import FOR_NEIGHBOURS, HelpRequest, HelpTake, HelpVoice, Kind
from workers.models import Worker
from yuanhang.core import people
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Delivery, Notice

End, Outcome, State = HelpRequest.End, HelpTake.Outcome, HelpRequest.State


def told(kind):
    """Keys of the people who got a notice of a kind."""
    rows = Notice.objects.filter(kind=f"workers.{kind}")
    return set(rows.values_list("recipient", flat=True))


@pytest.fixture
def clock(monkeypatch):
    """`clock(minutes=5)` moves the present on."""
    start, gone = timezone.now(), [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: start + gone[0])

    def move(**span):
        gone[0] += timedelta(**span)

    return move


# --- who hears of it ------------------------------------------------------------------------


def test_a_guests_request_goes_to_the_keeper_on_duty_alone(town):
    on_duty, near = keeper(town), neighbour(town)
    row = call(town)
    assert (row.level, row.station) == ("keeper", town.station)
    assert told("help_asked") == {on_duty.pk}
    assert told("help_near") == set()
    assert not HelpRequest.objects.offered_to(near).exists()
    assert not HelpRequest.objects.visible_to(near).exists()


@pytest.mark.parametrize("gone", ["closed", "no keeper", "keeper's post is over"])
def test_without_a_keeper_on_duty_the_next_level_is_told_at_once(town, gone):
    if gone != "closed":
        keeper(town)
        Posting.objects.filter(role="station_keeper").update(
            start="2020-01-01", end="2020-12-31"
        ) if gone != "no keeper" else Posting.objects.filter(role="station_keeper").delete()
    else:
        post(UserFactory(), "station_keeper", town.station)
    row = call(town)
    assert row.level == "staff"
    assert town.staff.pk in told("help_asked")
    assert town.other_staff.pk not in told("help_asked")


def test_above_the_staff_is_the_centre_and_then_nobody(town):
    Posting.objects.filter(role="community_staff").delete()
    assert call(town).level == "centre"
    assert told("help_asked") == {town.officer.pk}
    Posting.objects.all().delete()
    assert call(town).level == "nobody"


def test_neighbours_are_asked_where_the_asker_said_so(town):
    near, elsewhere = neighbour(town), neighbour(town, town.one)
    neighbour(town, confirmed=False)
    neighbour(town, willing=False)
    neighbour(town, is_active=False)
    row = call(town, by=asker(town))
    assert told("help_near") == {near.pk}
    assert list(HelpRequest.objects.offered_to(near)) == [row]
    assert not HelpRequest.objects.offered_to(elsewhere).exists()
    Notice.objects.all().delete()
    quiet = call(town, by=town.rider, neighbours=False)
    assert told("help_near") == set()
    assert quiet not in HelpRequest.objects.offered_to(near)


def test_a_notice_says_kind_and_grid_alone_and_no_group_hears_anything(town):
    keeper(town)
    neighbour(town)
    call(town, by=asker(town), words="绝密的话", place="绝密的地方")
    for row in Notice.objects.filter(kind__startswith="workers.help_"):
        for secret in ("绝密", str(POINT.latitude)[:7], town.rider.display_name):
            assert secret not in row.title + row.body + row.url
        assert "没电了" in row.title
        assert "第六网格" in row.title
    assert not Delivery.objects.exists()


def test_hours_are_those_that_the_person_chose(town, monkeypatch):
    near = neighbour(town)
    Worker.objects.filter(user=near).update(help_times=["evening"])
    row, zone = call(town, by=asker(town)), timezone.get_current_timezone()
    for hour, wanted in ((16, []), (17, [near.pk]), (20, [near.pk]), (21, [])):
        moment = timezone.datetime(2026, 11, 20, hour, 30, tzinfo=zone)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert neighbours.neighbours_of(row) == wanted, hour


def test_every_hour_of_the_day_is_in_one_span():
    zone = timezone.get_current_timezone()
    spans = [neighbours.time_of(timezone.datetime(2026, 1, 1, h, tzinfo=zone)) for h in range(24)]
    assert (
        spans
        == ["night"] * 6
        + ["morning"] * 4
        + ["noon"] * 4
        + ["afternoon"] * 3
        + ["evening"] * 4
        + ["night"] * 3
    )


def test_taking_the_consent_back_ends_the_offers_at_once(town):
    near, row = neighbour(town), call(town, by=asker(town))
    workers.withdraw_consent(near.worker, "help_times", by=near)
    assert not HelpRequest.objects.visible_to(near).exists()
    with pytest.raises(NotAllowedNowError, match="已经不用附近的人去了"):
        help_requests.take(row, by=near)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in FOR_NEIGHBOURS])
def test_who_is_hurt_or_cold_is_never_put_before_neighbours(town, kind):
    assert {"fallen", "frozen"} <= set(Kind) - set(FOR_NEIGHBOURS)
    with pytest.raises(NotAllowedNowError, match="只告诉驿站"):
        call(town, by=asker(town), kind=kind)
    row = call(town, by=town.rider, kind=kind, neighbours=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpRequest.objects.filter(pk=row.pk).update(asks_neighbours=True)


def test_only_confirmed_workers_may_ask_neighbours(town):
    with pytest.raises(NotAllowedNowError, match="社区确认过登记"):
        call(town, by=town.rider)
    with pytest.raises(NotAllowedNowError, match="社区确认过登记"):
        call(town, by=None, neighbours=True)
    assert not HelpRequest.objects.exists()


# --- exactly once ---------------------------------------------------------------------------


def test_the_same_key_makes_one_request_and_another_content_a_second(town):
    key = uuid.uuid4()
    facts = {"submission_key": key, "kind": "stuck", "grid": town.six, "words": "陷在沟里"}
    first, again = (asking.ask(by=None, **facts) for _ in range(2))
    assert first == again
    other, its_token = asking.ask(by=None, **facts | {"words": "又陷一次"})
    assert other.pk != first[0].pk
    assert asking.ask(by=None, **facts | {"words": "又陷一次"}) == (other, its_token)
    assert HelpRequest.objects.count() == 2
    help_requests.close(first[0], by=None, end=End.HELPED)
    assert asking.ask(by=None, **facts)[0].pk == first[0].pk


def test_the_table_holds_a_hash_of_the_receipts_secret(town):
    row, token = asking.ask(by=None, submission_key=uuid.uuid4(), kind="stuck", grid=town.six)
    assert len(token) == 32
    assert token not in str(HelpRequest.objects.filter(pk=row.pk).values())
    assert asking.by_receipt(token).get() == row
    assert not asking.by_receipt(row.receipt_hash).exists()


def test_a_phones_clock_is_told_where_it_differs_and_can_be_right(town):
    now = timezone.now()
    late = call(town, written_at=now - timedelta(minutes=15))
    assert late.written_at == now - timedelta(minutes=15)
    for odd in (now, now + timedelta(days=1), now - timedelta(days=400)):
        assert call(town, written_at=odd).written_at is None


# --- who goes -------------------------------------------------------------------------------


def test_a_helper_goes_and_the_asker_has_the_last_word(town):
    near, row = neighbour(town), call(town, by=asker(town))
    take = help_requests.take(row, by=near)
    assert told("help_taken") == {town.rider.pk}
    assert help_requests.take(row, by=near) == take
    help_requests.finish(take, by=near)
    row.refresh_from_db()
    assert (row.state, row.ended_at) == (State.HELPED, None)
    assert not HelpRequest.objects.visible_to(near).exists()
    help_requests.close(row, by=town.rider, end=End.HELPED)
    row.refresh_from_db()
    assert (row.state, row.end) == (State.CLOSED, End.HELPED)
    assert (row.latitude, row.longitude, row.accuracy, row.place) == (None, None, None, "")
    assert row.grid == town.six


def test_a_helper_whose_lease_ran_out_takes_nothing_from_the_next(town, clock):
    first, second = neighbour(town), neighbour(town)
    row = call(town, by=asker(town))
    lapsed = help_requests.take(row, by=first)
    clock(minutes=31)
    assert not HelpRequest.objects.filter(takes__in=HelpTake.objects.live()).exists()
    held = help_requests.take(row, by=second)
    for verb in (help_requests.finish, help_requests.release):
        with pytest.raises(NotAllowedNowError, match="已经不在你手上了"):
            verb(lapsed, by=first)
    held.refresh_from_db()
    assert held.is_live
    help_requests.finish(held, by=second)
    assert HelpTake.objects.get(pk=held.pk).outcome == Outcome.DONE


def test_nobody_goes_twice_to_one_nor_to_two(town):
    first, second = neighbour(town), neighbour(town)
    one, two = call(town, by=asker(town)), call(town, by=town.rider, words="另一件")
    help_requests.take(one, by=first)
    with pytest.raises(NotAllowedNowError, match="已被他人处理"):
        help_requests.take(one, by=second)
    with pytest.raises(NotAllowedNowError, match="已经有一件在你手上"):
        help_requests.take(two, by=first)


def test_a_keeper_looks_after_several(town):
    on_duty = keeper(town)
    one, two = call(town), call(town, kind="fallen")
    assert help_requests.take(one, by=on_duty).as_keeper
    assert help_requests.take(two, by=on_duty).as_keeper


def test_somebody_who_may_not_is_refused(town):
    row = call(town, by=asker(town))
    for user in (town.stranger, town.grid_worker, town.rider, town.other_staff):
        with pytest.raises(NotAllowedNowError, match="已经不用附近的人去了"):
            help_requests.take(row, by=user)


def test_the_asker_sends_a_helper_home_and_it_closes_to_them_at_once(town):
    near, other = neighbour(town), neighbour(town)
    row = call(town, by=asker(town))
    take = help_requests.take(row, by=near)
    help_requests.refuse(row, by=town.rider)
    assert not HelpRequest.objects.visible_to(near).exists()
    assert told("help_refused") == {near.pk}
    assert set(near.notices.values_list("url", flat=True)) == {""}
    with pytest.raises(NotAllowedNowError, match="已经不在你手上了"):
        help_requests.finish(take, by=near)
    with pytest.raises(NotAllowedNowError, match="已经不用附近的人去了"):
        help_requests.take(row, by=near)
    with pytest.raises(NotAllowedNowError, match="已经没有人在路上了|已被他人处理"):
        help_requests.refuse(row, by=town.rider)
    assert help_requests.take(row, by=other)


def test_the_yes_to_neighbours_is_taken_back(town):
    near, row = neighbour(town), call(town, by=asker(town))
    help_requests.take(row, by=near)
    help_requests.keep_private(row, by=town.rider)
    row.refresh_from_db()
    assert (row.state, row.asks_neighbours) == (State.OPEN, False)
    assert not HelpRequest.objects.visible_to(near).exists()
    with pytest.raises(NotAllowedNowError, match="已经只有驿站知道"):
        help_requests.keep_private(row, by=town.rider)


def test_who_is_deactivated_goes_nowhere(town):
    near, row = neighbour(town), call(town, by=asker(town))
    help_requests.take(row, by=near)
    people.deactivate(near, by=town.admin)
    row.refresh_from_db()
    assert row.state == State.OPEN
    assert told("help_left") == {town.rider.pk}


# --- how it ends ----------------------------------------------------------------------------


def test_asked_once_after_an_hour_and_closed_without_an_answer(town, clock):
    row = call(town, by=asker(town))
    clock(minutes=59)
    assert help_requests.ask_again() == 0
    clock(minutes=2)
    assert (help_requests.ask_again(), help_requests.ask_again()) == (1, 0)
    assert told("help_question") == {town.rider.pk}
    clock(minutes=29)
    assert help_requests.lapse() == 0
    clock(minutes=2)
    assert (help_requests.lapse(), help_requests.lapse()) == (1, 0)
    row.refresh_from_db()
    assert (row.end, row.latitude, row.place) == (End.NO_ANSWER, None, "")
    assert told("help_ended") == {town.rider.pk}


def test_whoever_still_needs_somebody_says_so_and_no_question_comes_again(town, clock):
    on_duty, row = keeper(town), call(town, by=asker(town))
    with pytest.raises(NotAllowedNowError, match="还没到问你的时候"):
        help_requests.still_needed(row, by=town.rider)
    clock(minutes=61)
    help_requests.ask_again()
    help_requests.still_needed(row, by=town.rider)
    assert told("help_still_needed") == {on_duty.pk}
    clock(minutes=179)
    assert help_requests.ask_again() + help_requests.lapse() == 0
    clock(minutes=2)
    assert help_requests.lapse() == 1


def test_somebody_on_the_way_is_waited_for(town, clock):
    near, row = neighbour(town), call(town, by=asker(town))
    clock(minutes=61)
    help_requests.ask_again()
    clock(minutes=25)
    take = help_requests.take(row, by=near)
    clock(minutes=20)
    assert help_requests.lapse() == 0
    help_requests.finish(take, by=near)


def test_what_is_over_is_over_for_everybody(town):
    near, on_duty = neighbour(town), keeper(town)
    row = call(town, by=asker(town))
    take = help_requests.take(row, by=near)
    help_requests.close(row, by=on_duty, end=End.KEEPER)
    assert told("help_over") == {near.pk}
    assert told("help_ended") == {town.rider.pk}
    take.refresh_from_db()
    assert take.outcome == Outcome.CLOSED
    for verb in (
        lambda: help_requests.close(row, by=town.rider, end=End.HELPED),
        lambda: help_requests.still_needed(row, by=town.rider),
        lambda: help_requests.answer(row, text="来了", by=on_duty),
        lambda: help_requests.take(row, by=on_duty),
        lambda: help_requests.refuse(row, by=town.rider),
    ):
        with pytest.raises(NotAllowedNowError, match=r"已被他人处理，现在是「结束了」"):
            verb()


def test_the_database_refuses_nonsense(town):
    row = call(town, by=asker(town))
    bad = [
        {"state": "closed", "ended_at": timezone.now()},
        {"end": "helped"},
        {"state": "closed", "ended_at": timezone.now(), "end": "helped"},  # with its place
        {"latitude": None},
        {"answer": "来了"},
        {"grid": None},
    ]
    for fields in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            HelpRequest.objects.filter(pk=row.pk).update(**fields)
    take = help_requests.take(row, by=neighbour(town))
    bad = [{"ended_at": timezone.now()}, {"outcome": "done"}, {"lease_until": take.taken_at}]
    for fields in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            HelpTake.objects.filter(pk=take.pk).update(**fields)


def test_the_trail_knows_every_step_and_no_word_of_it(town):
    near, row = neighbour(town), call(town, by=asker(town), words="绝密的话")
    take = help_requests.take(row, by=near)
    help_requests.finish(take, by=near)
    help_requests.close(row, by=town.rider, end=End.HELPED)
    events = AuditEvent.objects.filter(kind__startswith="workers.help_").order_by("pk")
    kinds = [event.kind.removeprefix("workers.help_") for event in events]
    assert kinds == ["ask", "take", "finish", "close"]
    assert "绝密" not in str(list(events.values()))


def test_files_that_the_disk_does_not_take_are_counted_and_the_call_goes_out(town, monkeypatch):
    from yuanhang.core import files

    def full(*_args):
        raise files.NoRoomError(files.NO_ROOM)

    monkeypatch.setattr(files.FilesOfRows, "save", full)
    row = call(town, attached=attached())
    assert row.lost_files == 2
    assert not HelpVoice.objects.exists()
