"""Errands with a thumb, by keyboard, without script, on a narrow phone, light and dark."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.test_pages import NARROW, violations
from tests.browser.thumb import narrow_trouble, no_overflow, press_by_keyboard
from tests.factories.stations import CommunityFactory
from tests.factories.workers import UserFactory, WorkerFactory
from tests.volunteers.errands.test_errands import SECRETS, errand, helper, run_out, secrets_in
from volunteers.errands import errands
from volunteers.errands.models import Errand, ErrandClaim
from volunteers.record.models.service_records import ServiceRecord

LONG = "看看楼道灭火器还在不在压力够不够顺便把堵着门的纸箱子挪一挪再告诉一声"


def test_an_errand_is_taken_on_its_address_seen_and_hidden_after_the_lease(town, person):
    made, rider = errand(town), helper(town)
    page = person(rider)
    page.goto("/volunteers/errands/")
    no_overflow(page)
    page.get_by_text(made.title).click()
    page.get_by_role("button", name="我来办").wait_for()
    assert not secrets_in(page.content())
    page.get_by_role("button", name="我来办").click()
    page.get_by_text("接下了").wait_for()
    assert secrets_in(page.content()) == list(SECRETS)
    no_overflow(page)
    claim = ErrandClaim.objects.get()
    assert claim.lease_until - claim.claimed_at == timedelta(minutes=30)
    run_out(claim)
    page.reload()
    assert not secrets_in(page.content())
    page.get_by_role("button", name="我来办").click()
    page.get_by_text("接下了").wait_for()
    page.get_by_label("说一句").fill("放门口了")
    page.get_by_role("button", name="办好了").click()
    page.get_by_text("社区看过就记时长").wait_for()
    assert not secrets_in(page.content())
    page.go_back()
    page.reload()
    assert not secrets_in(page.content())

    desk = person(town.staff)
    desk.goto(made.get_absolute_url())
    desk.get_by_role("button", name="确认办好了").click()
    desk.get_by_text("时长记上了").wait_for()
    assert ServiceRecord.objects.get(user=rider).on == timezone.localdate()


@pytest.fixture
def states(town):
    """(who looks, address) of every state of an errand, with the longest words there are."""
    free, live, taken = (errand(town, title=LONG[:40], near=LONG[:40]) for _ in range(3))
    waits = errand(town, preferred=town.rider, reserved_until=timezone.now() + timedelta(hours=1))
    done = errand(town, grid=town.one, address="很长的地址" * 20)
    rider, other, third, fresh = (helper(town) for _ in range(4))
    rider.worker.usual_grids.add(town.six)
    run_out(errands.claim(free, by=other))
    errands.claim(live, by=rider)
    errands.claim(taken, by=third)
    errands.finish(errands.claim(done, by=other), by=other, note="好" * 200)
    return [
        (rider, "/volunteers/errands/"),
        (fresh, "/volunteers/errands/"),
        (town.far_rider, "/volunteers/errands/"),  # nothing on offer
        (fresh, free.get_absolute_url()),
        (rider, free.get_absolute_url()),  # one in hand
        (other, free.get_absolute_url()),  # the lease ran out
        (town.rider, free.get_absolute_url()),  # not confirmed
        (rider, live.get_absolute_url()),
        (fresh, taken.get_absolute_url()),  # too late
        (fresh, waits.get_absolute_url()),
        (other, done.get_absolute_url()),
        (town.staff, free.get_absolute_url()),
        (town.staff, taken.get_absolute_url()),
        (town.staff, done.get_absolute_url()),
    ]


@pytest.fixture
def town(town):
    """With somebody who is registered where there are no errands."""
    town.far_rider = UserFactory()
    WorkerFactory(user=town.far_rider, community=CommunityFactory())
    return town


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_readable_and_fit_a_narrow_phone(person, states, scheme):
    assert narrow_trouble(person, states, scheme) == []


def test_a_refusal_is_readable_on_a_narrow_phone(town, person):
    """The page was open a moment too long: somebody else's, or one has another in hand."""
    made, rider = errand(town), helper(town)
    page = person(rider, NARROW)
    page.goto(made.get_absolute_url())
    errands.claim(errand(town), by=rider)
    page.get_by_role("button", name="我来办").click()
    expect(page.get_by_role("alert")).to_have_text("你手上还有一件，办完或还回去再接。")
    assert violations(page) == []
    no_overflow(page)


def test_by_keyboard_alone_an_errand_is_taken_on_prolonged_and_done(town, person):
    made = errand(town)
    page = person(helper(town))
    page.goto("/volunteers/errands/")
    press_by_keyboard(page, made.title)
    page.wait_for_url(f"**{made.get_absolute_url()}")
    press_by_keyboard(page, "我来办")
    page.get_by_text("接下了").wait_for()
    press_by_keyboard(page, "再要半小时")
    page.get_by_text("又有半小时").wait_for()
    press_by_keyboard(page, "办好了")
    page.get_by_text("社区看过就记时长").wait_for()
    assert ErrandClaim.objects.get().is_extended
    assert Errand.objects.get().state == Errand.State.DONE


def test_without_scripts_an_errand_is_taken_on_and_given_back(town, person):
    made = errand(town)
    page = person(helper(town), java_script_enabled=False)
    page.goto("/volunteers/errands/")
    page.get_by_text(made.title).click()
    page.get_by_role("button", name="我来办").click()
    expect(page.get_by_text(SECRETS[1])).to_be_visible()
    page.get_by_role("button", name="还回去").click()
    expect(page.get_by_text("还回去了，谢谢你。")).to_be_visible()
    page.goto(made.get_absolute_url())
    expect(page.get_by_role("button", name="我来办")).to_be_visible()
    assert not secrets_in(page.content())
