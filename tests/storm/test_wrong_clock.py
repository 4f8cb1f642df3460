"""The machine's clock jumps, for the site and its database: forward over midnight, and back."""

import json
import os
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.stations.robots import robot_server
from tests.storm import relay, town
from tests.storm.people import Browser, GridWorker, Rider, Seen

pytestmark = [pytest.mark.xdist_group("clock"), pytest.mark.enable_socket]
HOW = "needs libfaketime (Debian: apt-get install faketime)"
LOCAL = ZoneInfo("Asia/Shanghai")
# The library reckons the end of Python's own sleep by the wrong one of two clocks.
SLEEP = """
import select
import time
time.sleep = lambda seconds: select.select([], [], [], max(seconds, 0)) and None
"""
GRIDS, AGAIN_SECONDS, HOUR = 3, 90, 3600
EACH_MINUTE = ("core.outbox.tasks.sweep_deliveries", "volunteers.errands.tasks.move_errands")


def library():
    """Its path; skips aloud without it, or fails where it has to be there."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        (pytest.fail if os.environ.get("REQUIRE_FAKETIME") == "1" else pytest.skip)(HOW)
    return str(found[0])


class Clock:
    """The clock of a site: set by a file that its processes read each second."""

    def __init__(self, site, folder):
        self.site, self.file, self.ahead = site, folder / "clock", 0
        site.environment |= {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            # A clock that is set leaves spans of time alone.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(folder / "sleep"),
        }
        (folder / "sleep").mkdir()
        (folder / "sleep" / "sitecustomize.py").write_text(SLEEP)

    def set(self, seconds):
        """So many seconds ahead of ours, from now on."""
        self.ahead = round(seconds)
        self.file.with_suffix(".new").write_text(f"{self.ahead:+d}\n")
        self.file.with_suffix(".new").rename(self.file)
        time.sleep(1.5)  # until everybody has read it

    def now(self):
        """What the site takes for the time."""
        return datetime.now(LOCAL) + timedelta(seconds=self.ahead)


def to_half_past_ten():
    """Seconds from now to 22:30 of today."""
    now = datetime.now(LOCAL)
    return (now.replace(hour=22, minute=30, second=0) - now).total_seconds()


def report(site, seen, number):
    """Three reports and a case taken on; the clock's day is in their numbers."""
    Rider.grids = GRIDS
    riders = [Rider(10 * number + n, site.port, seen) for n in range(3)]
    for rider in riders:
        rider.act()


def runs(site):
    """How often each minute's job has run."""
    log = site.log.read_text(errors="replace")
    return [log.count(f"{name}: ") for name in EACH_MINUTE]


def minute_jobs_come(site):
    """How long it takes until each of the minute's jobs has run again."""
    began, before = time.monotonic(), runs(site)
    while not all(now > then for now, then in zip(runs(site), before, strict=True)):
        assert time.monotonic() - began < AGAIN_SECONDS, site.said()
        time.sleep(0.2)
    return time.monotonic() - began


def test_whatever_the_clock_does_nothing_comes_twice_and_the_jobs_go_on(site, folder):
    clock, seen = Clock(site, folder), Seen()
    with robot_server.running(folder) as robots, relay.running() as messages:
        robots.keys = {town.robot_key(number) for number in range(1, GRIDS + 1)}
        ours = {"ROBOT_HOST": robots.host, "ROBOT_CA_FILE": robots.ca_file}
        site.environment |= ours | messages.environment
        evening = to_half_past_ten()
        clock.set(evening)
        site.begin()
        site.wait_until_up()
        sessions = json.loads(site.do("tests.storm.town", robots.host, str(GRIDS)))
        worker = GridWorker(0, site.port, seen, sessions["workers"][0])
        minute_jobs_come(site)
        days, waits = [], []
        for number, ahead in enumerate((evening, evening + 2 * HOUR, evening)):
            if number:
                clock.set(ahead)
            days.append(clock.now().strftime("%Y%m%d"))
            report(site, seen, number)
            worker.act()
            if number:
                waits.append(minute_jobs_come(site))
        report(site, seen, 9)
        worker.act()
        assert Browser(site.port, seen).ask("/readyz")[0] == 200
        given = json.dumps({"keys": seen.keys, "receipts": seen.receipts})
        found = json.loads(site.do("tests.storm.audit", "4", given=given))
        heard = Counter(robots.texts)
    print(f"jobs came after {[f'{wait:.0f} s' for wait in waits]}; {found['figures']}")
    assert days[0] == days[2] != days[1]
    assert found["faults"] == seen.refused == []
    assert not {status for status in seen.statuses if status >= 500}
    # Nobody died, so that once is once.
    assert heard == dict.fromkeys(found["chat"], 1)
    assert {text.split("\n")[1].split("-")[0] for text in heard} == {f"YH{day}" for day in days}
    assert Counter(said for _ref, said in messages.taken).most_common(1)[0][1] == 1
