"""A district after years: many cases at once, for what must not grow with them.

Written past the workflow, since a hundred thousand of its moves take an hour; every row is one
that the workflow could have left, and the database's own constraints see to that.
"""

import random
import uuid
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.cases.search_terms import search_terms
from hazards.cases.states import State
from hazards.catalogue.models import Category
from tests.factories.hazards import standard
from tests.factories.stations import GridFactory, square
from tests.factories.workers import UserFactory

# The tables that grow with every report.
GROWING = ("hazards_hazard", "hazards_step", "hazards_hazardphoto", "hazards_hazardvoice")
GRIDS = 10  # further ones in each of the two communities
PLACES = ("南六街与外环路口", "远航市场东门", "三号楼北侧", "景山公园门口", "")
TEXTS = ("井盖翘起来了", "路灯不亮", "冰面很滑", "消防通道被堵", "线缆垂下来了", "")
OPEN = (
    State.SUBMITTED,
    State.SUBMITTED,
    State.NEEDS_INFO,
    State.ACCEPTED,
    State.ACCEPTED,
    State.ESCALATED,
    State.DISPATCHED,
    State.FIXED,
)


def crowd(town, count, *, years=2, reporters=20):
    """`count` cases of the town, 94 of 100 closed; returns those who reported them.

    Oldest first over `years`; half of the open ones are among the latest, as in life. The last
    of the reporters sent one in five of all.
    """
    chance = random.Random(6)
    grids = [town.six, town.one, town.far, *_more_grids(town)]
    categories = list(Category.objects.order_by("key"))
    people = [UserFactory() for _number in range(reporters)]
    filed, now = standard(), timezone.now()
    words = {(text, place): set(search_terms(text, place)) for text in TEXTS for place in PLACES}

    def one(number):
        at = now - timedelta(days=365 * years) * ((count - number) / count)
        is_open = chance.random() < (0.5 if number > 0.94 * count else 0.032)
        grid, text, place = chance.choice(grids), chance.choice(TEXTS), chance.choice(PLACES)
        hazard = Hazard(
            number=f"YH{at:%Y%m%d}-{number:06d}",
            submission_key=uuid.UUID(int=chance.getrandbits(128)),
            subdistrict_id=town.subdistrict.pk,
            community_id=grid.community_id,
            grid=grid,
            category=chance.choice(categories),
            description=text,
            place=place,
            # Inside the grid's square, rounded as the map's data are.
            latitude=round(grid.south + 0.01 * chance.random(), 6),
            longitude=round(grid.west + 0.01 * chance.random(), 6),
            reporter=people[-1] if chance.random() < 0.2 else chance.choice(people),
            urgency=chance.choice((1, 2, 3, 3, 3, 4)),
            submitted_at=at,
            waiting_since=at,
            acknowledge_due_at=at + timedelta(hours=2),
            state=chance.choice(OPEN) if is_open else State.CLOSED,
        )
        _stamp(hazard, at, now, filed, town.organisation)
        hazard.search = sorted(words[text, place] | set(search_terms(hazard.number)))
        return hazard

    for start in range(0, count, 5000):
        Hazard.objects.bulk_create(one(n) for n in range(start, min(start + 5000, count)))
    _stories()
    return people


def _stamp(hazard, at, now, filed, organisation):
    """The stamps that a case in its state has."""
    if hazard.state not in (State.SUBMITTED, State.NEEDS_INFO):
        hazard.standard_case = filed
        hazard.accepted_at = hazard.clock_started_at = at + timedelta(hours=1)
        hazard.secure_due_at = at + timedelta(hours=9)
        hazard.fix_due_at = at + timedelta(days=7)
    if hazard.state == State.DISPATCHED:
        hazard.organisation = organisation
    if hazard.state in (State.FIXED, State.CLOSED):
        hazard.fixed_at = at + timedelta(days=2)
    if hazard.state == State.CLOSED:
        hazard.closed_at = min(now, at + timedelta(days=3))


def _more_grids(town):
    for community, south in ((town.community, 46.60), (town.other, 46.62)):
        for number in range(GRIDS):
            boundary = square(south, round(124.80 + 0.01 * number, 6))
            yield GridFactory(community=community, number=20 + number, boundary=boundary)


def _stories():
    """Two steps a case, a photo for every second, a voice for every fifth; fresh statistics."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hazards_step"
            " (hazard_id, verb, state, at, by_id, by_role, note, lost_files)"
            " SELECT id, verb, CASE verb WHEN 'submit' THEN 'submitted' ELSE state END,"
            "   CASE verb WHEN 'submit' THEN submitted_at ELSE closed_at END, NULL, '', '', 0"
            " FROM hazards_hazard, (VALUES ('submit'), ('close')) AS verbs (verb)"
            " WHERE verb = 'submit' OR state = 'closed' ORDER BY id"
        )
        cursor.execute(
            "INSERT INTO hazards_hazardphoto (hazard_id, step_id, image, thumbnail, width, height,"
            "   medium, created_at, is_repair, is_public, boxes, public_image,"
            "   public_small)"
            " SELECT hazard_id, id, 'a.jpg', 'b.jpg', 60, 40, '', at, FALSE, FALSE, '[]', '', ''"
            " FROM hazards_step WHERE verb = 'submit' AND id % 2 = 0"
        )
        cursor.execute(
            "INSERT INTO hazards_hazardvoice (hazard_id, step_id, audio, seconds, wave, created_at)"
            " SELECT hazard_id, id, 'a.m4a', 5, '', at"
            " FROM hazards_step WHERE verb = 'submit' AND id % 5 = 0"
        )
        cursor.execute(f"ANALYZE {', '.join(GROWING)}")
