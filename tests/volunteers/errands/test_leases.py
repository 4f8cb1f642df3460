"""The lease of an errand, and the list."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories.stations import GridFactory
from tests.factories.workers import WorkerFactory
from tests.volunteers.errands.errands_help import (
    URL,
    act,
    errand,
    helper,
    run_out,
    secrets_in,
)
from tests.volunteers.record.reading import markup_of
from volunteers.errands import errands
from volunteers.errands.models import Errand, ErrandClaim
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.words import clock


def test_what_was_not_done_after_all_goes_back_and_gives_no_minutes(town, visit):
    made, rider, other = errand(town), helper(town), helper(town)
    errands.finish(errands.claim(made, by=rider), by=rider)
    assert act(visit(rider), made, "reject-done").status_code == 403
    client = visit(town.staff)
    assert "没办成，放回去" in client.get(made.get_absolute_url()).content.decode()
    assert act(client, made, "reject-done").status_code == 302
    assert rider.notices.filter(kind="volunteers.errand_reject_done").count() == 1
    assert made.title in visit(other).get(URL).content.decode()
    assert not secrets_in(visit(rider).get(made.get_absolute_url()).content.decode())
    for verb in ("confirm", "reject-done"):
        answer = act(visit(town.staff), made, verb)
        assert answer.status_code == 409
        assert "已被他人处理" in answer.content.decode()
    assert not ServiceRecord.objects.exists()
    errands.finish(errands.claim(made, by=other), by=other)
    act(visit(town.staff), made, "confirm")
    assert ServiceRecord.objects.get().user == other


def test_nobody_confirms_their_own(town):
    made = errand(town)
    WorkerFactory(user=town.staff, community=town.community, confirmed_at=timezone.now())
    claim = errands.claim(made, by=town.staff)
    errands.finish(claim, by=town.staff)
    with pytest.raises(NotAllowedNowError, match="别人确认"):
        errands.confirm(made, by=town.staff)
    made.refresh_from_db()
    assert made.state == Errand.State.DONE


def test_half_an_hour_more_once(town):
    rider = helper(town)
    claim = errands.claim(errand(town), by=rider)
    longer = errands.extend_lease(claim, by=rider)
    assert longer.lease_until - claim.lease_until == timedelta(minutes=30)
    with pytest.raises(NotAllowedNowError, match="已经延过一次"):
        errands.extend_lease(claim, by=rider)


def test_after_the_lease_nothing_is_possible_but_taking_it_again(town):
    made, rider = errand(town), helper(town)
    claim = errands.claim(made, by=rider)
    run_out(claim)
    for verb in (errands.extend_lease, errands.release, errands.finish):
        with pytest.raises(NotAllowedNowError, match="时间到了"):
            verb(claim, by=rider)
    assert errands.claim(made, by=rider).pk != claim.pk


def test_the_job_puts_back_what_ran_out_and_tells_once(town):
    made, rider = errand(town), helper(town)
    run_out(errands.claim(made, by=rider))
    assert errands.expire_leases() == 1
    assert errands.expire_leases() == 0
    made.refresh_from_db()
    assert made.state == Errand.State.OPEN
    assert rider.notices.count() == 1


def test_given_back_it_is_there_for_the_next(town, visit):
    made, rider, other = errand(town), helper(town), helper(town)
    act(visit(rider), made, "claim")
    assert act(visit(rider), made, "release").status_code == 302
    assert made.title in visit(other).get(URL).content.decode()


def test_one_errand_in_hand_at_a_time(town):
    rider = helper(town)
    errands.claim(errand(town), by=rider)
    with pytest.raises(NotAllowedNowError, match="手上还有一件"):
        errands.claim(errand(town), by=rider)


def test_with_one_in_hand_the_next_one_leads_to_it(town, visit):
    first, second, rider = errand(town), errand(town), helper(town)
    errands.claim(first, by=rider)
    page = visit(rider).get(second.get_absolute_url()).content.decode()
    assert "我来办" not in page
    assert f'href="{first.get_absolute_url()}"' in page


def test_staff_see_who_did_it_before_they_confirm_and_that_is_written_down(town, visit):
    made, rider = errand(town), helper(town)
    errands.finish(errands.claim(made, by=rider), by=rider, note="放门口了")
    page = visit(town.staff).get(made.get_absolute_url()).content.decode()
    assert str(rider) in page
    assert "放门口了" in page
    assert not secrets_in(page)
    event = AuditEvent.objects.get(kind="volunteers.viewed")
    assert (event.actor_id, event.target_id) == (town.staff.pk, str(made.claims.get().pk))


def test_what_is_past_called_off_or_taken_is_refused(town, visit):
    rider, other = helper(town), helper(town)
    past = errand(town, due_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotAllowedNowError, match="过了日子"):
        errands.claim(past, by=rider)
    made = errand(town)
    claim = errands.claim(made, by=rider)
    with pytest.raises(NotAllowedNowError, match="已被他人处理"):
        errands.claim(made, by=other)
    act(visit(town.staff), made, "cancel")
    claim.refresh_from_db()
    assert claim.outcome == "cancelled"
    assert rider.notices.filter(kind="volunteers.errand_cancelled").exists()
    with pytest.raises(NotAllowedNowError, match="时间到了"):
        errands.finish(claim, by=rider)


def test_only_confirmed_people_of_the_subdistrict_take_one_on(town, visit):
    made = errand(town)
    assert act(visit(town.rider), made, "claim").status_code == 403  # registered, not confirmed
    assert act(visit(town.stranger), made, "claim").status_code == 404
    assert act(visit(None), made, "claim").url.startswith("/accounts/login/")
    assert act(visit(helper(town)), made, "steal").status_code == 404
    assert not ErrandClaim.objects.exists()


def test_a_note_that_is_too_long_is_refused_in_words(town, visit):
    made, rider = errand(town), helper(town)
    client = visit(rider)
    act(client, made, "claim")
    answer = act(client, made, "finish", note="长" * 201)
    assert answer.status_code == 409
    assert "最多 200 字" in answer.content.decode()
    assert ErrandClaim.objects.get().is_live


def test_next_week_the_usual_helper_is_asked_first(town):
    usual, other = helper(town), helper(town)
    week_ago = timezone.localdate() - timedelta(days=7)
    made = errand(town, repeats_weekly=True, preferred=usual, due_on=week_ago)
    assert errands.repeat_weekly() == 1
    assert errands.repeat_weekly() == 0
    new = Errand.objects.exclude(pk=made.pk).get()
    assert (new.due_on, new.address) == (timezone.localdate(), made.address)
    assert usual.notices.filter(kind="volunteers.errand_asked").count() == 1
    with pytest.raises(NotAllowedNowError, match="先问常去的那位"):
        errands.claim(new, by=other)
    assert errands.claim(new, by=usual).is_live


# --- the list ---------------------------------------------------------------------------------


def through_the_list(client):
    """The errands of each page, and each page's grid headings with their mark, by its links."""
    pages, following = [], ""
    while following is not None:
        page = client.get(URL + following)
        text = markup_of(page)
        heads = [
            (head.split("<")[0].strip(), "你常跑" in head.split("</h2>")[0])
            for head in re.findall(r'<h2 id="grid-\d+">(.*?</h2>)', text)
        ]
        pages.append(([errand.pk for errand in page.context["errands"]], heads))
        link = re.search(r'href="(\?after=[^"]+)"', text)
        following = link and link[1]
    return pages


def test_usual_grids_come_first_over_the_whole_list_under_their_own_heading(town, visit):
    """The usual grid's errands are the youngest of the highest key, and begin on page one."""
    last = GridFactory(community=town.other, number=9, name="最后一网格")
    strange = [errand(town, grid=grid).pk for grid in (town.six, town.one) * 10]
    own = [errand(town, grid=last, community=town.other).pk for _ in range(40)]
    rider = helper(town)
    rider.worker.usual_grids.add(last)
    first, second = through_the_list(visit(rider))
    assert first == (own[:30], [("最后一网格", True)])
    by_grid = sorted(strange, key=lambda pk: (Errand.objects.get(pk=pk).grid_id, pk))
    assert second[0] == own[30:] + by_grid
    heads = sorted(
        [("第六网格", False), ("第一网格", False)], key=lambda h: h[0] != grid_name(town)
    )
    assert second[1] == [("最后一网格", True), *heads]


def grid_name(town):
    return min((town.six, town.one), key=lambda grid: grid.pk).name


def test_nothing_is_lost_or_double_when_the_usual_grids_fill_more_than_a_page(town, visit):
    grids = [town.six, town.one, town.far]
    made = [errand(town, grid=grids[n % 3], community=grids[n % 3].community).pk for n in range(95)]
    rider = helper(town)
    rider.worker.usual_grids.add(town.one, town.far)
    pages = [pks for pks, _heads in through_the_list(visit(rider))]
    assert [len(pks) for pks in pages] == [30, 30, 30, 5]
    seen = [pk for pks in pages for pk in pks]
    assert sorted(seen) == sorted(made)
    usual = [Errand.objects.get(pk=pk).grid_id != town.six.pk for pk in seen]
    assert usual == sorted(usual, reverse=True)


@pytest.mark.parametrize("key", ["x", "W10", "WzEsMl0", "WzAsIngiLDFd", "%00", "W251bGwsMSwxXQ"])
def test_a_key_that_is_none_of_ours_shows_the_first_page(town, visit, key):
    made = errand(town)
    assert made.title in visit(helper(town)).get(f"{URL}?after={key}").content.decode()


def test_what_waits_for_its_usual_helper_is_on_nobody_elses_list(town, visit):
    usual, other = helper(town), helper(town)
    later = timezone.now() + timedelta(hours=1)
    made = errand(town, preferred=usual, reserved_until=later)
    assert made.title in visit(usual).get(URL).content.decode()
    assert made.title not in visit(other).get(URL).content.decode()
    page = visit(other).get(made.get_absolute_url()).content.decode()
    assert clock(later) in page
    assert "我来办" not in page
    Errand.objects.update(reserved_until=timezone.now())
    assert made.title in visit(other).get(URL).content.decode()


def test_whoever_comes_too_late_is_told_and_sees_the_list(town, visit):
    """The link was on their screen a moment ago; an error page would say nothing."""
    made, rider, late = errand(town), helper(town), helper(town)
    errands.claim(made, by=rider)
    client = visit(late)
    for answer in (
        client.get(made.get_absolute_url(), follow=True),
        client.post(f"{made.get_absolute_url()}claim/", follow=True),
    ):
        assert answer.redirect_chain == [(URL, 302)]
        assert "已经有人接了" in answer.content.decode()
        assert not secrets_in(answer.content.decode())
    assert visit(town.stranger).get(made.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("number", [1, 40])
def test_the_list_asks_as_often_for_one_as_for_many(town, visit, number):
    for n in range(number):
        errand(town, grid=(town.six, town.one)[n % 2])
    rider = helper(town)
    rider.worker.usual_grids.add(town.one)
    client = visit(rider)
    client.get(URL)
    with CaptureQueriesContext(connection) as asked:
        client.get(URL)
    assert len(asked) == 7


def test_the_list_finds_what_is_on_offer_by_its_day(town):
    """Years of errands lie in the table; those of the days ahead come by the index."""
    today = timezone.localdate()
    old = {"state": Errand.State.CONFIRMED, "ended_at": timezone.now()}
    facts = {"community": town.community, "grid": town.six, "kind": "other", "title": "旧"}
    Errand.objects.bulk_create(
        Errand(**facts, **(old if n % 2 else {}), due_on=today - timedelta(days=1 + n % 700))
        for n in range(6000)
    )
    for _ in range(40):
        errand(town)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE volunteers_errand, volunteers_errandclaim")
    rows = Errand.objects.listed_for(helper(town), usual=[town.six.pk])
    plan = rows[:31].explain(analyze=True)
    assert "errand_on_offer" in plan
    assert "Seq Scan on volunteers_errand " not in plan


def test_an_empty_list_says_why_it_is_empty(town, visit):
    for user, words in (
        (helper(town), "现在没有要帮的"),
        (town.staff, "现在没有要帮的"),
        (town.grid_worker, "登记过的人才看得到"),
    ):
        assert words in visit(user).get("/volunteers/errands/").content.decode(), user
