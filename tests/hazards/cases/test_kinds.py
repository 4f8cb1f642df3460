"""People are not manholes: no page, button or notice of their cases speaks of repairs."""

import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.cases.notifications import (
    notify_still_there,
    notify_suspension_over,
    remind_of_question,
)
from hazards.cases.states import State
from hazards.cases.transitions import TRANSITIONS
from hazards.catalogue.models import Category, EndReason, StandardCase, Urgency
from hazards.deadline_reminders.deadline_reminders import remind_of_deadlines
from stations.robots.models import ChatRobot
from tests.factories.hazards import arguments, ready_for, report
from yuanhang.core.outbox.models import Delivery, Notice

REPAIRS = re.compile("围护|围上|警示|修(?!改)|立案|结案条件|井盖翘")
# Where people look for things that were mended: the names of those pages, on every page's foot.
ELSEWHERE = re.compile(r"修好的\s*</a>|点「还在」或「已修好」|已了结·未修")


@pytest.fixture
def category(request, db):
    """A category about a person, or about an agreement."""
    key = {"person": "elder", "agreement": "bargain"}[request.param]
    if request.param == "agreement":
        Category.objects.filter(key="other").update(is_active=False)
        Category.objects.create(
            key=key, seal="约", name="车辆停放约定", kind="agreement", urgency=2
        )
    return Category.objects.get(key=key)


both_kinds = pytest.mark.parametrize("category", ["person", "agreement"], indirect=True)
ROADS = {
    State.SUBMITTED: [],
    State.NEEDS_INFO: ["ask_info"],
    State.ACCEPTED: ["accept"],
    State.ESCALATED: ["accept", "escalate"],
    State.DISPATCHED: ["accept", "escalate", "dispatch"],
    State.SUSPENDED: ["accept", "escalate", "dispatch", "suspend"],
    State.FIXED: ["accept", "escalate", "dispatch", "fix"],
    State.CLOSED: ["accept", "escalate", "dispatch", "fix", "close"],
    State.UNREPAIRED: ["accept", "end_unrepaired"],
    State.REJECTED: ["reject"],
    State.MERGED: ["merge"],
    State.WITHDRAWN: ["withdraw"],
}


def said(verb, town, hazard):
    """What the verb demands, said as one would of a person or an agreement."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    special = {
        "accept": {"standard_case": None, "urgency": Urgency.SOON, "note": "打电话问到了"},
        "suspend": {"reason": "家里人接走了", "until": tomorrow},
        "end_unrepaired": {"end_reason": EndReason.objects.get(key="other"), "note": "问过了"},
        "reprioritise": {"reason": "不急", "urgency": Urgency.NORMAL},
        "recategorise": {"reason": "记错了", "category": Category.objects.get(key="fraud")},
        "split": {"category": Category.objects.get(key="fraud"), "description": "还有人发传单"},
    }
    if verb == "merge":
        return {"main": report(town.six, by=town.stranger, **told(hazard.category))}
    return special.get(verb) or arguments(verb, town)


def told(category):
    return {"category": category.key, "description": "两天没见到人", "place": "南六街 3 号楼"}


def make(hazard, verb, town):
    actors = TRANSITIONS[verb].actors_from(hazard.state)
    by = {"centre": town.officer, "reporter": hazard.reporter, "system": None}.get(
        actors[0], town.grid_worker
    )
    ready_for(verb, hazard, town)
    return cases.VERBS[verb](hazard, by=by, role=actors[0], **said(verb, town, hazard))


def at(state, category, town):
    hazard = report(town.six, by=town.rider, contact_phone="13800000001", **told(category))
    for verb in ROADS[state]:
        hazard = make(hazard, verb, town)
    return Hazard.objects.get(pk=hazard.pk)


def speaks_of_repairs(text):
    """The words of repairs in a text, with what stands around them."""
    text = text.partition('<div id="content"')[2] or text  # the admin's menu names every table
    text = ELSEWHERE.sub("", re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL))
    # Choices among all categories and standards name those of things, too.
    text = re.sub(r"<option.*?</option>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->|<[^>]*data-move=[^>]*>", "", text, flags=re.DOTALL)
    return [text[max(m.start() - 12, 0) : m.end() + 8] for m in REPAIRS.finditer(text)]


def pages(hazard):
    """Where a case is shown: (role, address)."""
    case = hazard.get_absolute_url()
    listed = [reverse("hazards:queue") + f"?tab=all&case={hazard.number}", reverse("hazards:map")]
    staff = [case, *listed, case + "correct/", reverse("hazards:map-data") + "?bbox=124,46,126,47"]
    if hazard.accepted_at:
        staff.append(case + "handover/")
    for role in ("grid_worker", "staff", "officer", "admin"):
        yield from ((role, url) for url in staff)
    yield "admin", reverse("admin:hazards_hazard_change", args=[hazard.pk])
    for url in (case, hazard.get_receipt_url(), "/hazards/mine/", "/"):
        yield "rider", url
    yield None, hazard.get_receipt_url()


@both_kinds
@pytest.mark.parametrize("state", State.values)
def test_no_page_speaks_of_repairs(town, visit, category, state):
    hazard = at(State(state), category, town)
    assert hazard.state == state
    for role, url in pages(hazard):
        response = visit(getattr(town, role) if role else None).get(url)
        assert response.status_code in ((200, 403, 404) if "correct" in url else (200,)), url
        assert speaks_of_repairs(response.content.decode()) == [], (role, url)


@both_kinds
def test_no_notice_speaks_of_repairs(town, category, commit):
    ChatRobot.objects.create(
        community=town.community, name="群", url="https://qyapi.weixin.qq.com/x?key=abcd"
    )
    skipped = {"secure", "restandard"}  # of things alone
    for verb, transition in TRANSITIONS.items():
        if verb in skipped:
            continue
        for source in transition.sources:
            hazard = at(State(source), category, town)
            if verb == "rate" and source == State.MERGED:
                continue
            make(hazard, verb, town)
    # Of what reporters do themselves they are told nothing: the same by the reviewer.
    again = at(State.CLOSED, category, town)
    cases.reopen(again, by=town.grid_worker, role="reviewer", reason="又没见到人")
    late = at(State.SUSPENDED, category, town)
    notify_suspension_over(late)
    remind_of_question(at(State.NEEDS_INFO, category, town))
    before = timezone.now() - timedelta(hours=1)
    for moment in (before, timezone.now() + timedelta(hours=1)):
        case = at(State.ACCEPTED, category, town)
        Hazard.objects.filter(pk=case.pk).update(fix_due_at=moment)
    assert all(remind_of_deadlines())
    notices = Notice.objects.all()
    sent = {row.kind for row in notices}
    assert {"hazards.staff_soon", "hazards.staff_overdue", "hazards.reopen"} <= sent
    texts = [*(f"{row.kind}: {row.title} {row.body}" for row in notices)]
    texts += [str(row.text) for row in Delivery.objects.all()]
    assert [found for text in texts if (found := speaks_of_repairs(text))] == []


@both_kinds
def test_the_promise_says_who_and_by_when_to_staff_too(town, visit, category):
    hazard = at(State.ACCEPTED, category, town)
    due = timezone.now() + timedelta(days=2)
    Hazard.objects.filter(pk=hazard.pk).update(fix_due_at=due)
    task = {"person": "联系上", "agreement": "给答复"}[category.kind]
    words = rf"第六网格员\d+ 月 \d+ 日 \d+:\d\d 前{task}|第六网格员\d+ 月 \d+ 日前{task}"
    queue = visit(town.grid_worker).get(reverse("hazards:queue")).content.decode()
    assert re.search(words, queue)
    page = visit(town.staff).get(hazard.get_absolute_url()).content.decode()
    assert re.search(words, page)
    sheet = visit(town.officer).get(hazard.get_absolute_url() + "handover/").content.decode()
    assert re.search(rf"时限：\d{{4}} 年 \d+ 月 \d+ 日 \d+:\d\d 前{task}", sheet)


def test_the_export_has_one_column_for_what_each_kind_promises(town, visit):
    report(town.six, **told(Category.objects.get(key="elder")))
    data = visit(town.staff).get(reverse("hazards:export") + "?tab=all").content
    head, *rows = load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    assert not [name for name in head if "修" in name]
    assert rows[0][head.index("关于")] == "人"


def test_who_followed_a_person_is_not_told_of_repairs(town):
    main = report(town.six, by=town.stranger, **told(Category.objects.get(key="elder")))
    follower = report(town.six, by=town.rider, **told(main.category))
    cases.merge(follower, by=town.grid_worker, main=main)
    main = cases.accept(main, by=town.grid_worker, standard_case=None, urgency=Urgency.SOON)
    make(main, "end_unrepaired", town)
    notice = Notice.objects.get(recipient=town.rider, kind="hazards.lead")
    assert "先报的那件了结了：" in notice.body


def test_things_keep_their_words(town):
    """The control: what the walk greps for is there where it belongs."""
    standard = StandardCase.objects.get(code="0102", variant=1)
    hazard = report(town.six, by=town.rider)
    hazard = cases.accept(hazard, by=town.grid_worker, standard_case=standard, urgency=Urgency.SOON)
    body = Notice.objects.get(recipient=town.rider, kind="hazards.accept").body
    assert speaks_of_repairs(body)
    notify_still_there(hazard, 2)
    assert speaks_of_repairs(Notice.objects.filter(kind="hazards.staff_still_there").last().body)
