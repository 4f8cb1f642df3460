"""Signing up as people do it: on two phones, with a thumb, with script or without."""

import io

import pytest
from playwright.sync_api import expect

from tests import media
from tests.browser.thumb import narrow_trouble
from tests.factories.volunteers import ActivityFactory, riders, session
from tests.factories.workers import WorkerFactory
from volunteers.activities import activities, banner, calendar_feeds, pledges, signups
from volunteers.activities.models.signups import SignUp
from yuanhang.core.media import photos


@pytest.fixture
def activity(town):
    WorkerFactory(user=town.stranger, community=town.community)
    made = ActivityFactory(
        community=town.community,
        organiser=town.staff,
        title="雪后清扫公交站台",
        place="外环路公交站",
        text="台阶上的冰最滑人。",
        bring="手套",
        pledge_item="融雪剂",
        pledge_unit="袋",
        pledge_target=20,
        latitude=46.545,
        longitude=124.945,
    )
    picture = photos.process(io.BytesIO(media.jpeg(800, 600)))
    banner.set_banner(made, picture, by=town.staff)
    return made


def test_a_place_goes_from_one_rider_to_the_next(town, person, activity, monkeypatch):
    """One signs up, the other waits, the first cannot come, the second confirms."""
    monkeypatch.setattr("yuanhang.core.quiet_hours.QUIET", ())
    place = session(activity, maximum=1)
    first, second = person(town.rider), person(town.stranger)
    first.goto("/volunteers/")
    first.get_by_role("link", name="雪后清扫公交站台").click()
    # Before htmx is there the button sends the whole page, which is the other story.
    first.wait_for_url(f"**{activity.get_absolute_url()}*")
    block = f"#session-{place.pk}"
    first.get_by_role("button", name="报名", exact=True).click()
    expect(first.locator(block)).to_contain_text("已报上")
    # htmx swapped the block; whoever does not see it is taken there.
    expect(first.locator(f"{block} .session-head")).to_be_focused()

    second.goto(f"/volunteers/activities/{activity.pk}/")
    second.get_by_role("button", name="排候补").click()
    expect(second.locator(block)).to_contain_text("候补第 1 位")
    expect(second.locator(block)).to_contain_text("你排第一，满 1 人。")

    first.goto("/volunteers/mine/")
    first.locator("summary", has_text="来不了").click()
    first.get_by_role("button", name="确定来不了").click()
    # The block stands there anew, under its title, with the way back in.
    expect(first.locator(block)).to_contain_text("满了，可候补")
    expect(first.locator(block)).to_contain_text("雪后清扫公交站台")

    second.goto("/notices/")
    second.get_by_role("button", name="有名额了").click()
    second.get_by_role("button", name="确认").click()
    expect(second.locator(block)).to_contain_text("已报上")
    assert place.signups.confirmed().get().user == town.stranger


def test_two_come_together_by_a_link_without_any_script(town, person, activity):
    place = session(activity, maximum=4)
    first = person(town.rider, java_script_enabled=False)
    first.goto(f"/volunteers/activities/{activity.pk}/")
    first.get_by_role("button", name="和工友一起").click()
    link = first.get_by_label("邀请链接").input_value()
    guest = person(java_script_enabled=False)
    guest.goto(link)
    expect(guest.get_by_role("heading", name="约你一起")).to_be_visible()
    guest.get_by_role("link", name="登录后一起去").click()
    guest.get_by_label("手机号").fill(town.stranger.phone)
    guest.get_by_label("密码").fill("correct-horse-91")
    guest.locator("#login-form [type=submit]").click()
    guest.get_by_role("button", name="一起去").click()
    expect(guest.locator(f"#session-{place.pk}")).to_contain_text("和同伴一起")
    assert place.signups.confirmed().count() == 2


def test_a_guest_logs_in_and_stands_before_the_same_button(town, person, activity):
    place = session(activity)
    page = person()
    page.goto(f"/volunteers/activities/{activity.pk}/")
    page.get_by_role("link", name="登录后报名").click()
    page.get_by_label("手机号").fill(town.rider.phone)
    page.get_by_label("密码").fill("correct-horse-91")
    page.locator("#login-form [type=submit]").click()
    page.get_by_role("button", name="报名", exact=True).click()
    expect(page.locator(f"#session-{place.pk}")).to_contain_text("已报上")


@pytest.fixture
def pages(town, activity):
    """Every page of the room with every state on it, and who looks."""
    other = riders(1)[0]
    places = {1: 1, 2: 1, 3: 1, 4: 2, 5: 1}  # a pair needs two
    states = [session(activity, hours=24 * day, maximum=n) for day, n in places.items()]
    signups.sign_up(states[0], by=town.rider)
    blocking = signups.sign_up(states[1], by=other)
    signups.sign_up(states[1], by=town.rider)
    signups.sign_up(states[2], by=other)
    signups.sign_up(states[2], by=town.rider)
    signups.sign_up(states[3], by=town.rider, as_pair=True)
    signups.leave(blocking, by=other)
    pledges.pledge(activity, by=town.rider, quantity=7)
    calendar_feeds.renew_feed(by=town.rider)
    off = ActivityFactory(community=town.community, organiser=town.staff, title="站里聊聊")
    session(off, hours=30)
    activities.cancel(off, by=town.staff, reason="下暴雪")
    invitation = SignUp.objects.get(state="pairing").pair
    return [
        (town.rider, "/volunteers/"),
        (town.rider, "/volunteers/?kind=care"),
        (town.rider, activity.get_absolute_url()),
        (town.rider, off.get_absolute_url()),
        (town.rider, "/volunteers/mine/"),
        (town.stranger, f"/volunteers/pairs/{invitation}/"),
        (None, activity.get_absolute_url()),
        (None, f"{activity.get_absolute_url()}poster/"),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_readable_and_fit_a_narrow_phone(person, pages, scheme):
    assert narrow_trouble(person, pages, scheme) == []


def test_a_poster_prints_on_one_sheet(person, activity, tmp_path):
    session(activity)
    page = person()
    page.goto(f"{activity.get_absolute_url()}poster/")
    pdf = page.pdf(prefer_css_page_size=True)
    assert (
        pdf.count(b"/Type /Page\n") == 1
        or pdf.count(b"/Type /Page") - pdf.count(b"/Type /Pages") == 1
    )
