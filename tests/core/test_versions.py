"""Two people edit one row: the second sees both texts, and nothing is undone unseen."""

import re
import threading

import pytest
from django import forms
from django.contrib import admin
from django.test import Client

from hazards.case_page.correction_forms import RecategoriseForm
from hazards.catalogue.models import Category
from stations.houses.models import Facility, Station, Zone
from tests.admin_forms import all_posted, posted
from tests.factories.admin_rows import MAKERS
from tests.factories.hazards import report
from tests.factories.volunteers import held
from tests.factories.workers import WorkerFactory
from tests.test_admin_rows import ADMINS, address
from tests.threads import together
from volunteers.record import attendance
from volunteers.record.models.service_records import Attendance
from workers.models import Worker
from yuanhang.core import versions

CHANGED = "你打开以后，别人改过这里，所以还没保存。"


def opened(client, url):
    """What a browser would send of a page of the admin, as it opened."""
    return all_posted(client.get(url))


def hidden(page):
    """The hidden inputs of a page, by name."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def edited_words(client, url):
    """(what a page of the admin sends as it opened, the name of a field of words, both texts)."""
    response = client.get(url)
    if response.status_code != 200 or "adminform" not in (response.context or {}):
        return None
    sent = all_posted(response)
    for bound in response.context["adminform"].form:
        is_text = isinstance(bound.field.widget, forms.TextInput | forms.Textarea)
        if not is_text or not re.search("[\u3400-\u9fff]", str(sent.get(bound.html_name, ""))):
            continue
        texts = [f"{sent[bound.html_name]}{end}" for end in "甲乙"]
        if len(texts[0]) <= int(bound.field.widget.attrs.get("maxlength") or 99):
            return sent, bound.html_name, texts
    # Where there are no words, a number.
    for bound in response.context["adminform"].form:
        if isinstance(bound.field, forms.IntegerField) and bound.html_name in sent:
            number = int(sent[bound.html_name])
            return sent, bound.html_name, [str(number + more) for more in (1, 2)]
    return None


# What the page does not show of a row, and the maker's row has not as it should be.
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
WITHOUT_WHICH = {"stations.chatrobot": {"url": ROBOT}}


# Rows that even an administrator only reads, and those whose form has no words to type.
NOBODY_EDITS = {
    "hazards.hazard",
    "volunteers.certificate",
    "volunteers.membership",
    "volunteers.qualification",
    "volunteers.servicerecord",
    "workers.aidrequest",
    "workers.worker",
    "yuanhang.auditevent",
    "yuanhang.delivery",
    "yuanhang.notice",
}
WORDLESS = {
    "hazards.workingspan",
    "stations.posting",
    "stations.streetmap",
    "workers.aiddesk",
}


def is_edited(label):
    """Whether administrators change rows in this admin at all."""
    return "change" not in ADMINS[label].nobody_may


@pytest.mark.parametrize("label", sorted(filter(is_edited, MAKERS)))
def test_every_form_of_the_admin_carries_a_version(town, visit, label):
    row = MAKERS[label](town)
    client = visit(town.admin)
    response = client.get(address(label, row, "change"))
    model_admin = ADMINS[label]
    request = response.wsgi_request
    if response.status_code != 200 or not model_admin.has_change_permission(request, row):
        assert label in NOBODY_EDITS
        return
    names = hidden(response.content.decode())
    form = response.context["adminform"].form
    assert names[versions.NAME] == versions.version_of(form)
    for inline in response.context["inline_admin_formsets"]:
        if inline.has_change_permission and inline.formset.initial_forms:
            assert f"{inline.formset.prefix}-{versions.ROWS}" in names


@pytest.mark.parametrize("label", sorted(filter(is_edited, MAKERS)))
def test_the_second_of_two_sees_both_texts_and_saves_nothing(town, visit, label):
    row = MAKERS[label](town)
    client = visit(town.admin)
    url = address(label, row, "change")
    found = edited_words(client, url)
    if found is None:
        assert label in WORDLESS | NOBODY_EDITS
        return
    sent, name, (first, second) = found
    sent |= WITHOUT_WHICH.get(label, {})
    done = client.post(url, sent | {name: first})
    assert done.status_code == 302, done.context["errors"]
    refused = client.post(url, sent | {name: second})
    page = refused.content.decode()
    assert refused.status_code == 200
    assert CHANGED in page
    assert f"<td>{first}</td>" in page
    assert f"<td>{second}</td>" in page
    assert str(getattr(type(row)._default_manager.get(pk=row.pk), name)) == first
    # What was typed is kept; sent once more, it is what its sender wants.
    again = all_posted(refused)
    assert str(again[name]) == second
    assert client.post(url, again).status_code == 302
    assert str(getattr(type(row)._default_manager.get(pk=row.pk), name)) == second


def test_whoever_changes_another_field_undoes_nothing(town, visit):
    station = town.station
    url = address("stations.station", station, "change")
    client = visit(town.staff)
    sent = opened(client, url)
    assert client.post(url, sent | {"address": "南六街 6 号"}).status_code == 302
    refused = client.post(url, sent | {"note": "茶水自取"})
    assert CHANGED in refused.content.decode()
    fresh = Station.objects.get(pk=station.pk)
    assert (fresh.address, fresh.note) == ("南六街 6 号", station.note)


def test_the_same_form_sent_twice_is_saved_once_and_refused_never(town, visit):
    url = address("stations.station", town.station, "change")
    client = visit(town.staff)
    sent = opened(client, url) | {"address": "南六街 6 号"}
    assert [client.post(url, sent).status_code for _ in range(2)] == [302, 302]


def test_a_form_without_a_version_is_taken(town, visit):
    """What a program sends that never saw the page."""
    url = address("stations.station", town.station, "change")
    client = visit(town.staff)
    sent = opened(client, url)
    client.post(url, sent | {"address": "甲"})
    del sent[versions.NAME]
    assert client.post(url, sent | {"address": "乙"}).status_code == 302


# --- rows under their parent, rows of a list ------------------------------------------------


@pytest.fixture
def zone(town):
    return Zone.objects.create(station=town.station, name="休息区")


def inline_field(sent, ending, text):
    return next(
        name for name, value in sent.items() if name.endswith(ending) and str(value) == text
    )


def test_a_row_under_its_parent(town, visit, zone):
    url = address("stations.station", town.station, "change")
    client = visit(town.staff)
    sent = opened(client, url)
    name = inline_field(sent, "-name", "休息区")
    assert client.post(url, sent | {name: "休息区甲"}).status_code == 302
    refused = client.post(url, sent | {name: "休息区乙"})
    page = refused.content.decode()
    assert CHANGED in page
    assert "<td>休息区甲</td>" in page
    assert Zone.objects.get(pk=zone.pk).name == "休息区甲"
    again = all_posted(refused)
    assert again[name] == "休息区乙"
    assert client.post(url, again).status_code == 302
    assert Zone.objects.get(pk=zone.pk).name == "休息区乙"


def test_a_row_under_its_parent_that_went_meanwhile(town, visit, zone):
    url = address("stations.station", town.station, "change")
    client = visit(town.staff)
    sent = opened(client, url)
    name = inline_field(sent, "-name", "休息区")
    Zone.objects.all().delete()
    refused = client.post(url, sent | {name: "休息区乙"})
    assert refused.status_code == 200
    assert "你打开以后，别人把这一条删了。你写的是：休息区乙" in refused.content.decode()


def list_sent(response):
    formset = response.context["cl"].formset
    sent = posted(formset.management_form)
    for form in formset.forms:
        sent |= posted(form)
    return sent | {"_save": "保存"}


def test_a_row_of_a_list(town, visit, zone):
    row = Facility.objects.create(zone=zone, seal="水", name="饮水机", remark="老样子")
    other = Facility.objects.create(zone=zone, seal="充", name="充电", remark="老样子")
    client, url = visit(town.staff), address("stations.facility")
    response = client.get(url)
    sent = list_sent(response)
    assert f'name="form-{versions.ROWS}"' in response.content.decode()
    number = next(n for n in range(2) if str(sent[f"form-{n}-id"]) == str(row.pk))
    mine, others = f"form-{number}-remark", f"form-{1 - number}-remark"
    assert client.post(url, sent | {mine: "甲"}).status_code == 302
    # Another row of the list is nobody's business.
    assert client.post(url, sent | {mine: "甲", others: "丙"}).status_code == 302
    refused = client.post(url, sent | {mine: "乙", others: "丙"})
    page = refused.content.decode()
    assert CHANGED in page
    assert "<td>甲</td>" in page
    assert {Facility.objects.get(pk=pk).remark for pk in (row.pk, other.pk)} == {"甲", "丙"}
    again = list_sent(refused)
    assert client.post(url, again).status_code == 302
    assert Facility.objects.get(pk=row.pk).remark == "乙"


@pytest.mark.parametrize(
    "label",
    sorted(label for label, model_admin in ADMINS.items() if model_admin.list_editable),
)
def test_every_list_that_is_edited_carries_versions(town, visit, label):
    MAKERS[label](town)
    page = visit(town.admin).get(address(label)).content.decode()
    assert hidden(page)[f"form-{versions.ROWS}"]


def test_every_inline_carries_versions():
    for model_admin in ADMINS.values():
        for inline in model_admin.inlines:
            assert issubclass(inline, admin.TabularInline)


# --- at one instant -------------------------------------------------------------------------


def two_at_once(town):
    url = address("stations.station", town.station, "change")
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(town.staff)
    sent = opened(clients[0], url)
    answers = together(
        *(
            lambda client=client, text=text: client.post(url, sent | {"address": text})
            for client, text in zip(clients, ("甲", "乙"), strict=True)
        )
    )
    return sorted(answer.status_code for answer in answers)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_at_one_instant_one_is_told(town):
    assert two_at_once(town) == [200, 302]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_both_are_saved(town, monkeypatch):
    """The control: both have read before either writes."""

    meeting = _meets(threading.Barrier(2), versions.VersionedForm.clean)
    monkeypatch.setattr(versions, "hold", lambda *args: None)
    monkeypatch.setattr(versions.VersionedForm, "clean", meeting)
    assert two_at_once(town) == [302, 302]


def _meets(barrier, real):
    def clean(self):
        cleaned = real(self)
        barrier.wait(timeout=20)
        return cleaned

    return clean


# --- the site's own forms -------------------------------------------------------------------


def test_two_windows_on_ones_own_information(town, visit):
    client = visit(town.rider)
    response = client.get("/workers/me/")
    sent = posted(response.context["form"])
    assert client.post("/workers/me/", sent | {"display_name": "甲"}).status_code == 302
    refused = client.post("/workers/me/", sent | {"display_name": "乙"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert CHANGED in page
    assert "<td>甲</td>" in page
    assert Worker.objects.get(user=town.rider).user.display_name == "甲"
    again = posted(refused.context["form"])
    assert again["display_name"] == "乙"
    assert client.post("/workers/me/", again).status_code == 302


def test_a_report_is_no_edit(town, client):
    report(town.six)
    assert versions.NAME not in client.get("/hazards/report/").content.decode()


def test_two_reviewers_correct_one_case(town, visit):
    hazard = report(town.six)
    client, url = visit(town.grid_worker), f"/hazards/{hazard.number}/recategorise/"
    page = client.get(f"/hazards/{hazard.number}/correct/").content.decode()
    seen = RecategoriseForm(hazard=hazard).initial[versions.NAME]
    assert f'name="{versions.NAME}" value="{seen}"' in page
    others = Category.objects.filter(is_active=True).exclude(pk=hazard.category_id)
    first, second = others[0], others[1]
    sent = {"reason": "看错了", versions.NAME: seen}
    assert client.post(url, sent | {"category": first.pk}).status_code == 302
    refused = client.post(url, sent | {"category": second.pk})
    text = refused.content.decode()
    assert refused.status_code == 400
    assert CHANGED in text
    assert f"<td>{first}</td>" in text
    assert f"<td>{second}</td>" in text
    assert "看错了" in text
    hazard.refresh_from_db()
    assert hazard.category == first


def test_two_leaders_correct_one_list(town, visit):
    person = WorkerFactory(community=town.community).user
    activity = MAKERS["volunteers.activity"](town)
    session = held(activity, [person])
    attendance.settle_session(session, by=town.staff)
    client, url = visit(town.staff), session.get_roster_url()
    names = hidden(client.get(url).content.decode())
    sent = {versions.NAME: names[versions.NAME], "correct": "1", "reason": "记错了"}
    kind, minutes = f"kind-u{person.pk}", f"minutes-u{person.pk}"
    assert client.post(url, sent | {kind: "absent"}).status_code == 302
    refused = client.post(url, sent | {kind: "late", minutes: "30"})
    page = refused.content.decode()
    assert refused.status_code == 400
    assert CHANGED in page
    assert "<td>没来</td>" in page
    assert "<td>晚到</td>" in page
    assert Attendance.objects.filter(session=session).count() == 1
