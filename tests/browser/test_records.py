"""From taking part to a certificate whose code checks out; and a training of two sessions."""

import re

from django.urls import reverse

from tests.browser.test_handover import pages_of
from tests.browser.thumb import no_overflow
from tests.factories.volunteers import ActivityFactory, SkillFactory, ended, held, session
from tests.factories.workers import WorkerFactory
from volunteers.record import attendance, certificates
from volunteers.record.models.certificates import Certificate
from volunteers.record.models.service_records import ServiceRecord
from volunteers.skills.models import Course


def choose(page, person, kind):
    """Tap a line's kind on the leader's list."""
    row = page.locator(".roster-row", has_text=str(person))
    row.get_by_text(kind, exact=True).click()
    return row


def promoted(place, first, rider):
    """Two sign up for one place; the first cannot come, and the one who waited confirms."""
    for page, button in ((first, "报名"), (rider, "排候补")):
        page.goto(place.activity.get_absolute_url())
        page.get_by_role("button", name=button, exact=True).click()
        word = "来不了" if page is first else "不排了"
        page.locator("summary", has_text=word).wait_for()
    first.locator("summary", has_text="来不了").click()
    first.get_by_role("button", name="确定来不了").click()
    first.get_by_text("满了，可候补").wait_for()
    rider.goto("/notices/")
    rider.get_by_role("button", name="有名额了").click()
    rider.get_by_role("button", name="确认").click()
    rider.get_by_text("已报上").wait_for()


def issue_what_waits(page):
    """Staff sign the one request that waits."""
    page.goto(reverse("volunteers:records"))
    page.get_by_label("负责人").fill("社区主任（演示）")
    page.get_by_label("联系电话").fill("0459-0000000")
    page.get_by_role("button", name="开证明").click()
    page.get_by_text("开好了").wait_for()


def test_who_waited_takes_part_and_prints_a_certificate_that_a_guest_can_check(
    town, person, sizes, settings, live_server, monkeypatch
):
    settings.SITE_URL = live_server.url
    monkeypatch.setattr("yuanhang.core.quiet_hours.QUIET", ())
    WorkerFactory(user=town.stranger, community=town.community)
    activity = ActivityFactory(
        community=town.community, organiser=town.staff, title="大集东口交通疏导"
    )
    leader = town.grid_worker
    place = session(activity, maximum=1, leader=leader, minutes=90)
    rider = person(town.rider)
    promoted(place, person(town.stranger), rider)

    ended(place)
    staff_page = person(leader)
    staff_page.goto(place.get_roster_url())
    no_overflow(staff_page)
    assert str(town.stranger) not in staff_page.locator("main").inner_text()
    row = choose(staff_page, town.rider, "早走")
    row.get_by_role("spinbutton").fill("75")
    staff_page.get_by_role("button", name="确认名单").click()
    staff_page.get_by_text("记好了").wait_for()
    assert list(ServiceRecord.objects.values_list("user", "minutes")) == [(town.rider.pk, 75)]

    rider.goto(reverse("volunteers:record"))
    assert "1 小时 15 分钟" in rider.content()
    no_overflow(rider)
    rider.get_by_role("button", name="申请证明").click()
    rider.get_by_text("申请交上去了").wait_for()

    issue_what_waits(person(town.staff, sizes.desk))
    certificate = Certificate.objects.get()
    rider.goto(reverse("volunteers:record"))
    rider.get_by_role("link", name=re.compile(certificate.number)).click()
    rider.wait_for_url(f"**{certificate.get_absolute_url()}")
    no_overflow(rider)
    assert "1 小时 15 分钟" in rider.content()
    assert pages_of(rider.pdf(prefer_css_page_size=True, print_background=True)) == 1

    guest = person(None)
    guest.goto(read_code(rider, certificate))
    no_overflow(guest)
    guest.get_by_text("真实有效").wait_for()
    assert town.rider.display_name not in guest.content()


def read_code(page, certificate):
    """The address in the QR code: the drawn path is that of the address, and of no other."""
    import segno
    from django.conf import settings

    drawn = page.locator(".paper-code svg path").last.get_attribute("d")
    for address in (f"{settings.SITE_URL}{certificate.get_check_url()}", "http://elsewhere/"):
        made = segno.make(address, error="m").svg_inline(scale=3, border=2, light="#fff")
        if f'd="{drawn}"' in made:
            return address
    raise AssertionError("the code leads elsewhere")


def test_a_certificate_with_everything_fits_one_page(town, person):
    for number in range(14):
        activity = ActivityFactory(
            community=town.community, organiser=town.staff, title=f"{number}" + "很长的活动名字" * 8
        )
        attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    asked = certificates.request(town.rider, community=town.community)
    certificate = certificates.issue(
        asked,
        by=town.staff,
        person_in_charge="名" * 30,
        contact="0459-0000000 转 123",
        remarks="备注" * 50,
    )
    page = person(town.rider)
    page.goto(certificate.get_absolute_url())
    no_overflow(page)
    assert pages_of(page.pdf(prefer_css_page_size=True, print_background=True)) == 1


def test_a_training_of_two_sessions_grants_the_skill_to_those_who_attended_both(town, person):
    skill = SkillFactory(name="应急救援", valid_days=365)
    course = Course.objects.create(title="应急救援课", parts=2, skill=skill)
    both = WorkerFactory(community=town.community).user
    one = WorkerFactory(community=town.community).user
    leader = person(town.staff)
    for part in (1, 2):
        activity = ActivityFactory(
            community=town.community,
            organiser=town.staff,
            kind="training",
            title=f"应急救援第{part}讲",
            course=course,
        )
        place = held(activity, [both, one], part=part, days=3 - part)
        leader.goto(place.get_roster_url())
        if part == 2:
            choose(leader, one, "没来")
        leader.get_by_role("button", name="确认名单").click()
        leader.get_by_text("记好了").wait_for()
    for user, has in ((both, True), (one, False)):
        page = person(user)
        page.goto(reverse("volunteers:record"))
        no_overflow(page)
        training = page.locator("section", has=page.get_by_role("heading", name="培训情况"))
        assert ("有效" in training.inner_text()) is has
        assert "第 1 讲，共 2 讲" in training.inner_text()
