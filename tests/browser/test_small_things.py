"""Met in passing: the last four digits, light pictures, an alarm, a word about rest."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from hazards.cases.attachments import Attachments
from tests import media
from tests.factories.hazards import report, stored_photo
from tests.factories.volunteers import ActivityFactory
from volunteers.activities import signups
from volunteers.activities.models.sessions import ActivitySession


@pytest.fixture
def case(town):
    """A guest's report with a large photo."""
    photo = stored_photo(media.jpeg(2400, 1800))
    return report(town.six, attachments=Attachments(photos=[photo]))


def test_four_digits_and_the_code_find_the_receipt_with_its_light_picture(case, person, sizes):
    page = person(size=sizes.phone)
    page.goto("/hazards/lookup/")
    page.get_by_label("编号").fill(case.number[-4:])
    page.get_by_label("查询码").fill(case.lookup_code)
    page.get_by_role("button", name="查").click()
    expect(page.get_by_text(case.number).first).to_be_visible()
    width = page.locator("main .picture img, main .pictures img").first.evaluate(
        "async (image) => { image.loading = 'eager'; await image.decode();"
        " return image.naturalWidth; }"
    )
    assert width == 800


def at(days, hour):
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def test_the_calendar_rings_and_a_short_night_is_said_and_not_refused(town, person, sizes):
    activity = ActivityFactory(community=town.community, organiser=town.staff, title="夜里巡河")
    late, early = (
        ActivitySession.objects.create(
            activity=activity, starts_at=start, ends_at=end, maximum=5, minimum=1
        )
        for start, end in ((at(3, 20), at(3, 23)), (at(4, 6), at(4, 8)))
    )
    signups.sign_up(late, by=town.rider)
    page = person(town.rider, sizes.phone)
    page.goto(activity.get_absolute_url())
    session = page.locator(f"#session-{early.pk}")
    expect(session).to_contain_text("中间歇不够 8 小时")
    session.get_by_role("button", name="报名").click()
    expect(session).to_contain_text("已报上")
    with page.expect_download() as coming:
        session.get_by_role("link", name="加到日历").click()
    assert "BEGIN:VALARM" in Path(coming.value.path()).read_text()
