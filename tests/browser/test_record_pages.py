"""The record's pages by thumb, by keyboard, without script, on the narrowest phone and on paper."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.thumb import narrow_trouble
from tests.factories.volunteers import ActivityFactory, SkillFactory, held, riders, session
from tests.factories.workers import UserFactory, WorkerFactory, post
from volunteers.activities import signups
from volunteers.activities.models.signups import SignUp
from volunteers.record import attendance, certificates, commendations, service_records
from volunteers.record.models.certificates import Certificate
from volunteers.record.models.service_records import ServiceRecord
from volunteers.skills.models import Course

LONG = "南六街外环路东口到平房区三巷的雪后清扫和交通疏导还有消防提醒"
RECORD, DESK, MINE = (reverse(f"volunteers:{name}") for name in ("record", "records", "mine"))


@pytest.fixture
def colleague(town):
    """A second member of the community's staff."""
    person = UserFactory(is_staff=True)
    post(person, "community_staff", town.community)
    return person


def by_hand(town, user, content="送药"):
    return service_records.enter_by_hand(
        user=user,
        community=town.community,
        minutes=30,
        on=town.day,
        content=content,
        reason="当天没有网，" + "事后补" * 9,
        by=town.staff,
    )


@pytest.fixture
def pages(town, colleague):
    """Every page of the room's records with every state on it, and who looks."""
    other = WorkerFactory(community=town.community).user
    activity = ActivityFactory(community=town.community, organiser=town.staff, title=LONG)
    fresh = held(activity, [town.rider, other], leader=town.rider)
    settled = held(activity, [town.rider, other], leader=town.grid_worker)
    last = f"u{other.pk}"
    attendance.settle_session(settled, by=town.staff, marks={last: attendance.Mark("absent")})
    late = {last: attendance.Mark("late", 20)}
    attendance.correct_attendance(settled, by=town.staff, reason="他晚到，不是没来", marks=late)
    course = Course.objects.create(title="灭火", skill=SkillFactory(name="灭火", valid_days=90))
    talk = ActivityFactory(
        community=town.community, organiser=town.staff, kind="training", course=course
    )
    attendance.settle_session(held(talk, [town.rider]), by=town.staff)
    coming = session(activity, hours=30, maximum=3, leader=town.grid_worker)
    signups.sign_up(coming, by=town.rider)
    pairing = signups.sign_up(session(activity, hours=50), by=town.rider, as_pair=True)
    town.day = fresh.starts_at.date()
    service_records.answer_entry(by_hand(town, town.rider), by=colleague, is_accepted=True)
    for _ in range(31):
        by_hand(town, town.rider, content=LONG)
    for kind in ("award", "evaluation"):
        commendations.commend(town.rider, kind=kind, text=LONG * 3, by=town.staff)
    valid, void = _papers(town, other)
    check = reverse("volunteers:certificate", args=[valid.number])
    invitation = reverse("volunteers:pair", args=[pairing.pair])
    return [
        (town.rider, RECORD),
        (town.rider, fresh.get_roster_url()),
        (town.rider, valid.get_absolute_url()),
        (town.rider, void.get_absolute_url()),
        (town.rider, MINE),
        (town.rider, invitation),
        (town.grid_worker, settled.get_roster_url()),
        (town.grid_worker, coming.get_roster_url()),
        (colleague, DESK),
        (colleague, reverse("volunteers:person", args=[town.rider.pk])),
        (colleague, RECORD),
        (town.stranger, invitation),
        (town.stranger, MINE),
        (None, invitation),
        (None, check),
        (None, f"{check}?code=AAAAAAAA"),
        (None, valid.get_check_url()),
        (None, void.get_check_url()),
    ]


def _papers(town, other):
    """A valid certificate of the rider and a superseded one, and two requests that wait."""
    signer = {"person_in_charge": "社区主任（演示）", "contact": "0459-0000000"}
    papers = []
    for _ in range(2):
        asked = certificates.request(town.rider, community=town.community)
        papers.append(certificates.issue(asked, by=town.staff, **signer))
    for user in (town.rider, other):
        certificates.request(user, community=town.community)
    return papers[1], Certificate.objects.get(pk=papers[0].pk)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_readable_fit_a_narrow_phone_and_have_one_main_button(person, pages, scheme):
    trouble = narrow_trouble(
        person,
        pages,
        scheme,
        links="main a:not(p a):not(.alert-box a)",
        opens="main details:not(.card)",
    )
    assert trouble == []


# --- by keyboard alone ------------------------------------------------------------------------


def go_to(page, target):
    """Press Tab until the focus is there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("(e) => e === document.activeElement"):
            return
    raise AssertionError(f"Tab never reaches {target}")


def shows_focus(page):
    """Whether what has the focus, or what stands for it, is outlined."""
    return page.evaluate(
        """() => { const e = document.activeElement, l = e.closest('label');
        return [e, l].some((n) => n && getComputedStyle(n).outlineStyle === 'solid'); }"""
    )


def test_a_list_is_kept_by_keyboard_alone(town, person):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    [other] = riders(1)
    place = held(activity, [town.rider, other], leader=town.grid_worker, minutes=60)
    page = person(town.grid_worker)
    page.goto(place.get_roster_url())
    rows = page.locator(".roster-row")
    go_to(page, rows.nth(0).get_by_role("radio", name="到了"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert rows.nth(0).get_by_role("radio", name="晚到").is_checked()
    assert shows_focus(page)
    page.keyboard.press("Tab")
    page.keyboard.type("40")
    go_to(page, page.get_by_role("button", name="确认名单"))
    page.keyboard.press("Enter")
    page.get_by_text("记好了").wait_for()
    assert dict(ServiceRecord.objects.values_list("user", "minutes")) == {
        town.rider.pk: 40,
        other.pk: 60,
    }


def test_a_certificate_is_asked_for_issued_and_checked_by_keyboard_alone(
    town, person, colleague, sizes
):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    rider = person(town.rider)
    rider.goto(RECORD)
    go_to(rider, rider.get_by_role("button", name="申请证明"))
    assert shows_focus(rider)
    rider.keyboard.press("Enter")
    rider.get_by_text("申请交上去了").wait_for()

    desk = person(colleague, sizes.desk)
    desk.goto(DESK)
    for label, words in (("负责人", "社区主任（演示）"), ("联系电话", "0459-0000000")):
        go_to(desk, desk.get_by_label(label))
        desk.keyboard.press("Control+A")
        desk.keyboard.insert_text(words)
    desk.keyboard.press("Enter")
    desk.get_by_text("开好了").wait_for()

    paper = Certificate.objects.get()
    guest = person()
    guest.goto(reverse("volunteers:certificate", args=[paper.number]))
    go_to(guest, guest.get_by_label("校验码"))
    guest.keyboard.insert_text(paper.code.lower())
    guest.keyboard.press("Enter")
    expect(guest.get_by_text("真实有效")).to_be_visible()


def test_an_invitation_is_taken_up_and_left_by_keyboard_alone(town, person):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place = session(activity, maximum=4)
    first = signups.sign_up(place, by=town.rider, as_pair=True)
    page = person(town.stranger)
    page.goto(reverse("volunteers:pair", args=[first.pair]))
    go_to(page, page.get_by_role("button", name="一起去"))
    page.keyboard.press("Enter")
    expect(page.locator(f"#session-{place.pk}")).to_contain_text("和同伴一起")
    page.goto(MINE)
    go_to(page, page.locator("summary", has_text="来不了"))
    page.keyboard.press("Enter")
    go_to(page, page.get_by_role("button", name="确定来不了"))
    page.keyboard.press("Enter")
    expect(page.locator(f"#session-{place.pk}")).not_to_contain_text("已报上")
    assert list(place.signups.confirmed()) == [SignUp.objects.get(user=town.rider)]


# --- without script ---------------------------------------------------------------------------


def test_without_script_a_list_is_kept_and_a_certificate_made(town, person, colleague):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place = held(activity, [town.rider], leader=town.grid_worker, minutes=60)
    leader = person(town.grid_worker, java_script_enabled=False)
    leader.goto(place.get_roster_url())
    leader.locator(".roster-row").get_by_text("早走").click()
    leader.get_by_role("spinbutton").first.fill("50")
    leader.get_by_role("button", name="确认名单").click()
    expect(leader.get_by_text("记好了")).to_be_visible()

    rider = person(town.rider, java_script_enabled=False)
    rider.goto(RECORD)
    rider.get_by_role("button", name="申请证明").click()
    desk = person(colleague, java_script_enabled=False)
    desk.goto(DESK)
    desk.get_by_label("负责人").fill("社区主任（演示）")
    desk.get_by_label("联系电话").fill("0459-0000000")
    desk.get_by_role("button", name="开证明").click()
    rider.goto(RECORD)
    rider.get_by_role("link", name=re.compile("FW")).click()
    rider.get_by_role("link", name="看查验页").click()
    expect(rider.get_by_text("真实有效")).to_be_visible()


def test_without_script_the_next_page_of_each_list_opens(town, person, pages, colleague):
    rider = person(town.rider, java_script_enabled=False)
    rider.goto(RECORD)
    rider.get_by_role("link", name="更早的").click()
    expect(rider.get_by_text(f"{LONG}").first).to_be_visible()
    assert rider.url.endswith("#g2")
    assert "entries=" in rider.url


def test_without_script_the_link_is_there_and_the_button_is_not(town, person):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    first = signups.sign_up(session(activity), by=town.rider, as_pair=True)
    page = person(town.rider, java_script_enabled=False)
    link = reverse("volunteers:pair", args=[first.pair])
    for url in (link, MINE, activity.get_absolute_url()):
        page.goto(url)
        assert page.get_by_label("邀请链接").input_value().endswith(link)
        expect(page.locator("[data-share]")).to_be_hidden()


# --- handing the link on ----------------------------------------------------------------------


@pytest.fixture
def invited(town):
    """(the activity, the address of the invitation) of a pair that wants a second one."""
    activity = ActivityFactory(community=town.community, organiser=town.staff, title="清雪")
    first = signups.sign_up(session(activity, maximum=4), by=town.rider, as_pair=True)
    return activity, reverse("volunteers:pair", args=[first.pair])


NO_SHARE = "delete Navigator.prototype.share;"
SHARE = (
    """Navigator.prototype.share = (data) => { window.shared = data; return Promise.resolve(); };"""
)
REFUSES = (
    """Navigator.prototype.share = () => Promise.reject(new DOMException('', 'AbortError'));"""
)


def test_the_phones_own_sharing_gets_the_link_and_no_name(town, person, invited):
    page = person(town.rider)
    page.add_init_script(SHARE)
    for url in (invited[1], MINE):
        page.goto(url)
        page.get_by_role("button", name="发给同伴").click()
        shared = page.evaluate("window.shared")
        assert shared["url"].endswith(invited[1])
        assert shared["title"] == "清雪"
        assert str(town.rider) not in str(shared)


def test_whoever_thinks_better_of_sharing_is_left_alone(town, person, invited):
    page = person(town.rider)
    page.add_init_script(REFUSES)
    page.goto(invited[1])
    page.get_by_role("button", name="发给同伴").click()
    expect(page.get_by_role("status")).to_have_text("")


@pytest.mark.parametrize("broken", ["", "navigator.clipboard.writeText = () => Promise.reject();"])
def test_without_sharing_the_link_is_copied(town, person, invited, broken):
    page = person(town.rider)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(NO_SHARE + broken)
    page.goto(invited[1])
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("status")).to_have_text("复制好了，发给同伴吧。")
    assert page.evaluate("navigator.clipboard.readText()").endswith(invited[1])


def test_where_nothing_copies_it_says_how(town, person, invited):
    page = person(town.rider)
    page.add_init_script(
        NO_SHARE
        + "navigator.clipboard.writeText = () => Promise.reject();"
        + "document.execCommand = () => false;"
    )
    page.goto(invited[1])
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("status")).to_contain_text("长按")
    # The link is marked, ready to be copied by hand.
    marked = page.evaluate(
        "(() => { const f = document.activeElement; "
        "return f.value.slice(f.selectionStart, f.selectionEnd); })()"
    )
    assert marked.endswith(invited[1])


def test_the_button_also_works_in_a_block_that_htmx_swapped_in(town, person):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    session(activity, maximum=4)
    page = person(town.rider)
    page.add_init_script(SHARE)
    page.goto(activity.get_absolute_url())
    page.get_by_role("button", name="和工友一起").click()
    page.get_by_role("button", name="发给同伴").click()
    assert "/volunteers/pairs/" in page.evaluate("window.shared")["url"]


# --- on paper ---------------------------------------------------------------------------------


def test_a_certificate_is_black_on_white_even_from_a_dark_phone(town, person):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    asked = certificates.request(town.rider, community=town.community)
    paper = certificates.issue(asked, by=town.staff, person_in_charge="主任", contact="1")
    page = person(town.rider, color_scheme="dark")
    page.goto(paper.get_absolute_url())
    page.emulate_media(media="print")
    seen = page.evaluate("""() => ['.paper', '.paper-text'].map((s) => getComputedStyle(
        document.querySelector(s))).map((c) => [c.backgroundColor, c.color])""")
    assert seen[0] == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert seen[1][1] == "rgb(0, 0, 0)"
