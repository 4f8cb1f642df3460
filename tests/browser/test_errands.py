"""An errand is taken on, its address seen, and hidden again after the lease."""

from datetime import timedelta

from django.utils import timezone

from tests.browser.test_records import no_overflow
from tests.volunteers.test_errands import SECRETS, errand, helper, run_out, secrets_in
from volunteers.models import ErrandClaim, ServiceRecord


def test_an_errand_is_taken_on_its_address_seen_and_hidden_after_the_lease(town, person):
    made, rider = errand(town), helper(town)
    page = person(rider)
    page.goto("/volunteers/errands/")
    no_overflow(page)
    page.get_by_text(made.title).click()
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
