"""Whatever words a row has, each way out of the site carries them in a form that can be read."""

import io
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from hazards.cases import handover_sheet
from hazards.review import export
from stations.postings.models import Organisation
from tests.factories.hazards import form, report
from tests.factories.volunteers import ActivityFactory, session
from volunteers.activities import ical
from yuanhang.core.excel import CELL_MAX, workbook
from yuanhang.core.geo import navigation_links
from yuanhang.core.outbox import channels, chat, notices
from yuanhang.core.outbox.models import Notice

# Word's soft break, a page break, a bell, code points that are no characters, half a character.
ODD = "一队\x0b二\x0c三\x07四\uffff五\ufffe六\u202e七"
PLAIN = "一队\n二\n三四五六七"


def cells(data, title=None):
    book = load_workbook(io.BytesIO(data))
    sheet = book[title] if title else book.worksheets[0]
    return [[value for value in row if value is not None] for row in sheet.values]


def exported(client):
    return client.get(reverse("hazards:export"), {"tab": "all"})


def test_a_report_from_outside_cannot_spoil_the_export(client, visit, town):
    data = form(grid=town.six.pk, description="井盖\uffff坏\ufffe了", place="南\x0b街")
    assert client.post(reverse("hazards:report"), data).status_code == 302
    rows = cells(exported(visit(town.grid_worker)).content)
    assert "井盖坏了" in rows[1]


def test_words_past_every_form_cannot_spoil_the_export(visit, town):
    hazard = report(town.six, description="长" * 2000)
    unit = Organisation.objects.create(name="养护", subdistrict=town.subdistrict)
    Organisation.objects.filter(pk=unit.pk).update(name=ODD)
    type(hazard).objects.update(organisation=unit, description="𠮷" * 40_000, place="=1+1")
    response = exported(visit(town.grid_worker))
    assert response.status_code == 200
    row = cells(response.content)[1]
    assert PLAIN in row
    assert "=1+1" in row
    longest = max((value for value in row if isinstance(value, str)), key=len)
    assert len(longest.encode("utf-16-le")) // 2 <= CELL_MAX
    assert longest.endswith("𠮷…")


def test_titles_of_sheets_are_made_ones_that_excel_takes():
    data = workbook({"一/二:[三]\x0b" + "长" * 40: [["a\ud800b", 1, None]]})
    assert cells(data) == [["ab", 1]]


def test_the_export_says_what_it_left_out(visit, town, monkeypatch):
    for n in range(3):
        report(town.six, description=f"第{n}件")
    monkeypatch.setattr(export, "ROWS_MAX", 3)
    assert cells(exported(visit(town.grid_worker)).content)[0][0] == "编号"
    monkeypatch.setattr(export, "ROWS_MAX", 2)
    rows = cells(exported(visit(town.grid_worker)).content)
    assert rows[0] == ["只有最新的 2 件，另有 1 件没有导出。请按时间、网格分几次导出。"]
    assert rows[1][0] == "编号"
    assert len(rows) == 4


def test_what_staff_paste_into_the_admin_is_stored_clean(visit, town):
    address = reverse("admin:stations_organisation_change", args=[town.organisation.pk])
    client = visit(town.admin)
    fields = client.get(address).context["adminform"].form.initial
    data = {name: value for name, value in fields.items() if value is not None}
    assert client.post(address, data | {"name": f"\u200b{ODD} "}).status_code == 302
    town.organisation.refresh_from_db()
    assert town.organisation.name == PLAIN.replace("\n", " ")
    refused = client.post(address, data | {"name": "\u200b\u3164"})
    assert refused.status_code == 200
    assert refused.context["adminform"].form.errors["name"]


@pytest.mark.parametrize(("query", "count"), [("\u200b养护。", 1), ("🔥", 0), ("１养护", 0)])
def test_the_search_of_the_admin_reads_past_what_came_along(visit, town, query, count):
    Organisation.objects.update(name="市政养护队")
    address = reverse("admin:stations_organisation_changelist")
    page = visit(town.admin).get(address, {"q": query})
    assert page.context["cl"].result_count == count * Organisation.objects.count()


def test_a_calendar_has_one_line_a_property(town):
    coming = session(ActivityFactory(community=town.community, title=ODD, place=ODD))
    text = ical.calendar([(coming, True)], name=ODD)
    assert f"LOCATION:{PLAIN}".replace("\n", "\\n") in text
    assert not set(text) & set("\x0b\x0c\x07\uffff\ufffe\u202e")


BIDI = [
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C)
]


@pytest.mark.parametrize("turning", BIDI)
def test_no_plain_text_lets_a_name_turn_the_words_after_it(town, settings, monkeypatch, turning):
    odd = f"骑{turning}手{turning}"
    sent = []
    gateway = SimpleNamespace(send=lambda message: sent.append(message.text))
    settings.SMS_GATEWAY = "console"
    monkeypatch.setattr(channels.sms, "gateway", lambda: gateway)
    hazard = report(town.six, by=town.rider, place="大集")
    type(hazard).objects.filter(pk=hazard.pk).update(place=odd, description=odd)
    hazard.refresh_from_db()
    # Past the cleaning of notices, as rows of older versions are.
    notice = Notice.objects.create(
        recipient=town.rider, key=f"odd {ord(turning)}", kind="hazards.accept", title=odd, body=odd
    )
    row = {"notice": notice, "address": "10000000000", "template": "", "reference": ""}
    channels.SmsChannel().send(SimpleNamespace(**row, variables={"title": odd}))
    context = {"hazard": hazard, "own": hazard, "step": SimpleNamespace(note=odd)}
    title, body = notices._text("hazards/notices/extend.txt", context)
    coming = session(ActivityFactory(community=town.community, title=odd, place=odd))
    ways_out = {
        "sms": sent[0],
        "notice": title + body,
        "calendar": ical.calendar([(coming, True)], name=odd),
        "chat": chat.cut(odd),
        "sheet": handover_sheet.as_text(handover_sheet.freeze(hazard, odd) | {"heard": odd}),
        "Excel": cells(workbook({odd: [[odd]]}), "骑手")[0][0],
        "map": unquote(str(navigation_links(46.5, 125.0, odd, odd))),
    }
    assert {name for name, text in ways_out.items() if turning in text} == set()
    assert {name for name, text in ways_out.items() if "骑手" not in text} == set()


def test_a_chat_message_has_plain_words():
    assert chat.cut(ODD) == PLAIN
    assert chat.cut("a\ud800b") == "ab"
