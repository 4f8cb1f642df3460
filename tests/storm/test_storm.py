"""Processes of the site are killed at random instants while people report: nothing is lost.

KILLS=500 make test ARGS="tests/storm -s"     as long as it takes, and leases are waited for
STORM_SEED=7 …                                the same victims in the same order once more
"""

import json
import os
import random
import sys
import time
from collections import Counter

import pytest

from tests.stations.robots import robot_server
from tests.storm import relay, town
from tests.storm.people import GridWorker, Reader, Rider, Seen

pytestmark = [
    pytest.mark.xdist_group("quickstart"),
    pytest.mark.enable_socket,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(10**6))
GRIDS = 20  # as many robots: one takes twenty lines a minute
GUESTS = 10
# Who dies, and how often; each kind dies once before chance decides.
KINDS = {
    "web child": 5,
    "backend": 4,
    "queue process": 4,
    "postmaster": 3,
    "web parent": 2,
    "supervisor": 2,
    "helper": 1,
}
# In a long storm what a dead process held is waited for; in a short one those minutes are skipped.
LEASE_SECONDS = 330 if KILLS >= 100 else 4


def crowd(site, seen, sessions):
    """Twenty riders, half of them guests, two grid workers, two with a calendar."""
    Rider.grids = GRIDS
    riders = [*sessions["riders"], *[""] * GUESTS]
    people = [Rider(n, site.port, seen, key) for n, key in enumerate(riders)]
    people += [GridWorker(n, site.port, seen, key) for n, key in enumerate(sessions["workers"])]
    people += [Reader(n, site.port, seen, key) for n, key in enumerate(sessions["readers"])]
    return people


def storm(site, seen, rng):
    """Kill one after the other; returns how often each kind died."""
    died, first = Counter(), rng.sample(list(KINDS), len(KINDS))
    while died.total() < KILLS:
        kind = first[-1] if first else rng.choices(list(KINDS), KINDS.values())[0]
        if rng.random() < 0.75:
            _wait_for_a_receipt(seen)
            time.sleep(rng.random())
        else:
            time.sleep(rng.random() / 4)  # while it still recovers
        if site.kill(kind, rng):
            died[kind] += 1
        elif first:
            first.insert(0, first[-1])  # such a one is there later
        first = first[:-1]
    return died


def _wait_for_a_receipt(seen):
    """A site that does not work is killed again, too, but not only such a one."""
    before, deadline = len(seen.receipts), time.monotonic() + 60
    while len(seen.receipts) == before and time.monotonic() < deadline:
        time.sleep(0.05)


def outside(found, robots, messages):
    """What the other sides say: a group hears at least once, a phone at most once."""
    heard = Counter(robots.texts)
    yield from (f"the group never heard {text!r}" for text in found["chat"] if not heard[text])
    references = Counter(reference for reference, _said in messages.taken)
    for _said, count in Counter(said for _reference, said in messages.taken).items():
        if count > 1:
            yield f"a phone got the same {count} times"
    for reference, state in found["sms"].items():
        if state == "sent" and references[reference] != 1:
            yield f"a message is {state}, and the relay took {references[reference]}"


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(site, folder):
    print(f"STORM_SEED={SEED} KILLS={KILLS}")
    rng, seen = random.Random(SEED), Seen()
    with robot_server.running(folder) as robots, relay.running() as messages:
        robots.keys = {town.robot_key(number) for number in range(1, GRIDS + 1)}
        ours = {"ROBOT_HOST": robots.host, "ROBOT_CA_FILE": robots.ca_file}
        site.environment |= ours | messages.environment
        began = time.monotonic()
        site.begin()
        site.wait_until_up()
        sessions = json.loads(site.do("tests.storm.town", robots.host, str(GRIDS)))
        people = crowd(site, seen, sessions)
        up = time.monotonic()
        for person in people:
            person.start()
        died = storm(site, seen, rng)
        ended = time.monotonic()
        seen.over.set()
        for person in people:
            person.join()
        site.wait_until_up()
        sent = json.dumps({"keys": seen.keys, "receipts": seen.receipts})
        found = json.loads(site.do("tests.storm.audit", str(LEASE_SECONDS), given=sent))
        faults = [*found["faults"], *outside(found, robots, messages), *seen.refused]
        spans = f"{up - began:.0f} s to begin, {ended - up:.0f} s of storm, "
        spans += f"{time.monotonic() - ended:.0f} s after it"
    print(f"{dict(died)} died, the site began {site.starts} times; {spans}")
    print(f"{len(seen.receipts)} of {len(seen.keys)} acknowledged; {found['figures']}")
    print(f"answers {dict(seen.statuses)}; {seen.feeds_ended} addresses ended")
    assert not faults, "\n".join([f"STORM_SEED={SEED}", *faults[:30], site.said()])
