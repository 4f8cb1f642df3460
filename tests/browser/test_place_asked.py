"""A report that nobody can find is asked for its place once, and sent without it all the same."""

import pytest
from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard
from tests import media
from tests.browser.test_weak_network import URL, send


def line(page):
    return page.locator("#place-asked")


@pytest.fixture
def lost(rider):
    """A phone that does not know where it is."""
    rider.context.clear_permissions()
    rider.goto(URL)
    rider.get_by_label("井盖道路").check()
    expect(rider.locator("#locate-title")).to_have_text("没有允许定位")
    return rider


def test_nothing_is_asked_before_anything_is_written(town, rider):
    rider.context.clear_permissions()
    rider.goto(URL)
    expect(line(rider)).to_be_hidden()


def test_the_question_leads_to_the_field_and_is_not_asked_again(town, lost):
    expect(line(lost)).to_contain_text("在哪里？补一句，找得快")
    line(lost).get_by_role("button").click()
    expect(lost.locator("#id_place")).to_be_focused()
    expect(lost.locator("#id_place")).to_be_in_viewport()
    expect(line(lost)).to_be_hidden()
    lost.get_by_label("想补一句？").fill("翘起来了")
    expect(line(lost)).to_be_hidden()


def test_a_place_or_a_grid_answers_it(town, lost):
    expect(line(lost)).to_be_visible()
    lost.locator("#id_place").fill("站前街")
    expect(line(lost)).to_be_hidden()
    lost.locator("#id_place").fill("")
    expect(line(lost)).to_be_visible()
    lost.locator("#id_grid").evaluate("node => { node.closest('details').open = true; }")
    lost.locator("#id_grid").select_option(str(town.six.pk))
    expect(line(lost)).to_be_hidden()


def test_one_tap_sends_it_without_a_place(town, lost):
    lost.get_by_label("想补一句？").fill("翘起来了")
    expect(line(lost)).to_be_visible()
    send(lost)
    lost.get_by_text("收到了，谢谢你").wait_for()
    assert Hazard.objects.get().place == ""


def test_a_phone_that_knows_where_it_is_is_not_asked(town, rider):
    rider.goto(URL)
    rider.get_by_label("井盖道路").check()
    expect(rider.locator("#locate")).to_contain_class("is-found")
    expect(line(rider)).to_be_hidden()


def test_while_a_photos_place_is_offered_one_question_is_enough(town, lost, tmp_path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(media.jpeg(800, 600, gps=True))
    expect(line(lost)).to_be_visible()
    lost.locator("#album").set_input_files(photo)
    expect(lost.locator("#locate-title")).to_have_text("照片上带着位置")
    expect(line(lost)).to_be_hidden()
    lost.locator("#locate-button").click()
    expect(lost.locator("#locate-title")).to_have_text("用了照片的位置")
    expect(line(lost)).to_be_hidden()


def test_without_scripts_the_field_says_it(town, browser, live_server):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(URL)
    expect(page.get_by_text("没有定位就补一句，找得快。")).to_be_visible()
    context.close()
