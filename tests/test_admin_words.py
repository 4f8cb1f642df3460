"""The admin speaks Chinese: no head, label or title in English, no key and no constraint's name."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule

from hazards.cases import cases
from stations.houses.models import OpeningHours
from tests.factories.admin_rows import MAKERS
from tests.factories.hazards import report
from yuanhang.core import audit
from yuanhang.core.jobs import ScheduledJob
from yuanhang.core.rooms import scheduled_jobs
from yuanhang.core.trail_details import details_of

ENGLISH = re.compile(r"[A-Za-z][a-z]{2,}")
# Names of things that are called so everywhere.
NAMES = re.compile(
    r"WGS-84|GCJ-02|BD-09|WebAuthn|TOTP|Webhook|Control|Mac|Command|Excel|JSON|GeoJSON|https?://\S+|FeatureCollection"
    # The two properties that a map's shapes have, whatever language their file speaks.
    r"|属性 name|，kind"
)


def heads_of(page):
    """What names columns, fields, groups, filters and pages."""
    body = page.partition('<div id="content"')[2] or page
    body = re.sub(r"<(script|style|textarea|select).*?</\1>", "", body, flags=re.DOTALL)
    found = re.findall(
        r"<(?:th\s[^>]*scope=\"col\"|label|h1|h2|h3|legend|summary|button)[^>]*>(.*?)</", body, re.S
    )
    found += re.findall(r'<div class="(?:text|help)[^"]*"[^>]*>(.*?)</div>', body, re.S)
    found += re.findall(r'class="paginator"[^>]*>(.*?)</', body, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip() for text in found]


def pages_of(model, town):
    name = model._meta.label_lower
    base = f"admin:{name.replace('.', '_')}"
    yield reverse(f"{base}_changelist")
    yield reverse(f"{base}_add")
    if name in MAKERS:
        row = MAKERS[name](town)
        for what in ("change", "delete", "history"):
            try:
                yield reverse(f"{base}_{what}", args=[row.pk])
            except NoReverseMatch:  # pragma: no cover - every admin has all four
                continue


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda m: m._meta.label_lower)
def test_no_head_is_english(town, visit, model):
    client = visit(town.admin)
    for address in pages_of(model, town):
        answer = client.get(address)
        if answer.status_code != 200:
            assert answer.status_code in (302, 403), address
            continue
        named = str(answer.context.get("original") or "\0")
        odd = [head for head in heads_of(answer.content.decode()) if named not in head]
        assert [head for head in odd if ENGLISH.search(NAMES.sub("", head))] == [], address


def test_what_the_queue_does_is_said_in_words(town, visit):
    for job in scheduled_jobs():
        assert isinstance(job, ScheduledJob)
        assert str(job.words)
    page = visit(town.admin).get("/admin/django_q/schedule/").content.decode()
    assert "提醒快到期和超时的隐患" in page
    rows = page.split('id="result_list"')[1].split("</table>")[0]
    assert "remind_of_deadlines" not in rows


def test_a_failed_job_is_run_again(town, visit):
    row = Failure.objects.create(
        id="a" * 32, name="x", func="hazards.deadline_reminders.tasks.remind_of_deadlines",
        started=timezone.now(), stopped=timezone.now(), success=False, result="weg",
    )  # fmt: skip
    before = OrmQ.objects.count()
    sent = {"action": "again", "_selected_action": [row.pk]}
    assert visit(town.admin).post("/admin/django_q/failure/", sent).status_code == 302
    assert (Failure.objects.count(), OrmQ.objects.count()) == (0, before + 1)


def test_a_second_factor_shows_no_secret_and_can_be_taken_away(town, visit):
    row = Authenticator.objects.create(
        user=town.staff, type="totp", data={"secret": "GEHEIMGEHEIM"}
    )
    client = visit(town.admin)
    address = f"/admin/mfa/authenticator/{row.pk}/"
    assert "GEHEIM" not in client.get(f"{address}change/").content.decode()
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def test_schedules_are_not_typed_by_hand(town, visit):
    client, row = visit(town.admin), Schedule.objects.first()
    assert client.get("/admin/django_q/schedule/add/").status_code == 403
    assert client.post(f"/admin/django_q/schedule/{row.pk}/delete/").status_code == 403


def test_details_of_the_trail_have_names_and_words(town):
    hazard = cases.ask_info(report(town.six, by=town.rider), by=town.grid_worker, reason="哪一边？")
    moved = audit.AuditEvent.objects.filter(kind="hazards.ask_info").latest("pk")
    assert details_of(moved) == [("状态", "待受理 → 待补充")]
    edited = audit.record("hazards.edit_hazard", hazard, changes={"fields": ["place", "urgency"]})
    assert details_of(edited) == [("改了哪几项", "地点、紧急程度")]
    given = audit.record("workers.register", town.rider.worker, changes={"consents": ["skills"]})
    assert details_of(given) == [("同意", "技能")]
    kept = audit.record("core.retention", None, changes={"rule": "gone", "rows": 3, "code": "x"})
    assert dict(details_of(kept))["条数"] == "3"
    assert "（不显示）" in dict(details_of(kept)).values()


def test_no_constraint_tells_its_name(town):
    first = OpeningHours(station=town.station, weekday=0, opens="08:00", closes="12:00")
    first.save()
    for row in (
        OpeningHours(station=town.station, weekday=0, opens="08:00", closes="13:00"),
        OpeningHours(station=town.station, weekday=9, opens="08:00", closes="13:00"),
    ):
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        words = "".join(refused.value.messages)
        assert not re.search(r"[a-z_]{4,}|约束", words)
        assert words


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda m: m._meta.label_lower)
def test_every_constraint_has_words_without_its_name(model):
    said = {one.name: str(one.get_violation_error_message()) for one in model._meta.constraints}
    odd = {name: words for name, words in said.items() if re.search(r"[a-z_]{4,}|约束", words)}
    assert odd == {}


def test_an_entry_into_a_foreign_grid_says_who_has_it(town, visit):
    form = {"submission_key": "5b6b7c2e-5a3a-4b7e-9d3f-2b1f0d6c8e11", "category": "ice",
            "description": "桥头结冰", "grid": town.one.pk}  # fmt: skip
    answer = visit(town.grid_worker).post(reverse("hazards:entry"), form, follow=True)
    assert "现在在第一网格员手里" in answer.content.decode()
