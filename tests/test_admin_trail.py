"""The trail reads as sentences with names and links, and nobody's name is kept beside it."""

import ast
import itertools
import re

import pytest
from django.contrib.admin.models import LogEntry

from tests.factories.admin_rows import MAKERS
from tests.factories.hazards import report
from tests.rooms import ROOT, called, our_python
from tests.transition_docs import lives
from yuanhang.core import audit
from yuanhang.core.models import AuditEvent
from yuanhang.core.trail import deed


def recorded_kinds():
    """Every kind that the code writes as a plain text, and those of the tables."""
    for path in our_python():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and called(node) in {"record", "_saved"}:
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and "." in str(argument.value):
                        yield argument.value
    for life in itertools.chain.from_iterable(lives().values()):
        for verb in life.table:
            yield f"{life.table.prefix}{verb}"


def test_every_deed_has_words():
    kinds = set(recorded_kinds())
    assert len(kinds) > 60
    assert sorted(kind for kind in kinds if not deed(kind)) == []
    assert {deed(kind) for kind in ("workers.viewed", "stations.edit_grid")} == {"看了", "改了"}


def test_the_trail_reads_as_sentences(town, visit):
    visit(town.staff).get(f"/admin/workers/worker/{town.rider.worker.pk}/change/")
    page = visit(town.admin).get("/admin/yuanhang/auditevent/").content.decode()
    rows = page.split('id="result_list"')[1].split("</table>")[0]
    assert f'<a href="/admin/yuanhang/user/{town.staff.pk}/change/">{town.staff}</a>' in rows
    target = f"/admin/workers/worker/{town.rider.worker.pk}/change/"
    assert f'看了 <a href="{target}">新就业群体「{town.rider}」</a>' in rows
    for code in ("workers.viewed", "workers.worker", "admin<", "None"):
        assert code not in rows
    for head in ("Kind", "Actor", "Target", "target_type", "actor_id"):
        assert head not in page


def test_an_event_outlives_its_subject_and_its_actor(town, visit):
    event = audit.record("stations.remove_grid", town.six, by=town.staff)
    AuditEvent.objects.filter(pk=event.pk).update(target_id="987654", actor_id=987654)
    page = visit(town.admin).get("/admin/yuanhang/auditevent/").content.decode()
    assert "已删除的账号 删了" in page
    assert "网格 987654 号" in page
    one = visit(town.admin).get(f"/admin/yuanhang/auditevent/{event.pk}/change/")
    assert "已删除的账号 删了" in one.content.decode()


def test_the_trail_is_filtered_by_what_was_done(town, visit):
    audit.record("workers.confirm", town.rider.worker, by=town.staff)
    audit.record("workers.viewed", town.rider.worker, by=town.staff)
    answer = visit(town.admin).get("/admin/yuanhang/auditevent/", {"deed": "确认了"})
    assert [row.kind for row in answer.context["cl"].result_list] == ["workers.confirm"]


def test_no_name_is_kept_in_djangos_own_log(town, visit):
    """It held the name of every account that was changed in the admin, for good."""
    client = visit(town.admin)
    url = f"/admin/yuanhang/user/{town.rider.pk}/change/"
    form = {"phone": town.rider.phone, "display_name": "删我测试甲", "is_active": "on"}
    assert client.post(url, form).status_code == 302
    mark = MAKERS["stations.landmark"](town)
    client.post(f"/admin/stations/landmark/{mark.pk}/delete/", {"post": "yes"})
    chosen = {
        "action": "delete_selected",
        "_selected_action": [MAKERS["stations.landmark"](town).pk],
    }
    client.post("/admin/stations/landmark/", chosen | {"post": "yes"})
    client.post(f"/admin/yuanhang/user/{town.rider.pk}/password/",
                {"password1": "neu-und-lang-91", "password2": "neu-und-lang-91",
                 "usable_password": "true"})  # fmt: skip
    assert not LogEntry.objects.exists()
    kinds = set(AuditEvent.objects.values_list("kind", flat=True))
    assert {"yuanhang.edit_user", "stations.remove_landmark", "core.set_password"} <= kinds
    history = client.get(f"/admin/yuanhang/user/{town.rider.pk}/history/").content.decode()
    assert f"{town.admin}</a> 改了" in history


@pytest.mark.parametrize("who", ["staff", "other_staff"])
def test_the_history_of_a_row_is_its_own_staffs(town, visit, who):
    audit.record("stations.edit_grid", town.six, by=town.admin)
    answer = visit(getattr(town, who)).get(f"/admin/stations/grid/{town.six.pk}/history/")
    assert answer.status_code == (200 if who == "staff" else 302)


def test_name_and_number_stand_once_on_a_workers_page(town, visit):
    page = visit(town.staff).get(f"/admin/workers/worker/{town.rider.worker.pk}/change/")
    form = page.content.decode().split('id="worker_form"')[1]
    assert form.count(town.rider.phone) == 1
    assert form.split("<fieldset")[1].count(f">{town.rider.display_name}<") == 1
    assert "愿意收短信" not in form


def test_a_report_of_a_guest_is_not_the_systems(town, visit, client):
    hazard = report(town.six)
    page = visit(town.staff).get(f"/admin/hazards/hazard/{hazard.pk}/history/").content.decode()
    assert "没登录的人" in page
    assert "系统" not in page[page.index("操作记录") :]


def test_no_page_of_the_admin_leads_its_reader_to_a_refusal(town, visit):
    hazard = report(town.six, by=town.rider)
    staff = visit(town.staff)
    seen = 0
    for url in (
        f"/admin/hazards/hazard/{hazard.pk}/change/",
        f"/admin/hazards/hazard/{hazard.pk}/history/",
        f"/admin/stations/community/{town.community.pk}/change/",
        f"/admin/workers/worker/{town.rider.worker.pk}/change/",
    ):
        page = staff.get(url).content.decode()
        for link in set(re.findall(r'href="(/admin/[^"?]+/change/)"', page)):
            seen += 1
            assert staff.get(link).status_code == 200, (url, link)
    assert seen
    # Administrators keep theirs.
    page = visit(town.admin).get(f"/admin/hazards/hazard/{hazard.pk}/change/").content.decode()
    assert f"/admin/stations/subdistrict/{hazard.subdistrict_id}/change/" in page
