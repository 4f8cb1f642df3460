"""「我」 leads to everything of one's own, and says what waits there."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hazards.cases import cases
from tests.desk.test_waiting_cards import offered
from tests.factories.hazards import report
from tests.factories.volunteers import ActivityFactory, held
from tests.volunteers.errands.errands_help import errand
from volunteers.errands import errands
from volunteers.record import attendance
from volunteers.teams import teams
from volunteers.teams.models import Membership, Team

TEAMS = "/volunteers/teams/"


def rows(visit, user):
    """The page's rows as (title, what stands under it, where it leads)."""
    page = visit(user).get("/me/").content.decode()
    found = re.findall(r'<a class="row-item" href="([^"]+)">(.*?)</a>', page, re.DOTALL)
    words = [re.sub(r"<[^>]+>", " ", text) for _url, text in found]
    return {" ".join(text.split()[1:-1]): url for (url, _), text in zip(found, words, strict=True)}


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff, title="扫雪")


def test_an_empty_hub_says_so_and_leads_on(town, visit):
    mine = rows(visit, town.rider)
    assert list(mine) == [
        "我报的 还没报过",
        "我报名的 还没有报名",
        "顺路任务 顺路帮一把",
        "通知 都看过了",
        "队伍 还没加入",
        "记录和证明 还没有记录",
        "附近的求助 有人车坏、没电、陷住",
        "我在帮忙 停下来帮忙，当场记下",
        "遇到难处 说给一个人听",
        "我的信息 看、改、撤回同意",
        "改密码",
    ]
    client = visit(town.rider)
    assert {client.get(url).status_code for url in mine.values()} == {200}


def test_what_waits_is_a_chip_under_its_row(town, visit, activity):
    hazard = report(town.six, by=town.rider)
    report(town.six, by=town.rider)
    cases.ask_info(hazard, by=town.grid_worker, reason="哪一侧？")
    signup = offered(town.rider, activity)
    one = errand(town)
    errands.claim(one, by=town.rider)
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    mine = list(rows(visit, town.rider))
    assert mine[0] == "我报的 2 件 ？ 1 件等你补一句"
    assert re.fullmatch(r"我报名的 1 场 ● 1 场等你确认，到 .+", mine[1])
    assert mine[2].startswith("顺路任务 ◔ 手上 1 件 ")
    assert one.person_name not in mine[2]
    assert mine[5].startswith("记录和证明 志愿 ")
    assert signup.state == "offered"


def test_teams_are_named_and_the_third_is_and_so_on(town, visit):
    for name in ("甲队", "乙队", "丙队"):
        team = Team.objects.create(name=name, community=town.community)
        teams.ask_to_join(team, by=town.rider)
        member = Membership.objects.get(team=team)
        teams.answer_asker(team, member.pk, by=town.staff, is_accepted=True)
    (line,) = [title for title, url in rows(visit, town.rider).items() if url == TEAMS]
    assert re.fullmatch(r"队伍 .队、.队等", line)


def test_links_to_work_are_for_those_who_have_any(town, visit):
    def work(user):
        return [url for url in rows(visit, user).values() if "queue" in url or "admin" in url]

    assert work(town.rider) == []
    assert work(town.grid_worker) == ["/hazards/queue/"]
    assert work(town.staff) == ["/hazards/queue/", "/admin/"]
    for user in (town.rider, town.staff):
        for url in ("/", "/hazards/mine/", "/volunteers/"):
            page = visit(user).get(url).content.decode()
            assert 'href="/admin/"' not in page


@pytest.mark.parametrize("who", ["rider", "staff"])
def test_it_costs_the_same_whatever_there_is(town, visit, who):
    def count():
        client = visit(getattr(town, who))
        client.get("/me/")  # what staff edit is kept from then on
        with CaptureQueriesContext(connection) as caught:
            client.get("/me/")
        return len(caught)

    report(town.six, by=town.rider)
    few = count()
    for _ in range(5):
        report(town.six, by=town.rider)
    assert count() == few
    assert few <= 15
