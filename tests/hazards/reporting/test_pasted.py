"""What copying brings along: reported, looked up, searched for, read out of a chat."""

import pytest
from django.urls import reverse

from hazards.cases.models.hazards import Hazard
from hazards.reporting import chat_import
from tests.factories.hazards import form, report
from tests.hazards.reporting.bad_input_help import refusal
from tests.hazards.reporting.test_report import URL
from yuanhang.core import geo

EMPTY = "拍一张、说一句或写几个字，有一样就能发。"


@pytest.mark.parametrize("text", ["\u200b\u200b\ufeff", "\u3164", "\u2800 \u00ad", "\u202e"])
def test_a_report_of_nothing_visible_is_empty(client, nothing_saved, text):
    assert refusal(client.post(URL, form(description=text))) == [EMPTY]
    nothing_saved()


def test_controls_are_dropped_and_line_breaks_kept_without_asking(client, town):
    words = "井盖\x0b翘\x08了\r很\u2028危\uffff险\u202e"
    data = form(description=words, place="南六\x0b街", contact_name="甲\u202e乙")
    assert client.post(URL, data).status_code == 302
    hazard = Hazard.objects.get()
    assert hazard.description == "井盖\n翘了\n很\n危险"
    assert (hazard.place, hazard.contact_name) == ("南六 街", "甲乙")


def test_a_phone_from_the_contacts_is_taken(client, town):
    data = form(description="井盖", contact_phone="\u2068tel:+86 100-0001-9999\u2069。")
    assert client.post(URL, data).status_code == 302
    assert Hazard.objects.get().contact_phone == "10000019999"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("{}\u200b", "{}"),
        ("\ufeff{}", "{}"),
        ("编号：{}", "查询码：{}"),
        ("{}。", "{}。"),
        ("编号 {} 查询码 12345678", "{}"),
    ],
)
def test_a_receipt_is_found_by_what_was_copied_from_it(client, town, number, code):
    hazard = report(town.six)
    found = {"number": number.format(hazard.number), "code": code.format(hazard.code_words)}
    assert client.post(reverse("hazards:lookup"), found).url == hazard.get_receipt_url()


def test_letters_for_digits_and_other_dashes_are_read(client, town):
    hazard = report(town.six)
    for dash in "\u2212–一－_":
        number = hazard.number.replace("0", "O").replace("1", "l").replace("-", dash)
        found = {"number": number, "code": hazard.lookup_code.replace("0", "O")}
        assert client.post(reverse("hazards:lookup"), found).status_code == 302


QUERIES = [
    "\u200b井盖",
    "井盖。",
    "（井盖）",
    "“井盖”，南六",
    "#{}",
    "{}。",
    "编号：{}",
    "６号",
    "6号",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_search_reads_past_what_came_along(town, query):
    hazard = report(town.six, description="井盖翘起来了", place="南六街 ６号")
    report(town.six, description="路灯不亮", place="别处")
    wide = query.format(hazard.number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}))
    for words in (query.format(hazard.number), wide):
        assert list(Hazard.objects.matching(words)) == [hazard]


@pytest.mark.parametrize("query", ["🔥", "%", "_", "。", "🔥 %", "a" * 61, "井" * 61])
def test_what_nobody_can_be_meant_by_finds_nothing(visit, town, query):
    report(town.six, description="井盖 🔥 100%")
    assert list(Hazard.objects.matching(query)) == []
    page = visit(town.grid_worker).get(reverse("hazards:queue"), {"tab": "all", "q": query})
    assert Hazard.objects.get().number not in page.content.decode()


def test_a_sign_beside_a_word_narrows_and_nothing_at_all_does_not(town):
    fire = report(town.six, description="井盖 🔥")
    other = report(town.six, description="井盖")
    assert list(Hazard.objects.matching("井盖 🔥")) == [fire]
    assert set(Hazard.objects.matching("\u200b ")) == {fire, other}
    assert set(Hazard.objects.matching("，井盖")) == {fire, other}


@pytest.mark.parametrize(
    "phone",
    ["10000010001", "100 0001 0001", "一〇〇〇〇〇一〇〇〇一", "+86-100.0001.0001", "(100)00010001"]
    + ["１００００\u200b０１０００１", "1️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣0️⃣0️⃣0️⃣1️⃣"],
)
def test_no_phone_stays_in_the_words_of_a_chat(town, phone):
    found = chat_import.read_message(f"井盖翘了，电话：{phone}，急")
    assert found["contact_phone"] == "10000010001"
    assert found["description"] == "井盖翘了，，急"


@pytest.mark.parametrize("phone", ["0459-6123456", "（0459）6123456", "+86 459 612 3456"])
def test_a_landline_is_read_and_can_be_saved(visit, town, phone):
    text = f"路灯不亮 {phone}"
    page = visit(town.staff).post(reverse("hazards:entry"), {"paste": "1", "pasted": text})
    initial = page.context["form"].initial
    assert (initial["contact_phone"], initial["description"]) == ("0459-6123456", "路灯不亮")
    data = form(grid=town.six.pk, description="路灯不亮", contact_phone=phone)
    assert visit(town.staff).post(reverse("hazards:entry"), data).status_code == 302
    assert Hazard.objects.get().contact_phone == "0459-6123456"


LINKS = [
    ("https://uri.amap.com/marker?position=124.945000,46.545000&coordinate=wgs84", "wgs84"),
    ("https://uri.amap.com/marker?position=124.945000%2C46.545000", "gcj02"),
    (
        "https://apis.map.qq.com/uri/v1/marker?marker=coord:46.545000,124.945000&coord_type=1",
        "wgs84",
    ),
    ("https://api.map.baidu.com/marker?location=46.545000,124.945000&output=html", "bd09"),
    ("https://api.map.baidu.com/marker?location=46.545000,124.945000&coord_type=wgs84", "wgs84"),
    ("geo:46.545000,124.945000?z=17", "wgs84"),
    ("https://www.openstreetmap.org/?mlat=46.545000&mlon=124.945000#map=17", "wgs84"),
    ("46.545000,124.945000", "gcj02"),
    ("GPS 纬度：46.545000，经度：124.945000", "wgs84"),
    ("百度坐标 124.945000，46.545000", "bd09"),
]


@pytest.mark.parametrize(("link", "datum"), LINKS)
def test_a_link_keeps_its_datum(town, link, datum):
    found = chat_import.read_message(f"井盖翘了 {link}")
    assert (found["latitude"], found["longitude"]) == ("46.545000", "124.945000")
    assert found["datum"] == datum
    assert "124.9" not in found["description"]
    assert "http" not in found["description"]


def test_our_own_links_come_back_as_the_same_place(town):
    for _label, link in geo.navigation_links(46.545, 124.945, "南六街"):
        found = chat_import.read_message(f"看这里 {link}")
        point = geo.parse_point(found["latitude"], found["longitude"], datum=found["datum"])
        assert geo.distance(point.latitude, point.longitude, 46.545, 124.945) < 1


def test_the_end_of_a_number_hides_no_house_of_that_number(town):
    first = report(town.six, description="井盖")
    end = first.number[-4:]
    second = report(town.six, description=f"{end} 号楼门口结冰")
    assert set(Hazard.objects.matching(end)) == {first, second}
