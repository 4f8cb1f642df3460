"""已了结·未修: an end that is not a lie, told, exported, and never counted as repaired."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.catalogue.models import EndReason
from hazards.published import public
from tests.factories.hazards import advance, into, report
from yuanhang.core.errors import NotAllowedNowError


def reason(key):
    return EndReason.objects.get(key=key)


@pytest.mark.parametrize(
    ("key", "given", "sentence"),
    [
        ("gone", {}, "自行消失"),
        ("gone", {"note": "去看过两次"}, "自行消失。去看过两次"),
        ("gone", {"note": "去看过两次。"}, "自行消失。去看过两次"),
        (
            "elsewhere",
            {"party": "大庆热力", "outside_number": "RL-7"},
            "不归本街道，已转交给大庆热力（对方单号 RL-7）",
        ),
        ("elsewhere", {"party": "大庆热力"}, "不归本街道，已转交给大庆热力"),
        ("other", {"note": "重复登记"}, "其他。重复登记"),
    ],
)
def test_each_reason_is_told_in_its_sentence(town, key, given, sentence):
    hazard = into(report(town.six, by=town.rider), State.ACCEPTED, town)
    hazard = cases.end_unrepaired(hazard, by=town.grid_worker, end_reason=reason(key), **given)
    assert (hazard.state, hazard.end_words) == (State.UNREPAIRED, sentence)
    told = town.rider.notices.latest("id")
    assert told.title == "你报的「井盖道路」，了结了，没有修"
    assert f"{sentence}。还有问题" in told.body


def test_a_plan_names_its_day_with_the_year(town):
    hazard = into(report(town.six), State.ACCEPTED, town)
    day = timezone.localdate() + timedelta(days=400)
    hazard = cases.end_unrepaired(
        hazard, by=town.grid_worker, end_reason=reason("planned"), until=day
    )
    assert hazard.end_words == f"列入计划，到{day.year} 年 {day.month} 月 {day.day} 日"


@pytest.mark.parametrize(
    ("key", "given", "field", "word"),
    [
        ("elsewhere", {}, "party", "写上转给谁了。"),
        ("planned", {}, "until", "选一个今天以后的日子。"),
        ("planned", {"until": "2020-01-01"}, "until", "选一个今天以后的日子。"),
        ("planned", {"until": "春天"}, "until", "日子写得不对，像 2026-12-01。"),
        ("owner", {}, "note", "写一句是怎么回事，上报人会看到。"),
        ("other", {"note": "  "}, "note", "写一句是怎么回事，上报人会看到。"),
        ("safe", {}, "end_reason", "没有这个原因。"),
    ],
)
def test_what_a_reason_lacks_is_said_beside_its_field(town, press, key, given, field, word):
    hazard = into(report(town.six), State.ACCEPTED, town)
    data = {"end_reason": reason(key).pk, "outside_number": "留着"} | given
    response = press("grid_worker", hazard, "end-unrepaired", **data)
    assert response.status_code == 400
    (form,) = [m.form for m in response.context["moves"] if m.verb == "end_unrepaired"]
    assert form.errors[field] == [word]
    assert "留着" in response.content.decode()
    hazard.refresh_from_db()
    assert hazard.state == State.ACCEPTED


def test_a_reason_out_of_use_and_one_of_another_kind_are_refused(town):
    hazard = into(report(town.six), State.ACCEPTED, town)
    with pytest.raises(NotAllowedNowError, match="不适用"):
        cases.end_unrepaired(hazard, by=town.grid_worker, end_reason=reason("safe"))
    EndReason.objects.update(is_active=False)
    with pytest.raises(NotAllowedNowError, match="停用"):
        cases.end_unrepaired(hazard, by=town.grid_worker, end_reason=reason("gone"))


@pytest.mark.parametrize("state", [State.ESCALATED, State.DISPATCHED, State.SUSPENDED])
def test_after_escalation_the_centre_ends_it(town, press, state):
    hazard = into(report(town.six, by=town.rider), state, town)
    data = {"end_reason": reason("gone").pk}
    assert press("grid_worker", hazard, "end-unrepaired", **data).status_code == 409
    assert press("officer", hazard, "end-unrepaired", **data).status_code == 302
    hazard.refresh_from_db()
    assert (hazard.state, hazard.suspended_at, hazard.suspended_until) == (
        State.UNREPAIRED,
        None,
        None,
    )
    assert town.grid_worker.notices.latest("id").kind == "hazards.staff_end_unrepaired"


def test_its_reporter_opens_it_again_within_thirty_days(town, press):
    hazard = into(report(town.six, by=town.rider), State.UNREPAIRED, town)
    assert press("rider", hazard, "reopen", reason="还在那儿").status_code == 302
    hazard.refresh_from_db()
    assert (hazard.state, hazard.end_reason, hazard.end_words) == (State.ACCEPTED, None, "")
    hazard = into(report(town.six, by=town.rider), State.UNREPAIRED, town)
    long_ago = timezone.now() - timedelta(days=31)
    Hazard.objects.filter(pk=hazard.pk).update(closed_at=long_ago)
    assert press("rider", hazard, "reopen", reason="还在那儿").status_code == 409


def test_it_counts_nowhere_as_repaired(town, client, visit):
    hazard = into(report(town.six), State.UNREPAIRED, town)
    start, end = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    assert list(public.fixed_cases(start, end)) == []
    assert not public.is_offered(hazard)
    page = client.get("/hazards/fixed/").content.decode()
    assert "这个月另有 1 件了结但没有修" in page
    page = visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
    assert "已了结·未修" in page
    assert "修好后" not in page


def test_sheet_and_export_say_how_it_ended(town, visit):
    hazard = into(report(town.six), State.ESCALATED, town)
    cases.end_unrepaired(hazard, by=town.officer, role="centre", end_reason=reason("gone"))
    client = visit(town.officer)
    sheet = client.get(f"{hazard.get_absolute_url()}handover/").content.decode()
    assert "已了结·未修：自行消失" in sheet
    data = client.get("/hazards/queue/export/?tab=all").content
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    names = list(rows[0])
    row = dict(zip(names, rows[1], strict=True))
    assert (row["状态"], row["怎么了结的"]) == ("已了结·未修", "自行消失")


def test_the_closed_case_stays_what_it_was(town):
    hazard = advance(report(town.six), "closed", reviewer=town.grid_worker, officer=town.officer)
    with pytest.raises(NotAllowedNowError, match="已被他人处理"):
        cases.end_unrepaired(hazard, by=town.grid_worker, end_reason=reason("gone"))
