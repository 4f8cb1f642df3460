"""请人代班: one step marks the holder away, gives the substitute the grid, and tells both."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hazards.cases.access import is_reviewer
from hazards.cases.models.hazards import Hazard
from stations.postings import postings
from stations.postings.models import Posting
from tests.factories.hazards import report
from tests.factories.workers import post
from tests.threads import at_once, meet, without_row_locks
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

PAGE = "/admin/stations/posting/substitute/"


def days(number):
    return timezone.localdate() + timedelta(days=number)


def held(town):
    return town.grid_worker.postings.get()


def ask(town, visit, who=None, **changes):
    """The form, filled in by staff: from today until in three days."""
    values = {
        "posting": held(town).pk,
        "by_phone": town.stranger.phone,
        "start": days(0).isoformat(),
        "until": days(3).isoformat(),
    }
    return visit(who or town.staff).post(PAGE, values | changes)


def words(answer):
    form = answer.context["form"]
    return " ".join(str(line) for lines in form.errors.values() for line in lines)


def test_one_step_marks_the_holder_away_and_gives_the_grid(town, visit):
    answer = ask(town, visit)
    assert answer.status_code == 302, words(answer)
    made = town.stranger.postings.get()
    assert (made.role, made.grid, made.start, made.end) == (
        "grid_worker",
        town.six,
        days(0),
        days(3),
    )
    assert made.substitute_for == held(town)
    assert (held(town).absent_from, held(town).absent_until) == (days(0), days(3))
    assert answer["Location"] == f"/admin/stations/posting/{made.pk}/change/"
    kinds = set(AuditEvent.objects.filter(actor_id=town.staff.pk).values_list("kind", flat=True))
    assert kinds == {"stations.create_posting", "stations.substitute"}


def test_both_are_told_in_words_and_nobody_else(town, visit):
    ask(town, visit)
    mine = town.grid_worker.notices.get()
    theirs = town.stranger.notices.get()
    assert (mine.kind, theirs.kind) == ("stations.substituted", "stations.substitute")
    assert f"{town.stranger}替你代班：第六网格" in mine.title
    assert "请你代班：第六网格" in theirs.title
    assert str(town.grid_worker) in theirs.body
    assert "今天" not in mine.body + theirs.body
    others = {town.staff, town.other_staff, town.other_grid_worker, town.officer}
    assert not any(user.notices.exists() for user in others)


def test_the_substitute_acts_and_is_told_for_exactly_that_time(town):
    made = postings.substitute(
        held(town), person=town.stranger, start=days(2), until=days(3), by=town.staff
    )

    def there(number):
        """Who hears of a report so many days later, and whether the substitute has the buttons."""
        earlier = {"start": days(2 - number), "end": days(3 - number)}
        Posting.objects.filter(pk=made.pk).update(**earlier)
        absent = {"absent_from": days(2 - number), "absent_until": days(3 - number)}
        town.grid_worker.postings.update(**absent)
        case = report(town.six)
        url = case.get_absolute_url()
        told = {
            name
            for name in ("grid_worker", "stranger", "staff")
            if getattr(town, name).notices.filter(kind="hazards.staff_submit", url=url).exists()
        }
        town.stranger.__dict__.pop("_scope", None)
        return told, is_reviewer(town.stranger, Hazard.objects.get(pk=case.pk))

    assert there(0) == ({"grid_worker"}, False)
    assert there(1) == ({"grid_worker"}, False)
    assert there(2) == ({"stranger"}, True)
    assert there(3) == ({"stranger"}, True)
    assert there(4) == ({"grid_worker"}, False)


def refused(town, visit, expected, who=None, **changes):
    """Nothing is stored, what was typed stays, and the reason is said."""
    posts = Posting.objects.count()
    before = Posting.objects.values("pk", "absent_from", "absent_until", "end").order_by("pk")
    before = list(before)
    answer = ask(town, visit, who, **changes)
    assert answer.status_code == 400
    assert expected in words(answer)
    assert Posting.objects.count() == posts
    now = Posting.objects.values("pk", "absent_from", "absent_until", "end").order_by("pk")
    assert list(now) == before
    assert changes.get("until", days(3).isoformat()) in answer.content.decode()
    assert not town.stranger.notices.filter(kind="stations.substitute").exists()


def test_nonsense_is_refused_in_words(town, visit):
    yesterday, before = days(-1).isoformat(), days(2).isoformat()
    refused(town, visit, "本人不能给自己代班", by_phone=town.grid_worker.phone)
    refused(town, visit, "没有用这个手机号登记的人", by_phone="10000099999")
    refused(town, visit, "开始不能早于今天", start=yesterday)
    refused(town, visit, "结束不能早于开始", start=days(5).isoformat(), until=before)
    refused(town, visit, "代班最长", until=days(400).isoformat())


def test_the_days_lie_within_the_post(town, visit):
    town.grid_worker.postings.update(end=days(2))
    refused(town, visit, "这个岗位只到")
    town.grid_worker.postings.update(end=None, start=days(1))
    refused(town, visit, "才开始")


@pytest.mark.parametrize("clash", ["holds it", "asked already", "away", "elsewhere away"])
def test_a_clash_is_refused_in_words(town, visit, clash):
    if clash == "holds it":
        post(town.stranger, "part_time_grid_worker", town.six)
        refused(town, visit, "已经在管第六网格")
    elif clash == "asked already":
        ask(town, visit, by_phone=town.other_grid_worker.phone)
        refused(town, visit, "已经请了", start=days(3).isoformat(), until=days(4).isoformat())
        assert ask(town, visit, start=days(4).isoformat(), until=days(5).isoformat())
        assert held(town).absent_until == days(5)
    else:
        grid = town.one if clash == "away" else town.far
        theirs = post(town.stranger, "grid_worker", grid)
        Posting.objects.filter(pk=theirs.pk).update(absent_until=days(1))
        refused(town, visit, "自己也不在岗")


def test_a_second_stretch_that_does_not_touch_the_first_is_refused(town, visit):
    """The post knows one absence: what was noted before would be lost."""
    town.grid_worker.postings.update(absent_until=days(1))
    refused(town, visit, "连不上", start=days(3).isoformat(), until=days(4).isoformat())
    answer = ask(town, visit, start=days(2).isoformat(), until=days(4).isoformat())
    assert answer.status_code == 302
    assert (held(town).absent_from, held(town).absent_until) == (None, days(4))


@pytest.mark.parametrize("who", ["other_staff", "officer", "grid_worker", "rider"])
def test_only_the_communitys_own_staff_ask(town, visit, who):
    user = getattr(town, who)
    with pytest.raises(NotAllowedNowError, match="自己社区"):
        postings.substitute(held(town), person=town.stranger, start=days(0), until=days(1), by=user)
    answer = ask(town, visit, user)
    assert answer.status_code in (302, 400, 403)
    assert not town.stranger.postings.exists()
    assert held(town).absent_until is None


@pytest.mark.parametrize("whose", ["staff", "officer"])
def test_no_staff_post_has_a_substitute(town, visit, whose):
    theirs = getattr(town, whose).postings.get()
    with pytest.raises(NotAllowedNowError, match="只有网格员"):
        postings.substitute(
            theirs, person=town.stranger, start=days(0), until=days(1), by=town.admin
        )
    assert ask(town, visit, town.admin, posting=theirs.pk).status_code == 400
    page = visit(town.staff).get(f"/admin/stations/posting/{theirs.pk}/change/")
    assert "posting/substitute/?posting" not in page.content.decode()
    assert not town.stranger.postings.exists()


def test_who_was_deactivated_neither_stands_in_nor_is_stood_in_for(town, visit):
    type(town.stranger).objects.filter(pk=town.stranger.pk).update(is_active=False)
    refused(town, visit, "没有用这个手机号登记的人")
    with pytest.raises(NotAllowedNowError, match="停用"):
        postings.substitute(
            held(town), person=town.stranger, start=days(0), until=days(1), by=town.staff
        )


def test_the_way_there_stands_on_list_and_page(town, visit):
    client = visit(town.staff)
    assert f'href="{PAGE}"' in client.get("/admin/stations/posting/").content.decode()
    page = client.get(f"/admin/stations/posting/{held(town).pk}/change/").content.decode()
    assert f"{PAGE}?posting={held(town).pk}" in page
    form = client.get(f"{PAGE}?posting={held(town).pk}").content.decode()
    assert (
        f'<option value="{held(town).pk}" selected>第六网格 · {town.grid_worker}</option>' in form
    )
    assert str(town.staff) not in form.partition("<select")[2].partition("</select>")[0]
    ask(town, visit)
    listed = client.get("/admin/stations/posting/").content.decode()
    assert str(town.grid_worker) in listed
    assert "到 " in listed


@pytest.mark.parametrize("url", ["/admin/stations/posting/", PAGE])
def test_it_costs_the_same_for_one_substitute_and_for_three(town, visit, url):
    def count():
        client = visit(town.staff)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return len(caught)

    ask(town, visit)
    few = count()
    for first in (4, 8):
        ask(town, visit, start=days(first).isoformat(), until=days(first + 3).isoformat())
    assert held(town).substitutes.count() == 3
    assert count() == few
    assert few <= 15


def test_an_absence_has_an_end(town):
    theirs = town.grid_worker.postings
    for wrong in ({"absent_from": days(1)}, {"absent_from": days(2), "absent_until": days(1)}):
        broken = pytest.raises(IntegrityError, match="posting_absence_has_an_end")
        with broken, transaction.atomic():
            theirs.update(**wrong)


# --- two at once ----------------------------------------------------------------------------


def asked_twice(town, monkeypatch):
    meet(monkeypatch, postings, "_substitute_obstacle")
    post_held = held(town)
    people = iter((town.stranger, town.rider))

    def call():
        return postings.substitute(
            post_held, person=next(people), start=days(0), until=days(3), by=town.staff
        )

    return sorted(type(result).__name__ for result in at_once(call))


def test_two_of_the_staff_at_once_find_one_substitute(transactional_db, town, monkeypatch):
    assert asked_twice(town, monkeypatch) == ["NotAllowedNowError", "Posting"]
    assert held(town).substitutes.count() == 1


def test_without_the_lock_there_would_be_two(transactional_db, town, monkeypatch):
    """The control."""
    without_row_locks(monkeypatch)
    assert asked_twice(town, monkeypatch) == ["Posting", "Posting"]
