"""What a reporter reads of the two deadlines over a weekend, a holiday and its make-up days.

The dates are worked out by hand from the calendar of 2026 as published: Spring Festival off 15 to
23 February, worked Saturdays 14 and 28 February; National Day off 1 to 7 October, worked Sunday
20 September and Saturday 10 October. A workday deadline counts from the next workday and ends at
its 17:00; 紧急工作时 run day and night.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from stations.postings.models import Posting

SHANGHAI = ZoneInfo("Asia/Shanghai")
TWO_HOURS = "污水井盖：缺失、移位、开裂"  # 2 紧急工作时
TWO_DAYS = "污水井盖：弹跳异响、翻盖"  # 2 工作日
FIVE_DAYS = "污水井盖：井周沉陷"  # 5 工作日


@pytest.fixture
def at(monkeypatch, town):
    """`at("2026-11-27 16:00")`: from now on it is that moment, for the server too."""
    Posting.objects.update(start="2020-01-01")

    def set_clock(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_clock


@pytest.fixture
def story(town, person, sizes):
    """`story(urgency, standard)`: reported and accepted in two browsers; the rider's page."""

    def tell(urgency, standard):
        rider = person(town.rider, sizes.phone)
        rider.goto("/hazards/report/")
        rider.get_by_label("井盖道路").check()
        rider.get_by_label("想补一句？").fill("井盖一压就响")
        rider.locator("#locate.is-found").wait_for()
        rider.get_by_role("button", name="发出").click()
        rider.get_by_text("收到了，谢谢你").wait_for()
        worker = person(town.grid_worker, sizes.desk)
        worker.goto(Hazard.objects.get().get_absolute_url())
        choice = worker.get_by_label("立案标准")
        option = choice.locator("option", has_text=standard).first
        choice.select_option(value=option.get_attribute("value"))
        worker.get_by_role("radio", name=urgency, exact=True).check()
        worker.get_by_role("button", name="受理", exact=True).click()
        worker.locator(".chip", has_text="已受理").first.wait_for()
        return rider

    return tell


def receipt(page):
    """What the two clocks of the receipt say, read anew."""
    page.reload()
    texts = page.locator(".clocks strong").all_inner_texts()
    return [re.sub(r"\s+", " ", text) for text in texts]


@pytest.mark.parametrize(
    ("now", "urgency", "standard", "secure", "fix"),
    [
        # A Friday. Monday is the first workday, Tuesday the second.
        (
            "2026-11-27 16:00",
            "一般",
            TWO_DAYS,
            "11 月 30 日 17:00 前围护",
            "12 月 1 日前修好",
        ),
        # 较急 is made safe within 8 hours, weekend or not: Friday 16:00 and 8 hours.
        ("2026-11-27 16:00", "较急", TWO_DAYS, "明天 0:00 前围护", "12 月 1 日前修好"),
        # 紧急: both within two hours.
        ("2026-11-27 16:00", "紧急", TWO_HOURS, "今天 18:00 前围护", "今天 18:00 前修好"),
        # A Wednesday, the eve of National Day. Thursday 8 October is the first workday, then the
        # 9th, Saturday the 10th (made up), Monday the 12th, Tuesday the 13th.
        (
            "2026-09-30 16:00",
            "一般",
            FIVE_DAYS,
            "10 月 8 日 17:00 前围护",
            "10 月 13 日前修好",
        ),
        # In the holiday itself the urgent clock runs.
        ("2026-10-03 23:00", "紧急", TWO_HOURS, "明天 1:00 前围护", "明天 1:00 前修好"),
        # A Friday before Spring Festival. The Saturday after it is worked and counts as the first
        # day; the next workday is Tuesday 24 February.
        ("2026-02-13 16:00", "一般", TWO_DAYS, "明天 17:00 前围护", "2 月 24 日前修好"),
    ],
)
def test_a_receipt_says_both_deadlines_by_the_calendar(
    at, story, now, urgency, standard, secure, fix
):
    at(now)
    rider = story(urgency, standard)
    assert receipt(rider) == [secure, fix]
    # A notice may be read on another day: it names the days.
    first = datetime.fromisoformat(now)
    told = f"{secure}，{fix}。"
    for word, day in (("今天", first), ("明天", first + timedelta(days=1))):
        told = told.replace(word, f"{day.month} 月 {day.day} 日")
    rider.goto("/notices/")
    rider.get_by_text(told).first.wait_for()


def test_a_weekend_goes_by_one_deadline_is_met_and_one_missed(at, story, town, person, sizes):
    at("2026-11-27 16:00")  # Friday
    rider = story("一般", TWO_DAYS)
    at("2026-11-29 10:00")  # Sunday: nothing has run out
    assert receipt(rider) == ["明天 17:00 前围护", "12 月 1 日前修好"]
    at("2026-11-30 16:30")  # Monday
    assert receipt(rider) == ["今天 17:00 前围护", "明天内修好"]
    worker = person(town.grid_worker, sizes.desk)  # a new shift, a new log-in
    worker.goto(Hazard.objects.get().get_absolute_url())
    worker.get_by_role("button", name="现场已围护").click()
    worker.locator(".clocks .is-kept").wait_for()
    # Friday 16:00 to Monday 16:30 is three days and a bit.
    assert receipt(rider) == ["✓ 16:30（3 天）", "明天内修好"]
    at("2026-12-01 16:59")  # Tuesday, a minute before the end
    assert receipt(rider)[1] == "今天内修好"
    at("2026-12-01 18:00")
    assert receipt(rider)[1] == "今天内修好 ▲ 超 1 小时"
