"""Every sheet that is made for paper has a button that prints it."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.volunteers import ActivityFactory, held, session
from volunteers.record import attendance, certificates


@pytest.fixture
def sheets(town):
    """The sheets, and who looks at them."""
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    session(activity)
    asked = certificates.request(town.rider, community=town.community)
    paper = certificates.issue(
        asked, by=town.staff, person_in_charge="社区主任（演示）", contact="0459-0000000"
    )
    return [
        (None, f"{activity.get_absolute_url()}poster/"),
        (town.rider, paper.get_absolute_url()),
        (town.staff, f"{town.station.get_absolute_url()}poster/"),
    ]


def test_one_tap_prints_a_sheet(person, sheets):
    for user, url in sheets:
        page = person(user)
        page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
        page.goto(url)
        page.get_by_role("button", name="打印").click()
        assert page.evaluate("window.printed") == 1, url
        page.emulate_media(media="print")
        expect(page.get_by_role("button", name="打印")).to_be_hidden()


def test_without_script_it_says_where_printing_is_found(person, sheets):
    for user, url in sheets:
        page = person(user, java_script_enabled=False)
        page.goto(url)
        expect(page.get_by_text("用浏览器的「打印」")).to_be_visible()
        expect(page.get_by_role("button", name="打印")).to_be_hidden()


@pytest.mark.parametrize(("query", "paper"), [("", (595, 842)), ("?size=a2", (1191, 1684))])
def test_the_stations_poster_fills_one_sheet_of_either_size(town, person, query, paper):
    page = person()
    page.goto(f"{town.station.get_absolute_url()}poster/{query}")
    printed = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [(round(float(w)), round(float(h))) for w, h in sizes] == [pytest.approx(paper, abs=2)]
    page.emulate_media(media="print")
    # The lines are as large as they are meant to be, not as the small print below them.
    line = page.locator(".poster-line").first.evaluate("n => getComputedStyle(n).fontSize")
    assert float(line.removesuffix("px")) == pytest.approx(40 if not query else 80)
