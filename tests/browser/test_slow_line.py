"""The report page over lines as riders have them: usable soon, and a report arrives exactly once.

The line is ours and lies in user space (line.py), so that it is the same on every machine; Chromium
knows nothing of it.
"""

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard
from tests.browser.line import Line
from tests.browser.weak_network_help import URL, WORDS, fill, send

TWO_G = {"bits": 50_000, "round_trip": 0.8}
EDGE = {"bits": 400_000, "round_trip": 0.4}
# When the big button is drawn and the scripts that keep a report on the phone are there.
USABLE = "() => window.yuanhang && yuanhang.report && document.querySelector('#report-form')"


@pytest.fixture
def line(production_server):
    """Make a line to the server of production."""
    made = []

    def open_line(**how):
        place = urlsplit(production_server)
        made.append(Line((place.hostname, place.port), **how))
        return made[-1]

    yield open_line
    for one in made:
        one.close()


def seconds_until_usable(page):
    began = time.monotonic()
    page.goto(URL, wait_until="commit")
    page.wait_for_function(USABLE, timeout=60_000)
    return time.monotonic() - began


# The report page's goal over EDGE is 1.5 s; two ways there and back more go into the handshakes of
# the connections for style and script, which one of HTTP/2 would not need.
@pytest.mark.parametrize(("how", "seconds"), [(TWO_G, 8.0), (EDGE, 2.5)], ids=["2G", "EDGE"])
def test_the_report_page_is_usable_soon(town, person, line, how, seconds):
    took = []
    # Twice, each with nothing kept: this machine may be busy with something else.
    while len(took) < 2 and not (took and took[-1] <= seconds):
        slow = line(**how)
        page = person(weak=True, home=slow.url)
        page.context.clear_permissions()
        took.append(seconds_until_usable(page))
        # The line was as slow as it says.
        assert slow.down.carried / slow.down.bytes_a_second <= took[-1]
    assert min(took) <= seconds, took


def test_with_stalls_and_drops_a_report_arrives_exactly_once(town, person, line):
    slow = line(**TWO_G, stall_every=12_000, stall=2.0)
    page = person(weak=True, home=slow.url)
    page.context.set_default_timeout(90_000)
    seconds_until_usable(page)
    fill(page)
    slow.drop_after, slow.drops = 1_000, 2
    send(page)
    expect(page.get_by_text("收到了").first).to_be_visible(timeout=90_000)
    assert slow.dropped == 2
    hazard = Hazard.objects.get()
    assert (hazard.description, hazard.place) == (WORDS, "南六街与外环路口")
