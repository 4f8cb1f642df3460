"""A search as the neighbours meet it: told, seen, marked with one tap, and gone when it is over."""

import pytest
from playwright.sync_api import expect

from tests.browser.thumb import narrow_trouble
from tests.factories.volunteers import searched
from volunteers.searches import searches
from workers import workers


@pytest.fixture
def notice(town):
    workers.confirm(town.rider.worker, by=town.staff)
    return searched(town)


def row(page, grid):
    return page.locator(f"#grid-{grid.pk}")


def patch(page, grid):
    return page.locator(f'#map a[href="#grid-{grid.pk}"] polygon')


def test_one_tap_on_the_map_closes_a_gap_and_another_takes_it_back(town, person, notice):
    page = person(town.rider)
    page.goto("/")
    page.get_by_role("link", name="有人走失").click()
    expect(page.get_by_role("link", name="马上打 110")).to_be_in_viewport()
    expect(page.locator(".search-photo")).to_have_js_property("complete", True)
    assert page.locator(".search-photo").evaluate("(photo) => photo.naturalWidth") == 64
    patch(page, town.six).click()
    expect(row(page, town.six)).to_contain_text("刚刚有人看过")
    expect(patch(page, town.six)).to_have_class("is-seen")
    expect(patch(page, town.six)).to_be_in_viewport()
    row(page, town.six).get_by_role("button", name="撤回").click()
    expect(row(page, town.six)).to_contain_text("还没人看")


def test_without_script_the_map_leads_to_the_button(town, person, notice):
    page = person(town.rider, java_script_enabled=False)
    page.goto(notice.get_absolute_url())
    row(page, town.six).evaluate("(it) => { it.style.marginTop = '3000px'; }")
    patch(page, town.six).click()
    expect(row(page, town.six)).to_be_in_viewport()
    expect(row(page, town.six)).to_contain_text("还没人看")
    row(page, town.six).get_by_role("button", name="这片看过了").click()
    expect(row(page, town.six)).to_contain_text("刚刚有人看过")


def test_staff_end_it_by_keyboard_and_everybody_elses_page_forgets(town, person, notice):
    other = person(town.rider)
    other.goto(notice.get_absolute_url())
    page = person(town.staff)
    page.goto(notice.get_absolute_url())
    page.locator("summary", has_text="人找到了").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("找到了，谢谢大家").wait_for()
    other.go_back(wait_until="commit")
    other.go_forward(wait_until="commit")
    other.get_by_text("找到了，谢谢大家").wait_for()
    assert notice.name not in other.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_search_is_readable_and_fits_a_narrow_phone(town, person, notice, scheme):
    searches.mark_area(notice, town.six, by=town.rider)
    urls = ("/", notice.get_absolute_url())
    pages = [(user, url) for user in (town.rider, town.staff) for url in urls]
    links = "main a:not(.search-map a)"  # the rows below are the way for a thumb
    assert narrow_trouble(person, pages, scheme, links=links) == []
    searches.end(notice, by=town.staff)
    assert narrow_trouble(person, [(town.rider, urls[1])], scheme) == []
