"""Pages of plain words: typed text is text, numbers can be dialled, nothing is invented."""

import pytest

from stations.houses.models import EmergencyNumber
from stations.pages.load_pages import PAGES, load_pages
from stations.pages.models import TEXT_MAX, Page
from stations.pages.page_text import Block, Piece, blocks_of
from tests.admin_forms import all_posted
from yuanhang.core.models import AuditEvent

pytestmark = pytest.mark.django_db
KNOWN = {"110", "96110", "12345"}


def words(block):
    return ["".join(piece.words for piece in line) for line in block.lines]


def numbers(text):
    return [
        piece.number
        for block in blocks_of(text, KNOWN)
        for line in block.lines
        for piece in line
        if piece.number
    ]


# --- the text -----------------------------------------------------------------------------------


def test_headings_paragraphs_and_lists():
    text = "# 先别付\n问一句\n再问一句\n\n第二段\n- 一\n- 二\n\n#没有空格\n"
    found = [(block.kind, words(block)) for block in blocks_of(text, KNOWN)]
    assert found == [
        ("heading", ["先别付"]),
        ("paragraph", ["问一句", "再问一句"]),
        ("paragraph", ["第二段"]),
        ("list", ["一", "二"]),
        ("paragraph", ["#没有空格"]),
    ]
    assert blocks_of(" \n\n", KNOWN) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("被骗打110。", ["110"]),
        ("打 96110 问", ["96110"]),
        ("1100 米，第 12345678 号", []),
        ("前台 0459-6000000，或者 110", ["0459-6000000", "110"]),
        ("没有号码", []),
    ],
)
def test_known_numbers_and_telephones_can_be_dialled(line, expected):
    assert numbers(line) == expected


def test_pieces_keep_every_character():
    assert blocks_of("打 110，再说", KNOWN) == [
        Block("paragraph", [[Piece("打 "), Piece("110", "110"), Piece("，再说")]])
    ]


# --- the pages that come along ------------------------------------------------------------------


def test_what_other_pages_link_to_is_there(client):
    for slug, (title, _text, is_card) in PAGES.items():
        page = client.get(f"/pages/{slug}/")
        assert page.status_code == 200
        assert title in page.content.decode()
        assert ("big-card" in page.content.decode()) == is_card


def test_0459_says_that_nothing_is_written(client):
    page = client.get("/pages/0459/").content.decode()
    assert "这一页还没写" in page
    assert "等主办单位来写。" in page


@pytest.mark.parametrize(
    ("slug", "wanted"), [("fraud", "96110 110"), ("fire", "119 120"), ("traffic", "122 120 110")]
)
def test_a_card_has_its_numbers_as_buttons(client, slug, wanted):
    page = client.get(f"/pages/{slug}/").content.decode()
    buttons = page.split('class="card-numbers"')[1].split("</div>")[0]
    assert [n for n in wanted.split() if f'href="tel:{n}"' in buttons] == wanted.split()
    assert buttons.count("tel:") == len(wanted.split())


def test_a_number_that_the_site_no_longer_has_is_no_button(client):
    EmergencyNumber.objects.filter(number="96110").delete()
    page = client.get("/pages/fraud/").content.decode()
    assert 'href="tel:96110"' not in page
    assert 'href="tel:110"' in page


def test_the_accessibility_page_says_whom_to_ask(client, town):
    town.station.desk_phone = "0459-6000000"
    town.station.save()
    page = client.get("/pages/accessibility/").content.decode()
    assert 'href="tel:0459-6000000"' in page
    assert 'href="/complaints/"' in page.split("用不了，找谁")[1]
    footer = client.get("/").content.decode().split("<footer")[1]
    assert 'href="/pages/accessibility/"' in footer


def test_what_is_not_there_is_not_found(client):
    assert client.get("/pages/nothing/").status_code == 404


def test_what_staff_changed_stays_changed():
    Page.objects.filter(slug="0459").update(text="由主办单位写的话")
    load_pages()
    assert Page.objects.get(slug="0459").text == "由主办单位写的话"


# --- editing ------------------------------------------------------------------------------------


def edited(client, page, **fields):
    address = f"/admin/stations/page/{page.pk}/change/"
    return client.post(address, all_posted(client.get(address)) | fields)


def test_staff_write_and_html_is_only_text(town, visit, client):
    page = Page.objects.get(slug="0459")
    text = "# 说明\n<script>alert(1)</script>\n\n打 12345"
    assert edited(visit(town.staff), page, title="0459 服务", text=text).status_code == 302
    shown = client.get("/pages/0459/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert '<a href="tel:12345">12345</a>' in shown
    assert AuditEvent.objects.filter(kind="stations.edit_page", actor_id=town.staff.pk).exists()


def test_the_address_stays_and_nobody_deletes_a_page(town, visit):
    page = Page.objects.get(slug="fraud")
    edited(visit(town.staff), page, slug="else", title="反诈")
    edited(visit(town.admin), page, slug="else")
    page.refresh_from_db()
    assert (page.slug, page.title) == ("fraud", "反诈")
    visit(town.admin).post(f"/admin/stations/page/{page.pk}/delete/", {"post": "yes"})
    assert Page.objects.filter(pk=page.pk).exists()


@pytest.mark.parametrize("who", ["rider", "grid_worker", "officer"])
def test_nobody_else_edits(town, visit, who):
    page = Page.objects.get(slug="fraud")
    answer = visit(getattr(town, who)).post(
        f"/admin/stations/page/{page.pk}/change/", {"title": "x", "text": "y"}
    )
    assert answer.status_code == 302
    page.refresh_from_db()
    assert page.title != "x"


def test_too_much_text_is_refused(town, visit):
    page = Page.objects.get(slug="fraud")
    answer = edited(visit(town.staff), page, text="长" * (TEXT_MAX + 1))
    assert answer.status_code == 200
    page.refresh_from_db()
    assert len(page.text) < TEXT_MAX
