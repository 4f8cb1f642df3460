"""Who takes part in the load: made in the city's database, each with a session.

python -m tests.bench.crew note.json
"""

import json
import sys
from pathlib import Path

import django

RIDERS, GRID_WORKERS, READERS = 200, 20, 500


def make():
    """{role: session keys}, the race's session and its activity, the number of cases before."""
    # Django is set up by now.
    from hazards.cases.models.hazards import Hazard
    from stations.areas.models import Community
    from stations.postings.models import Posting
    from tests.bench.activities import RACERS
    from tests.bench.places import logged_in
    from tests.factories.workers import post
    from volunteers.activities.models.sessions import ActivitySession
    from volunteers.activities.models.signups import SignUp
    from yuanhang.core.models import User

    home = Community.objects.get(is_home=True)
    people = list(User.objects.filter(phone__startswith="101").order_by("pk")[: RIDERS + 100])
    riders, workers = people[:RIDERS], people[RIDERS : RIDERS + GRID_WORKERS]
    grids = list(home.grids.order_by("number"))
    for number, person in enumerate(workers):
        Posting.objects.filter(user=person).exists() or post(
            person, Posting.Role.GRID_WORKER, grids[number % len(grids)]
        )
    race = ActivitySession.objects.get(activity__title="一百个名额")
    SignUp.objects.filter(session=race).delete()
    ActivitySession.objects.filter(pk=race.pk).update(taken=0)
    racers = User.objects.filter(phone__startswith="102").order_by("pk")[:RACERS]
    return {
        "riders": [logged_in(person) for person in riders],
        "grid_workers": [logged_in(person) for person in workers],
        "racers": [logged_in(person) for person in racers],
        "race": race.pk,
        "grid": grids[0].pk,
        "activity": race.activity_id,
        "last_case": Hazard.objects.order_by("pk").values_list("pk", flat=True).last(),
    }


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(make()))
