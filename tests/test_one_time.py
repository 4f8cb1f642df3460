"""One fact has one time: a line with two says a stretch, or two promises."""

import re
from html.parser import HTMLParser

import pytest

from hazards.cases import cases
from tests.factories.hazards import advance, report
from tests.factories.volunteers import ActivityFactory, session
from volunteers.activities import signups

CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
# 「8:00–10:00」, 「剩…到 15:45」, 「9:12 → 16:00」: a stretch has two ends.
STRETCH = re.compile(r"[–—→-]|到")
# 「12:16 前围护，12:16 前修好」: each with what is to be done by then.
PROMISE = re.compile(r"\d:\d{2} 前(\w{2})")
LINES = {"p", "dd", "dt", "td", "th", "li", "span", "strong", "small", "time", "h1", "h2", "h3"}
EMPTY = {"img", "input", "br", "meta", "link", "hr", "source", "rect", "circle", "path", "line"}


class Lines(HTMLParser):
    """The innermost lines of a page: texts of elements with no element of their own."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, _attrs):
        if tag in EMPTY:
            return
        if self.open:
            self.open[-1][2] = True
        self.open.append([tag, "", False])

    def handle_endtag(self, tag):
        while self.open:
            name, text, has_inner = self.open.pop()
            if name in LINES and not has_inner:
                self.found.append(" ".join(text.split()))
            if name == tag:
                return

    def handle_data(self, data):
        if self.open:
            self.open[-1][1] += data


def says_two(line):
    """Whether a line has two times for what is neither a stretch nor two different promises."""
    clocks, promised = CLOCK.findall(line), PROMISE.findall(line)
    if len(clocks) < 2 or STRETCH.search(line):
        return False
    return len(set(promised)) < len(clocks)


def doubled(page):
    """The lines of a page with two times."""
    lines = Lines()
    lines.feed(re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL))
    return [line for line in lines.found if says_two(line)]


@pytest.fixture
def busy(town):
    """A case in every part of its life, and an activity with a place and a line."""
    asked = report(town.six, by=town.rider)
    cases.ask_info(asked, by=town.grid_worker, reason="哪一侧？")
    done = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    running = advance(report(town.six, by=town.rider), "dispatched", reviewer=town.grid_worker)
    place = session(ActivityFactory(community=town.community, organiser=town.staff))
    signups.sign_up(place, by=town.rider)
    return asked, done, running, place


@pytest.mark.parametrize("who", ["rider", "grid_worker", "officer", "staff"])
def test_no_line_says_two_times(town, visit, busy, who):
    asked, done, running, place = busy
    client, seen = visit(getattr(town, who)), 0
    for address in (
        "/",
        "/hazards/mine/",
        "/hazards/queue/?tab=all",
        "/hazards/fixed/",
        "/notices/",
        "/volunteers/",
        "/volunteers/mine/",
        "/volunteers/record/",
        place.activity.get_absolute_url(),
        *(case.get_absolute_url() for case in (asked, done, running)),
        *(case.get_receipt_url() for case in (asked, done, running)),
        running.get_absolute_url() + "handover/",
    ):
        answer = client.get(address)
        if answer.status_code != 200:
            assert answer.status_code in (403, 404), address
            continue
        page = answer.content.decode()
        seen += len(CLOCK.findall(page))
        assert doubled(page) == [], address
    assert seen > 20


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ("<dd>今天 9:12 11 月 27 日 9:12</dd>", True),
        ("<p><span>9:12 · 9:13</span></p>", True),
        ("<p>周六 8:00–10:00</p>", False),
        ("<p>今天 16:00 前修好</p>", False),
        ("<p>今天 16:00 前围护，今天 18:00 前修好</p>", False),
        ("<p>今天 16:00 前修好，11 月 27 日 16:00 前修好</p>", True),
    ],
)
def test_such_a_line_is_found(line, is_refused):
    assert bool(doubled(line)) is is_refused
