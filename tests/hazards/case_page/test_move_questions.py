"""How much a move asks the database, through its door: fifteen questions at most."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.cases.transitions import CENTRE, REPORTER, REVIEWER, STAFF, TRANSITIONS
from hazards.sightings import sightings
from tests import media
from tests.factories.hazards import (
    SAME_PLACE,
    advance,
    fields,
    into,
    ready_for,
    report,
    stored_photo,
    stored_voice,
)
from tests.factories.workers import WorkerFactory
from tests.hazards.case_page.case_help import BY_HAND
from tests.undone import undone
from yuanhang.core import geo

MOST = 15
WHO = {REVIEWER: "grid_worker", CENTRE: "officer", STAFF: "staff", REPORTER: "rider"}
POINT = geo.Point(46.545, 124.945, 10, "wgs84")


def told(town, **more):
    """A report with all that its page may show."""
    photo, note = stored_photo(media.jpeg(60, 40)), stored_voice(media.wav(1.0))
    sent = Attachments(photos=[photo] * 2, voices=[note])
    more = {"by": town.rider, "point": POINT, "place": SAME_PLACE, "attachments": sent} | more
    return report(town.six, **more)


def questions(client, address, data):
    """What an accepted move asked, BEGIN and COMMIT (here of a savepoint) among it."""
    with undone(), CaptureQueriesContext(connection) as asked:
        answer = client.post(address, data, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content.decode()
    return [query["sql"] for query in asked]


def count(client, hazard, verb, data):
    """Of the case's own page and, for who has a queue, of the case in the queue."""
    slug = TRANSITIONS[verb].slug
    for route in ("hazards:move", "hazards:queue-move"):
        address = reverse(route, args=[hazard.number, slug])
        if route == "hazards:queue-move" and client.get("/hazards/queue/").status_code == 403:
            continue
        questions(client, address, data)  # what staff edit is kept from then on
        asked = questions(client, address, data)
        assert len(asked) <= MOST, (verb, route, len(asked), *asked)


@pytest.mark.parametrize("verb", BY_HAND)
def test_a_move_asks_at_most_fifteen_questions_whoever_makes_it(visit, town, verb):
    """One more and the page is drawn later for everybody: each costs a millisecond or two."""
    move = TRANSITIONS[verb]
    for actor, name in WHO.items():
        states = [state for state in move.sources if actor in move.actors_from(state)]
        if not states:
            continue
        with undone():
            # The main case of `fields` is known by its place alone.
            point = None if verb == "merge" else POINT
            hazard = ready_for(verb, into(told(town, point=point), states[0], town), town)
            if verb == "release":
                Hazard.objects.filter(pk=hazard.pk).update(taken_by=getattr(town, name))
            data = fields(verb, town, hazard)
            count(visit(getattr(town, name)), hazard, verb, data)


def test_who_follows_a_case_reopens_it_and_rates_it_with_as_few(visit, town):
    main = told(town, by=town.stranger)
    hazard = cases.merge(told(town), by=town.grid_worker, main=main)
    advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    for verb in ("reopen", "rate"):
        count(visit(town.rider), hazard, verb, fields(verb, town))


@pytest.mark.parametrize(
    ("verb", "state", "name"),
    [
        ("accept", State.SUBMITTED, "grid_worker"),
        ("escalate", State.ACCEPTED, "grid_worker"),
        ("dispatch", State.ESCALATED, "officer"),
        ("fix", State.DISPATCHED, "officer"),
        ("close", State.FIXED, "grid_worker"),
    ],
)
def test_nor_do_followers_and_passers_by_make_it_ask_more(visit, town, verb, state, name):
    hazard = told(town)
    for reporter in (town.stranger, None, town.officer):
        cases.merge(told(town, by=reporter), by=town.grid_worker, main=hazard)
    told(town, by=town.stranger)  # one more that may be the same place
    hazard = into(hazard, state, town)
    passer = WorkerFactory(community=town.community).user
    sightings.create(hazard, by=passer, says="still")
    count(visit(getattr(town, name)), hazard, verb, fields(verb, town))
