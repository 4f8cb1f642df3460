"""The receipt's private link, the look-up by number and code, and one's own list."""

import re

import pytest

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.states import State
from tests import media
from tests.factories.hazards import advance, form, report, stored_photo, stored_voice, upload
from tests.factories.stations import GridFactory, LandmarkFactory
from yuanhang.core.models import AuditEvent

LOOKUP = "/hazards/lookup/"
# As a Chinese keyboard writes them.
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
MINE = "/hazards/mine/"


def text_of(response):
    return response.content.decode()


def ask(town, **fields):
    """A guest's case that waits for an answer."""
    hazard = report(town.six, **fields)
    return cases.ask_info(hazard, by=town.grid_worker, reason="东边还是西边？")


# --- the private link -----------------------------------------------------------------------


def test_a_guest_answers_through_the_receipt(client, town, stored_files):
    hazard = ask(town)
    receipt = hazard.get_receipt_url()
    page = text_of(client.get(receipt))
    assert "东边还是西边？" in page
    assert f'action="{receipt}supply-info/"' in page
    data = {"note": "东边", "photos": upload(media.jpeg(60, 40))}
    response = client.post(f"{receipt}supply-info/", data)
    assert (response.status_code, response.url) == (302, receipt)
    hazard.refresh_from_db()
    step = hazard.steps.last()
    assert (hazard.state, step.by, step.by_role) == (State.SUBMITTED, None, "reporter")
    assert AuditEvent.objects.filter(kind="hazards.supply_info").get().actor_id is None
    assert "补充收到了，谢谢。" in text_of(client.get(receipt))


def test_a_guest_withdraws_through_the_receipt(client, town):
    hazard = report(town.six)
    response = client.post(f"{hazard.get_receipt_url()}withdraw/", {"note": "已经修好了"})
    assert response.url == hazard.get_receipt_url()
    hazard.refresh_from_db()
    assert hazard.state == State.WITHDRAWN
    assert hazard.steps.last().note == "已经修好了"


def test_the_receipt_offers_nothing_once_it_is_over(client, town):
    hazard = report(town.six)
    cases.withdraw(hazard, by=None)
    assert client.get(hazard.get_receipt_url()).context["moves"] == []
    late = client.post(f"{hazard.get_receipt_url()}withdraw/")
    assert late.status_code == 409
    assert "已被他人处理，现在是「已撤回」。" in text_of(late)


def test_a_form_in_error_comes_back_on_the_receipt(client, town):
    hazard = ask(town)
    url = f"{hazard.get_receipt_url()}supply-info/"
    wrong = client.post(url, {"note": "别丢", "photos": upload(media.text_as_jpg())})
    assert wrong.status_code == 400
    assert "这个文件不是照片。" in text_of(wrong)
    assert "别丢" in text_of(wrong)
    empty = client.post(url)
    assert "写一句、拍一张或说一句都行，不能是空的。" in text_of(empty)
    assert hazard.steps.count() == 2


def test_the_link_gives_no_more_than_its_case(client, town):
    """Neither the page of the case nor that of another one opens with it."""
    hazard, other = report(town.six), report(town.six)
    client.get(hazard.get_receipt_url())
    for url in (hazard.get_absolute_url(), other.get_absolute_url()):
        assert client.get(url).url.startswith("/accounts/login/")
    page = text_of(client.get(hazard.get_receipt_url()))
    assert other.number not in page
    assert hazard.submission_key.hex not in page.replace("-", "")


def test_the_receipt_shows_no_phone_and_no_contact(client, town):
    data = form(description="井盖", contact_name="路人甲", contact_phone="10000019999")
    page = text_of(client.get(client.post("/hazards/report/", data).url))
    assert "10000019999" not in page
    assert "路人甲" not in page


def test_the_receipt_is_kept_out_of_caches_and_search_engines(client, town):
    response = client.get(report(town.six).get_receipt_url())
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"


def test_files_come_through_the_receipt(client, town):
    files = Attachments(
        photos=[stored_photo(media.jpeg(60, 40))], voices=[stored_voice(media.wav(1.0))]
    )
    hazard = report(town.six, attachments=files)
    photo, note = hazard.photos.get(), hazard.voices.get()
    base = hazard.get_receipt_url()
    page = text_of(client.get(base))
    assert f'src="{base}photos/{photo.pk}/page/"' in page
    assert f'src="{base}voices/{note.pk}/"' in page
    assert client.get(f"{base}photos/{photo.pk}/full/").getvalue()[:2] == b"\xff\xd8"
    part = client.get(f"{base}voices/{note.pk}/", headers={"Range": "bytes=0-1"})
    assert (part.status_code, len(part.getvalue())) == (206, 2)


# --- number and code ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        lambda number, code: (number, code),
        lambda number, code: (number.lower(), f"{code[:4]} {code[4:]}"),
        lambda number, code: (f"  {number[:10]} {number[10:]} ", f" {code} "),
        lambda number, code: (number.replace("-", ""), code),
        lambda number, code: (number.removeprefix("YH").replace("-", "\u2014\u2014"), code),
        lambda number, code: (number.translate(WIDE), code.translate(WIDE)),
    ],
)
def test_number_and_code_lead_to_the_receipt(client, town, spelling):
    hazard = report(town.six)
    number, code = spelling(hazard.number, hazard.lookup_code)
    response = client.post(LOOKUP, {"number": number, "code": code})
    assert (response.status_code, response.url) == (302, hazard.get_receipt_url())


@pytest.mark.parametrize("wrong", ["number", "code", "both"])
def test_a_wrong_number_and_a_wrong_code_sound_the_same(client, town, wrong):
    hazard, other = report(town.six), report(town.six)
    data = {"number": hazard.number, "code": hazard.lookup_code}
    if wrong in ("number", "both"):
        data["number"] = hazard.number[:-4] + "9999"
    if wrong in ("code", "both"):
        data["code"] = other.lookup_code
    response = client.post(LOOKUP, data)
    assert response.status_code == 400
    assert response.context["form"].non_field_errors() == ["编号和查询码对不上，看看回执再试。"]
    assert hazard.receipt_token not in text_of(response)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"number": "x"},
        {"code": "1"},
        {"number": "N" * 31, "code": "1"},
        {"number": "a\0", "code": "1"},
    ],
)
def test_a_look_up_without_sense_is_refused(client, town, data):
    assert client.post(LOOKUP, data).status_code == 400


def test_code_in_any_digits_but_ours_is_just_wrong(client, town):
    hazard = report(town.six)
    data = {"number": hazard.number, "code": "一二三四五六七八"}
    assert client.post(LOOKUP, data).status_code == 400


# --- one's own list -------------------------------------------------------------------------


def listed(response):
    return [hazard.description for hazard in response.context["hazards"]]


def test_mine_are_those_reported_with_this_account_newest_first(visit, town):
    report(town.six, by=town.rider, description="first")
    report(town.far, by=town.rider, description="second")
    report(town.six, by=town.stranger, description="theirs")
    report(town.six, description="nobody's")
    assert listed(visit(town.rider).get(MINE)) == ["second", "first"]
    assert listed(visit(town.grid_worker).get(MINE)) == []
    assert "还没报过" in text_of(visit(town.grid_worker).get(MINE))


def test_mine_come_thirty_at_a_time(visit, town):
    for number in range(31):
        report(town.six, by=town.rider, description=f"{number}")
    first = visit(town.rider).get(MINE)
    report(town.six, by=town.rider, description="meanwhile")
    second = visit(town.rider).get(MINE, {"before": first.context["following"]})
    assert listed(first) + listed(second) == [f"{number}" for number in reversed(range(31))]
    assert second.context["following"] == ""


@pytest.mark.parametrize("cursor", ["garbage", "é", "W10", "W251bGxd", "WzEuNV0", "WyJhIl0"])
def test_a_cursor_that_is_none_of_ours_shows_the_first_page(visit, town, cursor):
    report(town.six, by=town.rider, description="井盖")
    assert listed(visit(town.rider).get(MINE, {"before": cursor})) == ["井盖"]


# --- queries --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 100])
def test_mine_asks_as_often_for_one_case_as_for_a_hundred(
    visit, town, django_assert_num_queries, count
):
    photo = stored_photo(media.jpeg(60, 40))
    for number in range(count):
        hazard = report(
            town.six if number % 2 else town.one,
            by=town.rider,
            attachments=Attachments(photos=[photo]),
        )
        if number % 3 == 0:
            advance(hazard, "dispatched", reviewer=town.grid_worker, officer=town.officer)
    client = visit(town.rider)
    with django_assert_num_queries(5):
        client.get(MINE)


@pytest.mark.parametrize("count", [1, 4])
def test_the_receipt_asks_as_often_for_one_photo_as_for_four(
    client, town, django_assert_num_queries, count
):
    photo, note = stored_photo(media.jpeg(60, 40)), stored_voice(media.wav(1.0))
    hazard = report(
        town.six, attachments=Attachments(photos=[photo] * count, voices=[note] * count)
    )
    for _turn in range(count):
        cases.ask_info(hazard, by=town.grid_worker, reason="哪里")
        cases.supply_info(hazard, by=None, note="这里")
    client.get(hazard.get_receipt_url())  # what staff edit is kept from then on
    with django_assert_num_queries(5):
        client.get(hazard.get_receipt_url())


@pytest.mark.parametrize("count", [1, 100])
def test_the_report_page_asks_as_often_whatever_there_is(
    client, town, django_assert_num_queries, count
):
    for number in range(count):
        report(town.six)
        LandmarkFactory(community=town.community)
        GridFactory(community=town.community, number=100 + number)
    # What staff edit now and then is kept from here on.
    client.get("/hazards/report/")
    with django_assert_num_queries(5):
        page = client.get("/hazards/report/")
    assert re.search(r"<form", text_of(page))


def test_the_look_up_page_asks_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(LOOKUP).status_code == 200
